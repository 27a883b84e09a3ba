"""A durable log inside the process: what stands in for Kafka in embedded mode.

Topics of partitions, offsets from 0, keys to partitions by Kafka's murmur2, record timestamps as Kafka's
LogAppendTime, so that folds and replay see what they would see on Kafka. Nothing is ever removed: there is no
retention and no compaction yet; the folder grows with the events.
"""

import heapq
import itertools
import logging
import math
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.files.folder import flush_folder, hold
from ltrr.streams.files.record_file import Record, RecordFile, encode_record
from ltrr.streams.files.room import Room

_LOG = logging.getLogger(__name__)
_TOPIC = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,248}")


class EmbeddedLog:
    """An append-only log of topics, one process at a time.

    topics: topic -> number of partitions, fixed for the life of the folder. folder: where one file for each
    partition is kept; None keeps everything in memory. fsync: also survive a power cut, at the cost of a disk
    flush for each append; without it an acknowledged append survives the death of the process. cut_off_records:
    incomplete last records that were dropped at opening; none of them had been acknowledged. room: what the folder's
    disk has left, which every append looks at.

    Every method may be called from any thread. Raises StorageFailed where the folder cannot be used, and
    InvalidSettings where topics do not fit what is there.
    """

    def __init__(
        self, topics: Mapping[str, int], folder: Path | None = None, *, fsync: bool = False, room: Room | None = None
    ) -> None:
        self._folder = folder
        self._room = room if folder else None
        self._failed_file: RecordFile | None = None
        self._fsync = fsync
        self._lock = threading.Lock()
        self._holder: int | None = None
        self._files: dict[str, list[RecordFile]] = {}
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
        """Make all that was appended survive a power cut. Raises StorageFailed."""
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
        return len(self._file(topic, partition))

    def read(self, topic: str, partition: int, from_offset: int = 0) -> Iterator[Record]:
        """Return the records of a partition from an offset on, up to those that are there at this call."""
        return self._read(topic, partition, from_offset, self.end_offset(topic, partition))

    def read_merged(
        self, topics: Sequence[str], partition: int, from_offsets: Mapping[str, int] | None = None
    ) -> Iterator[Record]:
        """Return the records of one partition of several topics in the order of replay.

        The order is (record timestamp, topic, offset), of all records that are there at this call; from_offsets:
        topic -> first offset, 0 where absent.
        """
        starts = from_offsets or {}
        with self._lock:
            ends = {topic: self.end_offset(topic, partition) for topic in topics}
        runs = [self._read(topic, partition, starts.get(topic, 0), end) for topic, end in ends.items()]
        return heapq.merge(*runs, key=lambda record: (record.timestamp_s, record.topic, record.offset))

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
            before = {partition: len(files[partition]) for partition, _, _ in items}
            clocks = {partition: files[partition].last_timestamp_s for partition in before}
            offsets = dict(before)
            runs: dict[int, list[bytes]] = {partition: [] for partition in before}
            records = []
            for partition, key, value in items:
                timestamp_s = max(now_s, clocks[partition])
                runs[partition].append(encode_record(key, value, timestamp_s))
                records.append(Record(topic, partition, offsets[partition], timestamp_s, key, value))
                offsets[partition] += 1
            self._need_room(sum(map(len, itertools.chain.from_iterable(runs.values()))))
            try:
                for partition, run in runs.items():
                    self._failed_file = files[partition]
                    self._failed_file.append(run, max(now_s, clocks[partition]), fsync=self._fsync)
                self._failed_file = None
            except OSError as error:
                for partition, length in before.items():
                    files[partition].truncate(length, clocks[partition])
                raise self._failed("write", error) from error
            return records

    def _read(self, topic: str, partition: int, from_offset: int, to_offset: int) -> Iterator[Record]:
        file = self._file(topic, partition)
        from_offset = max(0, from_offset)
        while from_offset < to_offset:
            with self._lock:
                self._refuse_closed()
                records = file.read(from_offset, to_offset)
            yield from records
            from_offset += len(records)

    def _of(self, topic: str) -> list[RecordFile]:
        try:
            return self._files[topic]
        except KeyError:
            known = ", ".join(sorted(self._files))
            raise InvalidSettings(f"the log has no topic {topic!r}; there are: {known}") from None

    def _file(self, topic: str, partition: int) -> RecordFile:
        files = self._of(topic)
        if not 0 <= partition < len(files):
            raise ValueError(f"{topic} has partitions 0 to {len(files) - 1}, not {partition}")
        return files[partition]

    def _partition(self, topic: str, key: str | None, partition: int | None) -> int:
        if partition is not None:
            return self._file(topic, partition).partition
        if key is None:
            raise ValueError("a record without a key needs a partition")
        return partition_of(key, self.partitions(topic))

    def _open(self, topics: Mapping[str, int]) -> None:
        if self._folder is None:
            self._files = {topic: [RecordFile(topic, p, None) for p in range(n)] for topic, n in topics.items()}
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._holder = hold(self._folder, str(self._folder))
        for topic, partitions in topics.items():
            home = self._folder / topic
            home.mkdir(mode=0o700, exist_ok=True)
            self._check_partitions(home, partitions)
            files = self._files.setdefault(topic, [])
            for partition in range(partitions):
                files.append(RecordFile(topic, partition, home / f"{partition}.log"))
            flush_folder(home)
        flush_folder(self._folder)

    def _check_partitions(self, home: Path, partitions: int) -> None:
        """Refuse another number of partitions than the folder was filled with: keys would change places."""
        found = {path.name: path.stat().st_size for path in home.glob("*.log")}
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
