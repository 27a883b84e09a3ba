"""What is known of versions: which is active, which came before, which is through."""

import pytest

from models.errors import InvalidInput
from models.fold import Fold
from models.records import RecordKey
from streams.state_keys import ACTIVE, SETTINGS, ControlKey, StateKey, decode_control, decode_key
from streams.versions import Active, Board, Recipe
from tests.models.logs import LEARNING

PROGRESS = RecordKey("progress")


def progress(version: str, partition: int, impressions: int, actions: int) -> tuple[bytes, bytes]:
    """Return a progress record of a partition as a learner writes it."""
    fold = Fold(LEARNING)
    fold.pass_over({"impressions": impressions, "actions": actions})
    return StateKey(version, partition, PROGRESS).encode(), fold.write(PROGRESS)


def test_control_keys_survive():
    """Names of any characters come back; keys of state are no control keys, and the other way round."""
    for key in (ControlKey(ACTIVE, "a/b:c %"), ControlKey(SETTINGS, "v1")):
        assert decode_control(key.encode()) == key
        assert decode_key(key.encode()) is None
    for raw in (progress("active", 0, 1, 1)[0], b"other/x", b"active", b"\xff/x"):
        assert decode_control(raw) is None


def test_promotions_are_undone_in_order():
    """A rollback goes to the version before, one by one, past those that are gone."""
    active = Active("a").promoted("b").promoted("c").promoted("d")
    assert Active.decode(active.encode()) == active
    back = active.rolled_back({"a": 0, "b": 0, "d": 0})
    assert (back.version, back.before) == ("b", ("a",))
    assert back.rolled_back({"a": 0}).version == "a"
    with pytest.raises(InvalidInput, match="no version was active before"):
        back.rolled_back({})


def test_history_is_bounded():
    """Only the last promotions are kept."""
    active = Active("v0")
    for number in range(1, 100):
        active = active.promoted(f"v{number}")
    assert active.before == tuple(f"v{number}" for number in range(79, 99))


def test_a_rebuild_is_through_when_all_is_absorbed():
    """A version cannot be served before every partition has reached the end of its stretch."""
    board = Board()
    recipe = Recipe({}, [{"impressions": 0, "actions": 0}] * 2, [{"impressions": 4, "actions": 6}] * 2)
    board.take(ControlKey(SETTINGS, "v2").encode(), recipe.encode())
    assert board.take(*progress("v2", 0, 4, 6))
    with pytest.raises(InvalidInput, match="not through"):
        board.known("v2")
    assert not board.take(*progress("v2", 1, 4, 6)), "no version is new"
    board.known("v2")
    assert board.revision("v2") == 20
    assert board.lag("v2", [{"impressions": 5, "actions": 6}] * 2) == 2


def test_versions_come_and_go():
    """A version exists while a partition of it has progress; records that cannot be read change nothing."""
    board = Board()
    key, value = progress("v1", 3, 1, 1)
    assert board.take(key, value)
    assert not board.take(key, b"damaged")
    assert not board.take(ControlKey(ACTIVE, "shop").encode(), b'{"version": "v1"}')
    assert board.active == {}
    assert board.take(key, None)
    with pytest.raises(InvalidInput, match="there are: none yet"):
        board.known("v1")


def test_retention_keeps_what_is_needed_and_the_newest():
    """Served versions, the next step of a rollback, unfinished rebuilds and needed ones stay, and some of the rest."""
    board = Board()
    for written_s, version in enumerate(("old", "older-before", "before", "live", "made", "extra", "worked"), 1):
        board.take(*progress(version, 0, 1, 1), written_s)
    board.take(*progress("old", 1, 1, 1), 100.0)  # written again: the newest of those that nobody needs
    unfinished = Recipe({}, [{"impressions": 0, "actions": 0}], [{"impressions": 4, "actions": 6}])
    board.take(ControlKey(SETTINGS, "unfinished").encode(), unfinished.encode())
    active = Active("live", before=("older-before", "before", "gone"))
    board.take(ControlKey(ACTIVE, "shop").encode(), active.encode())
    removed, kept = board.superfluous(1, {"worked": "has workers", "never made": "rebuilt just now"})
    assert removed == ["extra", "made", "older-before"]
    assert kept == {
        "live": "active for shop",
        "before": "a rollback of shop goes to it",
        "unfinished": "its rebuild is not through",
        "worked": "has workers",
        "old": "one of the newest 1",
    }
    assert board.superfluous(9, {})[0] == []
    assert board.superfluous(0, {})[0] == ["old", "worked", "extra", "made", "older-before"]
