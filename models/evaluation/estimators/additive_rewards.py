"""A reward that is a sum over arms: linear in arm x level x context, fitted by ridge regression.

A plan is the vector v = [1, 1{b_a = l} for each arm a and level l above 0]; the reward in a context x is v' W x.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.statistics.least_squares import Array

_BLOCK = 2_000
_PRECISION = 1.0  # prior precision of each weight: as much as one decision with that level and context


def logged_plans(samples: Samples) -> Array:
    """Return v of the logged plans; shape (n, 1 + arms x (levels - 1))."""
    return _plans(samples.levels[:, :, None] == np.arange(1, samples.marginals.shape[2]))


def target_plans(samples: Samples) -> Array:
    """Return the expectation of v under the target policy; shape (n, 1 + arms x (levels - 1))."""
    return _plans(samples.target_marginals[:, :, 1:])


def _plans(indicators: Array | NDArray[np.bool_]) -> Array:
    count, arms, levels = indicators.shape
    return np.concatenate([np.ones((count, 1)), indicators.reshape(count, arms * levels)], axis=1)


def rewards_of(plans: Array, weights: Array, contexts: Array) -> Array:
    """Return v' W x of each row; shape (n,)."""
    return np.asarray(((plans @ weights) * contexts).sum(axis=1))


@dataclass(frozen=True, slots=True)
class AdditiveSums:
    """Sums from which W is solved. They add up, and a part can be taken off again.

    moment: of the products v x' as vectors, shape (p, p); response: shape (p,), as a matrix like W.
    """

    moment: Array
    response: Array

    @classmethod
    def of(cls, plans: Array, contexts: Array, rewards: Array) -> "AdditiveSums":
        """Return the sums over some decisions. plans: v, shape (n, ...)."""
        size = plans.shape[1] * contexts.shape[1]
        moment = np.zeros((size, size))
        for at in range(0, len(plans), _BLOCK):
            part = slice(at, at + _BLOCK)
            rows = (plans[part, :, None] * contexts[part, None, :]).reshape(-1, size)
            moment += rows.T @ rows
        return cls(moment, plans.T @ (rewards[:, None] * contexts))

    def __add__(self, other: "AdditiveSums") -> "AdditiveSums":
        """Return the sums over both."""
        return AdditiveSums(self.moment + other.moment, self.response + other.response)

    def __sub__(self, other: "AdditiveSums") -> "AdditiveSums":
        """Return the sums without those of a part."""
        return AdditiveSums(self.moment - other.moment, self.response - other.response)

    def weights(self) -> Array:
        """Return W."""
        return self.solve(self.response)

    def solve(self, response: Array) -> Array:
        """Return the weights that a response would have had; shaped as W."""
        precision = self.moment + _PRECISION * np.eye(len(self.moment))
        return np.asarray(np.linalg.solve(precision, response.ravel()).reshape(response.shape))
