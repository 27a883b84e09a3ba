"""What is special about `apprentice`."""

import itertools

import numpy as np
import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanSpace
from ltrr.models.policies.apprentice import Apprentice
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.policies.igw import InverseGapWeighting
from ltrr.models.rewards.context import context_vector
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel

RULES = PlanRules((Arm("dense", ("v:d",)), Arm("fuzzy", ("t:z",))), (0, 5, 10), max_calls=1)
CONTEXT = {"bias": 1.0}


def made(**options: object) -> Apprentice:
    """Return an apprentice with a new model."""
    return Apprentice(PlanSpace(RULES), RewardModel(RULES, ("bias",), 2.0), PolicyOptions(**options))


def learn(policy: Apprentice) -> None:
    """Teach that `fuzzy` is worth more than `dense`."""
    for _ in range(50):
        policy.learn_one(CONTEXT, Credit(("fuzzy", "dense"), (1, 1), np.array([0.8, 0.1]), 0.0))


def test_runs_the_static_plan_and_keeps_a_floor():
    """The plan in budgets has what exploration leaves, each feasible plan its share, whatever is learned."""
    policy = made(budgets={"dense": 5}, exploration=0.2)
    learn(policy)
    distribution = policy.distribution(CONTEXT, 0)
    plans = [plan for plan in itertools.product(range(3), repeat=2) if RULES.feasible(plan)]
    for plan in plans:
        assert distribution.joint(plan) == pytest.approx(0.2 / len(plans) + 0.8 * (plan == (1, 0)))


def test_who_takes_over_starts_from_what_it_learned():
    """Its model is that of any policy: `igw` over it does the better at once."""
    policy = made(budgets={"dense": 5})
    learn(policy)
    assert policy.model.predict(context_vector(CONTEXT, ("bias",)))[1, 1] > 0.7
    successor = InverseGapWeighting(policy.space, policy.model, policy.options)
    assert successor.distribution(CONTEXT, 0).marginals[1, 0] < 0.1


def test_baselines_that_cannot_be_are_refused():
    """Without a plan it is refused in words."""
    with pytest.raises(InvalidSettings, match="runs nothing"):
        made()
