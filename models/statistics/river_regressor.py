"""River's own regressors by name, in place of ours: those whose whole state can be written and read bit for bit."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from river import base

from ltrr.models.errors import InvalidSettings
from ltrr.models.statistics.decay import Decay
from ltrr.models.statistics.least_squares import Array

Meta = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What has to be known of a regressor of River: linear, without an intercept of its own.

    make: returns one that has learned nothing. learn: lets it learn inputs and a target of some weight. pack: returns
    its state; unpack: puts it into a new one. weights: returns them in the order of names.
    """

    make: Callable[[], base.Regressor]
    learn: Callable[[Any, dict[str, float], float, float], None]
    pack: Callable[[Any, tuple[str, ...]], tuple[Meta, list[Array]]]
    unpack: Callable[[Any, tuple[str, ...], Meta, list[Array]], None]
    weights: Callable[[Any, tuple[str, ...]], Array]


class RiverRegressor:
    """A regressor of River over fixed features, as the reward model needs one.

    It learns in the order of the log and forgets as it does by itself: it knows no event time. What it has learned
    cannot be corrected, and two of them cannot be added. kind: one of RIVER.
    """

    def __init__(self, kind: str, names: tuple[str, ...]) -> None:
        self.kind = kind
        self.decay = Decay()
        self.observations = 0.0
        self._names = names
        self._of = RIVER[kind]
        self._model: Any = self._of.make()
        self._targets = 0.0
        self._weights: Array | None = None

    @property
    def weights(self) -> Array:
        """The model's weights, shape (d,)."""
        if self._weights is None:
            self._weights = self._of.weights(self._model, self._names)
        return self._weights

    @property
    def spread(self) -> Array:
        """Raise InvalidSettings: nothing can be drawn."""
        raise InvalidSettings(f"the regressor {self.kind} has no posterior to draw from: choose another policy")

    @property
    def epoch(self) -> int:
        """What sums stand at: always the same, since no event time fades them."""
        return 0

    def total(self, feature: int, epoch: int) -> float:
        """Return the sum of all targets. feature: the place of one that is always 1."""
        del feature, epoch
        return self._targets

    def add(self, rows: Array, targets: Array, weights: Array, time_s: float) -> None:
        """Learn observations one after the other. rows: shape (n, d); targets, weights: shape (n,)."""
        del time_s
        for row, target, weight in zip(rows.tolist(), targets.tolist(), weights.tolist(), strict=True):
            self._of.learn(self._model, dict(zip(self._names, row, strict=True)), target, weight)
            self.observations += weight
            self._targets += weight * target
        self._weights = None

    def pack(self) -> tuple[Meta, list[Array]]:
        """Return the whole state as JSON values and arrays."""
        meta, arrays = self._of.pack(self._model, self._names)
        return {**meta, "observations": self.observations, "targets": self._targets}, arrays

    def unpack(self, meta: Mapping[str, Any], arrays: Sequence[Array]) -> None:
        """Take over what `pack` returned, bit for bit."""
        self._model = self._of.make()
        self._of.unpack(self._model, self._names, dict(meta), list(arrays))
        self.observations, self._targets = float(meta["observations"]), float(meta["targets"])
        self._weights = None

    def informed(self, others: Sequence["RiverRegressor"]) -> "RiverRegressor":
        """Return itself: it has no prior."""
        del others
        return self

    def __add__(self, other: "RiverRegressor") -> "RiverRegressor":
        """Return the one of both that has learned something. Raises InvalidSettings where both have."""
        if self.observations and other.observations:
            raise InvalidSettings(f"two regressors {self.kind} cannot be added: learn with one partition")
        return self if self.observations else other


def _new_linear() -> base.Regressor:
    from river.linear_model import LinearRegression  # noqa: PLC0415  # brings SciPy, which most never need

    return LinearRegression(intercept_lr=0.0)


def _learn_linear(model: Any, inputs: dict[str, float], target: float, weight: float) -> None:  # noqa: ANN401  # a River model
    model.learn_one(inputs, target, weight)


def _pack_linear(model: Any, names: tuple[str, ...]) -> tuple[Meta, list[Array]]:  # noqa: ANN401  # a River model
    return {"iterations": model.optimizer.n_iterations}, [_linear(model, names)]


def _unpack_linear(model: Any, names: tuple[str, ...], meta: Meta, arrays: list[Array]) -> None:  # noqa: ANN401  # a River model
    from river.utils import VectorDict  # noqa: PLC0415  # loads slowly, and most never need it

    (weights,) = arrays
    model._weights = VectorDict(dict(zip(names, weights.tolist(), strict=True)))  # noqa: SLF001  # River has no other way
    model.optimizer.n_iterations = int(meta["iterations"])


def _linear(model: Any, names: tuple[str, ...]) -> Array:  # noqa: ANN401  # a River model
    held = model.weights
    return np.array([float(held.get(name, 0.0)) for name in names])


def _new_bayesian() -> base.Regressor:
    from river.linear_model import BayesianLinearRegression  # noqa: PLC0415  # brings SciPy, which most never need

    return BayesianLinearRegression()


def _learn_bayesian(model: Any, inputs: dict[str, float], target: float, weight: float) -> None:  # noqa: ANN401  # a River model
    root = math.sqrt(weight)  # River takes no weight here, but squares and products of what it is given add up
    model.learn_one({name: root * value for name, value in inputs.items()}, root * target)


def _pack_bayesian(model: Any, names: tuple[str, ...]) -> tuple[Meta, list[Array]]:  # noqa: ANN401  # a River model
    del names
    return {}, [model._ss_arr, model._ss_inv_arr, model._eta_arr]  # noqa: SLF001  # River has no other way


def _unpack_bayesian(model: Any, names: tuple[str, ...], meta: Meta, arrays: list[Array]) -> None:  # noqa: ANN401  # a River model
    del meta
    precision, covariance, eta = arrays
    if len(eta):
        model._ensure_features(names)  # noqa: SLF001
    if model._eta_arr.shape != eta.shape or not precision.shape == covariance.shape == 2 * eta.shape:  # noqa: SLF001
        raise ValueError("the arrays do not fit the features")
    model._ss_arr, model._eta_arr = precision, eta  # noqa: SLF001
    model._ss_inv_arr = np.asfortranarray(covariance)  # noqa: SLF001  # the layout that River has: sums round alike
    model._m_dirty = True  # noqa: SLF001


def _bayesian(model: Any, names: tuple[str, ...]) -> Array:  # noqa: ANN401  # a River model
    if not model._idx:  # noqa: SLF001
        return np.zeros(len(names))
    model._ensure_m()  # noqa: SLF001
    return np.array(model._m_arr[: len(names)])  # noqa: SLF001


RIVER: Mapping[str, _Kind] = {
    "linear_model.BayesianLinearRegression": _Kind(
        _new_bayesian, _learn_bayesian, _pack_bayesian, _unpack_bayesian, _bayesian
    ),
    "linear_model.LinearRegression": _Kind(_new_linear, _learn_linear, _pack_linear, _unpack_linear, _linear),
}
"""By their names in `river`, with River's own parameters; the context has a bias, so none learns an intercept.

`linear_model.PARegressor` of River 0.26.1 is none of them: its loss takes targets for labels of classes (2 y - 1).
"""
