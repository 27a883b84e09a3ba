"""The state records of a partition in one file: what the compacted topics are in embedded mode.

A CRC-32 of all records ends the file, so that a record that is missing is noticed as well as one that is damaged.
"""

import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path

from ltrr.models.errors import SnapshotMismatch, StorageFailed
from ltrr.models.state.records import RecordKey
from ltrr.streams.files.folder import flush_folder, private

_LENGTHS = struct.Struct("<II")
_CHECKSUM = struct.Struct("<I")


def write_checkpoint(path: Path, records: Iterable[tuple[RecordKey, bytes]]) -> None:
    """Replace a checkpoint at once: after a kill it is the old one or the new one. Raises StorageFailed."""
    fresh = path.with_suffix(".new")
    checksum = 0
    try:
        with open(fresh, "wb", opener=private) as file:
            for key, data in records:
                name = json.dumps(key).encode()
                record = _LENGTHS.pack(len(name), len(data)) + name + data
                checksum = zlib.crc32(record, checksum)
                file.write(record)
            file.write(_CHECKSUM.pack(checksum))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)  # half a checkpoint would hold the space that is lacking
        raise StorageFailed(f"cannot write {path}: {error.strerror}; free some space or make it writable") from error


def merge_checkpoint(path: Path, changed: Mapping[RecordKey, bytes | None], *, anew: bool = False) -> None:
    """Replace a checkpoint by itself with the records that changed; None: one that is gone. anew: by those alone.

    Raises StorageFailed, and SnapshotMismatch where the one that is there is damaged.
    """
    write_checkpoint(path, _merged(() if anew else read_checkpoint(path), changed))


def _merged(
    known: Iterable[tuple[RecordKey, bytes]], changed: Mapping[RecordKey, bytes | None]
) -> Iterator[tuple[RecordKey, bytes]]:
    for key, data in known:
        if key not in changed:
            yield key, data
    for key, written in changed.items():
        if written is not None:
            yield key, written


def set_aside(path: Path) -> Path:
    """Give a checkpoint another name beside its own, and return that. Raises StorageFailed."""
    names = (path.with_suffix(f".kept-{number}{path.suffix}") for number in count(1))
    aside = next(name for name in names if not name.exists())
    try:
        path.rename(aside)
    except OSError as error:
        raise StorageFailed(f"cannot keep {path} as {aside}: {error.strerror}; make its folder writable") from error
    return aside


def read_checkpoint(path: Path) -> Iterator[tuple[RecordKey, bytes]]:
    """Yield the records of a checkpoint, none where there is no file.

    Raises SnapshotMismatch when it is damaged, before any record, and StorageFailed when it cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageFailed(f"cannot read {path}: {error.strerror}; make it readable, or remove it") from error
    end = len(data) - _CHECKSUM.size
    if end < 0 or zlib.crc32(memoryview(data)[:end]) != _CHECKSUM.unpack_from(data, end)[0]:
        raise SnapshotMismatch(f"{path} is damaged")
    at = 0
    while at < end:
        name_length, length = _LENGTHS.unpack_from(data, at)
        name_at = at + _LENGTHS.size
        record_at = name_at + name_length
        at = record_at + length
        yield RecordKey(*json.loads(data[name_at:record_at])), data[record_at:at]
