"""Sums of the ranker, apart for groups of visitors: one that says far more than the others is not heard."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.models.memory.query_memory import GROUPS, hashed
from ltrr.models.records.impression import Impression
from ltrr.models.statistics.decay import DecayedSums, aligned
from ltrr.models.statistics.least_squares import Array

_LEAST: Final = 0.25  # a click that has half faded: a group that gained less has not been heard of
_FULL: Final = 3.0  # times the median group: groups of few visitors differ by as much


class GroupedSums(DecayedSums):
    """Sums from which a linear model is solved, with responses that are apart for each group; they can be added.

    moment: sum w x x' of all, shape (d, d). said: of each group the sum w y x, the sum of w, and `further` ones, shape
    (GROUPS, d + 1 + further). All decayed to `epoch` (see Decay).
    """

    def __init__(self, columns: int, further: int = 0) -> None:
        self.moment = np.zeros((columns, columns))
        self.said = np.zeros((GROUPS, columns + 1 + further))
        self.epoch = 0

    def add(self, moment: Array, groups: Sequence[int] | NDArray[np.intp], said: Array) -> None:
        """Add pages. groups: of their visitors, shape (pages,); said: by each, shape (pages, d + 1 + further)."""
        self.moment += moment
        np.add.at(self.said, groups, said)

    def heard(self, shares: Array) -> tuple[Array, Array]:
        """Return the moment, and the sums of what was said, of all groups together. shares: that count of each."""
        weights = self.said[:, len(self.moment)]
        total = float(weights.sum())
        return (float(shares @ weights) / total if total else 1.0) * self.moment, shares @ self.said

    def restore(self, moment: Array, said: Array, epoch: int) -> None:
        """Take over sums. Raises ValueError where they are of another shape."""
        if (moment.shape, said.shape) != (self.moment.shape, self.said.shape):
            raise ValueError(f"sums are of {self.moment.shape} and {self.said.shape}, not {moment.shape}, {said.shape}")
        self.moment, self.said, self.epoch = moment, said, epoch

    @classmethod
    def sum(cls, parts: Iterable["GroupedSums"]) -> "GroupedSums | None":
        """Return the sum of what is not empty, None where nothing is left."""
        epoch, learned = aligned(parts)
        if not learned:
            return None
        columns, width = len(learned[0][1].moment), learned[0][1].said.shape[1]
        total = cls(columns, width - columns - 1)
        total.epoch = epoch
        for factor, part in learned:  # in place: many parts are summed while a search waits
            total.moment += part.moment if factor == 1 else factor * part.moment
            total.said += factor * part.said
        return total

    def __add__(self, other: "GroupedSums") -> "GroupedSums":
        """Return the sums of both, at the later of both epochs."""
        columns = len(self.moment)
        return GroupedSums.sum((self, other)) or GroupedSums(columns, self.said.shape[1] - columns - 1)

    def is_empty(self) -> bool:
        """Tell whether nothing was added yet."""
        return not self.said.any()

    def _scale(self, factor: float) -> None:
        self.moment *= factor
        self.said *= factor


def group_of(impression: Impression) -> int:
    """Return which of GROUPS the visitor of a page is in; where nobody knows who it is, each query is another's."""
    return hashed(impression.sender or impression.query_id) % GROUPS


def shares(gained: Array) -> Array:
    """Return the share of each group that counts: of what pages of each have gained, shape (GROUPS,).

    A group counts in full up to three times the median one of those that have been heard of, from there ever less, and
    from six times not at all: who says so much more than others is one visitor, who is in one group whatever he does.
    One group alone, or two, count in full.
    """
    known = [one for one in gained.tolist() if one >= _LEAST]
    return np.clip(2.0 - gained / (_FULL * median(known)), 0.0, 1.0) if known else np.ones(GROUPS)
