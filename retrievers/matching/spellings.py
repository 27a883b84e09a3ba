"""How well one spelling fits another: the same, inflected, spelt nearly alike, half typed, in parts or joined."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from typing import Final

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from ltrr.models.records.query import Understanding
from ltrr.models.scripts import syllables
from ltrr.models.statistics.least_squares import Array
from ltrr.models.text import has_digit, joined, parts, unmarked, unpadded
from ltrr.retrievers.documents.documents import ends_of
from ltrr.retrievers.matching.descriptions import CUTOFF, PREFIX, inflections, nearness

UNPADDED: Final = 0.95
"""How well a number fits itself with other zeros before it."""
_PART: Final = 0.9
_HEAD: Final = 0.95
_INFLECTED_HEAD: Final = 0.9
_UNMARKED: Final = 0.5
_LITERAL: Final = 0.85
_SHORT: Final = 3
_SUFFIXED: Final = re.compile(r"(\w*[^\W\d_][\w.]*\d)[^\W\d_]{1,2}")


@lru_cache(65_536)
def joins(words: tuple[str, ...]) -> tuple[tuple[int, int, str], ...]:
    """Return neighbours as one word: the first, the end, and how that is spelt (see `joined`)."""
    return tuple(joined(words))


def fits_of(
    asked: Sequence[str], tokens: int, at: Mapping[str, int], words: int, understanding: Understanding
) -> Array:
    """Return how well each spelling fits what is asked, in [0, 1]; shape (asked, spellings).

    1 where they are the same, UNPADDED where they are but for zeros that their numbers begin with, PREFIX where it
    begins with the last of the tokens, _PART where what is asked is a part of it, _HEAD where it is a compound's end,
    half where they are the same without their marks, a quarter where it is one of two ideographs, less where it is
    spelt nearly alike; what has digits is compared as it is. What is joined has no parts, and its beginnings are those
    that are no word themselves. What is literal (see `Understanding`) fits its other forms less than what it begins.
    at: the column of each spelling, those of words before those of what is joined.
    """
    spellings = list(at)
    alike = process.cdist(asked, spellings, scorer=OSA.normalized_similarity, score_cutoff=CUTOFF)
    fits = np.zeros(alike.shape)
    for row, column in np.argwhere(alike).tolist():  # few
        one, other = asked[row], spellings[column]
        if not (is_literal(one) or is_literal(other)):
            fits[row, column] = nearness(float(alike[row, column]), begins_alike=one[:1] == other[:1])
    stemmer, literal = understanding.stemmer, understanding.literal
    forms = [
        [
            (form, most * _LITERAL if text in literal and form != text else most)
            for form, most in (*inflections(text, stemmer), *_unpadded(text).items())
        ]
        for text in asked
    ]
    others = _others(spellings, words, stemmer, {form for found in forms for form, _ in found})
    for row, text in enumerate(asked):
        if row == tokens - 1:
            among = spellings[:words] if at.get(text, words) < words else spellings
            begins = np.fromiter(map(str.startswith, among, repeat(text)), dtype=bool, count=len(among))
            np.maximum(fits[row, : len(among)], PREFIX, out=fits[row, : len(among)], where=begins)
        for form, most in forms[row]:
            for column, fit in others.get(form, ()):
                fits[row, column] = max(fits[row, column], min(fit, most))
            if form in at:
                fits[row, at[form]] = max(fits[row, at[form]], most)
        for form in (*unmarked(text), *syllables(text)):
            if form in at:
                fits[row, at[form]] = max(fits[row, at[form]], _UNMARKED * len(form) / len(text))
    return np.asarray(fits, dtype=np.float64)


def _others(
    spellings: Sequence[str], words: int, stemmer: str, asked: AbstractSet[str]
) -> Mapping[str, Sequence[tuple[int, float]]]:
    """Return the columns of which a word is a part, or what is left without the marks, and how well that fits.

    asked: the words that matter.
    """
    found: dict[str, list[tuple[int, float]]] = {}
    codes = any(map(has_digit, asked))
    for column, spelling in enumerate(spellings if codes else spellings[:words]):
        forms = _forms(spelling, stemmer) if column < words else _joined_forms(spelling)
        if not asked.isdisjoint(forms):
            for form in asked & forms.keys():
                found.setdefault(form, []).append((column, forms[form]))
    return found


@lru_cache(65_536)
def _unsuffixed(spelling: str) -> Mapping[str, float]:
    """Return a code of letters and a number without the one or two letters behind it: "f4l" -> "f4"."""
    found = _SUFFIXED.fullmatch(spelling)
    return {found[1]: _PART} if found else {}


@lru_cache(65_536)
def _unpadded(spelling: str) -> Mapping[str, float]:
    """Return what has leading zeros without them: "ngc0087" -> "ngc87"."""
    return {one: UNPADDED} if (one := unpadded(spelling)) != spelling else {}


@lru_cache(65_536)
def _joined_forms(spelling: str) -> Mapping[str, float]:
    """Return the other forms of neighbours as one word."""
    return {**_unsuffixed(spelling), **_unpadded(spelling)}


@lru_cache(65_536)
def _forms(spelling: str, stemmer: str) -> Mapping[str, float]:
    """Return the other forms of a word, and how well it fits each."""
    parted = [(part, _PART) for part in (*parts(spelling), *parts(unpadded(spelling)))]
    other = ((form, fit) for form, fit in inflections(spelling, stemmer) if form != spelling)
    ends = ((form, _HEAD if spelling.endswith(form) else _INFLECTED_HEAD) for form in ends_of(spelling, stemmer))
    found = (
        *parted,
        *_joined_forms(spelling).items(),
        *((form, _UNMARKED) for form in unmarked(spelling)),
        *ends,
        *other,
    )
    return dict(sorted(found, key=itemgetter(1)))  # of one that is there twice the better


@lru_cache(65_536)
def is_literal(spelling: str) -> bool:
    """Return whether what is spelt nearly so is another word: it is short, or has digits."""
    return len(spelling) <= _SHORT or has_digit(spelling)


@lru_cache(65_536)
def spellings(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return how neighbours are spelt as one word."""
    return tuple(spelling for _, _, spelling in joins(words))
