"""Inverse gap weighting, factored by arm."""

import math
from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from ltrr.models.plans.space import PlanDistribution
from ltrr.models.policies.base import Policy
from ltrr.models.statistics.least_squares import Array

_OF_BASELINE: Final = 1_000.0


class InverseGapWeighting(Policy):
    """Probability falls with the inverse of what a choice is expected to lose (SquareCB), by arm.

    The gap of an arm's level is the value of the best feasible plan minus the value of the best feasible plan that
    has that level; without caps this is the gap within the arm. Each level gets 1 / (|L| + gamma gap), the best
    the rest, mixed with a floor; a plan has the product over arms, restricted to feasible plans and, under caps,
    mixed with a uniform feasible plan. gamma = greed x sqrt(1 + decisions learned), as far as they are not
    forgotten: what is estimated from few is not trusted like what is estimated from many. A baseline that is left with
    caution is trusted like what is estimated from 1,000.

    Source: Foster and Rakhlin 2020 (arXiv 2002.04926), Abe and Long 1999.
    """

    name: ClassVar[str] = "igw"

    def distribution(self, context: Mapping[str, float], seed: int) -> PlanDistribution:  # noqa: ARG002  # nothing drawn
        """Return the exact distribution over feasible plans."""
        best = self.best_by_level(context)
        gaps = best.max() - best
        known = max(self.model.count.effective, _OF_BASELINE if self.is_cautious else 0.0)
        gamma = self.options.greed * math.sqrt(1 + known)
        return self.floored(inverse_gaps(gaps, gamma))


def inverse_gaps(gaps: Array, gamma: float) -> Array:
    """Return probabilities by row. gaps: >= 0, shape (n, levels), 0 for the best of each row, inf for impossible."""
    count = gaps.shape[1]
    probabilities = 1 / (count + gamma * gaps)
    rows = np.arange(len(gaps))
    best = gaps.argmin(axis=1)
    probabilities[rows, best] = 0.0
    probabilities[rows, best] = 1 - probabilities.sum(axis=1)
    return np.asarray(probabilities)
