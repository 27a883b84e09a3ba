"""Forgetting a visitor: whatever interleaving, restart or partition, as if the log had not said who it was."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from ltrr.models.learning.fold import Fold
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from tests.models import states
from tests.models.learning.test_fold import absorb
from tests.models.logs import LEARNING, START_S, Message, interleave, partition_log, restarted

VISITOR = "u0"
READ_S = START_S + 5_400.0


def with_erasure(log: Sequence[Message], at: int) -> list[Message]:
    """Return a log in which a visitor is erased after so many messages of impressions."""
    out, offset = [], 0
    for message in log:
        if message.topic == "impressions":
            if offset == at:
                erasure = Impression("e", message.recorded_s, "", "", erased=(VISITOR,), learn=False)
                out.append(Message("impressions", offset, message.recorded_s, (erasure,)))
                offset += 1
            out.append(replace(message, offset=offset))
            offset += 1
        else:
            out.append(message)
    assert offset > at
    return out


def disowned(log: Sequence[Message], at: int) -> Iterator[Message]:
    """Yield the same log, where what came before says nothing of the visitor, and nothing is erased."""
    for message in log:
        events = message.events
        if message.topic == "impressions" and message.offset < at:
            anonymous = {"user_id": None, "client_id": None, "session_id": None}
            events = tuple(replace(one, **anonymous) if one.user_id == VISITOR else one for one in events)
        yield replace(message, events=events)


def learned(messages: Sequence[Message], read_s: float = READ_S) -> Fold:
    """Return the fold of messages, with both topics read up to a time, by which sessions have faded."""
    fold = absorb(Fold(LEARNING), messages)
    fold.read_past(read_s, read_s)
    return fold


def ungrouped(fold: Fold) -> Fold:
    """Forget which groups of visitors have taken what."""
    for application in fold.state.applications.values():
        for sums in (application.ranker.point, application.ranker.pair):
            sums.said = sums.said.sum(axis=0, keepdims=True)
        for query in application.memory.queries.values():
            for pair in query.pairs.values():
                pair.groups = ()
    return fold


@pytest.mark.parametrize(("seed", "at"), [(0, 5), (1, 30), (2, 5), (3, 30)])
def test_erased_is_as_if_never_told(seed: int, at: int):
    """Read in any interleaving, the state is that of a log in which the visitor's pages before were nobody's.

    But for what each quarter of the visitors has taken, which tells of nobody who was in it.
    """
    log = partition_log(seed)
    expected, marked = ungrouped(learned(list(disowned(log, at)))).state, with_erasure(log, at)
    assert any(page.user_id == VISITOR for m in log if m.topic == "impressions" and m.offset < at for page in m.events)
    for order in (marked, interleave(marked, seed)):
        state = ungrouped(learned(order)).state
        assert state.counts.pop(("impressions", "erasure")) == 1
        state.revision -= 1
        states.assert_equal(expected, state, START_S, READ_S)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["user_id", "client_id", "session_id"])
def test_no_order_of_reading_leaves_a_trace(seed: int, kind: str):
    """Also of sessions that go on, and of others on the visitor's pages, all interleavings give the same."""
    log = [replace(m, events=tuple(_moved(one, kind) for one in m.events)) for m in partition_log(seed)]
    marked, read_s = with_erasure(log, 30), log[-1].recorded_s
    expected = learned(marked, read_s).state
    assert any(application.profiles["session"].own for application in expected.applications.values())
    for order in (interleave(marked, seed), sorted(marked, key=lambda m: (m.topic, m.offset))):
        states.assert_equal(expected, learned(order, read_s).state, START_S, read_s)


def _moved(event: Impression | Action, kind: str) -> Impression | Action:
    """Return a page of the visitor with the name as another kind of id."""
    if isinstance(event, Action) or event.user_id != VISITOR or kind == "user_id":
        return event
    return replace(event, user_id="u1" if kind == "client_id" else None, **{kind: VISITOR})


@pytest.mark.parametrize("seed", range(3))
def test_any_restart_keeps_what_was_forgotten_so(seed: int):
    """State from records, join table from the log, in which the visitor still stands: as if never stopped."""
    mixed = interleave(with_erasure(partition_log(seed), 25), seed)
    expected = learned(mixed).state
    before, read = Fold(LEARNING), 0
    for stop in range(len(mixed) // 3, len(mixed), len(mixed) // 4):
        absorb(before, mixed[read:stop])
        read = stop
        after = restarted(Fold(LEARNING), before, mixed[:stop])
        absorb(after, mixed)
        after.read_past(READ_S, READ_S)
        states.assert_equal(expected, after.state, START_S, READ_S)


def test_records_of_the_forgotten_are_written_as_gone():
    """Whoever keeps records learns which are gone, and which have changed."""
    log = partition_log(0)
    fold = learned(log)
    fold.changed.clear()
    offset = fold.progress.offsets["impressions"]
    fold.absorb_impressions(offset, READ_S, [Impression("e", READ_S, "", "", erased=(VISITOR,), learn=False)])
    gone = {(key.kind, key.name) for key in fold.changed if not fold.holds(key)}
    assert {("user", VISITOR), ("sender", f"user:{VISITOR}")} <= gone
    assert any(key.kind == "query" and fold.holds(key) for key in fold.changed)
