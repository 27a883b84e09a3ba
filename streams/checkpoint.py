"""The state records of a partition in one file: what the compacted topics are in embedded mode."""

import json
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from models.errors import SnapshotMismatch, StorageFailed
from models.records import RecordKey

_LENGTHS = struct.Struct("<II")


def write_checkpoint(path: Path, records: Iterable[tuple[RecordKey, bytes]]) -> None:
    """Replace a checkpoint at once: after a kill it is the old one or the new one. Raises StorageFailed."""
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("wb") as file:
            for key, data in records:
                name = json.dumps(key).encode()
                file.write(_LENGTHS.pack(len(name), len(data)) + name + data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise StorageFailed(f"cannot write {path}: {error.strerror}; free some space or make it writable") from error


def read_checkpoint(path: Path) -> Iterator[tuple[RecordKey, bytes]]:
    """Yield the records of a checkpoint, none where there is no file. Raises SnapshotMismatch when it is damaged."""
    data = path.read_bytes() if path.exists() else b""
    at = 0
    while at < len(data):
        if len(data) < at + _LENGTHS.size:
            raise SnapshotMismatch(f"{path} is cut off")
        name_length, length = _LENGTHS.unpack_from(data, at)
        at += _LENGTHS.size
        name, record = data[at : at + name_length], data[at + name_length : at + name_length + length]
        at += name_length + length
        try:
            yield RecordKey(*json.loads(name)), record
        except (ValueError, TypeError) as error:
            raise SnapshotMismatch(f"{path} is damaged") from error
