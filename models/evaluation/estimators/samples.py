"""What estimators see: logged decisions, and what one target policy would have done in their place."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ltrr.models.statistics.least_squares import Array


@dataclass(frozen=True, slots=True)
class Samples:
    """Logged decisions and one target policy, as columns of n rows. Samples add up: a + b has the rows of both.

    keys: uint64, a hash of what identifies the decision; it decides order and fold. contexts: shape (n, d). levels: the
    logged plan, shape (n, arms). rewards: in units of reward, prices taken off. joints: logged P(plan), in (0, 1].
    marginals: logged P(level), shape (n, arms, levels). target_joints: the target's P(logged plan), in [0, 1].
    target_marginals: the target's P(level). inverses: g of models/plans/moments.py, shape (n, arms, levels). Raises
    ValueError where lengths differ, a logged probability is 0 or a number is not finite.
    """

    keys: NDArray[np.uint64]
    contexts: Array
    levels: NDArray[np.intp]
    rewards: Array
    joints: Array
    marginals: Array
    target_joints: Array
    target_marginals: Array
    inverses: Array

    def __post_init__(self) -> None:
        columns = self._columns()
        if len({len(column) for column in columns.values()}) != 1:
            raise ValueError("all columns of samples have one row for each decision")
        shape = self.marginals.shape
        same = shape == self.target_marginals.shape == self.inverses.shape and self.levels.shape == shape[:2]
        if not same or self.contexts.ndim != 2:  # noqa: PLR2004  # a matrix
            raise ValueError("marginals of samples have the shape (n, arms, levels), levels (n, arms), contexts (n, d)")
        if self.levels.size and not 0 <= self.levels.min() <= self.levels.max() < shape[2]:
            raise ValueError("levels of samples are places in the rows of their marginals")
        if not all(np.isfinite(column).all() for column in columns.values()):
            raise ValueError("samples hold finite numbers")
        if not ((self.joints > 0) & (self.joints <= 1)).all() or not (self.chosen(self.marginals) > 0).all():
            raise ValueError("a plan that was logged has a probability above 0: leave out what has none")

    def __len__(self) -> int:
        return len(self.keys)

    def __add__(self, other: "Samples") -> "Samples":
        """Return the samples of both."""
        others = other._columns()
        return Samples(**{name: np.concatenate([column, others[name]]) for name, column in self._columns().items()})

    def ordered(self) -> "Samples":
        """Return the same samples in the order of their keys."""
        order = np.lexsort((self.rewards, self.keys))
        return Samples(**{name: column[order] for name, column in self._columns().items()})

    def folds(self, count: int) -> Iterator[NDArray[np.bool_]]:
        """Yield which samples belong to each of `count` parts; a key is always in the same one."""
        part = self.keys % np.uint64(count)
        for fold in range(count):
            yield part == fold

    def chosen(self, table: Array) -> Array:
        """Return a table's entries at the logged levels. table: shape (n, arms, levels); returns (n, arms)."""
        return np.asarray(np.take_along_axis(table, self.levels[:, :, None], axis=2)[:, :, 0])

    @property
    def joint_weights(self) -> Array:
        """Return target over logged P(plan); shape (n,)."""
        return self.target_joints / self.joints

    @property
    def arm_weights(self) -> Array:
        """Return target over logged P(level) of each arm; shape (n, arms)."""
        return self.chosen(self.target_marginals) / self.chosen(self.marginals)

    @property
    def additive_weights(self) -> Array:
        """Return the weights of the pseudo-inverse estimator; shape (n,). They may be below 0.

        1 - A + sum over arms of target over logged P(level) where arms are drawn independently.
        """
        return np.asarray((self.target_marginals * self.inverses).sum(axis=(1, 2)))

    def _columns(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}
