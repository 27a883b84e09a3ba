"""95% confidence intervals of a mean."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ltrr.models.statistics.least_squares import Array

_MISS = 0.05
_REPLICATES = 1_000
_GROUPS = 500


@dataclass(frozen=True, slots=True)
class Interval:
    """From low to high; both NaN where there is none."""

    low: float
    high: float


def bootstrap(terms: Array, seed: int, weights: Array | None = None) -> Interval:
    """Return the interval between quantiles of means of resampled terms; shape (n,), in an order of no meaning.

    weights: what the sum of the terms is divided by the sum of, 1 each where absent; drawn with their terms. More than
    500 terms are resampled in 500 groups, which costs nothing in large samples. Source: Efron 1979.
    """
    if len(terms) < 2 or not np.isfinite(terms).all():  # noqa: PLR2004  # no spread
        return Interval(math.nan, math.nan)
    groups = min(len(terms), _GROUPS)
    starts = np.arange(groups) * len(terms) // groups
    weights = np.ones(len(terms)) if weights is None else weights
    sums, counts = np.add.reduceat(terms, starts), np.add.reduceat(weights, starts)
    times = _resampled(groups, seed)
    means = (times @ sums) / (times @ counts)
    low, high = np.quantile(means, [_MISS / 2, 1 - _MISS / 2])
    return Interval(float(low), float(high))


def empirical_bernstein(terms: Array) -> Interval:
    """Return the interval that holds for any sample size if the range of the terms is the one seen; shape (n,).

    Source: Maurer and Pontil 2009 (arXiv 0907.3740), theorem 4, on both sides.
    """
    if len(terms) < 2 or not np.isfinite(terms).all():  # noqa: PLR2004  # no spread
        return Interval(math.nan, math.nan)
    surprise = math.log(4 / _MISS)
    spread = math.sqrt(2 * terms.var(ddof=1) * surprise / len(terms))
    reach = spread + 7 * float(np.ptp(terms)) * surprise / (3 * (len(terms) - 1))
    return Interval(float(terms.mean()) - reach, float(terms.mean()) + reach)


@lru_cache(maxsize=8)
def _resampled(groups: int, seed: int) -> Array:
    """Return how often each replicate draws each group; shape (replicates, groups)."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, groups, (_REPLICATES, groups)) + groups * np.arange(_REPLICATES)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=_REPLICATES * groups)
    return counts.reshape(_REPLICATES, groups).astype(np.float64)
