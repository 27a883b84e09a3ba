"""Silence weighs what its impression says; what was acted on counts in full, in whatever order that is learned."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from ltrr.models.learning.fold import Fold
from ltrr.models.learning.page import Page
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.rewards.engagement import EVERYONE
from ltrr.models.state.records import RecordKey
from ltrr.models.state.state import State
from tests.models import states
from tests.models.logs import LEARNING, START_S, Message, absorb, follow, impression, interleave, partition_log

END_S = START_S + 1e6
WEIGHT = 0.25


def pages(count: int = 2, engagement: float = WEIGHT) -> list[Impression]:
    """Return pages of one query that each show three entities of their own."""
    rng, found = np.random.default_rng(3), list[Impression]()
    while len(found) < count:
        page = impression(rng, "q", START_S + len(found), page=len(found) + 1)
        if len(page.looks()) == 3 and not any(page.looks().keys() & other.looks() for other in found):
            page = replace(page, application="shop", normalised_query="query", user_id="ann", engagement=engagement)
            found.append(page)
    return found


def act(page: Impression, place: int = 0, name: str = "like") -> Action:
    """Return an action on an entity of a page."""
    return Action(page.query_id, str(list(page.looks())[place]), name, page.time_s + 5)


def learned(*events: Impression | Action, restart_at: int | None = None) -> State:
    """Return what a fold has learned of events, one message each; restarted before one of them."""
    fold, read = Fold(LEARNING), []
    for number, event in enumerate(events):
        if number == restart_at:
            again = Fold(LEARNING)
            for key in fold.keys():  # noqa: SIM118  # a method of the fold, not of a dict
                again.read(key, fold.write(key))
            again.warm(read)
            fold = again
        topic = "impressions" if isinstance(event, Impression) else "actions"
        message = Message(topic, fold.progress.offsets[topic], START_S + 10, (event,))  # type: ignore[arg-type]
        absorb(fold, [message])
        read.append((message.recorded_s, message.events))
    return fold.state


def assert_taught_alike(one: State, other: State) -> None:
    """Compare what was learned, but for what decides what the memory drops."""
    left, right = (
        {key: found for key, found in states.numbers(state, START_S, END_S).items() if not key.endswith("shown")}
        for state in (one, other)
    )
    states.assert_near(left, right)


def test_a_silent_page_weighs_what_it_says():
    """Reward model, decisions, history, memory and estimates; it is one decision and one page all the same."""
    (page,) = pages(1)
    one, whole = learned(page), learned(replace(page, engagement=1.0))
    found, full = (states.numbers(state, START_S, END_S) for state in (one, whole))
    for key, expected in full.items():
        if "sender" not in key and "baseline" not in key:
            weight = [1, WEIGHT] if key.endswith("decisions") else WEIGHT
            np.testing.assert_allclose(found[key], weight * expected, rtol=1e-9, atol=1e-15, err_msg=key)
    application = one.application("shop")
    assert application.reward_model.decisions == 1
    assert application.reward_model.count.effective == pytest.approx(WEIGHT)
    assert application.senders.of("user:ann", START_S).pages == pytest.approx(1.0)


def test_what_was_acted_on_counts_in_full():
    """After an action nothing says that silence would have weighed less."""
    (page,) = pages(1)
    whole = replace(page, engagement=1.0)
    assert_taught_alike(learned(page, act(page)), learned(whole, act(page)))


@pytest.mark.whole
def test_no_order_of_events_leaves_a_trace():
    """Two pages of a query and actions on both, in all orders and with a restart anywhere, teach the same."""
    first, second = pages()
    events = [first, second, act(first, 1, "click"), act(second)]
    expected = learned(*(replace(e, engagement=1.0) if isinstance(e, Impression) else e for e in events))
    for order in permutations(events):
        for restart_at in (None, 1, 2, 3):
            assert_taught_alike(learned(*order, restart_at=restart_at), expected)


@pytest.mark.parametrize("acted", [0, 1])
def test_one_action_engages_all_pages_of_its_query(acted: int):
    """Who goes on to a second page and acts there has not been silent on the first, and the other way round."""
    both = pages()
    whole = [replace(page, engagement=1.0) for page in both]
    state = learned(*both, act(both[acted]))
    assert_taught_alike(state, learned(*whole, act(whole[acted])))
    engagement = state.application("shop").senders.of(EVERYONE, START_S)
    assert (engagement.pages, engagement.acted) == pytest.approx((1.0, 1.0))


def test_pages_that_count_nothing_move_no_sum():
    """Whether pages of weight 0 are read before or after an action on an older one, epochs are the same, and all is."""
    first, second = pages(engagement=0.0)
    second = replace(second, time_s=first.time_s + LEARNING.half_life_s)
    fold, other = Fold(replace(LEARNING, join_window_s=9_000.0)), Fold(replace(LEARNING, join_window_s=9_000.0))
    shown = [Message("impressions", n, page.time_s, (page,)) for n, page in enumerate((first, second))]
    acted = [Message("actions", n, act(page).time_s, (act(page),)) for n, page in enumerate((first, second))]
    late = replace(first, query_id="late", time_s=second.time_s + LEARNING.half_life_s)
    silent = Message("impressions", 2, late.time_s, (late,))
    for one, messages in ((fold, (*shown, silent, *acted)), (other, (shown[0], acted[0], shown[1], acted[1], silent))):
        absorb(one, messages)
    epochs = []
    for one in (fold, other):
        application = one.state.application("shop")
        sums = [application.ranker.point, application.ranker.pair, application.calls, application.reward_model.overlaps]
        epochs.append([part.epoch for part in sums])
    assert epochs[0] == epochs[1]
    assert_taught_alike(fold.state, other.state)


def test_who_acts_twice_counts_once():
    """A page is acted on or not."""
    (page,) = pages(1)
    engagement = learned(page, act(page), act(page, 1), act(page, 2, "click")).application("shop").senders
    assert engagement.of(EVERYONE, START_S).acted == pytest.approx(1.0)


def test_what_is_worth_nothing_is_no_action():
    """An action of weight 0 leaves a page silent."""
    (page,) = pages(1)
    fold = Fold(replace(LEARNING, action_weights={"like": 0.0}))
    absorb(fold, [Message("impressions", 0, START_S, (page,)), Message("actions", 0, START_S + 6, (act(page),))])
    assert fold.state.counts["actions", "accepted"] == 1
    assert fold.state.application("shop").reward_model.count.effective == pytest.approx(WEIGHT)
    assert fold.state.application("shop").senders.of(EVERYONE, START_S).acted == 0.0


def test_a_page_that_shows_nothing_is_none():
    """Nobody could have acted on it."""
    (page,) = pages(1)
    empty = replace(page, candidates=(), curve=())
    assert list(learned(empty).application("shop").senders) == []


@pytest.mark.parametrize(
    ("who", "sender"),
    [
        ({"user_id": "ann", "client_id": "c", "session_id": "s"}, "user:ann"),
        ({"user_id": None, "client_id": "c", "session_id": "s"}, "client:c"),
        ({"user_id": None, "client_id": None, "session_id": "s"}, "session:s"),
        ({"user_id": None, "client_id": None, "session_id": None}, None),
    ],
)
def test_the_sender_is_who_is_known_best(who: dict[str, str | None], sender: str | None):
    """A user, else a client, else a session; nobody's pages are the application's alone."""
    (page,) = pages(1)
    page = replace(page, **who)
    assert page.sender == sender
    assert list(learned(page).application("shop").senders) == [EVERYONE, *([sender] if sender else [])]


@pytest.mark.parametrize("seed", range(4))
def test_final_sums_follow_from_weights_and_actions_alone(seed: int):
    """A log whose engaged pages say from the start that they count in full teaches the same, in any interleaving."""
    log = partition_log(seed)
    fold, seen = Fold(LEARNING), dict[tuple[str, int, float], Page]()
    for message in log:
        absorb(fold, [message])
        for event in message.events:
            for page in fold.join.pages(event.query_id):
                seen[page.impression.query_id, page.impression.page, page.impression.time_s] = page
    assert {page.engaged for page in seen.values()} == {True, False}
    known = [replace(message, events=tuple(_told(event, seen) for event in message.events)) for message in log]
    expected = absorb(Fold(LEARNING), known)
    order = (interleave(log, seed), sorted(log, key=lambda m: (m.topic, m.offset)))[seed % 2]
    mixed = absorb(Fold(LEARNING), order)
    for one in (fold, mixed, expected):
        one.read_past(END_S, END_S)
    for one in (fold, mixed):
        assert_taught_alike(one.state, expected.state)


def _told(event: Impression | Action, seen: dict[tuple[str, int, float], Page]) -> Impression | Action:
    """Return an event; a page that was acted on in the end says so."""
    if isinstance(event, Action):
        return event
    page = seen.get((event.query_id, event.page, event.time_s))
    return event if page is None else replace(event, engagement=1.0 if page.engaged else event.engagement)


def test_dropped_senders_leave_the_records():
    """Who follows the changed records, and forgets those that are gone, holds what the fold holds."""
    small = replace(LEARNING, senders=2)
    fold, follower = Fold(small), Fold(small)
    assert follow(fold, follower, partition_log(5))["sender"] > 0
    for name, application in fold.state.applications.items():
        assert follower.state.application(name).senders.own == application.senders.own
        assert len(application.senders.own) <= 3
        assert RecordKey("sender", name, EVERYONE) in fold.keys()  # noqa: SIM118
