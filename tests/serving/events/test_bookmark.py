"""How far a file was loaded."""

import os
from pathlib import Path

from ltrr.serving.events.bookmark import Bookmark


def test_a_bookmark_is_of_one_file_in_one_form(tmp_path: Path):
    """It is found again until the file changes, the target is another one, or the load is done or begun anew."""
    file, data = tmp_path / "file", tmp_path / "data"
    file.write_text("some lines")
    counts = {"read": 10, "taken": 8, "bad": 2}
    Bookmark.open(data, file, "here").move(12, counts)
    again = Bookmark.open(data, file, "here")
    assert (again.line, again.counts) == (12, counts)
    assert Bookmark.open(data, file, "elsewhere").line == 0
    assert Bookmark.open(data, file, "here", restart=True).line == 0
    os.utime(file, ns=(1, 1))
    assert Bookmark.open(data, file, "here").line == 0
    Bookmark.open(data, file, "here").move(3, counts)
    Bookmark.open(data, file, "here").remove()
    assert Bookmark.open(data, file, "here").line == 0


def test_a_damaged_bookmark_is_none(tmp_path: Path):
    """What cannot be read means the beginning."""
    file = tmp_path / "file"
    file.write_text("some lines")
    Bookmark.open(tmp_path, file, "here").move(12, {})
    [kept] = (tmp_path / "loading").iterdir()
    kept.write_text('{"line": ')
    assert Bookmark.open(tmp_path, file, "here").line == 0


def test_standard_input_has_none(tmp_path: Path):
    """It is moved, and kept nowhere."""
    bookmark = Bookmark.nowhere()
    bookmark.move(5, {})
    assert bookmark.line == 5
    assert list(tmp_path.iterdir()) == []
