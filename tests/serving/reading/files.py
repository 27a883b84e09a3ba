"""Files of the catalogue, written and read."""

import json
from collections.abc import Sequence
from io import BytesIO

from ltrr.models.errors import InvalidEvent
from ltrr.serving.reading.changes import changes_of
from ltrr.serving.reading.mapping import Mapping, read_mapping
from ltrr.serving.reading.records import Record


def read(content: bytes, mapping: str | Mapping | None = None) -> list[tuple[int, object]]:
    """Return (number, change, or the reason and message of a refusal)."""
    with changes_of(BytesIO(content), read_mapping(mapping) if isinstance(mapping, str) else mapping) as changes:
        return [
            (number, (change.reason, str(change)) if isinstance(change, InvalidEvent) else change)
            for number, change in changes.numbered
        ]


def lines(*records: object) -> bytes:
    """Return JSON lines."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


def table(header: str, *rows: str) -> Sequence[Record]:
    """Return the records of a table."""
    return [{name: cell for name, cell in zip(header.split(","), row.split(","), strict=True) if cell} for row in rows]
