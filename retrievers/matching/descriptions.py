"""How far words are in a description: as they are, inflected, half typed or misspelt."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import chain
from math import prod
from operator import or_
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ltrr.models.text import article_forms, first_beginning, root, singulars, stem
from ltrr.models.wording import said, shingles
from ltrr.retrievers.phrases.kinship import kinship

PREFIX: Final = 0.9
NEAR: Final = 0.8
CUTOFF: Final = 0.75
_PLURAL: Final = 0.97
_STEM: Final = 0.85
_OTHER_BEGINNING: Final = 0.85
_BRIEF: Final = 25  # words, of which each says as much as one of a name
_LENGTH: Final = 0.75


@dataclass(frozen=True, slots=True)
class Description:
    """The words of a description: all their forms with how well each fits, and the words in alphabetical order.

    shares: how much each form says, up to 1: 2 n / (n + (length / 25) ^ 3/4) where it is there n times. As in BM25, who
    writes much names much by the way, and what a text is about it says again.
    """

    forms: Mapping[str, float]
    shares: Mapping[str, float]
    ordered: list[str]

    def has(self, token: str, stemmer: str, *, last: bool, near: bool) -> tuple[float, float]:
        """Return how well it has a word, and how much it says of it, see `shares`.

        A word may be half typed where it is the last; `near`: or misspelt, or one of its family.
        """
        forms = self.forms
        found = [(min(forms[form], most), form) for form, most in inflections(token, stemmer) if form in forms]
        if last and (begun := first_beginning(self.ordered, token)):
            found.append((PREFIX, begun))
        if near and not found:
            found += self._family(token, stemmer)
            spelt = process.extractOne(token, self.ordered, scorer=OSA.normalized_similarity, score_cutoff=CUTOFF)
            if spelt:
                word, alike, _ = spelt
                found.append((nearness(alike, begins_alike=word[0] == token[0]), word))
        return max(((fit, self.shares[form]) for fit, form in found), key=prod, default=(0.0, 0.0))

    def _family(self, token: str, stemmer: str) -> Iterator[tuple[float, str]]:
        """Yield words that may begin as another does, and how well they fit it."""
        place = bisect_left(self.ordered, root(token, stemmer)[0])
        for word in self.ordered[max(place - 1, 0) : place + 1]:
            yield kinship(token, word, stemmer), word


def descriptions(texts: tuple[str, ...], stemmer: str) -> tuple[Description, frozenset[str]]:
    """Return the words of an entity's description and of other prose, and their shingles."""
    ways = [[said(form) for form in article_forms(text)] for text in texts]
    words: Counter[str] = Counter()
    for of_text in ways:
        words.update(reduce(or_, map(Counter, of_text)))  # the most that one of the ways to read it has of each
    forms: dict[str, float] = {}
    counts: dict[str, int] = {}
    for word, count in words.items():
        for form, fit in inflections(word, stemmer):
            if fit > forms.get(form, 0.0):
                forms[form] = fit
            counts[form] = counts.get(form, 0) + count
    length = sum(len(as_it_is) for as_it_is, *_ in ways)
    long = (max(length, _BRIEF) / _BRIEF) ** _LENGTH
    shares = {form: min(1.0, 2 * count / (count + long)) for form, count in counts.items()}
    sides = frozenset(chain.from_iterable(shingles(one, stemmer) for one in chain.from_iterable(ways)))
    return Description(forms, shares, sorted(words)), sides


def nearness(alike: float, *, begins_alike: bool) -> float:
    """Return how well what is spelt nearly alike fits: less with another first letter, which few people mistype."""
    return NEAR * alike * (1.0 if begins_alike else _OTHER_BEGINNING)


@lru_cache(65_536)
def inflections(word: str, stemmer: str) -> tuple[tuple[str, float], ...]:
    """Return the forms of a word, itself first, and how well each fits; at least one, each once."""
    forms = {word: 1.0}
    for one in singulars(word, stemmer):
        forms.setdefault(one, _PLURAL)
    forms.setdefault(stem(word, stemmer), _STEM)
    return tuple(forms.items())
