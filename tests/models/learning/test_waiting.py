"""Actions on pages that nobody has seen: how many may wait is a fact of the log."""

from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.learning.fold import Fold
from ltrr.models.learning.join import Join, Outcome
from ltrr.models.learning.waiting import MOST_EARLY
from ltrr.models.records.action import Action
from tests.models.learning.test_fold import END_S, assert_equal
from tests.models.logs import LEARNING, START_S, Message, absorb, impression, interleave, partition_log, restarted

MOST = 2


def act(query_id: str, time_s: float, object_id: str = "e1") -> Action:
    """Return a click."""
    return Action(query_id, object_id, "click", time_s)


def few() -> Fold:
    """Return a fold in which two actions of a minute may wait."""
    fold = Fold(LEARNING)
    fold.join = Join(LEARNING.join_window_s, LEARNING.late_s, LEARNING.action_windows_s, fold.join.packing, MOST)
    return fold


def log_with_early(seed: int) -> list[Message]:
    """Return a log in which many actions are recorded shortly before their page, or have none."""
    rng = np.random.default_rng(seed)
    log = partition_log(seed)
    pages = [m for m in log if m.topic == "impressions"]
    actions = [(m.recorded_s, action) for m in log if m.topic == "actions" for action in m.events]
    for message in pages:
        for page in message.events:
            for object_id in list(page.looks())[: int(rng.integers(3))]:  # type: ignore[union-attr]  # as the topic says
                recorded_s = message.recorded_s - float(rng.choice([0.0, 1.0, 20.0, 50.0]))
                actions.append((recorded_s, replace(act(page.query_id, page.time_s + 1), object_id=object_id)))
    for number in range(60):
        at_s = START_S + float(rng.uniform(0, pages[-1].recorded_s - START_S))
        actions.append((at_s, act(f"made-up-{number}", at_s)))
    actions.sort(key=lambda one: one[0])
    messages = [Message("actions", at, recorded_s, (action,)) for at, (recorded_s, action) in enumerate(actions)]
    return sorted([*pages, *messages], key=lambda m: (m.recorded_s, m.topic))


@pytest.mark.whole
@pytest.mark.parametrize("seed", range(4))
def test_which_actions_are_crowded_depends_on_no_order(seed: int):
    """Reading one topic ahead of the other, in any way, crowds the same actions out, and teaches the same."""
    log = log_with_early(seed)
    folds = [absorb(few(), order) for order in (log, *(interleave(log, number) for number in range(4)))]
    folds.append(absorb(few(), sorted(log, key=lambda m: (m.topic == "actions", m.offset))))
    folds.append(absorb(few(), sorted(log, key=lambda m: (m.topic, m.offset))))
    for fold in folds:
        fold.read_past(END_S, END_S)
        assert_equal(folds[0].state, fold.state)
    assert folds[0].state.counts["actions", "crowded"] > 10
    plain = absorb(Fold(LEARNING), log)
    plain.read_past(END_S, END_S)
    assert not plain.state.counts["actions", "crowded"]
    for outcome in Outcome:
        if outcome not in {Outcome.CROWDED, Outcome.DANGLING, Outcome.UNSHOWN}:
            assert folds[0].state.counts["actions", outcome] <= plain.state.counts["actions", outcome]


@pytest.mark.parametrize("seed", range(2))
def test_a_restart_crowds_the_same_actions(seed: int):
    """What waited before a restart waits after it, and counts as much."""
    log = log_with_early(seed)
    expected = absorb(few(), log)
    expected.read_past(END_S, END_S)
    before, read = few(), 0
    for stop in range(5, len(log), len(log) // 3):
        absorb(before, log[read:stop])
        read = stop
        after = restarted(few(), before, interleave(log[:stop], stop))
        absorb(after, log)
        after.read_past(END_S, END_S)
        assert_equal(expected.state, after.state)


def test_made_up_ids_do_not_pile_up():
    """Of 20,000 actions without a page in some minutes 2,000 of each wait, until their time is over."""
    join, outcomes = Join(600.0, 60.0), []
    for number in range(20_000):
        recorded_s = 6_000 + number / 100
        outcomes += join.add_action(act(f"made-up-{number}", recorded_s), recorded_s).outcomes
        outcomes += join.read_past(recorded_s, recorded_s)
        assert join.waiting <= 3 * MOST_EARLY
    outcomes += join.read_past(7_000, 7_000)
    assert join.waiting == 0
    assert {outcome: outcomes.count(outcome) for outcome in set(outcomes)} == {
        Outcome.CROWDED: 20_000 - 4 * MOST_EARLY,
        Outcome.DANGLING: 4 * MOST_EARLY,
    }


def test_actions_on_a_known_page_are_never_crowded():
    """They do not wait, however many are ahead of them."""
    join, page = Join(600.0, 60.0, most_early=1), impression(np.random.default_rng(0), "known", START_S)
    join.add_impression(page, START_S)
    for number in range(5):
        join.add_action(act(f"made-up-{number}", START_S), START_S + 1)
    join.read_past(START_S + 2)
    object_id = next(iter(page.looks()))
    assert len(join.add_action(act("known", START_S + 2, object_id), START_S + 3).accepted) == 1
