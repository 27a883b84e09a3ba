"""Records of predicted queries: keys that no other record has, values that come back."""

import pytest

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.memory.prediction import MOST_PREDICTED, PredictedQuery
from ltrr.models.state.records import RecordKey
from ltrr.models.statistics.snapshot import Snapshot
from ltrr.streams.state.keys import StateKey, decode_key
from ltrr.streams.state.predicted_records import PredictedKey, decode_predicted, pack_predicted, unpack_predicted

QUERIES = (PredictedQuery("löve", 0.7), PredictedQuery("東京", 0.1))


@pytest.mark.parametrize("object_id", ["song-1", "a/3/query:x", "ünïcode :/%"])
def test_keys_come_back_and_are_no_state_keys(object_id: str):
    """Whatever an id looks like, its key is read as itself and never as a state record."""
    key = PredictedKey("my/shop", object_id)
    assert decode_predicted(key.encode()) == key
    assert decode_key(key.encode()) is None


STATE = StateKey("predicted", 3, RecordKey("query", "shop", "x"))


@pytest.mark.parametrize("raw", [STATE.encode(), b"active/shop", b"", b"\xff/a/b", b"x/y/z"])
def test_other_keys_are_left_alone(raw: bytes):
    """Keys of other records are none of ours, even of a version that is called like them."""
    assert decode_predicted(raw) is None


def test_values_come_back():
    """Queries, scores and the entity's version are what was written; none at all is allowed."""
    assert unpack_predicted(pack_predicted(QUERIES, 7, "structured")) == (QUERIES, 7)
    assert unpack_predicted(pack_predicted((), 0, "structured")) == ((), 0)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", Snapshot("predicted", {"version": 1}).pack()], ids=("empty", "json", "bare")
)
def test_nonsense_is_refused(raw: bytes):
    """A value that is none says so."""
    with pytest.raises(SnapshotMismatch):
        unpack_predicted(raw)


def test_the_largest_record_is_small():
    """The most predictions stay far below what a message takes."""
    queries = [PredictedQuery("\U0001f600" * 100, 0.5)] * MOST_PREDICTED
    assert len(pack_predicted(queries, 1, "structured")) < 256 * 1024
