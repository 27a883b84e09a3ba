"""A record of what operators did: lines of JSON that are only ever added to."""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from ltrr.models.errors import LtrrError, StorageFailed

COMMAND_LINE: Final = "command line"
"""Who acts without a key: whoever may use the data folder."""


class Audit:
    """Writes who did what, and when, to a file that its owner alone may read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, now_s: float, who: str, action: str, **about: JsonValue) -> None:
        """Add a line. Raises StorageFailed: what cannot be noted is not to be done."""
        at = datetime.fromtimestamp(now_s, UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": at, "who": who, "action": action, **about}) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
                file.write(line)
        except OSError as error:
            raise StorageFailed(f"cannot write {self._path}: {error.strerror}; free some space") from error

    @contextlib.contextmanager
    def noted(self, clock: Callable[[], float], who: str, action: str, **about: JsonValue) -> Iterator[None]:
        """Note what is about to be done, and once more with why where it fails. Raises StorageFailed, as `note`."""
        self.note(clock(), who, action, **about)
        try:
            yield
        except LtrrError as error:
            self.note(clock(), who, action, **about, failed=str(error))
            raise


def by_command(path: Path, action: str, **about: JsonValue) -> contextlib.AbstractContextManager[None]:
    """Note what a command is about to do in the record at a path, and that it failed."""
    return Audit(path).noted(time.time, COMMAND_LINE, action, **about)
