"""The language of a query, where its script or its function words tell."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from ltrr.models.text import STEMMERS, tokenise

_SCRIPTS: Final = {
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "zh",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KANNADA": "kn",
    "KATAKANA": "ja",
    "KHMER": "km",
    "LAO": "lo",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}
_WORDS: Final = {  # function words that say most, and a few of songs
    "ar": "في من على الى عن هذا انت انا يا لا ما",
    "bg": "ще съм както това който обичам",
    "cs": "jsem neni ktery kdyz jsme jsou proc",
    "da": "hvad ikke hvor jeg mig dig noget",
    "de": "der das und ich nicht ist mit ein eine fur von zu auf dem den wir wie",
    "en": "the and of you my is for with to in it by your what that this from how songs music",
    "es": "el los las del y una para mi que con por como esta es te tu",
    "fa": "این است که برای را از با تو",
    "fi": "ei mina sina kun niin olen",
    "fr": "le les des et une est pour je ne pas qui dans du au aux vie moi mon",
    "hi": "है का की के में और से तुम",
    "id": "yang dan di untuk dengan aku kamu tidak",
    "it": "il gli della di che non sono per piu mia nel alla",
    "nl": "het een van en niet ik je met voor zijn",
    "no": "jeg ikke hva hvor meg deg noe",
    "pl": "nie jest sie jak dla czy moja przez",
    "pt": "o os da do das dos e uma nao com meu para voce em um",
    "ro": "si este pentru nu mea",
    "ru": "и в не на я ты что как мы это мой с по для",  # noqa: RUF001
    "sv": "och jag inte att som ar det pa med",
    "tr": "bir ve icin ben sen ne bu degil gibi",
    "uk": "і не та що як ми це мій з для є від",  # noqa: RUF001
    "vi": "la cua va khong em anh toi mot nguoi",
}
_LANGUAGES: Final[dict[str, tuple[str, ...]]] = {}
for _language, _words in _WORDS.items():
    for _word in dict.fromkeys(tokenise(_words)):
        _LANGUAGES[_word] = (*_LANGUAGES.get(_word, ()), _language)
_LATIN: Final = "LATIN"
_TOLD: Final = 0.1
_MOST: Final = 0.6
_NAMES: Final = (
    "ar arabic cs czech da danish de german el greek en english es spanish fa persian fi finnish fr french hi hindi"
    " id indonesian it italian nl dutch no norwegian pl polish pt portuguese ro romanian ru russian sv swedish ta tamil"
    " tr turkish"
)
_STEMMERS: Final = dict(zip(_NAMES.split()[::2], _NAMES.split()[1::2], strict=True))


def language_of(tokens: Sequence[str]) -> str | None:
    """Return the language as an ISO 639-1 code, or None where nothing tells.

    tokens: normalised. A script that nearly one language is written in tells at once, kana and hangul beside any other;
    else, of two words or more, the language that most function words are of, if it is one alone. A name is of no
    language.
    """
    scripts = _scripts(tokens)
    told = {_SCRIPTS[script] for script in scripts if script in _SCRIPTS}
    if told:
        return next((sure for sure in ("ja", "ko") if sure in told), _SCRIPTS.get(scripts.most_common(1)[0][0]))
    votes = Counter(language for token in tokens for language in _LANGUAGES.get(token, ()))
    best = [language for language, count in votes.items() if count == max(votes.values())]
    return best[0] if len(best) == 1 and len(tokens) > 1 else None


def stemmer_of(texts: Sequence[Sequence[str]]) -> str | None:
    """Return the stemmer of the language that most of some texts are in, None where there is none or nothing tells.

    texts: the tokens of each, normalised. Some are in a wrong language by chance, so that it takes 6 of 10 that tell,
    and one of 10 that does.
    """
    told = Counter(filter(None, map(language_of, texts)))
    language, count = next(iter(told.most_common(1)), ("", 0))
    is_sure = count >= _MOST * told.total() and count >= _TOLD * len(texts) > 0
    stemmer = _STEMMERS.get(language)
    return stemmer if is_sure and stemmer in STEMMERS else None


def latin_share(tokens: Sequence[str]) -> float:
    """Return the share of letters that are Latin, 0 without letters."""
    scripts = _scripts(tokens)
    return scripts[_LATIN] / scripts.total() if scripts else 0.0


def _scripts(tokens: Sequence[str]) -> Counter[str]:
    """Return how many letters there are of each script, by the first word of their Unicode names."""
    return Counter(_script(letter) for token in tokens for letter in token if letter.isalpha())


@lru_cache(maxsize=8_192)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]
