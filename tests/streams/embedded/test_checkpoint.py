"""Checkpoints: all records or none, old or new, never a mixture."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from ltrr.models.errors import SnapshotMismatch, StorageFailed
from ltrr.models.state.records import RecordKey
from ltrr.streams.embedded.checkpoint import read_checkpoint, write_checkpoint

RECORDS = [
    (RecordKey("progress"), b"offsets"),
    (RecordKey("arm", "shop", "dense"), bytes(range(256))),
    (RecordKey("query", "магазин", 'a "quoted"\nquery 検索'), b""),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a checkpoint stands."""
    path = tmp_path / "state.bin"
    write_checkpoint(path, RECORDS)
    return path


def test_records_come_back(path: Path):
    """Keys and data of any content come back as they were, in order."""
    assert list(read_checkpoint(path)) == RECORDS


def test_no_file_has_no_records(tmp_path: Path):
    """Where nothing was written there is nothing, and a checkpoint of nothing can be read."""
    assert list(read_checkpoint(tmp_path / "none")) == []
    write_checkpoint(tmp_path / "empty", [])
    assert list(read_checkpoint(tmp_path / "empty")) == []


def test_any_damage_is_found_before_the_first_record(path: Path):
    """A flipped bit at any byte and a cut at any length, between records too, are errors that name the file."""
    whole = path.read_bytes()
    damaged = [whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :] for at in range(len(whole))]
    damaged += [whole[:length] for length in range(len(whole))]
    for data in damaged:
        path.write_bytes(data)
        with pytest.raises(SnapshotMismatch, match=f"{path} is damaged"):
            next(read_checkpoint(path))


def test_a_full_disk_leaves_the_old_checkpoint(path: Path):
    """What does not fit is taken away again, the message says what to do, and the old checkpoint stays."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(StorageFailed, match=f"cannot write {path}: File too large; free some space"):
            write_checkpoint(path, RECORDS[:1] * 9)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(read_checkpoint(path)) == RECORDS
    assert list(path.parent.iterdir()) == [path]


def test_a_checkpoint_that_cannot_be_read(tmp_path: Path):
    """A folder in its place is an error that names it."""
    with pytest.raises(StorageFailed, match=f"cannot read {tmp_path}: Is a directory"):
        list(read_checkpoint(tmp_path))


def test_an_interrupted_writing_leaves_the_old_checkpoint(path: Path):
    """When the records fail halfway, the file is as it was."""

    def records() -> Iterator[tuple[RecordKey, bytes]]:
        yield RECORDS[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_checkpoint(path, records())
    assert list(read_checkpoint(path)) == RECORDS
