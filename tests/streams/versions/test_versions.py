"""What is known of versions: which is active, which is through."""

import math

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.models.learning.fold import Fold
from ltrr.models.state.records import RecordKey
from ltrr.models.statistics.decay import Change
from ltrr.streams.state.keys import (
    ACTIVE,
    INSTALLATION,
    SECRET,
    SETTINGS,
    ChangeKey,
    ControlKey,
    StateKey,
    decode_change,
    decode_control,
    decode_key,
)
from ltrr.streams.versions.active import Active, Served
from ltrr.streams.versions.sources import Mark
from ltrr.streams.versions.versions import Board, Recipe, encode_half_life
from tests.models.logs import LEARNING

PROGRESS = RecordKey("progress")
VERSIONS = ("old", "older-before", "before", "live", "shade", "made", "extra", "worked")


def progress(version: str, partition: int, impressions: int, actions: int) -> tuple[bytes, bytes]:
    """Return a progress record of a partition as a learner writes it."""
    fold = Fold(LEARNING)
    fold.pass_over({"impressions": impressions, "actions": actions})
    return StateKey(version, partition, PROGRESS).encode(), fold.write(PROGRESS)


def test_control_keys_survive():
    """Names of any characters come back; keys of state are no control keys, and the other way round."""
    for key in (ControlKey(ACTIVE, "a/b:c %"), ControlKey(SETTINGS, "v1"), ControlKey(SECRET, INSTALLATION)):
        assert decode_control(key.encode()) == key
        assert decode_key(key.encode()) is None
    for raw in (progress("active", 0, 1, 1)[0], b"other/x", b"active", b"\xff/x"):
        assert decode_control(raw) is None


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
    assert board.behind("v2", [{"impressions": 5, "actions": 3}] * 2) == {"impressions": 2, "actions": 6}
    assert board.reached("v2") == [{"impressions": Mark(4), "actions": Mark(6)}] * 2
    assert board.reached("v3") == []


def test_when_the_last_message_was_written_is_known_but_at_the_end_of_a_rebuild():
    """Offsets that a rebuild has passed over may be of no message, so that no time is theirs; the next one's is."""
    fold, board = Fold(LEARNING), Board()
    key = StateKey("v2", 0, PROGRESS).encode()
    recipe = Recipe({}, [{"impressions": 0, "actions": 0}], [{"impressions": 2, "actions": 0}])
    board.take(ControlKey(SETTINGS, "v2").encode(), recipe.encode())
    for offset, read_s in ((0, 50.0), (1, 60.0), (2, 70.0)):
        fold.absorb_impressions(offset, read_s, [])
        board.take(key, fold.write(PROGRESS))
        known_s = 0.0 if offset == 1 else read_s
        assert board.reached("v2") == [{"impressions": Mark(offset + 1, known_s), "actions": Mark(0)}]
        assert board.read_s("v2") == read_s


def test_the_secret_on_record_is_no_version():
    """It is known, can be replaced, and makes no version."""
    board, key = Board(), ControlKey(SECRET, INSTALLATION).encode()
    for value in (b"one", b"another", None):
        assert board.take(key, value)
        assert (board.secret, board.versions, board.active) == (value, set(), {})


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


def test_change_keys_survive():
    """Keys of changes come back, and are neither those of state nor of versions."""
    key = ChangeKey("v1", "3/a:b %", 1_767_225_600_123)
    assert decode_change(key.encode()) == key
    assert decode_control(key.encode()) is None
    assert decode_key(key.encode()) is None
    for raw in (progress("settings", 0, 1, 1)[0], ControlKey(SETTINGS, "v1").encode(), b"settings/v1/a/soon"):
        assert decode_change(raw) is None


def test_changes_of_forgetting_are_taken_over_and_added():
    """A version forgets as its rebuild took over and as was announced since; one can be written anew, and go."""
    board = Board()
    recipe = Recipe({}, [], [], {}, {"shop": (Change(10.0, 5.0), Change(20.0, math.inf))})
    assert Recipe.decode(recipe.encode()) == recipe
    for key, value in (
        (ControlKey(SETTINGS, "v2"), recipe.encode()),
        (ChangeKey("v2", "shop", 15_500), encode_half_life(7.0)),
        (ChangeKey("v2", "shop", 20_000), encode_half_life(8.0)),
        (ChangeKey("v2", "mall", 1_000), encode_half_life(math.inf)),
        (ChangeKey("v1", "shop", 1_000), encode_half_life(1.0)),
    ):
        assert board.take(key.encode(), value)
    shop = (Change(10.0, 5.0), Change(15.5, 7.0), Change(20.0, 8.0))
    assert board.forgetting("v2") == {"shop": shop, "mall": (Change(1.0, math.inf),)}
    assert not board.take(ChangeKey("v2", "shop", 15_500).encode(), b'{"half_life_s": 0}')
    board.take(ChangeKey("v2", "mall", 1_000).encode(), None)
    assert board.forgetting("v2") == {"shop": shop}
    assert board.forgetting("v3") == {}


def test_retention_keeps_what_is_needed_and_the_newest():
    """Served versions, the next step of a rollback, unfinished rebuilds and needed ones stay, and some of the rest."""
    board = Board()
    for written_s, version in enumerate(VERSIONS, 1):
        board.take(*progress(version, 0, 1, 1), written_s)
    board.take(*progress("old", 1, 1, 1), 100.0)  # written again: the newest of those that nobody needs
    unfinished = Recipe({}, [{"impressions": 0, "actions": 0}], [{"impressions": 4, "actions": 6}])
    board.take(ControlKey(SETTINGS, "unfinished").encode(), unfinished.encode())
    active = Active("live", before=tuple(map(Served, ("older-before", "before", "gone"))), shadow="shade")
    board.take(ControlKey(ACTIVE, "shop").encode(), active.encode())
    removed, kept = board.superfluous(1, {"worked": "has workers", "never made": "rebuilt just now"})
    assert removed == ["extra", "made", "older-before"]
    assert kept == {
        "live": "active for shop",
        "shade": "active for shop",
        "before": "a rollback of shop goes to it",
        "unfinished": "its rebuild is not through",
        "worked": "has workers",
        "old": "one of the newest 1",
    }
    assert board.superfluous(9, {})[0] == []
    assert board.superfluous(0, {})[0] == ["old", "worked", "extra", "made", "older-before"]
