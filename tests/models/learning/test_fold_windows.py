"""Actions that have a longer window than others: what they teach does not depend on how the topics are read either."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ltrr.models.learning.fold import Fold
from ltrr.models.learning.join import MOST_PAGES
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Impression, PageKind
from ltrr.models.state.records import RecordKey
from tests.models.learning.test_fold import END_S, assert_equal
from tests.models.logs import LEARNING, START_S, Message, absorb, follow, interleave, partition_log, restarted

LONG_S = 20_000.0
LONGER = replace(
    LEARNING,
    action_weights={"click": 0.5, "like": 0.7, "purchase": 1.0},
    action_windows_s={"purchase": LONG_S, "like": 100.0},
)


@cache
def log_with_purchases(seed: int) -> tuple[Message, ...]:
    """Return a log in which part of what was acted on is bought later, at any time, some of it twice or too late."""
    rng = np.random.default_rng(seed)
    log = partition_log(seed)
    acted = [(m.recorded_s, action) for m in log if m.topic == "actions" for action in m.events]
    purchases = []
    for _, action in acted:
        if rng.random() < 0.6:
            after_s = float(rng.choice([10.0, 580.0, 700.0, 900.0, 5_000.0, LONG_S - 700.0, LONG_S + 500.0]))
            bought = replace(action, action_name="purchase", time_s=action.time_s + after_s)
            recorded_s = bought.time_s + float(rng.choice([-30.0, 0.5, 50.0]))
            purchases += [(recorded_s, bought)] * int(rng.integers(1, 3))
    actions = sorted([*acted, *purchases], key=lambda one: one[0])
    messages = [Message("actions", at, recorded_s, (action,)) for at, (recorded_s, action) in enumerate(actions)]
    both = [m for m in log if m.topic == "impressions"] + messages
    return tuple(sorted(both, key=lambda m: (m.recorded_s, m.topic)))


def learned(messages: Sequence[Message]) -> Fold:
    """Return the fold of messages that have come to their end."""
    fold = absorb(Fold(LONGER), messages)
    fold.read_past(END_S, END_S)
    return fold


@pytest.mark.parametrize("seed", range(4))
def test_any_interleaving_gives_the_same_state(seed: int):
    """Reading one topic far ahead of the other changes nothing, and in the end nothing is kept."""
    log = log_with_purchases(seed)
    expected = learned(log)
    assert expected.join.kept == {}
    ahead = sorted(log, key=lambda m: (m.topic == ("actions", "impressions")[seed % 2], m.offset))
    for order in (interleave(log, seed), ahead):
        assert_equal(expected.state, learned(order).state)


@pytest.mark.parametrize("seed", range(3))
def test_any_restart_gives_the_same_state(seed: int):
    """Kept pages come back from their records, open ones from the log; no more of it is read again than without."""
    log = log_with_purchases(seed)
    mixed = interleave(log, seed)
    expected = learned(log).state
    assert Fold(LONGER).join.reach_s == Fold(replace(LONGER, action_windows_s={})).join.reach_s
    before, read, kept = Fold(LONGER), 0, 0
    for stop in range(5, len(mixed), len(mixed) // 2):
        absorb(before, mixed[read:stop])
        read = stop
        kept += len(before.join.kept)
        after = restarted(Fold(LONGER), before, interleave(mixed[:stop], stop))
        written = [{key: fold.write(key) for key in fold.keys()} for fold in (before, after)]  # noqa: SIM118
        assert written[0] == written[1]
        absorb(after, mixed)
        after.read_past(END_S, END_S)
        assert_equal(expected, after.state)
    assert kept > 0


def test_a_follower_of_the_records_has_what_is_kept():
    """Each change is written, and what is forgotten is gone."""
    fold, follower = Fold(LONGER), Fold(LONGER)
    follow(fold, follower, log_with_purchases(3))
    assert set(follower.join.kept) == set(fold.join.kept) != set()
    for query_id in fold.join.kept:
        key = RecordKey("pages", name=query_id)
        assert follower.write(key) == fold.write(key)
    fold.read_past(END_S, END_S)
    assert follow(fold, follower, [])["pages"] == 0
    gone = [key for key in fold.changed if key.kind == "pages"]
    assert {key.name for key in gone} == set(follower.join.kept)
    assert not any(fold.holds(key) for key in gone)


def test_a_late_purchase_counts_where_it_was_clicked():
    """It raises what its query, its user and its plan have earned; what nobody clicked has been forgotten."""
    log = log_with_purchases(0)
    pages = {page.query_id: page for m in log if m.topic == "impressions" for page in m.events}
    page = next(page for page in pages.values() if page.learn and len(page.looks()) > 1 and page.page == 1)
    page = replace(page, application="shop", user_id="u", voice=1.0)
    clicked, other = list(page.looks())[:2]
    at = page.time_s

    def act(object_id: str, name: str, after_s: float) -> Action:
        return Action(page.query_id, object_id, name, at + after_s)

    fold = Fold(LONGER)
    fold.absorb_impressions(0, at, [page])
    fold.absorb_actions(0, at + 10, [act(clicked, "click", 10)])
    before = fold.state.application("shop").reward_model.regressors
    responses = {arm: [step.statistics.response.copy() for step in steps] for arm, steps in before.items()}
    fold.read_past(at + 10_000, at + 10_000)
    assert fold.join.open_pages == 0
    (kept,) = fold.join.kept[page.query_id]
    assert len(fold.write(RecordKey("pages", name=page.query_id))) < 3_000
    assert kept.looks.keys() == {clicked}
    feedback = fold.absorb_actions(
        1, at + 15_000, [act(object_id, "purchase", 15_000) for object_id in (clicked, clicked, other)]
    )
    assert [one.actions for one in feedback] == [((clicked, "click"), (clicked, "purchase"))]
    application = fold.state.application("shop")
    assert [hit.object_id for hit in application.profiles["user"].strongest("u", at, 9)] == [clicked]
    fold.read_past(END_S, END_S)
    counts = {outcome: fold.state.counts["actions", outcome] for outcome in ("accepted", "duplicate", "dangling")}
    assert counts == {"accepted": 2, "duplicate": 1, "dangling": 1}
    assert kept.values == {clicked: 1.0}
    if page.decision and any(page.decision.levels):
        after = application.reward_model.regressors
        assert any(
            (step.statistics.response != old).any()
            for arm, steps in after.items()
            for step, old in zip(steps, responses[arm], strict=True)
        )


@pytest.mark.parametrize(
    ("name", "after_s", "outcome"),
    [
        ("like", 160.0, "accepted"), ("like", 160.1, "late"), ("click", 660.0, "accepted"), ("click", 660.1, "late"),
        ("purchase", 661.0, "accepted"), ("click", -60.0, "accepted"), ("click", -60.1, "early"),
        ("purchase", -60.1, "early"),
    ],
)  # fmt: skip
def test_each_action_has_its_window(name: str, after_s: float, outcome: str):
    """It counts from the lateness before its page to the lateness after its own window, by the sender's clock."""
    log = log_with_purchases(1)
    page = next(page for m in log if m.topic == "impressions" for page in m.events if page.learn and page.looks())
    fold = Fold(LONGER)
    fold.absorb_impressions(0, page.time_s, [page])
    action = Action(page.query_id, next(iter(page.looks())), name, page.time_s + after_s)
    fold.absorb_actions(0, page.time_s + max(0.0, after_s), [action])
    assert fold.state.counts["actions", outcome] == 1


def test_of_a_query_so_many_pages_are_kept_and_no_more():
    """A query id that is used over and over keeps a hundred pages, however the topics are read: its record ends."""
    most, shown, acted = MOST_PAGES, [], []
    for at in range(most + 30):
        time_s = START_S + at // 50 * 2_000.0 + at % 50  # windows are over between them
        candidates = (Candidate(f"e{at}", position=1),)
        page = Impression("q", time_s, "lamp", "lamp", candidates=candidates, curve=(0.5,), kind=PageKind.DOCUMENT)
        shown.append(Message("impressions", at, time_s, (page,)))
        acted.append((time_s + 1, Action("q", f"e{at}", "click", time_s + 1)))
    late_s = START_S + 12_000.0
    acted += [(late_s, Action("q", f"e{at}", "purchase", late_s)) for at in (0, most - 1, most + 1)]
    log = [*shown, *(Message("actions", at, one[0], (one[1],)) for at, one in enumerate(acted))]
    log = sorted(log, key=lambda m: (m.recorded_s, m.topic == "actions"))
    fold = absorb(Fold(LONGER), log)
    assert len(fold.join.kept["q"]) == most
    expected = learned(log)
    assert expected.state.counts["actions", "accepted"] == most + 30 + 2
    assert expected.state.counts["actions", "dangling"] == 1
    for order in range(4):
        assert_equal(expected.state, learned(interleave(log, order)).state)
