"""Where people read what commands write."""

import os
import sys
from typing import Any, Final

from rich.console import Console

_WIDTH: Final = 160  # where there is no terminal, so that ids stay whole for what reads them


def console(*, stderr: bool = False) -> Console:
    """Return standard output, or standard error.

    Without any style where NO_COLOR is set (https://no-color.org), and as wide as COLUMNS says where it is no terminal.
    """
    written: dict[str, Any] = {"color_system": None} if os.environ.get("NO_COLOR") else {}
    if not (sys.stderr if stderr else sys.stdout).isatty() and "COLUMNS" not in os.environ:
        written["width"] = _WIDTH
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, **written)
