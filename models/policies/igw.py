"""Inverse gap weighting, factored by arm."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ltrr.models.plans.space import PlanDistribution
from ltrr.models.policies.base import Policy
from ltrr.models.statistics.least_squares import Array


class InverseGapWeighting(Policy):
    """Probability falls with the inverse of what a choice is expected to lose (SquareCB), by arm.

    The gap of an arm's level is the value of the best feasible plan minus the value of the best feasible plan that
    has that level; without caps this is the gap within the arm. Whether the arm is on, and at which level, are two
    choices; of n each but the best gets 1 / (n + gamma gap), the best the rest, and all is mixed with a floor. A plan
    has the product over arms, restricted to feasible plans and, under caps, mixed with a uniform feasible plan. gamma =
    greed x sqrt(1 + decisions learned), as far as they are not forgotten: what is estimated from few is not trusted
    like what is estimated from many.

    Source: Foster and Rakhlin 2020 (arXiv 2002.04926), Abe and Long 1999.
    """

    name: ClassVar[str] = "igw"

    def distribution(self, context: Mapping[str, float], seed: int) -> PlanDistribution:  # noqa: ARG002  # nothing drawn
        """Return the exact distribution over feasible plans."""
        best = self.best_by_level(context)
        gaps = best.max() - best
        gamma = self.options.greed * math.sqrt(1 + self.model.count.effective)
        return self.floored(inverse_gaps(gaps, gamma))


def inverse_gaps(gaps: Array, gamma: float) -> Array:
    """Return probabilities by row. gaps: >= 0, shape (n, levels), 0 for the best of each row, inf for impossible.

    A run teaches all lower levels too: that there are several is no reason to try an arm more often.
    """
    on = gaps[:, 1:].min(axis=1, keepdims=True)
    whether = _by_gap(np.concatenate([gaps[:, :1], on], axis=1), gamma)
    beyond = np.where(np.isfinite(on), gaps[:, 1:] - np.where(np.isfinite(on), on, 0.0), 0.0)
    return np.concatenate([whether[:, :1], whether[:, 1:] * _by_gap(beyond, gamma)], axis=1)


def _by_gap(gaps: Array, gamma: float) -> Array:
    """Return probabilities by row: 1 / (n + gamma gap), and for the best the rest."""
    probabilities = 1 / (gaps.shape[1] + gamma * gaps)
    rows = np.arange(len(gaps))
    best = gaps.argmin(axis=1)
    probabilities[rows, best] = 0.0
    probabilities[rows, best] = 1 - probabilities.sum(axis=1)
    return np.asarray(probabilities)
