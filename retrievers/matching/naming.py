"""Names of several words that are all there in a query: what shares some of them stands behind what is called so."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ltrr.models.statistics.least_squares import Array

_WHOLE: Final = 0.85
_SOME: Final = 0.95


def named_by(places: Sequence[frozenset[int]], longer: Sequence[int], telling: frozenset[int]) -> list[frozenset[int]]:
    """Return the places of the name of several words that each text is asked for by; none where it is by none.

    That is one of which the query has all words, and no more of another's. places: of the words of each text's name
    that is all in the query; longer: how many of another's that has these, too; telling: of words that say something.
    """
    rows = zip(places, longer, strict=True)
    return [one if len(one) == most and len(one & telling) > 1 else frozenset() for one, most in rows]


def of_any_group(fits: Array, grades: Array, named: Sequence[frozenset[int]]) -> Array:
    """Return how much each text is of the groups that are asked for, in full where it is asked for by its name.

    Not so where another one is of these groups and has all words of that name: "pokemon with cloud nine" asks for those
    that have it, and not for what is called so. fits: shape (texts,); grades, named: see `behind_names`.
    """
    found = fits.copy()
    others = grades[:, (fits >= _WHOLE) & ~np.array(list(map(bool, named)))]
    for places in dict.fromkeys(filter(None, named)):
        if not (others[sorted(places)] >= _WHOLE).all(axis=0).any():
            found[[one == places for one in named]] = 1.0
    return found


def behind_names(words: list[float], grades: Array, named: Sequence[frozenset[int]]) -> list[float]:
    """Return how much of the query each text has, less where it has some words of a name that is all there for another.

    That is a twentieth less than what is called so: "green dressing salad for dinner" asks for the salad, and not for
    another one that is a dinner. grades: how well names and values of each text have each word; shape (tokens,
    texts). named: see `named_by`.
    """
    found = np.array(words)
    for places in dict.fromkeys(filter(None, named)):
        of_name = grades[sorted(places)] >= _WHOLE
        called = [one == places for one in named]
        sharing = of_name.any(axis=0) & ~of_name.all(axis=0) & ~np.array(list(map(bool, named)))
        found[sharing] = np.minimum(found[sharing], _SOME * np.array(words)[called].max())
    kept: list[float] = found.tolist()
    return kept
