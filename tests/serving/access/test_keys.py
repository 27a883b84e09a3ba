"""Keys: kept as hashes, shared by processes through their file, and never more than they were made for."""

from pathlib import Path

import pytest

from ltrr.models.errors import InvalidInput, StorageFailed
from ltrr.serving.access.keys import Keys, Role

NOW_S = 1_800_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where keys are kept."""
    return tmp_path / "folder" / "keys.json"


def test_a_token_is_held_and_not_kept(path: Path):
    """The token opens in every process; the file holds none of it that would, and is its owner's alone."""
    key, token = Keys(path).create("shop", [Role.SEARCH], (), NOW_S)
    assert Keys(path).holder(token) == key
    assert token.rpartition("_")[2] not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("wrong", ["", "ltrr", "ltrr__", "ltrr_{id}_", "ltrr_{id}_x", "x{token}", "{token}x", "é"])
def test_any_other_token_is_nobodys(path: Path, wrong: str):
    """Nothing but the whole token opens."""
    keys = Keys(path)
    key, token = keys.create("shop", [Role.SEARCH], (), NOW_S)
    assert keys.holder(wrong.format(id=key.id, token=token)) is None


def test_changes_hold_at_once_in_other_processes(path: Path):
    """Who has the file open sees a new key and a revoked one at the next look."""
    running = Keys(path)
    assert not running.asked_for
    _, token = Keys(path).create("shop", [Role.READ], (), NOW_S)
    assert running.asked_for
    assert running.holder(token) is not None
    Keys(path).revoke("shop")
    assert running.holder(token) is None
    assert running.asked_for, "without any key nobody gets in"


def test_a_file_that_is_gone_or_damaged_opens_nothing(path: Path):
    """A running process goes on asking for keys; one that starts says what is wrong."""
    running = Keys(path)
    _, token = running.create("shop", [Role.READ], (), NOW_S)
    path.write_text("{")
    assert running.asked_for
    assert running.holder(token) is not None
    with pytest.raises(StorageFailed, match=r"keys\.json: it is damaged; restore the file"):
        Keys(path)
    path.unlink()
    assert running.asked_for


@pytest.mark.parametrize(
    ("name", "roles", "origins", "said"),
    [
        ("shop", [Role.READ], (), "there is a key called 'shop'"),
        ("other", [], (), "needs a role"),
        ("other", [Role.OPERATE], ("https://shop.example",), "whoever sees their pages"),
    ],
)
def test_what_cannot_be_made_is_said(path: Path, name: str, roles: list[Role], origins: tuple[str, ...], said: str):
    """A name twice, no role, and a role that no page may have are refused, and change nothing."""
    keys = Keys(path)
    keys.create("shop", [Role.READ], (), NOW_S)
    with pytest.raises(InvalidInput, match=said):
        keys.create(name, roles, origins, NOW_S)
    assert [key.name for key in Keys(path).all()] == ["shop"]


def test_revoking_names_what_there_is(path: Path):
    """A key goes by its name or its id; another name is answered with those that there are."""
    keys = Keys(path)
    key, _ = keys.create("shop", [Role.READ], (), NOW_S)
    with pytest.raises(InvalidInput, match="no key is called 'shp'; there are: shop"):
        keys.revoke("shp")
    assert keys.revoke(key.id) == key
    assert list(keys.all()) == []
