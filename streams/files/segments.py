"""The records of one partition in files of bounded size, of which the oldest can be dropped."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from ltrr.models.errors import StorageFailed
from ltrr.streams.files.folder import flush_folder
from ltrr.streams.files.record_file import Record, RecordFile, encode_record

_NAME = re.compile(r"(\d+)(?:-(\d+))?\.log")


class Segments:
    """One partition. Not thread-safe: its log holds a lock around every call.

    home: folder of the files, each named after partition and first offset; None keeps them in memory. read_only: while
    another process appends; nothing of the folder is changed, and what comes later is not seen. Raises OSError, and
    StorageFailed where records are damaged or missing.
    """

    def __init__(self, topic: str, partition: int, home: Path | None, *, read_only: bool = False) -> None:
        self._read_only = read_only
        self._topic = topic
        self._partition = partition
        self._home = home
        self._files: list[RecordFile] = []
        try:
            for base in _bases(home).get(partition, []) if home and (home.is_dir() or not read_only) else []:
                self._start(base)
            self._check()
        except BaseException:
            self.close()
            raise
        if not self._files:
            self._home = None if read_only else home
            self._start(0)

    @property
    def begin(self) -> int:
        """The offset of the first record that is kept."""
        return self._files[0].base

    @property
    def end(self) -> int:
        """The offset that the next record will have."""
        return self._files[-1].end

    @property
    def size(self) -> int:
        """Bytes of all records."""
        return sum(file.size for file in self._files)

    @property
    def cut_off(self) -> int:
        """How many incomplete records were dropped at opening."""
        return sum(file.cut_off for file in self._files)

    @property
    def last_timestamp_s(self) -> float:
        """When the last record was appended."""
        return max(file.last_timestamp_s for file in self._files)

    def append(self, items: Sequence[tuple[str | None, bytes, float]], *, fsync: bool) -> None:
        """Append (key, value, timestamp) whole or not at all. Raises OSError, after which all is as before."""
        file = self._files[-1]
        encoded = [encode_record(*item, file.dictionary) for item in items]
        file.append(encoded, items[-1][2], fsync=fsync)

    def roll(self, file_bytes: float, file_s: float, now_s: float) -> None:
        """Go on in another file where the last one is as large, or its first record as old. Raises OSError."""
        file = self._files[-1]
        if len(file) and (file.size >= file_bytes or now_s - file.first_timestamp_s >= file_s):
            file.flush()
            self._start(file.end)
            if self._home is not None:
                flush_folder(self._home)

    def truncate(self, end: int, last_timestamp_s: float) -> None:
        """Forget the records of the last append, which began at an offset."""
        file = self._files[-1]
        file.truncate(end - file.base, last_timestamp_s)

    def read(self, from_offset: int, to_offset: int) -> Iterator[Record]:
        """Return records from one offset on, which is kept, before the other, as `RecordFile.read` does."""
        file = next(file for file in reversed(self._files) if file.base <= from_offset)
        return file.read(from_offset - file.base, min(to_offset, file.end) - file.base)

    def oldest(self) -> RecordFile | None:
        """Return the file that could be dropped first; None where it has the last record, and so the last time."""
        return self._files[0] if any(len(file) for file in self._files[1:]) else None

    def drop_oldest(self) -> None:
        """Delete the first file. Raises OSError."""
        self._files[0].remove()
        del self._files[0]

    def flush(self) -> None:
        """Make what was appended survive a power cut. Raises OSError."""
        self._files[-1].flush()

    def try_out(self) -> None:
        """Write something and take it back. Raises OSError where it cannot be written."""
        self._files[-1].try_out()

    def close(self) -> None:
        """Give the files back."""
        for file in self._files:
            file.close()

    def _start(self, base: int) -> None:
        name = f"{self._partition}-{base:020}.log" if base else f"{self._partition}.log"
        path = None if self._home is None else self._home / name
        self._files.append(RecordFile(self._topic, self._partition, path, base, read_only=self._read_only))

    def _check(self) -> None:
        """Drop what a failed append left at the end of a file, if it could not be removed then; refuse a gap."""
        for file, following in pairwise(self._files):
            file.truncate(following.base - file.base, file.last_timestamp_s)
            if file.end < following.base:
                raise StorageFailed(
                    f"{self._home} lacks {following.base - file.end} records of partition {self._partition} before "
                    f"offset {following.base}: restore it from a copy, or remove the folder to start empty"
                )


def partitions_of(home: Path) -> dict[int, int]:
    """Return the partitions of which there are files, with their bytes."""
    return {
        partition: sum(path.stat().st_size for path in home.glob(f"{partition}[.-]*")) for partition in _bases(home)
    }


def _bases(home: Path) -> dict[int, list[int]]:
    """Return the offsets at which the files of each partition begin, in order."""
    found: dict[int, list[int]] = {}
    for path in home.iterdir():
        name = _NAME.fullmatch(path.name)
        if name is not None:
            found.setdefault(int(name[1]), []).append(int(name[2] or 0))
    return {partition: sorted(bases) for partition, bases in found.items()}
