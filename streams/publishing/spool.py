"""A durable queue in a folder between those who publish and Kafka: what is in it survives the death of the process.

Segments of bounded size hold the events in order, each named after its first position; `progress.json` says how far
Kafka has acknowledged them. A segment that is acknowledged whole is deleted.
"""

import logging
import os
import re
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.streams.events.codec import MAX_BYTES
from ltrr.streams.files.folder import flush_folder, hold
from ltrr.streams.files.record_file import Record, RecordFile, encode_record
from ltrr.streams.files.room import Room
from ltrr.streams.publishing.progress import read_progress, write_progress

_LOG = logging.getLogger(__name__)
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_READ_EVENTS = 500
_PROGRESS = "progress.json"


class Spooled(NamedTuple):
    """One event. position: from 0 in the life of the folder. spooled_s: when it was appended."""

    position: int
    spooled_s: float
    topic: str
    key: str
    value: bytes


@dataclass(slots=True)
class _Segment:
    base: int  # position of its first event
    path: Path
    file: RecordFile
    size: int

    @property
    def end(self) -> int:
        return self.base + len(self.file)


class Spool:
    """The spool of one process at a time; every method may be called from any thread.

    max_bytes: what the events may take on the disk, acknowledged ones of segments that are not deleted yet included.
    fsync: survive a power cut as well, at the cost of a disk flush for each append; without it an append survives the
    death of the process. clock: seconds since the epoch. room: what the disk has left, which every append looks at.
    Raises StorageFailed where the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int = 1 << 30,
        segment_bytes: int = 16 << 20,
        fsync: bool = False,
        clock: Callable[[], float] = time.time,
        room: Room | None = None,
    ) -> None:
        if not 0 < 2 * segment_bytes <= max_bytes:
            raise InvalidSettings(f"a spool of {max_bytes} bytes has segments of {max_bytes // 2} bytes at most")
        self.folder = folder
        self._max_bytes = max_bytes
        self._segment_bytes = segment_bytes
        self._fsync = fsync
        self._clock = clock
        self._room = room
        self._failing = False
        self._lock = threading.Lock()
        self._segments: list[_Segment] = []
        self._holder: int | None = None
        self._closed = False
        self._size = 0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._holder = hold(self.folder, f"the spool in {self.folder}")
            self._acknowledged = self._load()
        except OSError as error:
            self.close()
            raise self._failed("open", error) from error
        except BaseException:
            self.close()
            raise
        self._end = self._segments[-1].end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def end(self) -> int:
        """The position that the next event will have."""
        return self._end

    @property
    def acknowledged(self) -> int:
        """The position before which everything is done with, as the folder says."""
        return self._acknowledged

    @property
    def size(self) -> int:
        """Bytes of all segments."""
        return self._size

    def append(self, topic: str, key: str, value: bytes) -> int:
        """Append one event and return its position. Raises StorageFailed with the spool as it was before."""
        return self.append_batch(topic, [(key, value)]).start

    def append_batch(self, topic: str, items: Sequence[tuple[str, bytes]]) -> range:
        """Append (key, value) pairs with one write, all or none; return their positions.

        Killed halfway, some of them may be there: the batch was not acknowledged, and its sender sends it again.
        """
        if not _TOPIC.fullmatch(topic):
            raise ValueError(f"{topic!r} is no topic's name")
        now_s = self._clock()
        encoded = [encode_record(f"{topic}/{key}", value, now_s) for key, value in items]
        size = sum(map(len, encoded))
        with self._lock:
            self._refuse_closed()
            self._need_room(size)
            try:
                if self._segments[-1].size and self._segments[-1].size + size > self._segment_bytes:
                    self._start_segment(self._end)
                    self._delete_before(self._acknowledged)
                segment = self._segments[-1]
                segment.file.append(encoded, now_s, fsync=self._fsync)
                self._failing = False
            except OSError as error:
                self._failing = True
                raise self._failed("write", error) from error
            segment.size += size
            self._size += size
            start, self._end = self._end, self._end + len(encoded)
            return range(start, self._end)

    def need_room(self) -> None:
        """Make sure that events can be appended. Raises StorageFailed where they cannot.

        After an append that failed for another reason than room, such as a quota, that is tried again.
        """
        with self._lock:
            self._refuse_closed()
            self._need_room(MAX_BYTES)
            if self._failing:
                try:
                    self._segments[-1].file.try_out()
                except OSError as error:
                    raise self._failed("write", error) from error
                self._failing = False

    def read(self, position: int, limit: int = _READ_EVENTS) -> tuple[list[Spooled], int]:
        """Return events from a position on, some up to `limit`, and where to read on; none when all are read."""
        with self._lock:
            self._refuse_closed()
            first = max(0, bisect_right(self._segments, position, key=lambda segment: segment.base) - 1)
            try:
                for segment in self._segments[first:]:
                    start = max(0, position - segment.base)
                    if start < len(segment.file):
                        stop = min(len(segment.file), start + limit)
                        events = [_spooled(segment.base, record) for record in segment.file.read(start, stop)]
                        return events, events[-1].position + 1
            except OSError as error:
                raise self._failed("read", error) from error
            return [], self._end

    def acknowledge(self, position: int) -> None:
        """Note that everything before a position is done with; delete what nobody needs any more."""
        with self._lock:
            self._refuse_closed()
            if not self._acknowledged <= position <= self._end:
                raise ValueError(f"{position} is not between {self._acknowledged} and {self._end}")
            try:
                if position == self._end and self._segments[-1].size >= self._segment_bytes:
                    self._start_segment(self._end)
                self._delete_before(position)
                write_progress(self.folder / _PROGRESS, position, fsync=self._fsync)
            except OSError as error:
                raise self._failed("write", error) from error
            self._acknowledged = position

    def close(self) -> None:
        """Give the folder back; everything else fails from here on."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for segment in self._segments:
                segment.file.close()
            if self._holder is not None:
                os.close(self._holder)

    def _load(self) -> int:
        """Open the segments; return how far they are acknowledged."""
        for path in sorted(self.folder.glob("*.log")):
            base, file = int(path.stem), RecordFile("", 0, path)
            self._segments.append(_Segment(base, path, file, 0))
            if file.cut_off:
                _LOG.warning("%s: dropped a cut-off record at opening; nobody had been told that it was kept", path)
        for segment, following in zip(self._segments, self._segments[1:], strict=False):
            if segment.end > following.base:  # what a failed write left there, and could not be removed then
                segment.file.truncate(following.base - segment.base, segment.file.last_timestamp_s)
            elif segment.end < following.base:
                _LOG.warning("%s: %d events are missing at its end", segment.path, following.base - segment.end)
        for segment in self._segments:
            segment.size = segment.path.stat().st_size
        acknowledged = max(read_progress(self.folder / _PROGRESS), self._segments[0].base if self._segments else 0)
        if not self._segments or self._segments[-1].end < acknowledged:
            self._start_segment(acknowledged)
        self._size = sum(segment.size for segment in self._segments)
        self._delete_before(acknowledged)
        return acknowledged

    def _start_segment(self, base: int) -> None:
        path = self.folder / f"{base:020}.log"
        self._segments.append(_Segment(base, path, RecordFile("", 0, path), 0))
        if self._fsync:
            flush_folder(self.folder)

    def _delete_before(self, position: int) -> None:
        """Delete the segments that end before a position, but never the last one: its name keeps the count."""
        while len(self._segments) > 1 and self._segments[1].base <= position:
            self._segments[0].path.unlink(missing_ok=True)
            segment = self._segments.pop(0)
            segment.file.close()
            self._size -= segment.size

    def _need_room(self, size: int) -> None:
        if self._size + size > self._max_bytes:
            message = f"the spool in {self.folder} is full: {self._size} of {self._max_bytes} bytes are taken"
            raise StorageFailed(f"{message}; bring Kafka back so that they go out, or raise the spool's limit")
        if self._room is not None:
            self._room.need(size)

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StorageFailed(f"the spool in {self.folder} is closed: open it again")

    def _failed(self, doing: str, error: OSError) -> StorageFailed:
        message = f"cannot {doing} the spool in {self.folder}: {error.strerror}"
        return StorageFailed(f"{message}; free some space or make it writable, then try again")


def _spooled(base: int, record: Record) -> Spooled:
    topic, _, key = (record.key or "").partition("/")
    return Spooled(base + record.offset, record.timestamp_s, topic, key, record.value)
