"""The join, outcome by outcome; window 100 s, lateness 10 s."""

from dataclasses import replace

import pytest

from ltrr.models.learning.join import Join, Outcome
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Impression

W, L = 100.0, 10.0


def shown(time_s: float = 0.0, page: int = 1, ids: tuple[str, ...] = ("x", "y"), query_id: str = "q") -> Impression:
    """Return a page of two places that shows some entities."""
    first = (page - 1) * 2 + 1
    candidates = tuple(Candidate(object_id, position=first + at) for at, object_id in enumerate(ids))
    return Impression(query_id, time_s, "q", "q", page=page, page_size=2, candidates=candidates, curve=(1.0, 0.5))


def act(time_s: float = 5.0, object_id: str = "x", name: str = "click", query_id: str = "q") -> Action:
    """Return an action."""
    return Action(query_id, object_id, name, time_s)


def opened(recorded_s: float = 0.0) -> Join:
    """Return a join that has one page."""
    join = Join(W, L)
    assert join.add_impression(shown(), recorded_s)[0] is Outcome.ACCEPTED
    return join


@pytest.mark.parametrize(
    ("recorded_s", "outcome"),
    [
        (0.0, Outcome.ACCEPTED),
        (W + L, Outcome.ACCEPTED),
        (W + L + 0.1, Outcome.LATE),
        (-L, Outcome.ACCEPTED),
        (-L - 0.1, Outcome.FUTURE),
    ],
)
def test_impression_is_recorded_about_when_it_happened(recorded_s: float, outcome: Outcome):
    """An impression recorded after window and lateness is late, one recorded well before it happened is refused."""
    assert Join(W, L).add_impression(shown(), recorded_s)[0] is outcome


def test_repeated_page_is_a_duplicate():
    """The same query id and page again is a duplicate, another page of it is not."""
    join = opened()
    assert join.add_impression(shown(), 1.0)[0] is Outcome.DUPLICATE
    assert join.add_impression(shown(page=2), 2.0)[0] is Outcome.ACCEPTED
    assert [page.impression.page for page in join.pages("q")] == [1, 2]


@pytest.mark.parametrize(
    ("time_s", "recorded_s", "outcome"),
    [
        (5.0, 6.0, Outcome.ACCEPTED),
        (W, W + L, Outcome.ACCEPTED),
        (W + L, W + 1, Outcome.ACCEPTED),
        (W + L + 0.1, W + 1, Outcome.LATE),
        (-L, 1.0, Outcome.ACCEPTED),
        (-L - 0.1, 1.0, Outcome.EARLY),
        (5.0, W + L + 0.1, Outcome.LATE),
        (5.0, W + 2 * L, Outcome.LATE),
        (W + 2 * L, W + L, Outcome.LATE),
        (W + 2 * L + 0.1, W + L, Outcome.FUTURE),
        (3 * W, 1.0, Outcome.FUTURE),
        (-3.0, 1.0, Outcome.ACCEPTED),
    ],
)
def test_action_counts_within_the_window(time_s: float, recorded_s: float, outcome: Outcome):
    """It has to happen, and be recorded, from the lateness before its impression to window and lateness after it."""
    arrival = opened().add_action(act(time_s), recorded_s)
    assert arrival.outcomes == (outcome,)
    assert len(arrival.accepted) == (outcome is Outcome.ACCEPTED)


@pytest.mark.parametrize("action_first", [False, True])
def test_an_action_of_another_application_is_told(*, action_first: bool):
    """It teaches nothing of the page, whichever is read first, and takes nothing from the action that is right."""
    join = Join(W, L)
    other = replace(act(), application="elsewhere")
    outcomes: tuple[Outcome, ...] = ()
    if action_first:
        assert join.add_action(other, 1.0).outcomes == ()
    arrival = join.add_impression(shown(), 1.0)[1]
    outcomes = arrival.outcomes if action_first else join.add_action(other, 6.0).outcomes
    assert (outcomes, arrival.accepted) == ((Outcome.OTHER_APPLICATION,), ())
    assert join.add_action(replace(act(), application="default"), 6.0).outcomes == (Outcome.ACCEPTED,)
    assert join.add_action(act(name="like"), 6.0).outcomes == (Outcome.ACCEPTED,), "the page's own, where none is named"


def test_same_action_counts_once():
    """The same name on the same object is a duplicate, another name or object is not; others use nothing up."""
    join = opened()
    outcomes = [
        join.add_action(action, 6.0).outcomes
        for action in (act(W + L + 1), act(), act(), act(name="like"), act(object_id="y"))
    ]
    assert outcomes == [
        (Outcome.FUTURE,), (Outcome.ACCEPTED,), (Outcome.DUPLICATE,), (Outcome.ACCEPTED,), (Outcome.ACCEPTED,)
    ]  # fmt: skip


def test_action_waits_for_its_impression():
    """An action that is read first is decided by the impression, as if it had been read after it."""
    join = Join(W, L)
    assert join.add_action(act(), 6.0).outcomes == ()
    assert join.add_action(act(), 7.0).outcomes == ()
    outcome, arrival = join.add_impression(shown(), 0.0)
    assert outcome is Outcome.ACCEPTED
    assert arrival.outcomes == (Outcome.ACCEPTED, Outcome.DUPLICATE)
    assert [accepted.recorded_s for accepted in arrival.accepted] == [6.0]


def test_page_that_is_not_to_be_learned_is_joined_all_the_same():
    """Its repetition is a duplicate, and so is that of an action on it; what would be accepted is not learned."""
    join, silent = Join(W, L), replace(shown(), learn=False)
    join.add_action(act(), 6.0)
    outcome, arrival = join.add_impression(silent, 0.0)
    assert (outcome, arrival.page, arrival.accepted) == (Outcome.NOT_LEARNED, None, ())
    assert arrival.outcomes == (Outcome.NOT_LEARNED,)
    assert join.add_impression(silent, 1.0)[0] is Outcome.DUPLICATE
    again = [
        join.add_action(action, 7.0).outcomes for action in (act(), act(object_id="y"), act(W + L + 1, name="like"))
    ]
    assert again == [(Outcome.DUPLICATE,), (Outcome.NOT_LEARNED,), (Outcome.FUTURE,)]


def test_action_recorded_before_its_impression():
    """Up to the lateness an action may be recorded before the impression that it answers; not longer."""
    join = Join(W, L)
    assert join.add_action(act(), 0.0).outcomes == ()
    assert join.add_impression(shown(), L)[1].outcomes == (Outcome.ACCEPTED,)
    join = Join(W, L)
    assert join.add_action(act(), 0.0).outcomes == ()
    assert join.add_impression(shown(), L + 0.1)[1].outcomes == (Outcome.DANGLING,)


def test_action_without_impression_dangles():
    """Once the impressions were read past its record time and the lateness, an action of no page is given up."""
    join = Join(W, L)
    join.add_action(act(), 6.0)
    assert join.read_past(impressions_s=6.0 + L) == ()
    assert join.read_past(impressions_s=6.0 + L + 0.1) == (Outcome.DANGLING,)
    assert join.read_past(impressions_s=1e9) == ()
    assert join.add_action(act(), 7.0).outcomes == (Outcome.DANGLING,)


def test_action_on_what_was_not_shown():
    """An action on an entity that no page of its query shows is unshown, at the end of its wait."""
    join = opened()
    assert join.add_action(act(object_id="z"), 6.0).outcomes == ()
    assert join.read_past(impressions_s=6.0 + L + 0.1) == (Outcome.UNSHOWN,)
    early = Join(W, L)
    early.add_action(act(object_id="z"), 6.0)
    early.add_impression(shown(), 0.0)
    assert early.read_past(impressions_s=50.0) == (Outcome.UNSHOWN,)


def test_action_on_a_later_page_waits_for_it():
    """The first related page that shows the object takes the action."""
    join = opened()
    assert join.add_action(act(object_id="z"), 6.0).outcomes == ()
    arrival = join.add_impression(shown(page=2, ids=("z", "x")), 8.0)[1]
    assert arrival.outcomes == (Outcome.ACCEPTED,)
    assert arrival.accepted[0].page.impression.page == 2
    assert join.add_action(act(), 9.0).accepted[0].page.impression.page == 1


def test_read_past_the_start_of_time_counts():
    """A topic read up to second 0 has been read up to there."""
    join = Join(W, L)
    join.add_action(act(-99.0), -50.0)
    assert join.read_past(impressions_s=0.0) == (Outcome.DANGLING,)


def test_pages_are_forgotten_by_the_log_alone():
    """A page goes once both topics were read past all that can concern it, and not before."""
    join = opened()
    bound = W + 3 * L
    join.read_past(impressions_s=1e9, actions_s=bound)
    assert join.open_pages == 1
    join.read_past(actions_s=bound + 0.1)
    assert join.open_pages == 0
    assert join.pages("q") == []


def test_queries_are_apart():
    """Actions of one query never meet pages of another."""
    join = opened()
    join.add_impression(shown(query_id="other"), 1.0)
    assert join.add_action(act(query_id="other"), 6.0).accepted[0].page.impression.query_id == "other"
