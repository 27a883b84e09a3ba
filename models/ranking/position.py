"""How likely a position is to be looked at."""

import math
from dataclasses import dataclass

import numpy as np

from ltrr.models.statistics.least_squares import Array

POSITIONS = 20
"""Positions that are told apart; those behind follow the exponent of the last."""

_EXPONENT_SPREAD = 0.5
_EXPONENT_DRIFT = 0.5
_STEPS = 100
_SETTLED = 1e-10
_NORMAL_95 = 1.959964


def log_curve(positions: int) -> tuple[float, ...]:
    """Return P(looked at) for positions 1, 2, ...: 1 / log2(1 + position), in (0, 1].

    Source: the discount of Jarvelin and Kekalainen 2002, as an examination model of click logs.
    """
    return tuple(1 / math.log2(1 + position) for position in range(1, positions + 1))


@dataclass(frozen=True, slots=True)
class PositionCurve:
    """P(looked at) of positions 1 to POSITIONS relative to the first, with the ends of a 95% interval.

    exponent: of the logarithmic curve, at the last position.
    """

    looks: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    exponent: float

    def places(self, first: int, count: int) -> tuple[float, ...]:
        """Return P(looked at) of `count` positions behind the `first` ones."""
        behind = log_curve(first + count)[len(self.looks) :]
        last = log_curve(len(self.looks))[-1]
        follow = (self.looks[-1] * (look / last) ** self.exponent for look in behind)
        return (*self.looks, *follow)[first : first + count]


def fit_curve(values: Array, squares: Array) -> PositionCurve:
    """Estimate the curve from what chance has put at one or the other of two neighbouring positions.

    values: weighted values at the upper and the lower position of each pair; squares: sums of squared weighted values;
    both of shape (2, POSITIONS - 1). The ratio of the two sides estimates P(lower looked at) / P(upper looked at).

    Prior: the logarithmic curve to the power of an exponent around 1, which drifts as a random walk over log(position).
    The estimate is the mode of the posterior (binomial likelihood of the side, scaled to the variance of weighted
    counts), made not to rise (pool adjacent violators). Without values it is the logarithmic curve itself.

    Source: intervention harvesting between adjacent positions, Agarwal et al. 2019 (1812.05161); the Laplace
    approximation, Rasmussen and Williams 2006, chapter 3.
    """
    prior = np.array(log_curve(POSITIONS))
    slopes = np.diff(np.log(prior))
    at = np.log(np.arange(1, POSITIONS))
    precision = np.linalg.inv(_EXPONENT_SPREAD**2 + _EXPONENT_DRIFT**2 * np.minimum.outer(at, at))
    upper, lower = values
    total = upper + lower
    upper_weight = np.divide(squares[0], upper, out=np.zeros_like(upper), where=upper > 0)
    lower_weight = (squares[1] + 1) / (lower + 1)  # as if one whole value were known: few values have no variance yet
    excess = np.zeros(len(slopes))  # exponent - 1
    for _ in range(_STEPS):
        ratio = np.exp(slopes * (1 + excess))
        scale = (1 + ratio) / (lower_weight + ratio * upper_weight)
        share = ratio / (1 + ratio)
        gradient = slopes * scale * (lower - total * share) - precision @ excess
        curvature = precision + np.diag(slopes**2 * scale * total * share * (1 - share))
        step = np.clip(np.linalg.solve(curvature, gradient), -1.0, 1.0)
        excess += step
        if np.abs(step).max() < _SETTLED:
            break
    moved = np.concatenate([[0.0], np.cumsum(slopes * excess)])
    paths = np.tril(np.ones((len(slopes), len(slopes)))) * slopes
    spread = np.sqrt(np.concatenate([[0.0], np.diag(paths @ np.linalg.inv(curvature) @ paths.T)]))
    looks = _not_rising(prior * np.exp(moved), spread)
    low, high = looks * np.exp(-_NORMAL_95 * spread), np.minimum(1.0, looks * np.exp(_NORMAL_95 * spread))
    return PositionCurve(
        looks=tuple(looks.tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        exponent=max(0.0, 1 + float(excess[-1])),
    )


def _not_rising(looks: Array, spread: Array) -> Array:
    """Return the nearest curve that starts at 1 and does not rise. spread: standard deviations of its logarithm."""
    blocks: list[tuple[float, float, int]] = []  # mean logarithm, precision, length
    for value, deviation in zip(np.log(looks[1:]), spread[1:], strict=True):
        block = (float(value), 1 / max(float(deviation), _SETTLED) ** 2, 1)
        while blocks and blocks[-1][0] < block[0]:
            mean, weight, length = blocks.pop()
            both = weight + block[1]
            block = ((mean * weight + block[0] * block[1]) / both, both, length + block[2])
        blocks.append(block)
    pooled = [(min(0.0, mean), length) for mean, _, length in blocks]
    if all(length == 1 and mean < 0 for mean, length in pooled):
        return looks
    return np.asarray(np.exp([0.0, *(mean for mean, length in pooled for _ in range(length))]))
