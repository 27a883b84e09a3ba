#!/usr/bin/env bash
# stop-words 2025.11.4, lists of 33 languages: the words of the Hebrew one stand in quotation marks with a comma
# behind them, as in the source of another program, so that no word of a text is ever one of them; words of the Polish
# one went through a wrong character set, Slovak's first begins with a byte order mark, and Italian's "piu" is `piu"`.
# Others are long enough to hold what people search for: English has 1,333 words with "work" and "buy", Spanish "empleo"
# and "trabajo" (job, work), Italian "lavoro" and "comprare". A query of nothing else is empty without them. Whoever
# leaves out or weighs down words of such a list has to look at each language first.
# Seen: Hebrew 193 words, all with a quotation mark, none of six small words left out; polish "jeå›li"; "trabajo" gone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check stop-words==2025.11.4
"$folder/venv/bin/python" - <<'END'
import sys

from stop_words import get_stop_words

hebrew = get_stop_words("hebrew")
quoted = [word for word in hebrew if '"' in word]
sentence = "אבל או אולי אותה אותו אותי".split()
left = [word for word in sentence if word not in hebrew]
print(f"Hebrew: {len(hebrew)} words, {len(quoted)} with a quotation mark; left of {len(sentence)} small words: {len(left)}")
others = {
    "polish": [word for word in get_stop_words("polish") if "å" in word or "…" in word],
    "slovak": [ascii(word) for word in get_stop_words("slovak") if word.startswith("\ufeff")],
    "italian": [word for word in get_stop_words("italian") if word.endswith('"')],
}
for language, words in others.items():
    print(f"{language}: {' '.join(words)}")
searched = {"english": ("work", "buy"), "spanish": ("empleo", "trabajo"), "italian": ("lavoro", "comprare")}
gone = {language: [word for word in words if word in get_stop_words(language)] for language, words in searched.items()}
for language, words in gone.items():
    print(f"{language}: {len(get_stop_words(language))} words, among them {' and '.join(words)}")
same = len(left) == len(sentence) and len(quoted) > 180 and all(others.values())
sys.exit(not (same and gone == {language: list(words) for language, words in searched.items()}))
END
