"""The sufficient statistics of weighted least squares, which add up."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ltrr.models.statistics.decay import DecayedSums, aligned

Array = NDArray[np.float64]

LARGEST_INPUT = 100.0
"""Inputs are cut to this size: they enter sums as squares, and one wild number would outweigh all others for good."""

_SMALL = 8  # a general inverse is as fast


@dataclass(slots=True)
class LinearStatistics(DecayedSums):
    """Sums from which a linear model is solved: moment = sum w x x', response = sum w y x, weight = sum w.

    moment: shape (d, d); response: shape (d,); both decayed to `epoch` (see Decay). The prior is no part of them.
    """

    moment: Array
    response: Array
    weight: float = 0.0
    epoch: int = 0

    @classmethod
    def empty(cls, dimension: int) -> "LinearStatistics":
        """Return the statistics of no observation."""
        return cls(np.zeros((dimension, dimension)), np.zeros(dimension))

    def add(self, rows: Array, targets: Array, weights: Array) -> None:
        """Add observations. rows: shape (n, d); targets, weights: shape (n,)."""
        self.absorb(rows, weights, targets * weights)

    def absorb(self, rows: Array, weights: Array, responses: Array) -> None:
        """Add what observations weigh, which is below 0 where they count less than before, and w y of each."""
        if weights.any():
            lost = weights.min() < 0
            self.moment += gram(rows, np.maximum(weights, 0.0) if lost else weights)
            if lost:
                self.moment -= gram(rows, np.maximum(-weights, 0.0))
            self.weight += float(weights.sum())
        self.response += responses @ rows

    def solve(self, prior_precision: float, prior_mean: Array | float = 0.0) -> Array:
        """Return the posterior mean under a normal prior around `prior_mean`; shape (d,)."""
        return solved(self.moment, self.response, prior_precision, prior_mean)

    def precision(self, prior_precision: float) -> Array:
        """Return the posterior precision, for noise of variance 1; shape (d, d)."""
        return np.asarray(self.moment + prior_precision * np.eye(len(self.response)))

    def __add__(self, other: "LinearStatistics") -> "LinearStatistics":
        """Return the statistics of both, at the later of both epochs."""
        return LinearStatistics.sum((self, other)) or LinearStatistics.empty(len(self.response))

    @classmethod
    def sum(cls, parts: Iterable["LinearStatistics"]) -> "LinearStatistics | None":
        """Return the sum of what is not empty, None where nothing is left."""
        epoch, learned = aligned(parts)
        if not learned:
            return None
        total = cls.empty(len(learned[0][1].response))
        total.epoch = epoch
        for factor, part in learned:  # in place: many parts are summed while a search waits
            total.moment += part.moment if factor == 1 else factor * part.moment
            total.response += factor * part.response
            total.weight += factor * part.weight
        return total

    def is_empty(self) -> bool:
        """Tell whether nothing was added yet."""
        return not self.weight

    def _scale(self, factor: float) -> None:
        self.moment *= factor
        self.response *= factor
        self.weight *= factor


def spreads(precisions: Array) -> Array:
    """Return matrices whose products with their transposes are the inverses of precisions; shape (n, d, d)."""
    return _inverses(np.asarray(np.linalg.cholesky(precisions), dtype=np.float64)).transpose(0, 2, 1)


def _inverses(lower: Array) -> Array:
    """Return the inverses of lower triangular matrices by halves, in a third of the time of general ones."""
    half = lower.shape[-1] // 2
    if half < _SMALL:
        return np.asarray(np.linalg.inv(lower))
    first, last = _inverses(lower[:, :half, :half]), _inverses(lower[:, half:, half:])
    inverses = np.zeros_like(lower)
    inverses[:, :half, :half] = first
    inverses[:, half:, half:] = last
    inverses[:, half:, :half] = -(last @ lower[:, half:, :half] @ first)
    return inverses


def gram(rows: Array, weights: Array) -> Array:
    """Return the sum of w x x', exactly symmetric; shape (d, d). rows: shape (n, d); weights: 0 or more, shape (n,)."""
    halves = rows * np.sqrt(weights)[:, None]
    return np.asarray(halves.T @ halves)


def solved(moment: Array, response: Array, prior_precision: float, prior_mean: Array | float = 0.0) -> Array:
    """Return the posterior mean of weights under a normal prior around `prior_mean`; shape (d,)."""
    precision = moment + prior_precision * np.eye(len(response))
    return np.asarray(np.linalg.solve(precision, response + prior_precision * prior_mean), dtype=np.float64)
