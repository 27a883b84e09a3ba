"""The learner fold: what it learns does not depend on splits, restarts, duplicates or interleavings."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ltrr.models.learning.fold import CUT, Fold
from ltrr.models.rewards.call_history import HISTORY_NAMES
from ltrr.models.state.learning import Learning
from ltrr.models.state.state import State, merge
from tests.models import states
from tests.models.logs import (
    LEARNING,
    START_S,
    Message,
    absorb,
    follow,
    impression,
    interleave,
    partition_log,
    restarted,
)

READ_S = START_S + 4_000.0  # the sessions of the first half hour have faded by then, later ones have not
END_S = START_S + 1e6


def learned(messages: Iterable[Message], learning: Learning = LEARNING) -> Fold:
    """Return the fold of messages that have come to their end."""
    fold = absorb(Fold(learning), messages)
    fold.read_past(END_S, END_S)
    return fold


@cache
def whole(seed: int) -> State:
    """Return the state of a whole log in its order: to be read only."""
    return learned(partition_log(seed)).state


def course(fold: Fold) -> states.Course:
    """Return what a fold that has read its log holds while some sessions go on, and at the end of all."""
    return states.course(fold, START_S, (READ_S, END_S))


@cache
def whole_course(seed: int) -> states.Course:
    """Return what is held of a whole log in its order: to be read only."""
    return course(absorb(Fold(LEARNING), partition_log(seed)))


def assert_equal(one: State, other: State) -> None:
    """Compare states: counts exactly, real numbers to 1e-9 relative to the largest of their array."""
    states.assert_equal(one, other, START_S, END_S)


@pytest.mark.whole
def test_the_log_has_every_outcome() -> None:
    """The seeded logs hold every outcome that the join knows, so that the tests below mean something."""
    counts = merge((whole(seed) for seed in range(5)), LEARNING).counts
    for outcome in ("accepted", "not_learned", "duplicate", "late", "future"):
        assert counts["impressions", outcome] > 0, outcome
    for outcome in ("accepted", "not_learned", "duplicate", "late", "unshown", "dangling", "without_weight"):
        assert counts["actions", outcome] > 0, outcome


@pytest.mark.parametrize("seed", range(5))
def test_any_interleaving_of_the_topics_gives_the_same_state(seed: int) -> None:
    """Reading one topic far ahead of the other changes nothing, no profile and no session's end either."""
    log = partition_log(seed)
    ahead = sorted(log, key=lambda m: (m.topic == ("actions", "impressions")[seed % 2], m.offset))
    for order in (interleave(log, seed), ahead):
        states.assert_same_course(whole_course(seed), course(absorb(Fold(LEARNING), order)))


@pytest.mark.parametrize("seed", range(4))
def test_any_restart_point_gives_the_same_state(seed: int) -> None:
    """State from records, join table warmed from the log, rest absorbed: as if never stopped."""
    mixed = interleave(partition_log(seed), seed)
    rng = np.random.default_rng(seed)
    before, read = Fold(LEARNING), 0
    for stop in sorted(rng.integers(1, len(mixed), 2)):
        absorb(before, mixed[read:stop])
        read = stop
        after = restarted(Fold(LEARNING), before, interleave(mixed[:stop], int(stop)))
        assert after.state.counts == before.state.counts
        absorb(after, mixed)  # from the start: what was absorbed is left out
        states.assert_same_course(whole_course(seed), course(after))
    absorb(before, mixed[read:])
    states.assert_same_course(whole_course(seed), course(before))  # writing what is known leaves no trace


def test_some_sessions_have_faded_and_some_have_not() -> None:
    """So that the tests above see both, at the moments at which they look."""
    state = absorb(Fold(LEARNING), partition_log(0)).state
    sessions = [application.profiles["session"] for application in state.applications.values()]
    faded = [of.whole(name).fade(of.decay, READ_S) < of.faded for of in sessions for name in of]
    assert 0 < sum(faded) < len(faded)


@pytest.mark.parametrize("partitions", [2, 6])
def test_partitions_add_up(partitions: int) -> None:
    """One fold over all queries and several folds over parts of them merge to equal states and distributions."""
    logs = [partition_log(seed, queries=20) for seed in range(partitions)]
    counters = {"impressions": 0, "actions": 0}
    renumbered = []
    for message in sorted((m for log in logs for m in log), key=lambda m: (m.recorded_s, m.topic)):
        renumbered.append(replace(message, offset=counters[message.topic]))
        counters[message.topic] += 1
    one, parts = absorb(Fold(LEARNING), renumbered), [absorb(Fold(LEARNING), log) for log in logs]
    for until_s in (READ_S, END_S):
        for fold in (one, *parts):
            fold.read_past(until_s, until_s)
        added = merge([part.state for part in parts], LEARNING)
        states.assert_equal(one.state, added, START_S, until_s)
    assert any(list(application.profiles["user"]) for application in added.applications.values())
    for name, application in one.state.applications.items():
        inputs = np.linspace(0, 1, len(LEARNING.context_names) + len(HISTORY_NAMES))
        expected = application.reward_model.predict(inputs)
        np.testing.assert_allclose(
            added.applications[name].reward_model.predict(inputs), expected, rtol=1e-9, atol=1e-12
        )


def test_records_round_trip_bit_equal() -> None:
    """A state read back from its records writes the same bytes again."""
    fold = learned(partition_log(3))
    copy = Fold(LEARNING)
    written = {key: fold.write(key) for key in fold.keys()}  # noqa: SIM118
    assert {key for key in fold.changed if fold.holds(key)} <= set(written)
    for key, data in written.items():
        copy.read(key, data)
    assert {key: copy.write(key) for key in copy.keys()} == written  # noqa: SIM118


def test_open_pages_are_bounded_by_time() -> None:
    """Once both topics were read past a page's bound, nothing is kept for it."""
    fold = learned(partition_log(1))
    assert fold.join.open_pages == 0


def test_an_absorbed_offset_is_left_out() -> None:
    """A message that is delivered again teaches nothing."""
    twice = [m for message in partition_log(2) for m in (message, message)]
    assert_equal(whole(2), learned(twice).state)


def test_a_click_raises_the_credit_of_the_arm_that_brought_it() -> None:
    """After a click on what one arm alone brought, that arm is worth more and the others are not."""
    rng = np.random.default_rng(5)
    page = impression(rng, "q", START_S)
    while not (set(page.looks()) & _only(page, "alpha")):
        page = impression(rng, "q", START_S)
    clicked = next(iter(set(page.looks()) & _only(page, "alpha")))
    fold = Fold(LEARNING)
    (before,) = fold.absorb_impressions(0, START_S, [page])
    action = Message("actions", 0, START_S + 9, ())
    from ltrr.models.records.action import Action  # noqa: PLC0415

    (after,) = fold.absorb_actions(action.offset, action.recorded_s, [Action("q", clicked, "like", START_S + 5)])
    assert after.credits["alpha"] > before.credits["alpha"]
    assert after.reward == pytest.approx(1.0 - LEARNING.price_weight)
    memory = fold.state.applications[page.application].memory
    pairs = {p.object_id: p for p in memory.scored(page.normalised_query, START_S, visitor=page.visitor)}
    assert pairs[clicked].actions == 1.0
    assert pairs[clicked].examinations == pytest.approx(page.looks()[clicked])


def _only(page, arm):  # noqa: ANN001, ANN202
    return {c.object_id for c in page.candidates if [s.arm for s in c.sources] == [arm]}


def test_a_stretch_begins_where_it_is_told_to() -> None:
    """What lies before the start is never learned, and a restart does not read it for its join table either."""
    log = partition_log(3)
    middle = log[len(log) // 2].recorded_s
    start = {
        topic: min(m.offset for m in log if m.topic == topic and m.recorded_s >= middle)
        for topic in ("impressions", "actions")
    }
    kept = [message for message in log if message.offset >= start[message.topic]]
    part = Fold(LEARNING)
    part.begin_at(start)
    absorb(part, log)
    alone = Fold(LEARNING)
    alone.progress.offsets = dict(start)
    absorb(alone, kept)
    assert_equal(part.state, replace_revision(alone, part.state.revision))
    assert part.state.revision == sum(part.progress.offsets.values())
    restored = Fold(LEARNING)
    for key in part.keys():  # noqa: SIM118  # a method of records, not of a mapping
        restored.read(key, part.write(key))
    assert restored.progress == part.progress
    assert restored.state.revision == part.state.revision


def replace_revision(fold: Fold, revision: int) -> State:
    """Return the state of a fold that knows nothing of what lies before its first message."""
    fold.state.revision = revision
    return fold.state


def test_empty_offsets_are_passed_over() -> None:
    """Offsets without messages count as absorbed, and what was absorbed is not gone back on."""
    fold = Fold(LEARNING)
    fold.pass_over({"impressions": 5, "actions": 2})
    assert (fold.state.revision, fold.progress.offsets) == (7, {"impressions": 5, "actions": 2})
    fold.changed.clear()
    fold.pass_over({"impressions": 3, "actions": 2})
    assert fold.state.revision == 7
    assert not fold.changed


@pytest.mark.parametrize("seed", range(2))
def test_a_restart_at_a_cut_leaves_the_same_bytes(seed: int) -> None:
    """However often it stops where the log is cut, it writes what a fold that never stopped does, bit for bit."""
    log, fold, stops = partition_log(seed), Fold(LEARNING), 0
    for at, message in enumerate(log):
        absorb(fold, [message])
        if fold.is_cut:
            fold, stops = restarted(Fold(LEARNING), fold, log[: at + 1]), stops + 1
    fold.read_past(END_S, END_S)
    expected = learned(log)
    assert stops > 1
    assert {key: fold.write(key) for key in fold.keys()} == {key: expected.write(key) for key in expected.keys()}  # noqa: SIM118


def test_reading_while_it_learns_changes_nothing() -> None:
    """A fold whose models are read after each message learns what one does that is never read, to rounding."""
    read = Fold(LEARNING)
    for message in partition_log(1):
        absorb(read, [message])
        for application in read.state.applications.values():
            assert application.reward_model.regressors
            assert application.ranker.weights.shape
    read.read_past(END_S, END_S)
    assert_equal(whole(1), read.state)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_written_after_each_message_is_all_that_was_learned(seed: int) -> None:
    """Of arms, all once and then those that have learned: who follows the records knows as much as the fold."""
    fold, follower = Fold(LEARNING), Fold(LEARNING)
    follow(fold, follower, partition_log(seed))
    assert_equal(fold.state, follower.state)
    page = next(
        one
        for message in partition_log(seed)
        for one in message.events
        if message.topic == "impressions" and one.decision and 0 < len(one.decision.budgets()) < len(one.decision.arms)
    )
    fold = Fold(LEARNING)
    for offset in range(2):
        fold.changed.clear()
        fold.absorb_impressions(offset, page.time_s, [replace(page, page=1, query_id=f"{page.query_id}{offset}")])
        written = {key.name: fold.write(key) for key in fold.changed if key.kind == "arm"}
        if offset == 0:
            first = written
    assert first.keys() == set(page.decision.arms)
    assert written.keys() <= page.decision.budgets().keys()
    held = {key.name: fold.write(key) for key in fold.keys() if key.kind == "arm"}  # noqa: SIM118
    assert {**first, **written} == held, "what is not written again has stayed as it was"


@pytest.mark.parametrize("seed", range(2))
def test_a_fold_that_tells_nobody_learns_the_same(seed: int) -> None:
    """Feedback that nobody observes is not made, and changes no bit of what is learned."""
    log = partition_log(seed)
    told, silent = absorb(Fold(LEARNING), log), Fold(LEARNING, tells=False)
    for message in log:
        take = silent.absorb_impressions if message.topic == "impressions" else silent.absorb_actions
        assert take(message.offset, message.recorded_s, message.events) == ()
    assert {key: told.write(key) for key in told.keys()} == {key: silent.write(key) for key in silent.keys()}  # noqa: SIM118


def test_a_message_of_many_events_is_cut_within() -> None:
    """What waits for the models is a matter of events, whatever messages they come in; who holds a cut ends in one."""
    rng, fold, most = np.random.default_rng(0), Fold(LEARNING), 0
    pages = [impression(rng, f"q{number}", START_S) for number in range(2 * CUT + 5)]
    for _ in fold.impressions_in_steps(0, START_S, pages):
        most = max([most, *(len(one.ranker._waiting) for one in fold.state.applications.values())])
    assert 0 < most <= CUT
    assert fold.is_cut
    fold.absorb_impressions(1, START_S, [replace(pages[0], query_id="other")])
    assert not fold.is_cut
