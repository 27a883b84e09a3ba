"""Fold text to the form under which queries and names are compared, and split it into words and their other forms."""

import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import Postfix
from Stemmer import Stemmer, algorithms

from ltrr.models import marks, russian
from ltrr.models.scripts import apart, is_unspaced, pieces, syllables

_LATIN_MARKS = range(0x0300, 0x0370)
_MARKS: Final = "#+./"
_MARKED: Final = frozenset(_MARKS)
_JOINED: Final = 4
_TYPED: Final = 5_000
_SHORT: Final = 6
_WHOLE = 2.0**53
_INFLECTED: Final = 4
_SHORTEST: Final = 3
_ROOT: Final = 4
_ROOT_SHARE: Final = 0.6
_ENDING: Final = 3
_LONGEST_CODE: Final = 24
_COMPOUNDING: Final = frozenset(("danish", "dutch", "finnish", "german", "norwegian", "swedish"))
_UMLAUTS: Final = {
    "german": "ae|oe|ue",
    "danish": "aa|oe",
    "norwegian": "aa|oe",
    "swedish": "aa|ae|oe",
}
"""How vowels with marks are typed without them: the first letter is what folding leaves of the vowel."""
_MOST_UMLAUTS: Final = 4
_MODIFIER: Final = 3
_HEAD: Final = 3
_LONGEST_HEAD: Final = 12
_BESIDE: Final = 2
_LEADING: Final = 4
_ENDS: Final = 4
TELLING_HEAD: Final = 4
"""Letters of a compound's end that say of what kind it is; fewer are in too much."""
ENGLISH: Final = "english"
_RUSSIAN: Final = "russian"
STEMMERS: Final = tuple(algorithms())
"""The languages whose inflections are known. Source: Snowball (Porter 2001)."""

_CARDINALS: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty"
)
_ORDINALS: Final = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
_ORDERED: Final = "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th 13th"
_ROMAN: Final = "ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"  # "i" is a word
_NUMBERED: Final = {word: str(number) for number, word in enumerate(_ROMAN.split(), start=2)}
_NUMERALS: Final = {
    **_NUMBERED,
    **{word: str(number) for number, word in enumerate(_CARDINALS.split(), start=1)},
    **dict(zip(_ORDINALS.split(), _ORDERED.split(), strict=True)),
}
_IRREGULAR: Final = {
    **{
        f"{one}ves": f"{one}f"
        for one in ("cal", "dwar", "el", "hal", "hoo", "lea", "loa", "scar", "shel", "thie", "wol")
    },
    **{f"{one}ves": f"{one}fe" for one in ("kni", "li", "wi")},
    **{f"{one}men": f"{one}man" for one in ("", "wo", "fire", "gentle", "horse", "police", "sales", "snow", "work")},
    "children": "child",
    "feet": "foot",
    "geese": "goose",
    "mice": "mouse",
    "oxen": "ox",
    "teeth": "tooth",
    **dict(zip(("mk", "vol", "pt"), ("mark", "volume", "part"), strict=True)),  # of what is numbered
}
_ES: Final = ("ses", "xes", "zes", "ches", "shes", "oes")  # of what has no plural in "s" alone
_NO_PLURAL: Final = ("ss", "us", "is")


class _Folding(dict[int, int | str | None]):
    """What becomes of each character, for `str.translate`; found out once."""

    def __missing__(self, character: int) -> int | str | None:
        kept = unicodedata.category(chr(character))[0] in "LNM"
        self[character] = None if character in _LATIN_MARKS else character if kept else " "
        return self[character]


_LETTERS: dict[str, int | str | None] = {
    "ø": "o",
    "đ": "d",
    "ł": "l",
    "æ": "ae",
    "œ": "oe",
    "\u0131": "i",
    "'": None,
    "\u2019": None,
    "\u00d7": "x",
    "\u2044": "/",  # what stands in "½"
    **{mark: mark for mark in _MARKS},
}
_FOLDING = _Folding(str.maketrans(_LETTERS))
_PLUS: Final = " plus"
# a mark is a part of a word in "c#" and "c++", in "15.6" and "3/8", and in ".net"
_MARK: Final = re.compile(
    r"(?<=[^ #+./])([#+]{1,2})(?=[ #+./]|$)|(?<=\d)([./])(?=\d)|(?<![^ #+/])(\.)(?=[^\W\d_]{2})|[#+./]"
)


_ARTICLES: Final = (  # and what else loses its vowel before another one in French, Italian and Catalan
    "l|d|qu|j|m|n|s|t|c|jusqu|lorsqu|puisqu|quoiqu"
    "|un|gl|all|agl|dall|dagl|dell|degl|nell|negl|sull|sugl|coll|quell|quegl|quest"
)
_ELIDED: Final = re.compile(rf"(?<!\w)(?<!\w['\u2019])(?:{_ARTICLES})['\u2019](?=[^\W\d_]{{2}})", re.IGNORECASE)
_PART: Final = re.compile(r"\d+(?:[./]\d+)*|[^\d#+./]+")
_SEVERAL: Final = re.compile(r"([^\W\d_]+)\d+/")
_LEADING_ZEROS: Final = re.compile(r"(?<![\d./])0+(?=\d)")
_UNMARKED: Final = str.maketrans(dict.fromkeys(_MARKS, " "))


@lru_cache(64)
def typed(query: str) -> str:
    """Normalise the first 5,000 characters that were typed, to 5,000 at most: some become 18 letters each."""
    return normalise(query[:_TYPED])[:_TYPED].rstrip()


def normalise(text: str) -> str:
    """Fold text: compatibility forms, lower case, no diacritics, words of letters and digits, single spaces.

    Letters and vowel signs of every script are kept, katakana as hiragana, and where East Asian scripts change there is
    a space: "ホテルです" -> "ほてる です". Apostrophes join ("don't" -> "dont"). Marks without which a word is another
    one stay in it: "c#", "c++", ".net", "15.6", "3/8"; one plus at the end is the word: "s8+" -> "s8 plus". A text of
    punctuation alone ("!!!") is kept as it is, since it may be a name.
    """
    words = apart(unicodedata.normalize("NFKD", text).casefold()).translate(_FOLDING)
    if not _MARKED.isdisjoint(words):
        words = _MARK.sub(_marked, words)
    return unicodedata.normalize("NFC", " ".join((words if words.strip() else text).split()))


def number_text(number: float) -> str:
    """Return a number as people write it: 38, 12.5."""
    return str(int(number)) if number.is_integer() and abs(number) < _WHOLE else repr(number)


def tokenise(text: str) -> tuple[str, ...]:
    """Return the words of `text`, normalised: what engines are given, and asked for.

    Where a script has no spaces between words, each two neighbouring letters are a word, see `pieces`: "東京都" ->
    "東京", "京都".
    """
    return split(normalise(text))


def without_articles(text: str) -> str:
    """Return a text without what an apostrophe joins to the word behind it: "l'eau" -> "eau", "dell'arte" -> "arte".

    An English name may begin so ("D'Angelo"): this is a second way to read a text, never the only one.
    """
    return _ELIDED.sub("", text) if "'" in text or "\u2019" in text else text


def article_forms(text: str) -> tuple[str, ...]:
    """Return a text, and where it has any, once more without its articles."""
    return tuple(dict.fromkeys((text, without_articles(text))))


def split(normalised: str) -> tuple[str, ...]:
    """Return the words of a text that is normalised already."""
    words = normalised.split()
    return tuple(words if normalised.isascii() else pieces(words))


def joined(words: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield neighbours without the space between them: first, end, and how they read.

    Each two, and up to four short ones where one has a digit: "m8 x 20" is also "m8x20". Neither words of a script
    without spaces nor those that a mark begins or ends ("c#") are joined.
    """
    loose = list(map(_is_loose, words))
    most = _JOINED if any(map(has_digit, words)) else 2
    for first in range(len(words) - 1):
        for end in range(first + 2, min(first + most, len(words)) + 1):
            if not (loose[first] and loose[end - 1]):
                break
            found = words[first:end]
            if end == first + 2 or (max(map(len, found)) <= _SHORT and any(map(has_digit, found))):
                yield first, end, "".join(found)


@lru_cache(65_536)
def unmarked(word: str) -> tuple[str, ...]:
    """Return what is left of a word without its marks: "c#" -> "c", "3/8" -> "3", "8"; nothing where it has none."""
    found = tuple(word.translate(_UNMARKED).split())
    return found if found != (word,) else ()


@lru_cache(65_536)
def unpadded(word: str) -> str:
    """Return a word without the zeros that its numbers begin with: "ngc0087" -> "ngc87", "007" -> "7".

    Behind a point or stroke, as in "1.05", they are no padding.
    """
    return _LEADING_ZEROS.sub("", word) if "0" in word else word


@lru_cache(65_536)
def parts(word: str) -> tuple[str, ...]:
    """Return what a word may be asked for by: "305xl" -> "305", "xl"; its ideographs or syllables of Hangul.

    Of letters and numbers also what begins with the second or a later of them, and within the first letters, and has
    four signs and a digit: "74hc595" -> "hc595", "plr0913" -> "r0913". Letters and numbers of one character are left
    out, they are parts of too much. Of codes with the same letters each: "rtl8111/8168" -> "rtl8168".
    """
    if not has_digit(word):
        return syllables(word)
    runs = list(_PART.finditer(word))
    found = [run[0] for run in runs if len(run[0]) > 1]
    if len(runs) > 1 and len(word) <= _LONGEST_CODE:
        first = range(1, runs[0].end()) if runs[0].end() <= _LEADING and word[:1].isalpha() else ()
        endings = (word[start:] for start in (*first, *(run.start() for run in runs[1:])))
        found += [one for one in endings if len(one) >= _ENDS and has_digit(one)]
    if several := _SEVERAL.match(word):
        found += [several[1] + number for number in word[several.end() :].split("/")]
    return tuple(dict.fromkeys(found)) if found != [word] else ()


@lru_cache(65_536)
def stem(word: str, stemmer: str = ENGLISH) -> str:
    """Return what a word has in common with its other forms, as a language has them, or the word itself.

    "chairs" and "chair" -> "chair", "repairing" and "repairs" -> "repair", "movies" and "movie" -> "movi": the same for
    all, not always a word; "mice" and "mouse" -> "mous", "knives" -> "knife". Roman numerals, and in English numbers in
    words, have their digits: "eleven" and "xi" -> "11", "sixth" -> "6th". Other words of less than four letters, or not
    of letters alone, are left as they are. stemmer: one of STEMMERS.
    """
    numerals = _NUMERALS if stemmer == ENGLISH else _NUMBERED
    if word in numerals:
        return numerals[word]
    if stemmer == ENGLISH:
        word = _IRREGULAR.get(word, word)
    if len(word) < _INFLECTED or not word.isalpha():
        return word
    if stemmer == _RUSSIAN:
        return russian.stem(word)
    return min(map(marks.folded, _stemmer(stemmer).stemWords(list(marks.spellings(word, stemmer)))), key=len)


@lru_cache(65_536)
def singulars(word: str, stemmer: str = ENGLISH) -> tuple[str, ...]:
    """Return what one of the things may be called: "helmets" -> "helmet", "movies" -> "movie", "movy"; mostly nothing.

    There is no rule for which of several it is; what is no word is found nowhere. In other languages than English it is
    what begins the word and has or is its stem: "wolfe" -> "wolf", "drachen" -> "drache", "drach".
    """
    if stemmer != ENGLISH:
        beginnings = (word[:-ending] for ending in range(1, min(_ENDING, len(word) - _SHORTEST) + 1))
        known = stem(word, stemmer)
        return tuple(one for one in beginnings if word.isalpha() and known in {one, stem(one, stemmer)})
    if word in _IRREGULAR:
        return (_IRREGULAR[word],)
    if len(word) < _INFLECTED or not word.isalpha() or not word.endswith("s") or word.endswith(_NO_PLURAL):
        return ()
    if word.endswith("ies"):
        return word[:-1], f"{word[:-3]}y"
    return (word[:-2], word[:-1]) if word.endswith(_ES) and stem(word[:-2]) == stem(word) else (word[:-1],)


@lru_cache(65_536)
def common_forms(word: str, stemmer: str = ENGLISH) -> tuple[str, ...]:
    """Return other words under which the same is found: singulars, and the stem, where they are not the word."""
    return tuple(form for form in dict.fromkeys((*singulars(word, stemmer), stem(word, stemmer))) if form != word)


def uncounted(words: Sequence[str]) -> tuple[str, ...]:
    """Return words without the numbers that count their parts from one on: "1 e4 d5 2 exd5" -> "e4 d5 exd5".

    Nothing where no numbers do, or fewer than two words are left.
    """
    counts = [word for word in words if word.isdecimal()]
    rest = tuple(word for word in words if not word.isdecimal())
    counted = counts == [str(number + 1) for number in range(len(counts))]
    return rest if counts and counted and len(rest) > 1 else ()


@lru_cache(65_536)
def has_digit(word: str) -> bool:
    """Return whether a word is a number or a code, or has one in it."""
    return any(map(str.isdigit, word))


@lru_cache(65_536)
def with_umlauts(word: str, stemmer: str) -> tuple[str, ...]:
    """Return, folded, what a word is that was typed without umlauts, in languages that have a way to.

    In German "zaehlenwenn" -> "zahlenwenn", as "zählenwenn" is folded; "steuerpruefung" -> "steurprufung",
    "steuerprufung", "steurpruefung": which of them are words the catalogue has to say.
    """
    found = list(re.finditer(_UMLAUTS[stemmer], word)) if stemmer in _UMLAUTS else []
    spelt = [word]
    for pair in reversed(found[-_MOST_UMLAUTS:]):
        spelt += [f"{one[: pair.start() + 1]}{one[pair.end() :]}" for one in spelt]
    return tuple(reversed(spelt[1:]))


@lru_cache(65_536)
def heads(word: str, stemmer: str) -> tuple[str, ...]:
    """Return what a compound may end with, the longest first, where a language writes compounds as one word.

    In German "armbanduhr" -> "banduhr", "anduhr", "nduhr", "duhr", "uhr": which of them are words the catalogue has to
    say. Of three to twelve letters, behind three at least; of letters alone.
    """
    if stemmer not in _COMPOUNDING or not word.isalpha():
        return ()
    return tuple(word[start:] for start in range(max(_MODIFIER, len(word) - _LONGEST_HEAD), len(word) - _HEAD + 1))


def compound(word: str, other: str, stemmer: str) -> str | None:
    """Return the compound of two words, where a language writes compounds as one word; None where they make none."""
    fits = stemmer in _COMPOUNDING and min(len(word), len(other)) >= _MODIFIER and f"{word}{other}".isalpha()
    return f"{word}{other}" if fits else None


def shared_head(word: str, other: str, stemmer: str) -> int:
    """Return how many letters two compounds end with alike, but for inflections; 0 where that is less than four.

    "kuchenstuhl" and "gartenstuhle" share "enstuhl". One of them may be no more than that; 0 where a language writes
    no compounds as one word.
    """
    if stemmer not in _COMPOUNDING or not (word.isalpha() and other.isalpha()):
        return 0
    forms = ((word, other), (stem(word, stemmer), stem(other, stemmer)))
    letters = int(max(Postfix.similarity(one, two) for one, two in forms))
    return letters if letters >= TELLING_HEAD and len(word) - letters >= _MODIFIER else 0


def head_share(letters: int) -> float:
    """Return how much two compounds are of a kind that share so many letters of their ends, in [0, 1)."""
    return letters / (letters + _BESIDE)


@lru_cache(65_536)
def root(word: str, stemmer: str = ENGLISH) -> tuple[str, str]:
    """Return one of the things, and the beginning that it mostly shares with other words of its family.

    "roofers" -> "roofer", "roof", as "roofing". It is three fifths of the word, and four letters at least; "" for what
    is shorter, or has other signs than letters.
    """
    one = next(iter(singulars(word, stemmer)), word)
    length = max(_ROOT, math.ceil(_ROOT_SHARE * len(one)))
    return one, one[:length] if one.isalpha() and len(one) >= length else ""


def first_beginning(ordered: Sequence[str], text: str) -> str:
    """Return the first of some texts, in alphabetical order, that begins with a text; "" where none does."""
    place = bisect_left(ordered, text)
    return ordered[place] if place < len(ordered) and ordered[place].startswith(text) else ""


@lru_cache(65_536)
def _is_loose(word: str) -> bool:
    marked = word[0] in _MARKS or word[-1] in _MARKS
    return not marked and not is_unspaced(word)


@lru_cache
def _stemmer(name: str) -> Stemmer:
    return Stemmer(name, 0)  # what it is asked is kept by who asks


def _marked(found: re.Match[str]) -> str:
    ending, within, beginning = found.groups()
    return (_PLUS if ending == "+" else ending) or within or (" ." if beginning else " ")
