"""Progress bars of long work on the catalogue: on a terminal, nothing elsewhere."""

import sys

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ltrr.serving.terminal.consoles import console


def bars() -> Progress:
    """Return what shows progress on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console(stderr=True), disable=not sys.stderr.isatty())
