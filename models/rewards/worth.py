"""What arms are worth in the mean over the pages on which they ran, and how well that is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.statistics.least_squares import Array
from ltrr.models.statistics.regression import BayesianLinearRegressor

_NORMAL_95: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Worth:
    """What an arm adds to a page in the mean, in units of reward before prices, with the ends of its 95% interval."""

    value: float
    low: float
    high: float


def worths(model: RewardModel, noise: float, shares: Array) -> dict[str, Worth]:
    """Return what each arm adds to a page, where it runs at each level as often as its shares say.

    noise: standard deviation of credit. shares: P(level), shape (arms, levels), each row sums to 1. The interval is
    that of the posterior, at the mean of what the regression has seen.
    """
    inputs = mean_inputs(model)
    reached = np.cumsum(shares[:, ::-1], axis=1)[:, ::-1][:, 1:]  # P(the level is at least that of the step)
    values = (reached * np.diff(model.predict(inputs), axis=1)).sum(axis=1)
    reach = _NORMAL_95 * noise * np.sqrt((reached**2 * model.variances(inputs)).sum(axis=1))
    rows = zip(model.rules.names, values.tolist(), (values - reach).tolist(), (values + reach).tolist(), strict=True)
    return {arm: Worth(value, low, high) for arm, value, low, high in rows}


def mean_inputs(model: RewardModel) -> Array:
    """Return what each arm's regression has seen in the mean; shape (arms, inputs).

    Of one that has seen nothing, or keeps no sums, it is the bias alone.
    """
    bias = model.input_names.index("bias")
    inputs = np.zeros((len(model.rules.names), len(model.input_names)))
    inputs[:, bias] = 1.0
    for row, arm in enumerate(model.rules.names):
        first = model.regressors[arm][0]
        if isinstance(first, BayesianLinearRegressor) and first.statistics.moment[bias, bias] > 0:
            inputs[row] = first.statistics.moment[bias] / first.statistics.moment[bias, bias]
    return inputs


def level_shares(counts: Mapping[str, Mapping[int, int]], arms: tuple[str, ...], levels: int) -> Array | None:
    """Return how often arms ran at each level, shape (arms, levels); None where nothing was counted.

    counts: arm -> level -> plans. An arm of which nothing was counted is off.
    """
    table = np.array([[counts.get(arm, {}).get(level, 0) for level in range(levels)] for arm in arms], dtype=np.float64)
    if not table.any():
        return None
    table[:, 0] += table.sum(axis=1) == 0
    return np.asarray(table / table.sum(axis=1, keepdims=True))
