"""A page weighs its voice in all that is learned of it, whatever happens on it."""

from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.learning.fold import Fold
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.rewards.engagement import EVERYONE
from ltrr.models.state.state import ApplicationState
from tests.models.logs import LEARNING, START_S, impression

RNG_SEED = 5


def page(query_id: str = "q", voice: float = 1.0) -> Impression:
    """Return a page of one visitor; all of them show the same."""
    drawn = impression(np.random.default_rng(RNG_SEED), "q", START_S)
    who = {"user_id": "ann", "session_id": "s", "application": "shop"}
    return replace(drawn, query_id=query_id, normalised_query="query", voice=voice, engagement=0.5, **who)


def learned(*pages: Impression) -> Fold:
    """Return what pages teach on which all was bought."""
    fold = Fold(LEARNING)
    for number, one in enumerate(pages):
        fold.absorb_impressions(number, START_S, [one])
        bought = [Action(one.query_id, object_id, "like", START_S + 5, one.application) for object_id in one.looks()]
        fold.absorb_actions(number, START_S + 5, bought)
    return fold


def of(fold: Fold) -> ApplicationState:
    """Return what was learned of the shop."""
    return fold.state.application("shop")


def sums(fold: Fold) -> list[np.ndarray]:
    """Return all sums but those of squares."""
    state = of(fold)
    memory = [
        [pair.actions, pair.examinations, pair.shown] for _, pair in sorted(state.memory.queries["query"].pairs.items())
    ]
    ranker = [
        state.ranker.pair.moment,
        state.ranker.pair.said,
        state.ranker.point.moment,
        state.ranker.point.said,
    ]
    arms = [
        array for arm in LEARNING.rules.names for step in state.reward_model.regressors[arm] for array in step.pack()[1]
    ]
    profiles = [
        sorted(kind.own[name].weights.items())
        for kind, name in ((state.profiles["user"], "ann"), (state.profiles["session"], "s"))
    ]
    taken = [[weight for _, weight in weights] for weights in profiles]
    everyone = state.senders.own[EVERYONE]
    return [
        np.array(one)
        for one in (
            memory,
            *ranker,
            *arms,
            *taken,
            state.positions.values,
            state.regret.sums,
            state.calls.sums,
            [everyone.pages, everyone.acted],
        )
    ]


def test_two_halves_are_one_whole():
    """Two pages of half a voice teach what one of a whole voice does: arms, ranker, memory, profiles and all else."""
    halves, whole = learned(page("one", 0.5), page("two", 0.5)), learned(page("one"))
    for mine, theirs in zip(sums(halves), sums(whole), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)


def test_without_a_voice_nothing_is_said():
    """Pages of no voice change no weight, no curve, no memory and no comparison, whatever is bought on them."""
    silent, alone = learned(page("one"), page("two", 0.0)), learned(page("one"))
    for mine, theirs in zip(sums(silent), sums(alone), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-15)
    squares = [(of(fold).positions.squares, of(fold).regret.products) for fold in (silent, alone)]
    for mine, theirs in zip(*squares, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert silent.state.counts["actions", "accepted"] == 2 * alone.state.counts["actions", "accepted"]


def test_a_kept_page_keeps_its_voice():
    """What is done on a page a week later weighs what was done at once."""
    learning = replace(LEARNING, action_windows_s={"like": 86_400.0})
    weights = []
    for voice in (1.0, 0.25):
        fold, shown = Fold(learning), page("one", voice)
        bought = next(iter(shown.looks()))
        fold.absorb_impressions(0, START_S, [shown])
        fold.absorb_actions(0, START_S + 5, [Action("one", bought, "click", START_S + 5, "shop")])
        fold.read_past(START_S + 40_000, START_S + 40_000)
        assert fold.join.kept
        again = Fold(learning)
        for record in fold.keys():  # noqa: SIM118  # a method of records, not of a mapping
            again.read(record, fold.write(record))
        again.absorb_actions(1, START_S + 40_000, [Action("one", bought, "like", START_S + 40_000, "shop")])
        assert again.state.counts["actions", "accepted"] == 2
        weights.append(of(again).memory.queries["query"].pairs[bought].actions)
    assert weights[1] == pytest.approx(0.25 * weights[0])
