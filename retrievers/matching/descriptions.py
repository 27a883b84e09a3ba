"""How far words are in a description: as they are, inflected, half typed or misspelt."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA, Prefix

from ltrr.models.statistics.least_squares import Array
from ltrr.models.text import article_forms, first_beginning, head_share, root, shared_head, singulars, stem
from ltrr.models.wording import said, shingles

PREFIX: Final = 0.9
NEAR: Final = 0.8
CUTOFF: Final = 0.75
_PLURAL: Final = 0.97
_STEM: Final = 0.85
_FAMILY: Final = 0.9
_KIND: Final = 0.85
_OTHER_BEGINNING: Final = 0.9
_BRIEF: Final = 25  # different words of a description of which each says as much as one of a name
_LENGTH: Final = 0.1
_Numbers = TypeVar("_Numbers", float, Array)


@dataclass(frozen=True, slots=True)
class Description:
    """The words of a description: all their forms with how well each fits, and the words in alphabetical order.

    share: how much each of them says; the less, the more there are. As in BM25, who writes much names much by the way.
    """

    forms: Mapping[str, float]
    ordered: list[str]
    share: float

    def has(self, token: str, stemmer: str, *, last: bool, near: bool) -> float:
        """Return how well it has a word: half typed where it is the last; `near`: or misspelt, or one of its family."""
        best = max(min(self.forms.get(form, 0.0), most) for form, most in inflections(token, stemmer))
        if last and first_beginning(self.ordered, token):
            best = max(best, PREFIX)
        if not best and near:
            found = process.extractOne(token, self.ordered, scorer=OSA.normalized_similarity, score_cutoff=CUTOFF)
            spelt = nearness(found[1], float(found[0][0] == token[0])) if found else 0.0
            best = max(spelt, self._family(token, stemmer))
        return self.share * best

    def _family(self, token: str, stemmer: str) -> float:
        """Return how well it has a word that begins as another does."""
        place = bisect_left(self.ordered, root(token, stemmer)[0])
        beside = self.ordered[max(place - 1, 0) : place + 1]
        return max((kinship(token, word, stemmer) for word in beside), default=0.0)


@lru_cache(4_096)
def descriptions(texts: tuple[str, ...], stemmer: str) -> tuple[Description, frozenset[str]]:
    """Return the words of an entity's description and of other prose, and their shingles."""
    ways = [said(form) for text in texts for form in article_forms(text)]
    words = set(chain.from_iterable(ways))
    sides = frozenset(chain.from_iterable(shingles(one, stemmer) for one in ways))
    share = min(1.0, _BRIEF / max(len(words), 1)) ** _LENGTH
    return Description(_all_inflections(words, stemmer), sorted(words), share), sides


def nearness(alike: _Numbers, begins_alike: _Numbers) -> _Numbers:
    """Return how well what is spelt nearly alike fits: less with another first letter, which few people mistype.

    begins_alike: 1 where the first letters are the same, else 0.
    """
    return NEAR * alike * (_OTHER_BEGINNING + (1 - _OTHER_BEGINNING) * begins_alike)


def kinship(token: str, word: str, stemmer: str) -> float:
    """Return how well a word fits one that nobody has.

    By how much of that it begins with, from its root on; of a compound by how much it ends with.
    """
    one, family = root(token, stemmer)
    begins = _FAMILY * Prefix.similarity(one, word) / len(one) if family and word.startswith(family) else 0.0
    return max(begins, _KIND * head_share(shared_head(token, word, stemmer)))


@lru_cache(65_536)
def inflections(word: str, stemmer: str) -> tuple[tuple[str, float], ...]:
    """Return the forms of a word, itself first, and how well each fits; at least one."""
    return (word, 1.0), *((one, _PLURAL) for one in singulars(word, stemmer)), (stem(word, stemmer), _STEM)


def _all_inflections(words: Iterable[str], stemmer: str) -> dict[str, float]:
    """Return all forms of some words, and how well each fits."""
    found: dict[str, float] = {}
    for form, fit in chain.from_iterable(inflections(word, stemmer) for word in words):
        found[form] = max(found.get(form, 0.0), fit)
    return found
