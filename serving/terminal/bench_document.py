"""The one JSON document that a bench prints."""

import math
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95% interval."""

    value: float
    unit: str
    low: float
    high: float

    @classmethod
    def spread(cls, values: Sequence[float], unit: str) -> "Figure":
        """Return the median of rounds; its interval is what was seen."""
        return cls(float(np.median(values)), unit, min(values), max(values))

    @classmethod
    def mean(cls, samples: NDArray[np.float64], unit: str) -> "Figure":
        """Return the mean of independent samples, with a normal interval."""
        value = float(samples.mean())
        spread = _NORMAL_95 * float(samples.std(ddof=1)) / math.sqrt(len(samples)) if len(samples) > 1 else math.inf
        return cls(value, unit, value - spread, value + spread)

    @classmethod
    def share(cls, hits: NDArray[np.float64]) -> "Figure":
        """Return the share of independent samples that are 1 and not 0, with an interval inside [0, 1].

        Source: Wilson 1927.
        """
        if len(hits) == 1:
            return cls.mean(hits, "share")
        value, squared = float(hits.mean()), _NORMAL_95**2 / len(hits)
        middle = (value + squared / 2) / (1 + squared)
        spread = math.sqrt(squared * value * (1 - value) + squared**2 / 4) / (1 + squared)
        return cls(value, "share", max(0.0, min(value, middle - spread)), min(1.0, max(value, middle + spread)))

    @classmethod
    def clustered_mean(cls, samples: NDArray[np.float64], clusters: NDArray[np.integer[Any]], unit: str) -> "Figure":
        """Return a mean; what has the same number in `clusters` may depend on each other.

        Source: the cluster-robust variance of a mean (Liang and Zeger 1986), with the factor G / (G - 1).
        """
        value = float(samples.mean())
        groups, places = np.unique(clusters, return_inverse=True)
        if len(groups) == 1:
            return cls(value, unit, -math.inf, math.inf)
        sums = np.bincount(places, samples - value)
        error = math.sqrt(float(sums @ sums) * len(groups) / (len(groups) - 1)) / len(samples)
        return cls(value, unit, value - _NORMAL_95 * error, value + _NORMAL_95 * error)


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be. A target is met when the whole interval keeps it."""

    figure: str
    op: str
    limit: float
    met: bool

    @classmethod
    def above(cls, name: str, figures: dict[str, Figure], limit: float = 0.0) -> "Target":
        """Return the target that a figure lies above a limit."""
        return cls(name, ">", limit, figures[name].low > limit)

    @classmethod
    def below(cls, name: str, figures: dict[str, Figure], limit: float) -> "Target":
        """Return the target that a figure lies below a limit."""
        return cls(name, "<", limit, figures[name].high < limit)


@dataclass(frozen=True, slots=True)
class BenchDocument:
    """What was measured, on what, and which targets were met.

    tabled: names of the figures that tables have, None for all.
    """

    bench: str
    seeds: Sequence[int]
    figures: dict[str, Figure]
    targets: Sequence[Target] = ()
    notes: Sequence[str] = ()
    tabled: Sequence[str] | None = None
    machine: dict[str, Any] = field(
        default_factory=lambda: {
            "python": platform.python_version(),
            "system": platform.platform(),
            "cores": os.cpu_count(),
        }
    )

    def as_json(self) -> dict[str, Any]:
        """Return the document; numbers that are not finite become null."""
        document = asdict(self)
        for figure in document["figures"].values():
            for name in ("value", "low", "high"):
                figure[name] = figure[name] if math.isfinite(figure[name]) else None
        return document
