"""The reward model's regressor: Bayesian linear regression from statistics that add up."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from river import base

from ltrr.models.statistics.decay import Decay, shift
from ltrr.models.statistics.least_squares import Array, LinearStatistics, spreads
from ltrr.models.statistics.snapshot import pack_statistics, unpack_statistics


class BayesianLinearRegressor(base.Regressor):
    """Bayesian linear regression that forgets by event time and can be merged.

    It keeps sums only (see LinearStatistics), so that learning in parts and adding gives what learning in one
    piece gives, in any order. The weights are solved when they are asked for.

    prior_precision: of the normal prior around 0 on each weight, > 0. half_life_s: see Decay;
    `decay` may be replaced by one with changes.
    Source: Bishop, Pattern Recognition and Machine Learning (2006), section 3.3.

    >>> model = BayesianLinearRegressor(prior_precision=1e-6)
    >>> for x in range(5):
    ...     model.learn_one({"x": float(x), "one": 1.0}, 2.0 * x + 1.0)
    >>> round(model.predict_one({"x": 10.0, "one": 1.0}), 3)
    21.0
    >>> halves = [BayesianLinearRegressor(prior_precision=1e-6) for _ in range(2)]
    >>> for x in range(5):
    ...     halves[x % 2].learn_one({"x": float(x), "one": 1.0}, 2.0 * x + 1.0)
    >>> round((halves[0] + halves[1]).predict_one({"x": 10.0, "one": 1.0}), 3)
    21.0
    """

    def __init__(self, prior_precision: float = 1.0, half_life_s: float = math.inf) -> None:
        self.prior_precision = prior_precision
        self.half_life_s = half_life_s
        self.decay = Decay(half_life_s)
        self.names: dict[base.typing.FeatureName, int] = {}
        self.statistics = LinearStatistics.empty(0)
        self._others: tuple[LinearStatistics, ...] = ()
        self._weights: Array | None = None
        self._spread: Array | None = None

    @classmethod
    def over(
        cls, names: tuple[str, ...], prior_precision: float, half_life_s: float = math.inf
    ) -> "BayesianLinearRegressor":
        """Return a model of fixed features, which takes arrays in the order of `names`."""
        model = cls(prior_precision, half_life_s)
        model.names = {name: index for index, name in enumerate(names)}
        model.statistics = LinearStatistics.empty(len(names))
        return model

    @property
    def weights(self) -> Array:
        """Posterior mean, shape (d,), in the order of `names`."""
        if self._weights is None:
            response = self.statistics.response + self.prior_precision * self._prior_mean()
            self._weights = self.spread @ (self.spread.T @ response)  # which whoever asks for weights mostly needs, too
        return self._weights

    @property
    def spread(self) -> Array:
        """Square root of the posterior covariance, shape (d, d), for noise of variance 1.

        Weights + spread @ standard normal numbers is a draw from the posterior.
        """
        if self._spread is None:
            self._spread = spreads(self.precision[None])[0]
        return self._spread

    @spread.setter
    def spread(self, spread: Array) -> None:
        self._spread = spread

    @property
    def is_solved(self) -> bool:
        """Whether the spread is known."""
        return self._spread is not None

    @property
    def precision(self) -> Array:
        """Posterior precision, shape (d, d), for noise of variance 1."""
        return self.statistics.precision(self.prior_precision)

    @property
    def observations(self) -> float:
        """Weight of all that was learned, decayed to the epoch."""
        return self.statistics.weight

    @property
    def epoch(self) -> int:
        """What sums stand at (see Decay)."""
        return self.statistics.epoch

    def total(self, feature: int, epoch: int) -> float:
        """Return the sum of all targets, faded to an epoch. feature: the place of one that is always 1."""
        return float(shift(self.epoch, epoch) * self.statistics.response[feature])

    def learn_one(
        self, x: Mapping[base.typing.FeatureName, float], y: float, w: float = 1.0, time_s: float = 0.0
    ) -> None:
        """Learn one observation of weight `w` that was made at `time_s`."""
        row = self._row(x, grow=True)
        self.add(row[None, :], np.array([y], dtype=np.float64), np.array([w]), time_s)

    def predict_one(self, x: Mapping[base.typing.FeatureName, float]) -> float:
        """Return the posterior mean of y; features never seen count nothing."""
        if not self.names:
            return 0.0
        return float(self._row(x, grow=False) @ self.weights)

    def add(self, rows: Array, targets: Array, weights: Array, time_s: float) -> None:
        """Learn observations made at one time. rows: shape (n, d); targets, weights: shape (n,)."""
        factor = self.statistics.reach(self.decay, time_s)
        self.statistics.add(rows, targets, factor * weights)
        self._weights = self._spread = None

    def absorb(self, moment: Array, response: Array, weight: float) -> None:
        """Add the sums of observations, as of the epoch; see LinearStatistics."""
        if weight:
            self.statistics.moment += moment
            self.statistics.weight += weight
            self._spread = None
        self.statistics.response += response
        self._weights = None

    def move(self, epoch: int) -> int:
        """Move the sums up to an epoch where it is newer, and return at which they stand."""
        if epoch != self.epoch:
            self._weights = self._spread = None
        self.statistics.move(epoch)
        return self.epoch

    def pack(self) -> tuple[dict[str, Any], list[Array]]:
        """Return the whole state as JSON values and arrays."""
        return pack_statistics(self.statistics)

    def unpack(self, meta: Mapping[str, Any], arrays: Sequence[Array]) -> None:
        """Take over what `pack` returned, bit for bit."""
        self.restore(unpack_statistics(meta, *arrays))

    def informed(self, others: Sequence["BayesianLinearRegressor"]) -> "BayesianLinearRegressor":
        """Return this model, to be read only, with what others of the same features expect together as prior mean."""
        view = BayesianLinearRegressor(self.prior_precision, self.half_life_s)
        view.names, view.statistics = self.names, self.statistics
        view._others = tuple(other.statistics for other in others)
        return view

    def restore(self, statistics: LinearStatistics) -> None:
        """Take over sums that were learned before, in the order of `names`."""
        self.statistics = statistics
        self._weights = self._spread = None

    def __add__(self, other: "BayesianLinearRegressor") -> "BayesianLinearRegressor":
        """Return the model that has learned what both have."""
        merged = type(self)(self.prior_precision, self.half_life_s)
        merged.decay = self.decay
        for name in (*self.names, *other.names):
            merged.names.setdefault(name, len(merged.names))
        merged.statistics = self._laid_out(merged.names) + other._laid_out(merged.names)
        return merged

    def _prior_mean(self) -> Array | float:
        shared = LinearStatistics.sum(self._others)
        return 0.0 if shared is None else shared.solve(self.prior_precision)

    def _row(self, x: Mapping[base.typing.FeatureName, float], *, grow: bool) -> Array:
        if grow:
            for name in x:
                self.names.setdefault(name, len(self.names))
            if len(self.names) > len(self.statistics.response):
                self.statistics = self._laid_out(self.names)
        row = np.zeros(len(self.statistics.response))
        for name, value in x.items():
            if name in self.names:
                row[self.names[name]] = value
        return row

    def _laid_out(self, names: Mapping[base.typing.FeatureName, int]) -> LinearStatistics:
        """Return the statistics in another layout that holds at least this model's features."""
        mine = list(self.names)[: len(self.statistics.response)]
        at = np.array([names[name] for name in mine], dtype=np.intp)
        wide = LinearStatistics.empty(len(names))
        wide.moment[np.ix_(at, at)] = self.statistics.moment
        wide.response[at] = self.statistics.response
        wide.weight, wide.epoch = self.statistics.weight, self.statistics.epoch
        return wide


def solve(models: Iterable[BayesianLinearRegressor]) -> None:
    """Find the spreads of models of the same features where they are not known, all at once: in half the time."""
    unsolved = [model for model in models if not model.is_solved]
    if unsolved:
        found = spreads(np.array([model.precision for model in unsolved]))
        for model, spread in zip(unsolved, found, strict=True):
            model.spread = spread.copy()  # which does not hold all others
