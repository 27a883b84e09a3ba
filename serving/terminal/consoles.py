"""Where people read what commands write."""

import os

from rich.console import Console


def console(*, stderr: bool = False) -> Console:
    """Return standard output, or standard error; without any style where NO_COLOR is set (https://no-color.org)."""
    plain = {"color_system": None} if os.environ.get("NO_COLOR") else {}
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, **plain)  # type: ignore[arg-type]  # of Rich
