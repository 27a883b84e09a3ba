"""The static policy: one plan, whatever was learned, and in words what it cannot run."""

import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanSpace
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.policies.static import Static
from ltrr.models.rewards.reward_model import RewardModel

ARMS = (Arm("fulltext", ("t:f",)), Arm("dense", ("v:d",)), Arm("hybrid", ("t:f", "v:d")), Arm("memory"))
RULES = PlanRules(ARMS, (0, 5, 10), max_calls=1)
NAMES = ("bias", "name_exact", "coverage")


def test_static_runs_its_budgets():
    """The static plan has probability 1, whatever was learned."""
    options = PolicyOptions(budgets={"fulltext": 10, "memory": 5})
    static = Static(PlanSpace(RULES), RewardModel(RULES, NAMES, 2.0), options)
    distribution = static.distribution({"bias": 1.0, "name_exact": 1.0, "coverage": 0.3}, 0)
    assert distribution.joint((2, 0, 0, 1)) == 1.0
    assert static.choose(distribution, 0) == (2, 0, 0, 1)


@pytest.mark.parametrize(
    ("budgets", "says"),
    [
        ({}, "runs nothing"),
        ({"nobody": 5}, "do not exist: nobody"),
        ({"dense": 7}, "a budget is a step of the ladder"),
        ({"hybrid": 5}, "breaks a cap"),
    ],
    ids=["nothing", "unknown", "no_step", "cap"],
)
def test_static_refuses_what_it_cannot_run(budgets: dict[str, int], says: str):
    """Budgets that name no arm, no step or too many calls are refused in words."""
    with pytest.raises(InvalidSettings, match=says):
        Static(PlanSpace(RULES), RewardModel(RULES, NAMES, 2.0), PolicyOptions(budgets=budgets))
