"""State records: bit for bit, and refused when damaged, cut off, of another format or of other settings."""

import json
import math
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.learning.fold import Fold
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.rewards.call_history import HISTORY_NAMES
from ltrr.models.state.learning import Learning
from ltrr.models.state.records import RecordKey, read_record, write_record
from ltrr.models.state.state import State
from ltrr.models.statistics.least_squares import LinearStatistics
from ltrr.models.statistics.snapshot import FORMAT, Snapshot, pack_statistics, unpack_statistics
from tests.models.logs import LEARNING, partition_log

SNAPSHOT = Snapshot("query", {"epoch": 3, "entities": ["é", "b"]}, [np.array([[0.1, -0.0], [math.pi, 5e-324]])])


def test_round_trip_is_bit_equal():
    """Kind, meta data, shapes and every bit of every float come back."""
    copy = Snapshot.unpack(SNAPSHOT.pack())
    assert (copy.kind, copy.meta) == (SNAPSHOT.kind, SNAPSHOT.meta)
    assert copy.arrays[0].shape == (2, 2)
    assert copy.arrays[0].tobytes() == SNAPSHOT.arrays[0].tobytes()
    assert copy.pack() == SNAPSHOT.pack()
    empty = Snapshot.unpack(Snapshot("progress", {}, [np.zeros((0, 2))]).pack())
    assert empty.arrays[0].shape == (0, 2)


def test_every_damaged_byte_is_noticed():
    """Whichever byte is changed, the record is refused."""
    data = SNAPSHOT.pack()
    for at in range(len(data)):
        damaged = data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :]
        with pytest.raises(SnapshotMismatch):
            Snapshot.unpack(damaged)


def test_every_cut_is_noticed():
    """However much is missing at the end, or stands after it, the record is refused."""
    data = SNAPSHOT.pack()
    for length in range(len(data)):
        with pytest.raises(SnapshotMismatch):
            Snapshot.unpack(data[:length])
    with pytest.raises(SnapshotMismatch):
        Snapshot.unpack(data + b"\0")


def test_other_format_is_refused():
    """A later format, or something else altogether, is told."""
    data = SNAPSHOT.pack()
    for other in (data[:4] + bytes([FORMAT + 1]) + data[5:], b"PK\3\4" + data[4:]):
        with pytest.raises(SnapshotMismatch, match="is no state record of format"):
            Snapshot.unpack(other)


@pytest.mark.parametrize(
    "text",
    [b"{", b"[]", b'{"kind":"arm"}', b'{"kind":"arm","shapes":[[9]]}', b"\xff"],
    ids=ascii,
)
def test_well_wrapped_nonsense_is_refused(text: bytes):
    """A record whose checksum holds but whose contents do not fit is refused like a damaged one."""
    length = struct.pack("<I", len(text))
    data = b"LTRR\x01" + struct.pack("<I", zlib.crc32(length + text)) + length + text
    with pytest.raises(SnapshotMismatch):
        Snapshot.unpack(data)


def test_meta_data_are_json():
    """The header's text is plain JSON, so that other tools can read it."""
    data = SNAPSHOT.pack()
    (length,) = struct.unpack_from("<I", data, 9)
    assert json.loads(data[13 : 13 + length])["shapes"] == [[2, 2]]


def test_statistics_keep_their_upper_triangle():
    """Least-squares sums come back bit for bit from half of their moment."""
    statistics = LinearStatistics.empty(4)
    rng = np.random.default_rng(1)
    statistics.add(rng.normal(size=(9, 4)), rng.normal(size=9), rng.uniform(size=9))
    statistics.epoch = -7
    meta, arrays = pack_statistics(statistics)
    assert arrays[0].shape == (10,)
    copy = unpack_statistics(meta, *arrays)
    assert np.array_equal(copy.moment, statistics.moment)
    assert np.array_equal(copy.response, statistics.response)
    assert (copy.weight, copy.epoch) == (statistics.weight, -7)


@pytest.fixture(scope="module")
def fold() -> Fold:
    """Return a fold that has learned a log."""
    fold = Fold(LEARNING)
    for message in partition_log(3, queries=20):
        absorb = fold.absorb_impressions if message.topic == "impressions" else fold.absorb_actions
        absorb(message.offset, message.recorded_s, message.events)  # type: ignore[operator]
    return fold


def keys(fold: Fold, kind: str) -> list[RecordKey]:
    """Return the keys of a fold's records of one kind."""
    return [key for key in fold.keys() if key.kind == kind]  # noqa: SIM118  # a method of the fold, not of a dict


@pytest.mark.parametrize("kind", ["arm", "ranker", "query", "sender", "user", "session"])
@pytest.mark.parametrize("half_life_s", [60.0, math.inf])
def test_another_half_life_is_refused(fold: Fold, kind: str, half_life_s: float):
    """Epochs count half-lives: sums of other ones are not read, else they would fade at once or drown what comes."""
    other = Fold(replace(LEARNING, half_life_s=half_life_s, session_s=min(half_life_s, 86400.0) / 2))
    assert keys(fold, kind)
    for key in keys(fold, kind):
        with pytest.raises(SnapshotMismatch, match="half-life"):
            other.read(key, fold.write(key))


@pytest.mark.parametrize(
    ("kind", "learning", "what"),
    [
        ("arm", replace(LEARNING, context_names=("bias", "coverage")), "context features"),
        ("arm", replace(LEARNING, rules=PlanRules(LEARNING.rules.arms, (0, 2, 5))), "ladder"),
        ("ranker", replace(LEARNING, rules=PlanRules((Arm("alpha"),), (0, 2, 4))), "ranker's features"),
    ],
    ids=["context", "ladder", "arms"],
)
def test_other_settings_are_refused(fold: Fold, kind: str, learning: Learning, what: str):
    """A record that was learned with another context, ladder or set of ranker's columns names what differs."""
    for key in keys(fold, kind):
        with pytest.raises(SnapshotMismatch, match=what):
            Fold(learning).read(key, fold.write(key))


def test_records_read_later_are_served(fold: Fold):
    """A state that has predicted and ranked before serves what it reads, not what it had solved."""
    state = State(LEARNING)
    inputs = np.linspace(0, 1, len(LEARNING.context_names) + len(HISTORY_NAMES))
    for name, application in fold.state.applications.items():
        mine = state.application(name)
        assert not mine.reward_model.predict(inputs).any()
        cold = mine.ranker.weights.copy()
        for key in [key for key in (*keys(fold, "arm"), *keys(fold, "ranker")) if key.application == name]:
            read_record(state, key, write_record(fold.state, key))
        assert np.array_equal(mine.reward_model.predict(inputs), application.reward_model.predict(inputs))
        assert np.array_equal(mine.ranker.weights, application.ranker.weights)
        assert not np.array_equal(mine.ranker.weights, cold)


def test_record_of_another_kind_is_refused(fold: Fold):
    """A record under the key of another kind is not read."""
    key = keys(fold, "query")[0]
    with pytest.raises(SnapshotMismatch, match="kind"):
        read_record(State(LEARNING), RecordKey("ranker", key.application), write_record(fold.state, key))


def test_arm_that_is_no_longer_configured_is_left_out(fold: Fold):
    """The record of a retired arm is passed over."""
    learning = replace(LEARNING, rules=PlanRules(LEARNING.rules.arms[:1], LEARNING.rules.ladder))
    state = State(learning)
    for key in keys(fold, "arm"):
        read_record(state, key, write_record(fold.state, key))
    for application in state.applications.values():
        assert list(application.reward_model.regressors) == ["alpha"]
        assert application.reward_model.observations("alpha") > 0


@pytest.mark.parametrize("kind", ["arm", "ranker", "query", "sender", "user", "session"])
def test_contents_that_do_not_fit_are_refused(fold: Fold, kind: str):
    """A record without its meta data, or with arrays of another shape, is refused."""
    for key in keys(fold, kind)[:1]:
        record = write_record(fold.state, key)
        half_life = {"half_life_s": LEARNING.profile_half_lives_s.get(kind, LEARNING.half_life_s)}
        for wrong in (
            Snapshot(kind, half_life, record.arrays),
            Snapshot(kind, record.meta, record.arrays[:-1]),
            Snapshot(kind, record.meta, [np.zeros(997), *record.arrays[1:]]),
        ):
            with pytest.raises(SnapshotMismatch):
                read_record(State(LEARNING), key, wrong)
