"""What is known of a catalogue, from opening to opening."""

import asyncio
import shutil
from pathlib import Path

import pytest

from ltrr.models.errors import StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from tests.retrievers.conftest import CATALOGUE

TEXTS = ("taylor swift", "tayler", "love", "blank space", "new dawn", "zzyzx")


def said(index: Index) -> list[object]:
    """Return how some queries are read, and what there is."""
    return [*(index.understand(text) for text in TEXTS), index.kinds("default"), asyncio.run(index.overview("default"))]


def put(folder: Path, *entities: Entity, gone: tuple[str, ...] = ()) -> list[object]:
    """Change a catalogue whose dictionary was opened before, and return what that says."""
    index = open_index(folder)
    index.open()
    asyncio.run(index.index(entities))
    asyncio.run(index.delete("default", gone))
    found = said(index)
    index.close()
    return found


def reopened(folder: Path) -> list[object]:
    """Return what is said after opening."""
    index = open_index(folder)
    found = said(index)
    index.close()
    return found


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[object]]:
    """Return the folder of a catalogue that was asked, to be copied, and what it says."""
    folder = tmp_path_factory.mktemp("packed") / "index"
    put(folder, *CATALOGUE)
    return folder, reopened(folder)


def test_a_start_reads_what_the_last_one_has_packed(tmp_path: Path) -> None:
    """The file is written when a catalogue is first asked, and stays as it is while few things change."""
    first = put(tmp_path, *CATALOGUE)
    assert not (tmp_path / "known.bin").exists()
    assert reopened(tmp_path) == first
    file = (tmp_path / "known.bin").read_bytes()
    assert reopened(tmp_path) == first
    changed = put(tmp_path, Entity("dawn", "song", "New Dawn"), Entity("vow", "song", "Love"), gone=("taylor",))
    assert changed != first
    assert reopened(tmp_path) == changed
    assert (tmp_path / "known.bin").read_bytes() == file


def test_changes_that_nobody_asked_about_are_known(tmp_path: Path, packed: tuple[Path, list[object]]) -> None:
    """A process that only loads opens no dictionary; what it loaded is read by the next one."""
    shutil.copytree(packed[0], tmp_path, dirs_exist_ok=True)
    index = open_index(tmp_path)
    asyncio.run(index.index([Entity("dawn", "song", "New Dawn"), Entity("dawn", "song", "New Dawn", version=1)]))
    asyncio.run(index.delete("default", ["taylor"]))
    index.close()
    index = open_index(tmp_path)
    assert index.understand("new dawn").features["name_exact"] == 1.0
    assert index.understand("taylor swift").features["name_exact"] == 0.0
    assert index.understand("love").catalogue_size == len(CATALOGUE)
    index.close()


def test_many_changes_are_packed(tmp_path: Path, packed: tuple[Path, list[object]]) -> None:
    """Where more has changed than is followed, all is packed anew; what was loaded at once, after that."""
    shutil.copytree(packed[0], tmp_path, dirs_exist_ok=True)
    before = (tmp_path / "known.bin").read_bytes()
    index = open_index(tmp_path)
    asyncio.run(index.index(Entity(f"song-{number}", "song", f"Love {number}") for number in range(1_200)))
    index.close()
    found = reopened(tmp_path)
    anew = (tmp_path / "known.bin").read_bytes()
    assert anew != before
    index = open_index(tmp_path)
    asyncio.run(index.index([Entity("dawn", "song", "New Dawn")]))
    asyncio.run(index.optimise())
    assert (tmp_path / "known.bin").read_bytes() != anew
    asyncio.run(index.delete("default", ["dawn"]))
    assert said(index) == found
    index.close()
    assert reopened(tmp_path) == found


@pytest.mark.parametrize("harm", ["stale", "torn", "cut", "absent", "unnamed", "other code"])
def test_a_file_that_cannot_be_believed_is_made_anew(
    tmp_path: Path, packed: tuple[Path, list[object]], harm: str
) -> None:
    """One of another catalogue or ltrr, one that lacks something, and one that a kill left before cards named it."""
    original, first = packed
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "known.bin"
    good = file.read_bytes()
    if harm == "stale":
        put(tmp_path / "other", Entity("x", "song", "Love", {"genre": {"taylor": 1.0}}))
        reopened(tmp_path / "other")
        shutil.copy(tmp_path / "other" / "known.bin", file)
    elif harm == "torn":
        file.write_bytes(good[:5_000] + bytes([good[5_000] ^ 1]) + good[5_001:])
    elif harm == "cut":
        file.write_bytes(good[:-1])
    elif harm == "absent":
        file.unlink()
    elif harm == "unnamed":
        index = open_index(tmp_path)
        index._cards.rebase("another")
        index.close()
    else:
        other = good.replace(b'"made_by": "', b'"made_by": "x', 1)
        file.write_bytes(other)
    assert reopened(tmp_path) == first
    assert file.read_bytes() == good


def test_a_full_disk_does_not_keep_it_from_reading_queries(tmp_path: Path) -> None:
    """Where the file cannot be written, what is known is in memory, and written at a later start."""

    def full() -> None:
        raise StorageFailed("no room")

    first = put(tmp_path, *CATALOGUE)
    index = open_index(tmp_path, need_room=full)
    assert said(index) == first
    index.close()
    assert not (tmp_path / "known.bin").exists()
    assert reopened(tmp_path) == first
    assert (tmp_path / "known.bin").exists()


def test_applications_are_apart(tmp_path: Path) -> None:
    """Each has its own dictionary in the file, whatever it is called."""
    names = ("1", "0/texts", "default")
    put(tmp_path, *(Entity("x", "song", f"only {name}", application=name) for name in names))
    reopened(tmp_path)
    index = open_index(tmp_path)
    for name in names:
        assert index.understand(f"only {name}", name).features["name_exact"] == 1.0
        assert index.understand("only", name).catalogue_size == 1
        assert index.kinds(name)
    index.close()
