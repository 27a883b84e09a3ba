"""The regressors of the reward model by name: what it needs of one, ours, and those of River that have it too."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, Self

from ltrr.models.statistics.decay import Decay
from ltrr.models.statistics.least_squares import Array
from ltrr.models.statistics.regression import BayesianLinearRegressor
from ltrr.models.statistics.river_regressor import RIVER, RiverRegressor

OURS: Final = "bayesian"


class ArmRegressor(Protocol):
    """What an arm adds by a step of its ladder, linear in features of fixed order, shape (d,)."""

    decay: Decay

    @property
    def weights(self) -> Array:
        """The weights, shape (d,)."""
        ...

    @property
    def spread(self) -> Array:
        """Square root of the weights' covariance, shape (d, d). Raises InvalidSettings where there is none."""
        ...

    @property
    def observations(self) -> float:
        """How much was learned, faded to the epoch."""
        ...

    @property
    def epoch(self) -> int:
        """What sums stand at (see Decay)."""
        ...

    def total(self, feature: int, epoch: int) -> float:
        """Return the sum of all targets, faded to an epoch. feature: the place of one that is always 1."""
        ...

    def add(self, rows: Array, targets: Array, weights: Array, time_s: float) -> None:
        """Learn observations made at one time. rows: shape (n, d); targets, weights: shape (n,)."""
        ...

    def pack(self) -> tuple[dict[str, Any], list[Array]]:
        """Return the whole state as JSON values and arrays."""
        ...

    def unpack(self, meta: Mapping[str, Any], arrays: Sequence[Array]) -> None:
        """Take over what `pack` returned, bit for bit. Raises ValueError, TypeError or LookupError."""
        ...

    def informed(self, others: Sequence[Self]) -> Self:
        """Return this regressor, to be read only, with what others expect together as prior mean, where it has one."""
        ...

    def __add__(self, other: Self) -> Self:
        """Return what has learned what both have. Raises InvalidSettings where there is no merge."""
        ...


def regressors() -> tuple[str, ...]:
    """Return the names of all regressors that can be chosen, ours first."""
    return OURS, *RIVER


def new_regressor(name: str, features: tuple[str, ...], prior_precision: float, half_life_s: float) -> ArmRegressor:
    """Return a regressor that has learned nothing. name: one of `regressors()`."""
    if name == OURS:
        return BayesianLinearRegressor.over(features, prior_precision, half_life_s)
    return RiverRegressor(name, features)
