"""Records of trained rankers, and the board that hears of them."""

import zlib

import numpy as np
import pytest

from ltrr.models.errors import InvalidInput, SnapshotMismatch
from ltrr.streams.state.keys import decode_control, decode_key
from ltrr.streams.state.trained_rankers import RankerKey, TrainedRanker, decode_ranker
from ltrr.streams.versions.versions import Board

RANKER = TrainedRanker("tree\n" * 50, ("fulltext.gain", "name_like"), {"trees": 3, "ndcg": {"trained": 0.5}})


def test_key():
    """A key is read back whatever the application is called, and looks like no other key of the topic."""
    key = RankerKey("v1", "shop/a:1")
    assert key.encode() == b"ranker/v1/shop%2Fa%3A1"
    assert decode_ranker(key.encode()) == key
    assert decode_key(key.encode()) is None
    assert decode_control(key.encode()) is None
    for other in (b"active/v1", b"settings/v1", b"v1/shop/0/arm:dense", b"predicted/a/b", b"\xff"):
        assert decode_ranker(other) is None


def test_record():
    """A record is read back, and the same weights have the same name."""
    found = TrainedRanker.unpack(RANKER.pack())
    assert found == RANKER
    assert found.name == TrainedRanker(RANKER.model, ()).name
    assert found.name != TrainedRanker(RANKER.model + "tree", ()).name


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"no record",
        RANKER.pack()[:-3],
        zlib.compress(b"[]"),
        zlib.compress(b'{"format": 9, "kind": "lambdamart"}'),
    ],
)
def test_what_is_no_record(record: bytes):
    """What is damaged, or of another format, is refused."""
    with pytest.raises(SnapshotMismatch, match="train it again"):
        TrainedRanker.unpack(record)


def test_too_large():
    """What a message cannot hold is refused before it is sent."""
    noise = np.random.default_rng(1).bytes(1_000_000).hex()
    with pytest.raises(InvalidInput, match="train fewer trees"):
        TrainedRanker(noise, ()).pack()


def test_board():
    """The board holds the newest record of each version and application, and none after a tombstone."""
    board, one, other = Board(), RankerKey("v1", "shop"), RankerKey("v2", "shop")
    assert board.take(one.encode(), b"1")
    assert board.take(other.encode(), b"2")
    assert board.take(one.encode(), b"3")
    assert board.rankers == {one: b"3", other: b"2"}
    assert board.take(one.encode(), None)
    assert board.rankers == {other: b"2"}
    assert board.progress == board.active == {}
