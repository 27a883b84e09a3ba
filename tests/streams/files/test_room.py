"""Room: what a disk has left, and what may be written on it."""

import os
import tempfile
from pathlib import Path

import pytest

from ltrr.models.errors import StorageFailed
from ltrr.streams.files.room import Room, free_bytes
from tests.disk import Disk

MEMORY = Path("/dev/shm")  # noqa: S108  # the disk in memory that Linux has


def test_the_reserve_stays_free(tmp_path: Path):
    """Up to the reserve may be written, not a byte more; without a reserve, all that there is."""
    disk = Disk(3_000_000)
    Room(tmp_path, 1, disk).need(2_000_000)
    Room(tmp_path, free=disk).need(3_000_000)
    with pytest.raises(StorageFailed, match=f"the disk of {tmp_path} has 3 MB free and 3 MB are needed .*free some"):
        Room(tmp_path, 1, disk).need(2_000_001)


def test_a_folder_that_is_not_there_yet(tmp_path: Path):
    """What is free is read where the folder is going to be."""
    found = os.statvfs(tmp_path)
    assert free_bytes(tmp_path / "a" / "b") == pytest.approx(found.f_bavail * found.f_frsize, rel=0.05)


def test_what_is_there_needs_less_than_what_is_made(tmp_path: Path):
    """A new folder of mapped files wants the reserve; one that is there, a little, or nothing without a reserve."""
    disk = Disk(9_000_000)
    with pytest.raises(StorageFailed):
        Room(tmp_path, 10, disk).need_to_open(tmp_path / "new")
    with pytest.raises(StorageFailed):
        Room(tmp_path, 10, disk).need_to_open(None)
    there = Path(__file__).parent  # tmp_path may be in memory
    Room(tmp_path, 10, disk).need_to_open(there)
    disk.free = 1_000
    Room(tmp_path, 0, disk).need_to_open(there)
    with pytest.raises(StorageFailed):
        Room(tmp_path, 10, disk).need_to_open(there)


@pytest.mark.skipif(not MEMORY.is_dir(), reason="this machine has no /dev/shm")
def test_holes_are_filled_in_memory():
    """On a disk in memory, files that are mapped may grow by their holes as soon as they are read."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        with (Path(folder) / "sparse").open("wb") as file:
            file.truncate(20_000_000)
        with pytest.raises(StorageFailed, match="20 MB are needed"):
            Room(Path(folder), 10, Disk(19_000_000)).need_to_open(Path(folder))
        Room(Path(folder), 10, Disk(20_000_000)).need_to_open(Path(folder))
