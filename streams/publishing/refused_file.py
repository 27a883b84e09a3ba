"""Where events are kept that Kafka refuses for good: a line of JSON for each, for a person to look at."""

from pathlib import Path
from typing import Final

from pydantic_core import to_json

from ltrr.streams.files.folder import private
from ltrr.streams.publishing.spool import Spooled

REFUSED: Final = "refused.jsonl"


def put_aside(folder: Path, event: Spooled, reason: str) -> Path:
    """Append an event to the file, and return where that is. Raises OSError."""
    path = folder / REFUSED
    line = {"topic": event.topic, "key": event.key, "reason": reason, "value": event.value.decode(errors="replace")}
    with open(path, "ab", opener=private) as file:
        file.write(to_json(line) + b"\n")
    return path
