"""What was played as figures: means with intervals in which the queries of one user are one observation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ltrr.bench.played.material import Asked, users
from ltrr.bench.played.play import MEASURES
from ltrr.serving.terminal.bench_document import Figure

Column = NDArray[np.float64]
Which = NDArray[np.bool_]


@dataclass(frozen=True)  # without slots: what is asked for often is worked out once
class Results:
    """What systems reached for each query, in the mean over seeds.

    scores: system -> (queries, MEASURES). counted: the queries that figures are of.
    """

    asked: Sequence[Asked]
    scores: Mapping[str, Column]
    counted: Which

    @cached_property
    def kinds(self) -> NDArray[np.str_]:
        """Return the type of each query."""
        return np.array([one.wish.request.kind for one in self.asked])

    @cached_property
    def fresh(self) -> Which:
        """Return which queries count for the headline."""
        return np.array([one.wish.request.fresh for one in self.asked]) & self.counted

    @cached_property
    def clusters(self) -> NDArray[np.intp]:
        """Return a number for each query, the same for those of one user."""
        return np.unique(list(users(self.asked)), return_inverse=True)[1]

    def of(self, system: str, measure: str) -> Column:
        """Return a measure of a system for each query."""
        return self.scores[system][:, MEASURES.index(measure)]

    def mean(self, system: str, measure: str, which: Which) -> Figure:
        """Return the mean over some queries."""
        return self.over(self.of(system, measure), which, measure)

    def ahead(self, ours: str, theirs: str, measure: str, which: Which) -> Figure:
        """Return by how much a system is ahead of another one, query by query."""
        return self.over(self.of(ours, measure) - self.of(theirs, measure), which, measure)

    def ratio(self, ours: str, theirs: str, measure: str, which: Which) -> Figure:
        """Return a system's sum over that of another one, minus 1; its interval is linear in both (delta method)."""
        a, b = self.of(ours, measure), self.of(theirs, measure)
        total = float(b[which].mean())
        if not total:
            return Figure(np.nan, "share", -np.inf, np.inf)
        share = float(a[which].mean()) / total
        found = self.over((a - share * b) / total, which, "share")
        return Figure(share - 1, "share", share - 1 + found.low, share - 1 + found.high)

    def change(self, values: Column, before: Which, after: Which, unit: str) -> Figure:
        """Return the mean after something minus the mean before it."""
        influence = np.zeros(len(values))
        for sign, which in ((-1, before), (1, after)):
            influence[which] += sign * (values[which] - values[which].mean()) / which.sum()
        value = float(values[after].mean() - values[before].mean())
        touched = before | after
        found = self.over(influence * touched.sum(), touched, unit)
        return Figure(value, unit, value + found.low, value + found.high)

    def over(self, values: Column, which: Which, unit: str) -> Figure:
        """Return the mean of values of each query over some of them."""
        if not which.any():
            return Figure(np.nan, unit, -np.inf, np.inf)
        return Figure.clustered_mean(values[which], self.clusters[which], unit)


def last(count: int, most: int) -> Which:
    """Return the last queries of a log: `most`, or its last half where it is shorter than twice that."""
    which = np.zeros(count, dtype=bool)
    which[max(count // 2, count - most) :] = True
    return which


def by(kinds: NDArray[np.str_], test: Callable[[str], bool]) -> Which:
    """Return which queries are of a type."""
    return np.array([test(kind) for kind in kinds.tolist()], dtype=bool)
