"""Seeded draws from sequences."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


def pick(rng: np.random.Generator, items: Sequence[T]) -> T:
    """Draw one item, each as likely as the others."""
    return items[int(rng.integers(len(items)))]


def weighted(rng: np.random.Generator, weights: NDArray[np.float64]) -> int:
    """Draw an index with probability in proportion to `weights` (>= 0, not all 0)."""
    totals = np.cumsum(weights)
    return int(np.searchsorted(totals, rng.random() * totals[-1], side="right"))


def zipf(size: int, exponent: float) -> NDArray[np.float64]:
    """Return the weights 1 / rank**exponent of ranks 1 to `size`."""
    return np.asarray(1.0 / np.arange(1, size + 1) ** exponent, dtype=np.float64)


def quality(rng: np.random.Generator) -> float:
    """Draw an entity's quality in [0, 1]; most are good."""
    return round(float(rng.beta(4.0, 2.0)), 3)
