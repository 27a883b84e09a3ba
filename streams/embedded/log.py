"""A durable log inside the process: what stands in for Kafka in embedded mode.

Topics of partitions, offsets from 0, keys to partitions by Kafka's murmur2, record timestamps as Kafka's
LogAppendTime, so that folds and replay see what they would see on Kafka. What is old, or too much, can be dropped, file
by file, and the offsets of the rest stay. Nothing is compacted.
"""

import heapq
import logging
import math
import os
import re
import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.streams.embedded.retention import FOR_EVER, Retention
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.files.folder import flush_folder, hold
from ltrr.streams.files.record_file import Record, RecordFile
from ltrr.streams.files.room import Room
from ltrr.streams.files.segments import Segments, partitions_of

_LOG = logging.getLogger(__name__)
_TOPIC = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,248}")


class EmbeddedLog:
    """An append-only log of topics, one process at a time.

    topics: topic -> number of partitions, fixed for the life of the folder. folder: where one file for each
    partition is kept; None keeps everything in memory. fsync: also survive a power cut, at the cost of a disk
    flush for each append; without it an acknowledged append survives the death of the process. cut_off_records:
    incomplete last records that were dropped at opening; none of them had been acknowledged. room: what the folder's
    disk has left, which every append looks at. retention: of what `trim` drops. read_only: read what is there, beside
    the process that appends, up to where it was when this was opened.

    Every method may be called from any thread. Raises StorageFailed where the folder cannot be used, and
    InvalidSettings where topics do not fit what is there.
    """

    def __init__(
        self,
        topics: Mapping[str, int],
        folder: Path | None = None,
        *,
        fsync: bool = False,
        room: Room | None = None,
        retention: Retention = FOR_EVER,
        read_only: bool = False,
    ) -> None:
        self._folder = folder
        self._room = room if folder else None
        self._retention = retention
        self._read_only = read_only
        self._failed_file: Segments | None = None
        self._fsync = fsync
        self._lock = threading.Lock()
        self._holder: int | None = None
        self._files: dict[str, list[Segments]] = {}
        self._closed = False
        for topic, partitions in topics.items():
            if not _TOPIC.fullmatch(topic) or partitions < 1:
                raise InvalidSettings(
                    f"topic {topic!r} with {partitions} partitions: Kafka's names, 1 partition or more"
                )
        try:
            self._open(topics)
        except OSError as error:
            self.close()
            raise self._failed("open", error) from error
        except BaseException:
            self.close()
            raise
        self.cut_off_records = sum(file.cut_off for files in self._files.values() for file in files)
        if self.cut_off_records:
            _LOG.warning("%s: dropped %d cut-off records at opening", folder, self.cut_off_records)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def append(
        self, topic: str, key: str | None, value: bytes, now_s: float, *, partition: int | None = None
    ) -> Record:
        """Append one record; it is read back, and survives a kill, from the moment this returns.

        partition: where it goes, in place of the key's; a record without a key needs one. now_s: seconds since
        the epoch; a clock that went back is held at the partition's last timestamp. Raises StorageFailed with
        the log as it was before.
        """
        return self._append(topic, [(self._partition(topic, key, partition), key, value)], now_s)[0]

    def append_batch(self, topic: str, items: Sequence[tuple[str, bytes]], now_s: float) -> list[Record]:
        """Append (key, value) pairs with one write for each partition, all or none; return them in order.

        Killed halfway, some of them may be there: the batch was not acknowledged, and its sender sends it again.
        """
        return self._append(topic, [(self._partition(topic, key, None), key, value) for key, value in items], now_s)

    def flush(self) -> None:
        """Make all that was appended survive a power cut; others may append meanwhile. Raises StorageFailed."""
        with self._lock:
            self._refuse_closed()
        try:
            for files in self._files.values():
                for file in files:
                    file.flush()
        except OSError as error:
            raise self._failed("write", error) from error

    def need_room(self, size: int = 0) -> None:
        """Make sure that so many bytes can be written beside what stays free. Raises StorageFailed where they cannot.

        After an append that failed for another reason, such as a quota, that is tried again.
        """
        with self._lock:
            self._refuse_closed()
            self._need_room(size)
            if self._failed_file is not None:
                try:
                    self._failed_file.try_out()
                except OSError as error:
                    raise self._failed("write", error) from error
                self._failed_file = None

    @property
    def place(self) -> str:
        """Return where it is, for messages."""
        return str(self._folder or "memory")

    def partitions(self, topic: str) -> int:
        """Return the number of partitions."""
        return len(self._of(topic))

    def end_offset(self, topic: str, partition: int) -> int:
        """Return the offset that the next record of a partition will have."""
        return self._file(topic, partition).end

    def begin_offset(self, topic: str, partition: int) -> int:
        """Return the offset of the first record that is kept."""
        return self._file(topic, partition).begin

    def offset_at(self, topic: str, partition: int, time_s: float) -> int:
        """Return the offset of the first record that is kept of a time or later, the end where there is none."""
        file = self._file(topic, partition)
        with self._lock:
            self._refuse_closed()

            def recorded_s(offset: int) -> float:
                return next(file.read(offset, offset + 1)).timestamp_s

            return bisect_left(range(file.end), time_s, lo=file.begin, key=recorded_s)

    @property
    def size(self) -> int:
        """Bytes of all records."""
        return sum(file.size for files in self._files.values() for file in files)

    @property
    def most(self) -> float:
        """Bytes that its retention keeps, but for what was appended since the last `trim`; infinity for no limit."""
        return self._retention.size

    def read(self, topic: str, partition: int, from_offset: int = 0) -> Iterator[Record]:
        """Return the records of a partition from an offset on, up to those that are there at this call."""
        return self._read(topic, partition, from_offset, self.end_offset(topic, partition))

    def read_merged(
        self,
        topics: Sequence[str],
        partition: int,
        from_offsets: Mapping[str, int] | None = None,
        to_offsets: Mapping[str, int] | None = None,
        most: int | None = None,
    ) -> Iterator[Record]:
        """Return the records of one partition of several topics in the order of replay.

        The order is (record timestamp, topic, offset), of all records that are there at this call; from_offsets:
        topic -> first offset, that of the first record where absent; to_offsets: topic -> the one after the last. most:
        how many there may be.
        """
        starts = from_offsets or {}
        with self._lock:
            ends = {topic: self.end_offset(topic, partition) for topic in topics}
        if to_offsets is not None:
            ends = {topic: min(end, to_offsets[topic]) for topic, end in ends.items()}
        if most is not None:  # the first of all are among the first of each
            ends = {
                topic: min(end, max(starts.get(topic, 0), self.begin_offset(topic, partition)) + most)
                for topic, end in ends.items()
            }
        runs = [self._read(topic, partition, starts.get(topic, 0), end) for topic, end in ends.items()]
        merged = heapq.merge(*runs, key=lambda record: (record.timestamp_s, record.topic, record.offset))
        return islice(merged, most)

    def trim(self, now_s: float, needed: Mapping[str, tuple[int, float]]) -> int:
        """Drop the oldest files, as the retention says; return how many.

        needed: topic -> offset and time; what comes after either is kept, whatever its age. Of topics that are not
        named nothing is needed. The last record of a partition is always kept. Raises StorageFailed.
        """
        with self._lock:
            self._refuse_closed()
            dropped, size = 0, self.size
            while True:
                oldest = min(self._droppable(needed), key=lambda one: one[1].last_timestamp_s, default=None)
                if oldest is None:
                    return dropped
                segments, file = oldest
                if file.last_timestamp_s >= now_s - self._retention.age_s and size <= self._retention.size:
                    return dropped
                try:
                    segments.drop_oldest()
                except OSError as error:
                    raise self._failed("trim", error) from error
                dropped, size = dropped + 1, size - file.size

    def close(self) -> None:
        """Give files and folder back; appending and reading fail from here on."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for files in self._files.values():
                for file in files:
                    file.close()
            if self._holder is not None:
                os.close(self._holder)

    def _append(self, topic: str, items: Sequence[tuple[int, str | None, bytes]], now_s: float) -> list[Record]:
        if not math.isfinite(now_s):
            raise ValueError(f"now_s is {now_s}: pass seconds since the epoch")
        files = self._of(topic)
        with self._lock:
            self._refuse_closed()
            before = {partition: files[partition].end for partition, _, _ in items}
            clocks = {partition: files[partition].last_timestamp_s for partition in before}
            offsets = dict(before)
            runs: dict[int, list[tuple[str | None, bytes, float]]] = {partition: [] for partition in before}
            records = []
            for partition, key, value in items:
                timestamp_s = max(now_s, clocks[partition])
                runs[partition].append((key, value, timestamp_s))
                records.append(Record(topic, partition, offsets[partition], timestamp_s, key, value))
                offsets[partition] += 1
            self._need_room(sum(len(value) for _, _, value in items))
            try:
                for partition, run in runs.items():
                    file = self._failed_file = files[partition]
                    file.roll(self._retention.file_bytes, self._retention.file_s, now_s)
                    file.append(run, fsync=self._fsync)
                self._failed_file = None
            except OSError as error:
                for partition, end in before.items():
                    files[partition].truncate(end, clocks[partition])
                raise self._failed("write", error) from error
            return records

    def _read(self, topic: str, partition: int, from_offset: int, to_offset: int) -> Iterator[Record]:
        file = self._file(topic, partition)
        while True:
            with self._lock:
                self._refuse_closed()
                from_offset = max(file.begin, from_offset)
                if from_offset >= to_offset:
                    return
                records = file.read(from_offset, to_offset)
            for record in records:
                yield record
                from_offset = record.offset + 1

    def _droppable(self, needed: Mapping[str, tuple[int, float]]) -> Iterator[tuple[Segments, RecordFile]]:
        """Yield the first file of each partition that nobody needs."""
        for topic, partitions in self._files.items():
            before, before_s = needed.get(topic, (math.inf, math.inf))
            for segments in partitions:
                file = segments.oldest()
                if file is not None and file.end <= before and file.last_timestamp_s < before_s:
                    yield segments, file

    def _of(self, topic: str) -> list[Segments]:
        try:
            return self._files[topic]
        except KeyError:
            known = ", ".join(sorted(self._files))
            raise InvalidSettings(f"the log has no topic {topic!r}; there are: {known}") from None

    def _file(self, topic: str, partition: int) -> Segments:
        files = self._of(topic)
        if not 0 <= partition < len(files):
            raise ValueError(f"{topic} has partitions 0 to {len(files) - 1}, not {partition}")
        return files[partition]

    def _partition(self, topic: str, key: str | None, partition: int | None) -> int:
        if partition is not None:
            self._file(topic, partition)
            return partition
        if key is None:
            raise ValueError("a record without a key needs a partition")
        return partition_of(key, self.partitions(topic))

    def _open(self, topics: Mapping[str, int]) -> None:
        if self._read_only and self._folder is not None:
            for topic, partitions in topics.items():
                home = self._folder / topic
                self._files[topic] = [Segments(topic, p, home, read_only=True) for p in range(partitions)]
            return
        if self._folder is None:
            self._files = {topic: [Segments(topic, p, None) for p in range(n)] for topic, n in topics.items()}
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._holder = hold(self._folder, str(self._folder))
        for topic, partitions in topics.items():
            home = self._folder / topic
            home.mkdir(mode=0o700, exist_ok=True)
            self._check_partitions(home, partitions)
            files = self._files.setdefault(topic, [])
            for partition in range(partitions):
                files.append(Segments(topic, partition, home))
            flush_folder(home)
        flush_folder(self._folder)

    def _check_partitions(self, home: Path, partitions: int) -> None:
        """Refuse another number of partitions than the folder was filled with: keys would change places."""
        found = partitions_of(home)
        if len(found) > partitions or (len(found) < partitions and any(found.values())):
            message = f"{home} was written with {len(found)} partitions, not {partitions}: ask for {len(found)}"
            raise InvalidSettings(f"{message}, or choose another folder")

    def _need_room(self, size: int) -> None:
        if self._room is not None:
            self._room.need(size)

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StorageFailed(f"the log in {self.place} is closed: open it again")

    def _failed(self, doing: str, error: OSError) -> StorageFailed:
        said = f"cannot {doing} the log in {self.place}: {error.strerror}"
        return StorageFailed(f"{said}; free some space or make it writable, then try again")
