"""A record of what operators did: lines of JSON that are only ever added to."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from ltrr.models.errors import StorageFailed

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
