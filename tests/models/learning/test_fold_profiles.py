"""What the fold learns of users and sessions: from accepted actions, whatever splits, restarts and interleavings."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.learning.fold import Fold
from ltrr.models.memory.profiles import FADED
from ltrr.models.records.action import Action
from ltrr.models.records.query import Hit
from ltrr.models.state.records import RecordKey
from tests.models import states
from tests.models.learning.test_fold import absorb
from tests.models.logs import LEARNING, START_S, Message, impression, interleave, partition_log, restarted

READ_S = START_S + 4_000.0  # the sessions of the first half hour have faded by then


def learned(messages, read_s=READ_S):  # noqa: ANN001
    """Return the fold of messages, with both topics read up to a time."""
    fold = absorb(Fold(LEARNING), messages)
    fold.read_past(read_s, read_s)
    return fold


def shown(user_id: str | None = "ann", session_id: str | None = "s") -> Fold:
    """Return a fold that has one page of a user."""
    rng = np.random.default_rng(5)
    page = impression(rng, "q", START_S)
    while len(page.looks()) < 3:
        page = impression(rng, "q", START_S)
    fold = Fold(LEARNING)
    fold.absorb_impressions(0, START_S, [replace(page, user_id=user_id, session_id=session_id, application="shop")])
    fold.changed.clear()
    return fold


def act(fold: Fold, *names: str) -> str:
    """Take the first entity of the page; return its id."""
    (page,) = fold.join.pages("q")
    object_id = next(iter(page.looks))
    for offset, name in enumerate(names, start=fold.progress.offsets["actions"]):
        fold.absorb_actions(offset, START_S + 9, [Action("q", object_id, name, START_S + 5, user_id="eve")])
    return object_id


def test_what_a_user_took_enters_both_profiles():
    """A like after a click raises the weight to the like's, at the time of the page; no second click counts."""
    fold = shown()
    object_id = act(fold, "click", "like", "click", "like")
    profiles = fold.state.applications["shop"].profiles
    assert profiles["user"].strongest("ann", START_S, 9) == (Hit(object_id, pytest.approx(1.0)),)
    assert profiles["session"].strongest("s", START_S, 9) == (Hit(object_id, pytest.approx(1.0)),)
    assert list(profiles["user"]) == ["ann"], "the page says whose it is, not the action"
    assert {RecordKey("user", "shop", "ann"), RecordKey("session", "shop", "s")} <= fold.changed


def test_nobody_has_no_profile():
    """Pages without user and session leave none, and actions without weight nothing in it."""
    fold = shown(None, None)
    act(fold, "click")
    assert not any(list(profiles) for profiles in fold.state.applications["shop"].profiles.values())
    other = shown()
    act(other, "hover")
    assert other.state.applications["shop"].profiles["user"].strongest("ann", START_S, 9) == ()


def test_session_that_has_ended_is_forgotten():
    """It is held until it has faded, then to be written as gone; whoever follows forgets it too."""
    fold, follower = shown(), Fold(LEARNING)
    act(fold, "click")
    key = RecordKey("session", "shop", "s")
    for each in fold.keys():  # noqa: SIM118
        follower.read(each, fold.write(each))
    fold.changed.clear()
    for _ in fold.sweep(START_S + (FADED - 1) * LEARNING.session_s):
        pass
    assert fold.holds(key)
    for _ in fold.sweep(START_S + (FADED + 2) * LEARNING.session_s):
        pass
    assert key in fold.changed
    assert not fold.holds(key)
    assert fold.holds(RecordKey("user", "shop", "ann"))
    assert key not in fold.keys()  # noqa: SIM118
    follower.forget(key)
    assert follower.keys() == [key for key in fold.keys() if key.kind != "pages"]  # noqa: SIM118
    follower.forget(RecordKey("session", "unknown", "s"))


def crowd(seed: int) -> Iterator[Message]:
    """Yield a log of many users and sessions, some of whom come back, with actions on their pages."""
    rng, offsets = np.random.default_rng(seed), {"impressions": 0, "actions": 0}
    for number in range(90):
        time_s = START_S + 10.0 * number
        page = impression(rng, f"crowd-{seed}-{number}", time_s)
        whose = int(rng.zipf(1.4)) if number % 3 else number
        page = replace(page, user_id=f"u{whose}", session_id=f"s{whose}", voice=1.0, learn=True, application="shop")
        taken = tuple(Action(page.query_id, one, "like", time_s + 5) for one in list(page.looks())[:1])
        for topic, recorded_s, events in (("impressions", time_s, (page,)), ("actions", time_s + 9, taken)):
            yield Message(topic, offsets[topic], recorded_s, events)
            offsets[topic] += 1


@pytest.mark.parametrize("seed", range(2))
def test_profiles_are_bounded_whatever_the_order_and_the_restarts(seed: int):
    """Of more users and sessions than there is room for the same are kept, with the same weights; the rest is gone."""
    few = replace(LEARNING, senders=8)
    log = list(crowd(seed))
    whole = absorb(Fold(few), log)
    known = whole.state.applications["shop"].profiles
    for kind in ("user", "session"):
        assert 0 < len(known[kind].own) <= 8
        assert any(profile.weights for profile in known[kind].own.values())
    gone = {key for key in whole.changed if key.kind in {"user", "session"} and not whole.holds(key)}
    assert len(gone) > 40
    for order in range(2):
        mixed = interleave(log, order)
        states.assert_equal(whole.state, absorb(Fold(few), mixed).state, START_S, READ_S)
        stop = 70 * (order + 1)
        after = absorb(restarted(Fold(few), absorb(Fold(few), mixed[:stop]), mixed[:stop]), mixed)
        states.assert_equal(whole.state, after.state, START_S, READ_S)
    by_topic = sorted(log, key=lambda m: (m.topic, m.offset))
    states.assert_equal(whole.state, absorb(Fold(few), by_topic).state, START_S, READ_S)


def test_records_of_profiles_round_trip():
    """Whatever the ids are, a state read back from its records writes the same bytes again."""
    fold, copy = learned(partition_log(3), START_S), Fold(LEARNING)
    written = {key: fold.write(key) for key in fold.keys() if key.kind in {"user", "session"}}  # noqa: SIM118
    assert {key.kind for key in written} == {"user", "session"}
    for key, data in written.items():
        copy.read(key, data)
    assert {key: copy.write(key) for key in written} == written
