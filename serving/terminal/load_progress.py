"""How far long work on the catalogue is: bars on a terminal, elsewhere a line now and then."""

import sys
import time
from typing import Any, Final

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from ltrr.serving.terminal.consoles import console

EVERY_S: Final = 15.0
"""How often a line is written."""


class _Lines(Progress):
    """Writes a line on standard error where more than EVERY_S have passed since the last one, or the beginning."""

    _said_s: float = 0.0

    def start(self) -> None:
        self._said_s = time.monotonic()

    def update(self, task_id: TaskID, **fields: Any) -> None:  # noqa: ANN401  # as Rich has them
        super().update(task_id, **fields)
        if time.monotonic() - self._said_s >= EVERY_S:
            self._said_s = time.monotonic()
            task = self._tasks[task_id]
            share = f"{task.percentage:.0f}%" if task.total else f"{task.completed:.0f}"
            sys.stderr.write(f"{task.description}: {share}\n")


def bars() -> Progress:
    """Return what shows progress on standard error."""
    if not sys.stderr.isatty():
        return _Lines(disable=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console(stderr=True))
