"""Words as the catalogue writes them: "helloadele" as "hello adele", "druck bereich" as "druckbereich", "5 v" as 5v."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from ltrr.models.text import ENGLISH, common_forms, compound, has_digit, singulars, with_umlauts
from ltrr.retrievers.phrases.measures import in_other_units, measure
from ltrr.retrievers.phrases.phrases import Phrases

_SHORTEST: Final = 2
_SHORTENED: Final = 5
_CLIPPED: Final = 5
_SHORTEST_WORD: Final = 3
_PIECES: Final = 4
_LENGTH: Final = 3.5
_LENGTH_OF_BEGUN: Final = 5.0
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_UNIT_WITHIN: Final = re.compile(r"(\d+)([^\W\d_])(\d+)")  # of parts: IEC 60062 has it where the point is

Split = tuple[int, tuple[str, ...]]


def respaced(phrases: Phrases, words: Sequence[str], stemmer: str) -> tuple[str, ...]:
    """Return the words with spaces put into those that the catalogue has not, and others taken out of compounds.

    One that a name or value is without its spaces is those words. Where nothing is spelt like it, nor is it more than
    one of something ("comedies"), it is split into at most four names, values, or words of them, where it is made of
    nothing else: into long ones rather than many, and not into scraps. The last word may be half typed: where something
    begins so, it is split into long ones alone.

    Two neighbours that no name or value has so are the compound of them that the catalogue has, and a word that was
    typed without umlauts is one with them, see `with_umlauts`; one that is there in the plural alone is that; one that
    goes on where a word of a name ends in a point is that ("turmstrasse": "Turmstr."). stemmer: of the catalogue.
    """
    words = tuple(_compounds(phrases, [_spelt(phrases, word, stemmer) for word in words], stemmer))
    last = len(words) - 1
    return tuple(
        part for place, word in enumerate(words) for part in _parts(phrases, word, stemmer, may_go_on=place == last)
    )


def measured(phrases: Phrases, words: Sequence[str]) -> tuple[str, ...]:
    """Return the words, in place of a number and a unit that no text has so, as one word or two, how one has it.

    "12 volt" is "12v", "1500 mm" is "150cm", and "5v1" is "5.1v".
    """
    return tuple(_measured(phrases, words))


def _measured(phrases: Phrases, words: Sequence[str]) -> Iterator[str]:
    left = deque(words)
    while left:
        word = left.popleft()
        beside = left[0] if left and left[0].isalpha() and _NUMBER.fullmatch(word) else ""
        whole = word + beside
        known = phrases.having(whole) or (beside and phrases.has([word, beside]))
        found = None if known else next(filter(phrases.having, _written(whole)), None)
        if found is not None and beside:
            left.popleft()
        yield found or word


def _written(word: str) -> Iterator[str]:
    """Yield how else a number with its unit, as one word, may be written."""
    if within := _UNIT_WITHIN.fullmatch(word):
        number, unit, decimals = within.groups()
        yield f"{number}.{decimals}{unit}"
    yield measure(word)
    yield from in_other_units(word)


def _spelt(phrases: Phrases, word: str, stemmer: str) -> str:
    """Return a word that the catalogue has not with umlauts, where it has that, or what it has of it."""
    if phrases.having(word):
        return word
    others = (one for one in with_umlauts(word, stemmer) if _has(phrases, one, stemmer))
    return next(chain(others, _shortened(phrases, word), _plural(phrases, word, stemmer)), word)


def _plural(phrases: Phrases, word: str, stemmer: str) -> list[str]:
    """Return the most common plural of an English word of which the catalogue has neither another form nor a name.

    In other languages a singular may as well be half of a word.
    """
    known = stemmer != ENGLISH or _has(phrases, word, stemmer) or phrases.spaced(word, len(word) + 1) is not None
    return [] if known else sorted(phrases.plurals(word), key=lambda one: (-phrases.having(one), one))[:1]


def _shortened(phrases: Phrases, word: str) -> Iterator[str]:
    return phrases.abbreviating(word, max(_SHORTENED, len(word) // 2))


def shortened(phrases: Phrases, words: Sequence[str]) -> tuple[str, ...]:
    """Return the words, for one what names shorten it to with a point ("strasse": "str."), beside its neighbour.

    A name or value has that so, and none the word that was typed. Two that were typed apart are one ("turm strasse":
    "turmstr.").
    """
    found = list(words)
    for place in range(len(words) - 1, 0, -1):
        before, word = found[place - 1 : place + 1]
        if phrases.has([before, word]):
            continue
        apart = (one for one in phrases.abbreviating(word, _SHORTEST) if phrases.has([before, one]))
        glued = (one for one in _shortened(phrases, before + word) if len(one) > len(before) + 1)
        behind = (one for one in phrases.abbreviating(before, _SHORTEST) if phrases.has([one, word]))
        if one := next(apart, None):
            found[place] = one
        elif one := next(glued, None):
            found[place - 1 : place + 1] = [one]
        elif one := next(behind, None):
            found[place - 1] = one
    return tuple(found)


def clipped(phrases: Phrases, words: Sequence[str]) -> tuple[str, ...]:
    """Return the words, for two beginnings of words that the catalogue has not those of a value: "sci fi", "rom com".

    They may stand in one ("scifi"), where nothing is spelt like that.
    """
    found = list(chain.from_iterable(_clipped(phrases, word) for word in words))
    for place in range(len(words) - 1, 0, -1):
        first, second = found[place - 1 : place + 1]
        short = len(first) <= _CLIPPED and len(second) <= _CLIPPED
        if not short or not (first + second).isalpha() or phrases.having(first) or phrases.having(second):
            continue
        if (whole := phrases.clipped(first, second)) is not None:
            found[place - 1 : place + 1] = whole.split()
    return tuple(found)


def _clipped(phrases: Phrases, word: str) -> Sequence[str]:
    """Return the words of the value whose two words a word is the beginnings of, else the word."""
    if _SHORTEST_WORD + _SHORTEST <= len(word) <= 2 * _CLIPPED and word.isalpha() and not phrases.resembles(word):
        for first in range(_SHORTEST_WORD, len(word) - 1):
            if (whole := phrases.clipped(word[:first], word[first:])) is not None:
                return whole.split()
    return (word,)


def _compounds(phrases: Phrases, words: Sequence[str], stemmer: str) -> Iterator[str]:
    """Yield the words, of two that were typed apart their compound."""
    left = deque(words)
    while left:
        word = left.popleft()
        whole = compound(word, left[0], stemmer) if left else None
        if whole is not None and _named(phrases, whole, stemmer) and not phrases.has([word, left[0]]):
            left.popleft()
            word = whole
        yield word


def _named(phrases: Phrases, word: str, stemmer: str) -> bool:
    """Tell whether a name or value has a word, or one that begins so: what descriptions alone have is seldom meant."""
    forms = (word, *common_forms(word, stemmer))
    return any(phrases.spaced(one, _SHORTEST) is not None or phrases.begins_word(one) for one in forms)


def _has(phrases: Phrases, word: str, stemmer: str) -> bool:
    """Tell whether the catalogue has a word, in another form too."""
    return any(map(phrases.having, (word, *common_forms(word, stemmer))))


def _parts(phrases: Phrases, word: str, stemmer: str, *, may_go_on: bool) -> tuple[str, ...]:
    """Return the words that a word is read as."""
    if phrases.having(word):
        return (word,)
    if whole := phrases.spaced(word, len(word) + 1):
        return tuple(whole.split())
    if any(phrases.exact(one) or phrases.having(one) for one in singulars(word, stemmer)):
        return (word,)
    return (word,) if phrases.resembles(word) else _split(phrases, word, may_go_on=may_go_on)


def _split(phrases: Phrases, word: str, *, may_go_on: bool) -> tuple[str, ...]:
    """Return the split whose squares of lengths sum to most; the word itself where there is none."""
    shortest = _SHORTEST if has_digit(word) else _SHORTEST_WORD
    best: list[dict[int, Split]] = [{0: (0, ())}, *({} for _ in word)]
    for first in range(len(word) - _SHORTEST + 1):
        if not best[first]:
            continue
        for end in range(first + _SHORTEST, len(word) + 1):
            text = phrases.spaced(word[first:end], shortest)
            if text is None:
                continue
            for pieces, (score, found) in best[first].items():
                longer = score + (end - first) ** 2, (*found, *text.split())
                if pieces < _PIECES and longer > best[end].get(pieces + 1, (0, ())):
                    best[end][pieces + 1] = longer
    score, found = max(best[-1].values(), default=(0, ()))
    least = _LENGTH_OF_BEGUN if found and may_go_on and phrases.begun(word) else _LENGTH
    return found if score >= least * len(word) else (word,)
