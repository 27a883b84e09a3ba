"""What the fold learns of a page that the baseline filled: of its entities as ever, of the plan what it brought."""

from dataclasses import replace

import numpy as np
from msgspec import structs

from ltrr.models.learning.fold import Fold
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression, Source
from tests.models.logs import LEARNING, START_S, impression


def fold(page: Impression, *, act: bool) -> Fold:
    """Return a fold that has a page, and a like of the first entity on it."""
    one = Fold(LEARNING)
    one.absorb_impressions(0, START_S, [page])
    if act:
        shown = next(iter(page.looks()))
        one.absorb_actions(0, START_S + 2, [Action(page.query_id, shown, "like", START_S + 1)])
    return one


def page(brought_itself: int = 0) -> Impression:
    """Return a page whose plan had one arm on; the two others filled it. brought_itself: entities of that arm."""
    drawn = impression(np.random.default_rng(5), "q", START_S)
    assert drawn.decision is not None
    plan = replace(drawn.decision, levels=(2, 0, 0))
    brought = {"alpha": {"filled": 0.0, "score": 0.0}}
    alone, beside = (Source("alpha", 1, 1.0),), (Source("beta", 1, 1.0),)
    candidates = tuple(
        structs.replace(candidate, sources=alone if number < brought_itself else beside, contributions={})
        for number, candidate in enumerate(drawn.candidates)
    )
    filled = replace(drawn, decision=plan, fallback=("beta", "gamma"), candidates=candidates)
    return replace(filled, brought=brought, engagement=1.0)


def test_like_teaches_memory_and_ranker_but_not_the_policy():
    """The plan was run and brought nothing, whether or not what the fallback showed is liked."""
    silent, liked = (fold(page(), act=act).state.applications[page().application] for act in (False, True))
    assert liked.reward_model.decisions == silent.reward_model.decisions == 1
    assert np.array_equal(liked.reward_model.weights, silent.reward_model.weights)
    assert liked.reward_model.observations("alpha") > 0
    assert liked.reward_model.observations("beta") == liked.reward_model.observations("gamma") == 0
    assert np.array_equal(liked.calls.sums, silent.calls.sums)
    assert [row[0] for row in liked.calls.sums] == [1.0, 0.0, 0.0]  # the arm of the plan alone has a call
    assert not np.array_equal(liked.ranker.weights, silent.ranker.weights)
    taken = [sum(p.actions for q in a.memory.queries.values() for p in q.pairs.values()) for a in (silent, liked)]
    assert taken == [0.0, 1.0]


def test_a_plan_that_brought_too_little_has_the_credit_of_what_it_brought():
    """A like of its own entity is its merit, one of what the fallback brought beside it is not."""
    gained = []
    for liked in (0, 1):
        one = Fold(LEARNING)
        one.absorb_impressions(0, START_S, [page(brought_itself=1)])
        object_id = page().candidates[liked].object_id
        assert object_id in page().looks()
        (feedback,) = one.absorb_actions(0, START_S + 2, [Action("q", object_id, "like", START_S + 1)])
        gained.append((feedback.credits["alpha"] > 0, feedback.reward > 0))
    assert gained == [(True, True), (False, False)]


def test_feedback_pays_the_plan_alone():
    """Its reward is what the empty page earned: minus the price."""
    one = Fold(LEARNING)
    one.absorb_impressions(0, START_S, [page()])
    shown = next(iter(page().looks()))
    (feedback,) = one.absorb_actions(0, START_S + 2, [Action("q", shown, "like", START_S + 1)])
    assert feedback.reward == -LEARNING.price_weight
    assert feedback.credits == {"alpha": 0.0}
    assert feedback.actions == ((shown, "like"),)
