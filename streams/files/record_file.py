"""One append-only file of checked records: what is acknowledged is read back, what was cut off is dropped.

Values may be deflated (RFC 1951) with that of the file's first record as the dictionary, which is itself as it came:
records of a kind have most of their words in common.
"""

import os
import struct
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ltrr.models.errors import StorageFailed

# bytes of value (highest bit: deflated), bytes of key (-1: none), timestamp, crc32 of key and value as they stand there
_HEADER = struct.Struct("<IidI")
_DEFLATED = 1 << 31
_CHECKED = struct.Struct("<I")  # crc32 of the header: a damaged length must not pass for a cut-off record
_PREFIX = _HEADER.size + _CHECKED.size
_READ_BYTES = 1 << 20
_TRIED_BYTES = 4096
_LEAST_BYTES = 64
_DICTIONARY_BYTES = 1 << 15  # what deflate looks back
_LEVEL = 3
_WINDOW_BITS = -15  # no header and no checksum of their own


@dataclass(frozen=True, slots=True)
class Record:
    """One record. offset: from 0 in its partition. timestamp_s: when it was appended, never decreasing there."""

    topic: str
    partition: int
    offset: int
    timestamp_s: float
    key: str | None
    value: bytes


def encode_record(key: str | None, value: bytes, timestamp_s: float, dictionary: bytes = b"") -> bytes:
    """Return a record as it stands in the file. dictionary: deflates the value, where that makes it shorter."""
    key_bytes = b"" if key is None else key.encode()
    size = len(value)
    if dictionary and size >= _LEAST_BYTES:
        deflater = zlib.compressobj(_LEVEL, wbits=_WINDOW_BITS, zdict=dictionary)
        deflated = deflater.compress(value) + deflater.flush()
        if len(deflated) < size:
            value, size = deflated, len(deflated) | _DEFLATED
    body = key_bytes + value
    header = _HEADER.pack(size, -1 if key is None else len(key_bytes), timestamp_s, zlib.crc32(body))
    return header + _CHECKED.pack(zlib.crc32(header)) + body


class RecordFile:
    """Successive records of one partition. Not thread-safe: its log holds a lock around every call.

    path: None keeps the records in memory. base: offset of the first. read_only: beside the process that appends.
    cut_off: whether an incomplete record was dropped at opening. dictionary: to encode what is appended next with;
    empty before there is a record.
    """

    def __init__(
        self, topic: str, partition: int, path: Path | None, base: int = 0, *, read_only: bool = False
    ) -> None:
        self.topic = topic
        self.partition = partition
        self.base = base
        self.first_timestamp_s = self.last_timestamp_s = 0.0
        self.cut_off = False
        self.dictionary = b""
        self._path = path
        self._name = str(path or f"{topic}/{partition} in memory")
        if path is None:
            self._descriptor = os.memfd_create(f"{topic}-{partition}", os.MFD_CLOEXEC)
        else:
            way = os.O_RDONLY if read_only else os.O_RDWR | os.O_CREAT
            self._descriptor = os.open(path, way | os.O_CLOEXEC, 0o600)
        self._ends = array("Q")  # the byte after each record
        self._size = 0
        self._has_remains = False
        try:
            self._load(read_only=read_only)
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def end(self) -> int:
        """The offset behind the last record."""
        return self.base + len(self._ends)

    @property
    def size(self) -> int:
        """Bytes of all records."""
        return self._size

    def append(self, encoded: Sequence[bytes], timestamp_s: float, *, fsync: bool) -> None:
        """Write records whole or not at all. Raises OSError, after which the file is as before."""
        self._remove_remains()
        try:
            self._write(b"".join(encoded))
            if fsync:
                self.flush()
        except BaseException:
            self._has_remains = True
            with suppress(OSError):
                self._remove_remains()
            raise
        for record in encoded:
            self._size += len(record)
            self._ends.append(self._size)
        self.last_timestamp_s = timestamp_s
        if not self.dictionary:
            self._look_at_first()

    def flush(self) -> None:
        """Make what was appended survive a power cut. Raises OSError."""
        os.fsync(self._descriptor)

    def try_out(self) -> None:
        """Write something and take it back. Raises OSError where it cannot be written."""
        try:
            self._write(bytes(_TRIED_BYTES))
        finally:
            self._has_remains = True
            with suppress(OSError):
                self._remove_remains()

    def truncate(self, length: int, last_timestamp_s: float) -> None:
        """Forget the records from offset `length` on: those of a batch that failed in another partition."""
        if length < len(self):
            self.last_timestamp_s = last_timestamp_s
            del self._ends[length:]
            self._size = self._ends[-1] if length else 0
            self.dictionary = self.dictionary if length else b""
            self._has_remains = True
            with suppress(OSError):
                self._remove_remains()

    def read(self, from_offset: int, to_offset: int) -> Iterator[Record]:
        """Return records from one offset on, before the other, as many as fit in one read; at least one.

        Both are counted from the first record in this file, which is read at this call; each record is decoded when it
        is come to, so who stops early has not paid for the rest. Raises StorageFailed at one that is damaged.
        """
        start = self._ends[from_offset - 1] if from_offset else 0
        stop = min(to_offset, max(from_offset + 1, bisect_right(self._ends, start + _READ_BYTES)))
        data = os.pread(self._descriptor, self._ends[stop - 1] - start, start)
        ends = [end - start for end in self._ends[from_offset:stop]]
        return self._decode(data, start, from_offset, ends, self.dictionary)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._descriptor)

    def remove(self) -> None:
        """Give the file back and delete it. Raises OSError where it stays."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self.close()

    def _look_at_first(self) -> None:
        """Note when the first record was appended, and take its value for a dictionary."""
        if self._ends:
            first = next(self.read(0, 1))
            self.first_timestamp_s, self.dictionary = first.timestamp_s, first.value[-_DICTIONARY_BYTES:]

    def _write(self, data: bytes) -> None:
        """Write behind the last record. Raises OSError, with a part of it there."""
        left = memoryview(data)
        while left:
            left = left[os.pwrite(self._descriptor, left, self._size + len(data) - len(left)) :]

    def _remove_remains(self) -> None:
        if self._has_remains:
            os.ftruncate(self._descriptor, self._size)
            self._has_remains = False

    def _decode(
        self, data: bytes, start: int, from_offset: int, ends: Sequence[int], dictionary: bytes
    ) -> Iterator[Record]:
        """Yield the records of what was read. start: of data in the file; ends: of each record in data."""
        at = 0
        for offset, end in enumerate(ends, start=from_offset):
            value_bytes, key_bytes, timestamp_s, crc = _HEADER.unpack_from(data, at)
            body = data[at + _PREFIX : end]
            if zlib.crc32(body) != crc:
                raise self._damaged(start + at)
            split = max(0, key_bytes)
            key, value = None if key_bytes < 0 else body[:split].decode(), body[split:]
            if value_bytes & _DEFLATED:
                value = zlib.decompressobj(_WINDOW_BITS, dictionary).decompress(value)
            yield Record(self.topic, self.partition, self.base + offset, timestamp_s, key, value)
            at = end

    def _load(self, *, read_only: bool) -> None:
        """Find where each record ends; drop an incomplete one at the end of the file, or leave it to who writes it."""
        total = os.fstat(self._descriptor).st_size
        with os.fdopen(self._descriptor, "rb", closefd=False) as file:
            while self._size < total:
                prefix = file.read(_PREFIX)
                if len(prefix) < _PREFIX:
                    break
                header = prefix[: _HEADER.size]
                if zlib.crc32(header) != _CHECKED.unpack_from(prefix, _HEADER.size)[0]:
                    if any(prefix) or any(file.read()):
                        raise self._damaged(self._size)
                    break  # zeros alone: the file had grown before the power went, its content had not arrived
                value_bytes, key_bytes, timestamp_s, crc = _HEADER.unpack(header)
                length = max(0, key_bytes) + (value_bytes & ~_DEFLATED)
                body = file.read(length)
                end = self._size + _PREFIX + length
                if end > total:
                    break
                if zlib.crc32(body) != crc:
                    if end < total:
                        raise self._damaged(self._size)
                    break
                self._size = end
                self._ends.append(end)
                self.last_timestamp_s = timestamp_s
        if self._size < total:
            self.cut_off = not read_only
            self._has_remains = not read_only
            self._remove_remains()
        self._look_at_first()

    def _damaged(self, at: int) -> StorageFailed:
        return StorageFailed(
            f"{self._name} is damaged at byte {at}, with later records behind it: restore it from a copy, or "
            f"remove the folder to start empty"
        )
