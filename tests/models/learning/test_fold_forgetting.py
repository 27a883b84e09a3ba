"""The learner across a change of the half-life."""

import zlib
from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.learning.fold import Fold
from ltrr.models.state.records import RecordKey
from ltrr.models.state.state import State, merge
from ltrr.models.statistics.decay import Change, Changes
from tests.models import states
from tests.models.logs import LEARNING, START_S, Message, absorb, interleave, partition_log

SPAN_S = 40.0 * 60
END_S = START_S + 2 * SPAN_S
FORGETTING: dict[str, Changes] = {
    "shop0": (Change(START_S + SPAN_S / 3, 300.0), Change(START_S + SPAN_S / 2, 7200.0)),
    "shop1": (Change(START_S + SPAN_S / 2, 60.0),),
}
KNOWN = replace(LEARNING, forgetting=FORGETTING)


def at_the_end(*folds: Fold) -> State:
    """Return the sum of folds that have read their logs."""
    for fold in folds:
        fold.read_past(END_S, END_S)
    return merge((fold.state for fold in folds), KNOWN)


def restarted(fold: Fold, messages: list[Message]) -> Fold:
    """Return a fold of the same records, warmed up with what it had absorbed."""
    again = Fold(KNOWN)
    for key in fold.keys():  # noqa: SIM118  # a method of records, not of a mapping
        again.read(key, fold.write(key))
    again.reschedule(FORGETTING)
    past = [m for m in messages if m.offset < again.progress.offsets[m.topic] and m.recorded_s >= again.warm_since_s]
    again.warm((m.recorded_s, m.events) for m in past)
    return again


@pytest.mark.parametrize("seed", range(4))
def test_no_interleaving_and_no_restart_leaves_a_trace(seed: int):
    """The topics in any interleaving, with a restart anywhere, teach the same sums on both sides of a change."""
    log = partition_log(seed)
    expected = at_the_end(absorb(Fold(KNOWN), log))
    mixed = interleave(log, seed)
    cut = (1 + seed) * len(mixed) // 5
    straight = absorb(Fold(KNOWN), mixed[:cut])
    again = restarted(straight, mixed[:cut])
    for fold in (straight, again):
        states.assert_equal(at_the_end(absorb(fold, mixed[cut:])), expected, START_S, END_S)
    plain = absorb(Fold(LEARNING), log).state.application("shop1").reward_model.count
    changed = expected.application("shop1").reward_model.count
    assert plain.epoch != changed.epoch, "the changes change nothing"


@pytest.mark.parametrize("when", [0.0, 0.3])
def test_learned_of_on_the_way(when: float):
    """Whether a change is known from the beginning or learned of before it holds is the same."""
    log = partition_log(7)
    holds_s = min(change.from_s for changes in FORGETTING.values() for change in changes)
    cut = int(when * len([m for m in log if m.recorded_s + LEARNING.late_s < holds_s]))
    fold = absorb(Fold(LEARNING), log[:cut])
    fold.reschedule(FORGETTING)
    states.assert_equal(at_the_end(absorb(fold, log[cut:])), at_the_end(absorb(Fold(KNOWN), log)), START_S, END_S)


@pytest.mark.parametrize("seed", range(2))
def test_partitions_add_up_across_a_change(seed: int):
    """What partitions learn of their share, each in an interleaving of its own, adds up to what one learns."""
    log = partition_log(seed)
    parts = [at_the_end(absorb(Fold(KNOWN), interleave(of_partition(log, p), seed + p))) for p in range(3)]
    expected = states.numbers(at_the_end(absorb(Fold(KNOWN), log)), START_S, END_S)
    for order in (parts, parts[::-1]):
        states.assert_near(expected, states.numbers(merge(order, KNOWN), START_S, END_S))


def of_partition(log: list[Message], partition: int) -> list[Message]:
    """Return what one of three partitions has of a log."""
    ends = {"impressions": 0, "actions": 0}
    found = []
    for message in log:
        events = tuple(e for e in message.events if zlib.crc32(e.query_id.encode()) % 3 == partition)
        if events:
            found.append(replace(message, offset=ends[message.topic], events=events))
            ends[message.topic] += 1
    return found


@pytest.mark.parametrize("known_s", [0.0, 30.0])
def test_a_change_that_comes_too_late_is_told(known_s: float):
    """One from a time of which pages may have been learned is refused, by a running fold and after a restart."""
    log = [message for message in partition_log(3) if message.recorded_s < START_S + SPAN_S / 2]
    fold = absorb(Fold(LEARNING), log)
    newest_s = max(message.recorded_s for message in log if message.topic == "impressions")
    late = {"shop0": (Change(newest_s + LEARNING.late_s - known_s, 60.0),)}
    data = fold.write(RecordKey("progress"))
    for learned in (fold, Fold(replace(LEARNING, forgetting=late))):
        learned.read(RecordKey("progress"), data)
        with pytest.raises(SnapshotMismatch, match="may have been learned without it"):
            learned.reschedule(late)
    fold.reschedule({"shop0": (Change(newest_s + LEARNING.late_s + 0.001, 60.0),)})


def test_taking_a_known_change_away_is_told():
    """A change under which something was learned cannot go."""
    fold = absorb(Fold(KNOWN), partition_log(4))
    with pytest.raises(SnapshotMismatch):
        fold.reschedule({})
    assert fold.progress.forgetting == FORGETTING


def test_reading_fades_by_the_changes():
    """What is remembered fades under the half-life that holds when it is read."""
    fold, plain = absorb(Fold(KNOWN), partition_log(5)), absorb(Fold(LEARNING), partition_log(5))
    plain_memory, memory = (one.state.application("shop1").memory for one in (plain, fold))
    for query in memory.queries:
        total, plain_total = (sum(p.examinations for p in m.scored(query, END_S)) for m in (memory, plain_memory))
        assert 0 < total < 1e-3 * plain_total
    assert np.isfinite(memory.decay.age(END_S))
