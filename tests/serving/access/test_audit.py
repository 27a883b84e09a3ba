"""The record of what operators did: before it is done, and again where it fails."""

import json
import stat
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidInput, StorageFailed
from ltrr.serving.access.audit import Audit, by_command
from tests.serving.shop import NOON_S


def lines(path: Path) -> list[dict[str, object]]:
    """Return what is noted."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_act_is_noted_before_it_is_done(tmp_path: Path):
    """Who, when and what stand there while it is done; the owner of the file alone may read it."""
    path = tmp_path / "data" / "audit.jsonl"
    with Audit(path).noted(lambda: NOON_S, "ops", "promote", version="v2", application=None):
        [line] = lines(path)
    assert line == {
        "time": "2026-01-01T12:00:00.000+00:00",
        "who": "ops",
        "action": "promote",
        "version": "v2",
        "application": None,
    }
    assert lines(path) == [line]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failure_is_noted_with_why(tmp_path: Path):
    """What was begun and refused is told by a second line."""
    path = tmp_path / "audit.jsonl"
    with pytest.raises(InvalidInput), by_command(path, "delete", version="v2"):
        raise InvalidInput("v2 is active")
    begun, failed = lines(path)
    assert begun["who"] == failed["who"] == "command line"
    assert (failed["action"], failed["version"], failed["failed"]) == ("delete", "v2", "v2 is active")


def test_what_cannot_be_noted_is_not_done(tmp_path: Path):
    """Where no line can be written the act is not begun."""
    path = tmp_path / "file" / "audit.jsonl"
    path.parent.write_text("no folder")
    with pytest.raises(StorageFailed), by_command(path, "promote", version="v2"):
        pytest.fail("it was done")
