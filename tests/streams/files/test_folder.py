"""Folders that one at a time holds."""

from pathlib import Path

import pytest

from ltrr.models.errors import StorageFailed
from ltrr.streams.files.folder import holding


def test_one_at_a_time(tmp_path: Path):
    """A folder is made and held until the end; a second holder is told its name."""
    folder = tmp_path / "new" / "index"
    again = pytest.raises(StorageFailed, match="the index is in use by another process")
    with holding(folder, "the index"), again, holding(folder, "the index"):
        pass
    with holding(folder, "the index"):
        pass


def test_a_folder_that_cannot_be_made(tmp_path: Path):
    """What is in the way is told."""
    (tmp_path / "file").write_text("")
    told = pytest.raises(StorageFailed, match="cannot use the index: Not a directory")
    with told, holding(tmp_path / "file" / "x", "the index"):
        pass
