"""Names of several words that are all there in a query: what shares some of them stands behind what is called so."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ltrr.models.statistics.least_squares import Array

_WHOLE: Final = 0.85
_SOME: Final = 0.95


def is_named(places: frozenset[int], longer: int, telling: frozenset[int]) -> bool:
    """Tell whether a query has all of a name of several words that say something, and no more of another's.

    places: of the name's words in the query; longer: how many of another's that has these, too; telling: the places of
    words that say something.
    """
    return len(places) == longer and len(places & telling) > 1


def behind_names(words: list[float], grades: Array, named: Sequence[frozenset[int]]) -> list[float]:
    """Return how much of the query each text has, less where it has some words of a name that is all there for another.

    That is a twentieth less than what is called so: "green dressing salad for dinner" asks for the salad, and not for
    another one that is a dinner. grades: how well each text has each word, shape (tokens, texts). named: the places of
    the words of the name that each text is asked for by, none where it is by none.
    """
    found = np.array(words)
    for places in dict.fromkeys(filter(None, named)):
        of_name = grades[sorted(places)] >= _WHOLE
        called = [one == places for one in named]
        sharing = of_name.any(axis=0) & ~of_name.all(axis=0) & ~np.array(list(map(bool, named)))
        found[sharing] = np.minimum(found[sharing], _SOME * max(share for share, one in zip(words, called) if one))
    return list(map(float, found))
