"""How new the pages are that a log has told of: a history is told in the order of its own time."""

import math
from collections.abc import Iterable
from typing import Any

from ltrr.models.records.impression import Impression


class Newest:
    """The time of the newest page of each stretch of the log, of each application whose pages others have shown.

    A page of a history says nothing of when it was recorded, so what was recorded longer ago than pages are told from
    their repetitions has to tell it from one: where all of that is older, it is new. So a history in the order of time
    is learned, and learned once. span_s: of a stretch, by record timestamps; no longer than repetitions are looked for.
    Pages with a plan are those of all applications together.
    """

    def __init__(self, span_s: float) -> None:
        self._span_s = span_s
        self._of: dict[str, dict[int, float]] = {}
        self._past: float = -math.inf

    def exceeded(self, impression: Impression, recorded_s: float) -> bool:
        """Tell whether a page is newer than all that was recorded before its own stretch."""
        stretch = self._stretch(recorded_s)
        before = (time_s for at, time_s in self._of.get(_whose(impression), {}).items() if at < stretch)
        return impression.time_s > max(before, default=-math.inf)

    def note(self, impression: Impression, recorded_s: float) -> None:
        """Take note of a page; one that was noted before changes nothing."""
        stretches, stretch = self._of.setdefault(_whose(impression), {}), self._stretch(recorded_s)
        stretches[stretch] = max(impression.time_s, stretches.get(stretch, -math.inf))

    def read_past(self, recorded_s: float) -> None:
        """Take note that nobody asks for stretches before this time again: they are kept as one."""
        stretch = self._stretch(recorded_s)
        if stretch <= self._past:
            return
        self._past = stretch
        for whose, stretches in self._of.items():
            over = [at for at in stretches if at < stretch]
            if len(over) > 1:
                kept = {at: time_s for at, time_s in stretches.items() if at >= stretch}
                self._of[whose] = {max(over): max(stretches[at] for at in over), **kept}

    def write(self) -> list[Any]:
        """Return all of it as JSON values."""
        return [[whose, sorted(stretches.items())] for whose, stretches in sorted(self._of.items())]

    def read(self, written: Iterable[Any]) -> None:
        """Take over what `write` made JSON values of."""
        self._of = {whose: {int(at): float(time_s) for at, time_s in stretches} for whose, stretches in written}

    def _stretch(self, recorded_s: float) -> int:
        return math.floor(recorded_s / self._span_s)


def _whose(impression: Impression) -> str:
    return impression.application if impression.decision is None else ""
