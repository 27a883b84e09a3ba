"""Groups that a query asks for: what is of none of them counts less, unless nothing of them has any of the rest."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ltrr.models.records.query import Understanding
from ltrr.models.statistics.least_squares import Array
from ltrr.retrievers.matching.naming import of_any_group

_WHOLE: Final = 0.85
_OTHER: Final = 0.4


class AskedGroups:
    """The places of the words of a query that say of which group a thing is, and of those of types among them.

    telling: the places of words that say something; left_out: those of words that are labels of others.
    """

    def __init__(
        self, tokens: Sequence[str], understanding: Understanding, telling: Sequence[int], left_out: Sequence[int]
    ) -> None:
        groups, types = set(understanding.groups), set(understanding.types)
        self.types = [row for row, token in enumerate(tokens) if token in types]
        named = [row for row, token in enumerate(tokens) if token in groups]
        self._rows = [row for row in named if row not in self.types and row not in left_out]
        restricting = named and groups.isdisjoint(understanding.heads)
        self._rest = [row for row in telling if row not in named] if restricting else []

    def shares(self, grades: Array, told: Array, kinds: Array, named: Sequence[frozenset[int]]) -> list[float]:
        """Return 1 for each text that is of the groups, less where it is of none of them.

        Nothing is of a type because its description says that word, or a value that is another thing, as it may be of a
        make. grades, told: how well each text has each word, its names and values alone; shape (words, texts). kinds:
        how well its names and its type alone have those of types; shape (types, texts). named: see `named_by`.
        """
        asked = np.concatenate([grades[self._rows], kinds])
        if not len(asked) or self._are_apart(grades):
            return [1.0] * grades.shape[1]
        fits = of_any_group(asked.mean(axis=0), told, named)
        shares: list[float] = (_OTHER + (1 - _OTHER) * fits).tolist()
        return shares

    def _are_apart(self, grades: Array) -> bool:
        """Tell whether others have a word of the rest, and nothing of these groups has any of them.

        Who asks for "frozen catfish" where all is fresh may mean the fish. Of what names begin with, such as a maker's,
        its own things are meant all the same.
        """
        if not self._rest:
            return False
        of_group = (grades[self._rows + self.types] >= _WHOLE).any(axis=0)
        rest = grades[self._rest].max(axis=0)
        has_it = rest >= _WHOLE
        return bool(has_it.any()) and not bool(has_it[of_group].any())
