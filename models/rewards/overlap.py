"""What two arms find both: how much less a pair is worth than its arms alone."""

import math

import numpy as np

from ltrr.models.rewards.credit import Credit
from ltrr.models.statistics.decay import Decay, DecayedSums, aligned, shift
from ltrr.models.statistics.least_squares import Array

_PRIOR = 0.5
_PRIOR_WEIGHT = 1.0  # in units of reward


class Overlaps(DecayedSums):
    """Sums over the pages on which two arms ran together, which add up.

    common: worth of each arm alone less that of the page of both, symmetric. alone: worth of the row's arm alone on
    the pages with the column's. Both of shape (arms, arms), decayed to `epoch` (see Decay).
    """

    def __init__(self, arms: tuple[str, ...], half_life_s: float = math.inf) -> None:
        self.decay = Decay(half_life_s)
        self._place = {arm: place for place, arm in enumerate(arms)}
        self.common = np.zeros((len(arms), len(arms)))
        self.alone = np.zeros((len(arms), len(arms)))
        self.epoch = 0

    def learn_one(self, credit: Credit, previous: Credit | None = None) -> None:
        """Learn what the pairs of a page have in common, or replace what `previous` taught of the same page."""
        if not credit.pairs:
            return
        common, worth = credit.weight * credit.common, credit.weight * credit.values
        if previous is not None:
            common = common - previous.weight * previous.common
            worth = worth - previous.weight * previous.values
        if not (common.any() or worth.any()):
            return  # what adds nothing must not move the epoch: that would depend on which topic is read first
        factor = self.reach(self.decay, credit.time_s)
        alone = dict(zip(credit.arms, (factor * worth).tolist(), strict=True))  # of an arm the last counts: as it ran
        for (one, other), shared in zip(credit.pairs, (factor * common).tolist(), strict=True):
            row, column = self._place.get(one), self._place.get(other)
            if row is not None and column is not None:
                self.common[row, column] += shared
                self.common[column, row] += shared
                self.alone[row, column] += alone[one]
                self.alone[column, row] += alone[other]

    def shares(self) -> Array:
        """Return the cosine of what two arms find, in [0, 1]; a half before anything is known; shape (arms, arms)."""
        size = np.sqrt(np.maximum(self.alone * self.alone.T, 0.0))
        return np.asarray(np.clip((self.common + _PRIOR * _PRIOR_WEIGHT) / (size + _PRIOR_WEIGHT), 0.0, 1.0))

    def row(self, arm: str) -> Array:
        """Return an arm's sums with each arm, (common, alone); shape (2, arms)."""
        return np.stack([self.common[self._place[arm]], self.alone[self._place[arm]]])

    def restore(self, arm: str, names: list[str], row: Array, epoch: int) -> None:
        """Take over an arm's sums that were learned before. names: the arms that they are with."""
        self.move(epoch)
        factor = shift(epoch, self.epoch)
        for name, common, alone in zip(names, *row.tolist(), strict=True):
            if name in self._place:
                self.common[self._place[arm], self._place[name]] = factor * common
                self.alone[self._place[arm], self._place[name]] = factor * alone

    def __add__(self, other: "Overlaps") -> "Overlaps":
        """Return what both have learned."""
        merged = object.__new__(type(self))
        merged.__dict__.update(self.__dict__)
        merged.epoch, known = aligned((self, other))
        merged.common, merged.alone = np.zeros_like(self.common), np.zeros_like(self.alone)
        for factor, one in known:
            merged.common += factor * one.common
            merged.alone += factor * one.alone
        return merged

    def is_empty(self) -> bool:
        """Tell whether nothing was added yet."""
        return not (self.common.any() or self.alone.any())

    def _scale(self, factor: float) -> None:
        self.common *= factor
        self.alone *= factor
