"""What a query does not want: "casserole without milk", "egg free salad", "Kuchen ohne Zucker"."""

from collections.abc import Sequence
from typing import Final

from ltrr.models.text import common_forms
from ltrr.models.wording import emphasis
from ltrr.retrievers.phrases.phrases import Phrases
from ltrr.retrievers.understanding.subjects import AND

Unwanted = tuple[tuple[str, ...], ...]

_BEFORE: Final = "without excluding ohne sans sin senza sem zonder utan uden uten ilman bez без fara tanpa χωρισ"
_BEHIND: Final = "free nelkul"
_NO: Final = "no not kein keine keinen geen"
_MISSING: Final = "missing lacking lacks lack never fehlt fehlende fehlender fehlendes manquant manquante falta manca"
_MUCH: Final = "any added extra"
_WITHOUT, _FREE, _NOT, _ANY = (
    frozenset(words.split())
    for words in (_BEFORE, _BEHIND, _NO, _MUCH)  # normalised
)
_ELSEWHERE: Final = frozenset(
    ("no", "not", "sans", "sin")
)  # words of names in other languages: "Open Sans", "Sin City"
NEGATING: Final = _WITHOUT | _FREE | _NOT | frozenset(_MISSING.split())
"""Words of a name or value that has not what stands beside them."""
_LONGEST: Final = 3

Span = tuple[int, int]


def without(phrases: Phrases, words: Sequence[str], stemmer: str) -> tuple[list[Sequence[str]], Unwanted]:
    """Return the ways to say what is wanted, and what is not, each a name or value, or a word that one has.

    Nothing is unwanted where nothing else is asked for, or where all of it is a name or value, as "no" or "free" may be
    one. All words are a way, too, the first one, where a name or value has it said so: "sugar-free", "Life without
    Music"; and where a value says what is not wanted in another way, that is one before what is left: "without gluten"
    is "gluten free". Of what no name or value has a word of nothing is unwanted, but what stands before is one more
    way, as descriptions may tell of it. "No" and "not" stand behind what is asked for, and what is not wanted "free"
    before it: "gimp free" is free. A word that begins a query, or that a name has behind the one before it ("open sans
    bold"), says nothing where it means something else in another language. stemmer: of the catalogue, see `emphasis`.
    """
    for place, word in enumerate(words):
        if word in _ELSEWHERE and (not place or phrases.has(words[place - 1 : place + 1])):
            continue
        if word in _WITHOUT or (word in _NOT and place and emphasis(word, stemmer) == 1):
            spans = _behind(phrases, words, place + 1, stemmer)
        elif word in _FREE and _says(words[place + 1 :], stemmer):
            spans = _before(phrases, words, place, stemmer)
        else:
            continue
        if not spans:
            is_told = word in _WITHOUT and place + 1 < len(words) and _says(words[:place], stemmer)
            if is_told and not phrases.exact(" ".join(words)):
                return [words, words[:place]], ()
            continue
        start, end = min(place, spans[0][0]), max(place + 1, spans[-1][1])
        kept = [*words[:start], *words[end:]]
        if _says(kept, stemmer) and not phrases.exact(word) and not _is_called(phrases, words, word):
            said = phrases.has(words[place : place + 2] if start == place else words[place - 1 : place + 1])
            unwanted = tuple(tuple(words[first:last]) for first, last in spans)
            asked = words if said else [*kept, *_lacking(phrases, unwanted)]
            return [kept] if asked == kept else [asked, kept], unwanted
    return [words], ()


def _is_called(phrases: Phrases, words: Sequence[str], word: str) -> bool:
    """Tell whether all words are a name or value, or three or more with "free" are there: "GNU free documentation"."""
    if word in _FREE and len(words) >= _LONGEST:
        return phrases.has(words)
    return phrases.exact(" ".join(words)) is not None


def _lacking(phrases: Phrases, unwanted: Unwanted) -> list[str]:
    """Return the words of the values that say what entities lack, each the first that is known; else nothing."""
    found: list[str] = []
    for words in unwanted:
        one = " ".join(words)
        ways = (*(f"{one} {free}" for free in sorted(_FREE)), *(f"{no} {one}" for no in sorted(_WITHOUT | _NOT)))
        found += next((way.split() for way in ways if (known := phrases.exact(way)) and known.attributes), ())
    return found


def _behind(phrases: Phrases, words: Sequence[str], start: int, stemmer: str) -> list[Span]:
    """Return the spans of what stands behind a word, joined by "and"."""
    found: list[Span] = []
    while start < len(words):
        while start < len(words) - 1 and (words[start] in _ANY or emphasis(words[start], stemmer) < 1):
            start += 1
        end = _end(phrases, words, start, stemmer)
        if end == start:
            break
        found.append((start, end))
        if end >= len(words) or not AND.fullmatch(words[end]):
            break
        start = end + 1
    return found


def _end(phrases: Phrases, words: Sequence[str], start: int, stemmer: str) -> int:
    """Return where the name or value ends that begins at a place, or the one word that these have; else the place."""
    for end in range(min(start + _LONGEST, len(words)), start + 1, -1):
        if phrases.exact(" ".join(words[start:end])):
            return end
    return start + _is_known(phrases, words[start], stemmer)


def _before(phrases: Phrases, words: Sequence[str], end: int, stemmer: str) -> list[Span]:
    """Return the span of what stands before a word: a name or value, or the one word that these have."""
    for start in range(max(end - _LONGEST, 0), end - 1):
        if phrases.exact(" ".join(words[start:end])):
            return [(start, end)]
    return [(end - 1, end)] if end and _is_known(phrases, words[end - 1], stemmer) else []


def _is_known(phrases: Phrases, word: str, stemmer: str) -> bool:
    forms = (word, *common_forms(word, stemmer))
    return word.isalpha() and emphasis(word, stemmer) == 1 and any(phrases.has([form]) for form in forms)


def _says(words: Sequence[str], stemmer: str) -> bool:
    return any(emphasis(word, stemmer) == 1 for word in words)
