"""The learner fold where an impression was made under other settings than it is learned under."""

from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.learning.fold import Fold
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.rewards.call_history import HISTORY_NAMES
from ltrr.models.state.state import State, merge
from tests.models.logs import LEARNING, START_S, impression


def first_page(seed: int = 5) -> Impression:
    """Return a page that shows something of a plan in which `alpha` has the highest level."""
    rng = np.random.default_rng(seed)
    page = impression(rng, "q", START_S)
    while page.decision is None or page.decision.levels[0] != 2 or not page.looks():
        page = impression(rng, "q", START_S)
    return page


@pytest.mark.parametrize("ladder", [(0, 4), (0, 2, 4, 8), (0, 3, 6)], ids=str)
def test_plan_of_another_ladder_teaches_no_arm(ladder: tuple[int, ...]):
    """Its levels would be read as other budgets, or as none at all; memory and ranker learn from the page as ever."""
    page = first_page()
    learning = replace(LEARNING, rules=PlanRules(LEARNING.rules.arms, ladder))
    fold = Fold(learning)
    fold.absorb_impressions(0, START_S, [page])
    (feedback,) = fold.absorb_actions(0, START_S + 9, [Action("q", next(iter(page.looks())), "like", START_S + 5)])
    learned = fold.state.applications[page.application]
    assert feedback.reward == 1.0
    assert learned.reward_model.decisions == 0
    assert not any(learned.reward_model.observations(arm) for arm in learned.reward_model.regressors)
    assert learned.ranker.point.said.any()
    assert learned.memory.queries


def test_arms_that_are_no_longer_configured_are_left_out():
    """A plan with a retired arm teaches the arms that are left."""
    page = first_page()
    learning = replace(LEARNING, rules=PlanRules((Arm("alpha", ("t:a",)), Arm("new", ("t:n",))), LEARNING.rules.ladder))
    fold = Fold(learning)
    fold.absorb_impressions(0, START_S, [page])
    model = fold.state.applications[page.application].reward_model
    assert model.decisions == 1
    assert model.observations("alpha") > 0
    assert model.observations("new") == 0


def test_partition_that_never_ran_an_arm_adds_up():
    """Where one partition knows an application only from pages without a plan, the other's arms are the sum's."""
    page = first_page()
    planned, plain = Fold(LEARNING), Fold(LEARNING)
    planned.absorb_impressions(0, START_S, [page])
    plain.absorb_impressions(0, START_S, [replace(page, query_id="other", decision=None)])
    x = np.linspace(0, 1, len(LEARNING.context_names) + len(HISTORY_NAMES))
    expected = planned.state.applications[page.application].reward_model.predict(x)
    for parts in ((planned.state, plain.state), (plain.state, planned.state), (planned.state, State(LEARNING))):
        merged = merge(parts, LEARNING).applications[page.application]
        np.testing.assert_allclose(merged.reward_model.predict(x), expected, rtol=1e-12)
