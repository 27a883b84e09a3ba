"""Numbers that stand in a text as an end of a range: who asks for 24 mm does not mean "14-24mm" in the first place."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from typing import Final

from ltrr.models.text import has_digit, parts, tokenise
from ltrr.retrievers.matching.spellings import joins

Range = tuple[frozenset[str], frozenset[str]]

_DASH: Final = re.compile(r"(?<=\d)\s?[-\u2010-\u2014]\s?(?=\d)")
_FIRST: Final = re.compile(r"\d+(?:[.,]\d+)?")
_LAST: Final = re.compile(r"\d+(?:[.,]\d+)?$")


def ranges(texts: Iterable[str]) -> tuple[Range, ...]:
    """Return how the lower and the upper end of each range in some texts are spelt, where it is no number of its own.

    A range rises and has two ends: neither "2024-01-15" nor "TN-2420" is one. Spellings are words, neighbours joined,
    and numbers in them: "300mm" and "300" of "70-300mm", "f4" and "4" of "f/4-5.6".
    """
    found: list[tuple[set[str], set[str]]] = []
    whole: set[str] = set()
    said = tuple(texts)
    for text in said if any(map(_DASH.search, said)) else ():  # which few have
        pieces = _DASH.split(text)
        words = list(map(tokenise, pieces))
        ends = list(_ends(pieces, words))
        every = tuple(chain.from_iterable(words))
        low_or_high = set(chain.from_iterable(ends))
        spelt = [(range(place, place + 1), word) for place, word in enumerate(every)]
        spelt += [(range(first, end), one) for first, end, one in joins(every)]
        for places, one in spelt:
            if has_digit(one) and low_or_high.isdisjoint(places):
                whole.update(_forms(one))
        for pair in ends:
            sides = [
                [one for places, one in spelt if end in places and other not in places]
                for end, other in (pair, pair[::-1])
            ]
            low, high = (set(chain.from_iterable(map(_forms, side))) for side in sides)
            found.append((low, high))
    return tuple((frozenset(low - whole), frozenset(high - whole)) for low, high in found)


def _ends(pieces: Sequence[str], words: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Yield the places of both ends of each range between pieces, among all their words."""
    places = accumulate(map(len, words))
    for number, ((left, right), place) in enumerate(zip(pairwise(pieces), places, strict=False)):
        chained = (number > 0 and len(words[number]) == 1) or (number + 2 < len(pieces) and len(words[number + 1]) == 1)
        low, high = _LAST.search(left), _FIRST.match(right)
        if low and high and not chained and _value(low[0]) < _value(high[0]):
            yield place - 1, place


def _value(number: str) -> float:
    return float(number.replace(",", "."))


def _forms(spelling: str) -> Iterator[str]:
    """Yield a spelling and the numbers in it."""
    yield spelling
    yield from filter(has_digit, parts(spelling))
