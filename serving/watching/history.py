"""What happened in each step of time: rings of sums, as long as this process runs."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from ltrr.models.statistics.least_squares import Array


class Ring:
    """Rows of the last steps of time, one behind the other; a step without events is a row of `blank`.

    step_s: length of a step; length: how many are kept; columns: of a row.
    """

    def __init__(self, step_s: int, length: int, columns: int, blank: float = 0.0) -> None:
        self.step_s = step_s
        self.length = length
        self._blank = blank
        self._rows = np.full((length, columns), blank)
        self._newest: int | None = None

    def row(self, time_s: float) -> Array | None:
        """Return the row of a time, to be changed; None where it is too old to be kept."""
        step = int(time_s // self.step_s)
        if self._newest is None:
            self._newest = step
        if step <= self._newest - self.length:
            return None
        self._reach(step)
        return np.asarray(self._rows[step % self.length])

    def last(self, now_s: float, count: int) -> Array:
        """Return the rows of the last steps, the one of now at the end; shape (count, columns). count: at most length.

        Steps that nothing is known of, because they lie before all events, are blank too.
        """
        now = int(now_s // self.step_s)
        if self._newest is not None:
            self._reach(now)
        return self._rows[np.arange(now - count + 1, now + 1) % self.length]

    def _reach(self, step: int) -> None:
        """Clear the rows up to a step: they hold what is a whole round older."""
        assert self._newest is not None  # noqa: S101  # set by whoever calls
        for passed in range(self._newest + 1, min(step, self._newest + self.length) + 1):
            self._rows[passed % self.length] = self._blank
        self._newest = max(self._newest, step)


COUNTS: Final = ("searches", "actions", "acted", "empty", "fallback", "degraded", "retrieval_ms")
"""Sums of a step. acted: searches that got their first action; empty: that showed nothing."""

GAUGES: Final = ("revision", "difference", "difference_low", "difference_high")
"""What stood at the end of a step; NaN where nobody looked, or there was no verdict."""

RINGS: Final = ((10, 90), (60, 1_440))
SPANS: Final = {"15m": (10, 90, 1), "3h": (60, 180, 1), "24h": (60, 1_440, 10)}
"""Span -> step in seconds of the ring, how many of them, and how many make one that is shown."""


class History:
    """Sums and gauges of one application in steps of 10 s for 15 minutes and of a minute for a day.

    arms: of each, the plans that ran it and the candidates that were asked of it are summed. began_s: when counting
    began: what was before is not known.
    """

    def __init__(self, arms: tuple[str, ...], began_s: float) -> None:
        self.arms = arms
        self.began_s = began_s
        self._at = {arm: len(COUNTS) + 2 * place for place, arm in enumerate(arms)}
        width = len(COUNTS) + 2 * len(arms)
        self._sums = {step_s: Ring(step_s, length, width) for step_s, length in RINGS}
        self._gauges = {step_s: Ring(step_s, length, len(GAUGES), np.nan) for step_s, length in RINGS}

    def add(self, time_s: float, counts: Mapping[str, float], budgets: Mapping[str, int] | None = None) -> None:
        """Add to the step of a time. budgets: arm -> candidates of a plan; arms that are not known are left out."""
        change = np.zeros(len(COUNTS) + 2 * len(self.arms))
        for name, amount in counts.items():
            change[COUNTS.index(name)] += amount
        for arm, budget in (budgets or {}).items():
            if arm in self._at:
                change[self._at[arm] : self._at[arm] + 2] += (1, budget)
        for ring in self._sums.values():
            row = ring.row(time_s)
            if row is not None:
                row += change

    def note(self, time_s: float, gauges: tuple[float, ...]) -> None:
        """Keep GAUGES as what stood in the step of a time."""
        for ring in self._gauges.values():
            row = ring.row(time_s)
            if row is not None:
                row[:] = gauges

    def steps(self, span: str, now_s: float) -> dict[str, object]:
        """Return the steps of a span, one of SPANS, up to now, the oldest first; as JSON values, column by column.

        starts_s: when each begins. Of an arm, `on` are the plans that ran it, `candidates` what was asked of it.
        """
        step_s, count, merged = SPANS[span]
        wide_s = step_s * merged
        end_s = (now_s // wide_s + 1) * wide_s - step_s  # a shown step is whole, its rest is empty
        sums = self._sums[step_s].last(end_s, count).reshape(-1, merged, len(COUNTS) + 2 * len(self.arms)).sum(axis=1)
        gauges = self._gauges[step_s].last(end_s, count).reshape(-1, merged, len(GAUGES))
        starts = end_s - step_s * (count - 1) + wide_s * np.arange(len(sums))
        known = starts + wide_s > self.began_s
        sums, gauges, starts = sums[known], _latest(gauges[known]), starts[known]
        return {
            "span": span,
            "step_s": wide_s,
            "began_s": self.began_s,
            "starts_s": starts.tolist(),
            "counts": {name: _numbers(sums[:, at]) for at, name in enumerate(COUNTS)},
            "gauges": {name: _numbers(gauges[:, at], 6) for at, name in enumerate(GAUGES)},
            "arms": {
                arm: {"on": _numbers(sums[:, at]), "candidates": _numbers(sums[:, at + 1])}
                for arm, at in self._at.items()
            },
        }


def _latest(gauges: Array) -> Array:
    """Return of each column the last of its steps that is known; shape (shown, columns) of (shown, steps, columns)."""
    found = np.full((gauges.shape[0], gauges.shape[2]), np.nan)
    for at in range(gauges.shape[1]):
        found = np.where(np.isnan(gauges[:, at, :1]), found, gauges[:, at])  # a revision is always known
    return found


def _numbers(column: Array, decimals: int = 1) -> list[float | None]:
    """Return JSON numbers: whole ones as such, None where there is none."""
    return [
        None if math.isnan(number) else int(number) if number.is_integer() else round(number, decimals)
        for number in column.tolist()
    ]
