"""How far long work is: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from ltrr.serving.terminal.consoles import console

_LINE_S: Final = 5.0


class Show(Protocol):
    """Shows progress. done, total: of what the time left is reckoned from; told: what else is said."""

    def __call__(self, done: int, total: int, told: str) -> None:
        """Show how far it is."""
        ...


@contextmanager
def shown(title: str, clock: Callable[[], float] = time.monotonic) -> Iterator[Show]:
    """Yield what shows progress on standard error. clock: in seconds."""
    if sys.stderr.isatty():
        columns = (TextColumn(title), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[told]}"))
        with Progress(*columns, TimeRemainingColumn(), console=console(stderr=True)) as bar:
            task = bar.add_task(title, total=None, told="")
            yield lambda done, total, told: bar.update(task, completed=done, total=total, told=told)
    else:
        yield _Lines(title, clock)


class _Lines:
    """Writes a line every few seconds."""

    def __init__(self, title: str, clock: Callable[[], float]) -> None:
        self._title = title
        self._clock = clock
        self._began: tuple[float, int] | None = None
        self._line_s = clock()

    def __call__(self, done: int, total: int, told: str) -> None:
        now_s = self._clock()
        self._began = self._began or (now_s, done)
        if now_s - self._line_s < _LINE_S:
            return
        self._line_s = now_s
        began_s, at = self._began
        left_s = (total - done) * (now_s - began_s) / (done - at) if done > at else float("inf")
        left = f"{left_s:.0f} s left" if left_s < float("inf") else "time left unknown"
        sys.stderr.write(f"{self._title}: {100 * done / max(1, total):.0f}%, {told}, {left}\n")
