"""What is special about `thompson`."""

import itertools

import numpy as np
import pytest

from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanSpace
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.policies.thompson import Thompson
from ltrr.models.rewards.context import context_vector
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel

RULES = PlanRules((Arm("dense", ("v:d",)), Arm("hybrid", ("t:f", "v:d")), Arm("fuzzy", ("t:z",))), max_calls=2)
NAMES = ("bias", "name_exact")
CONTEXT = {"bias": 1.0, "name_exact": 1.0}


def made(times: int) -> Thompson:
    """Return a policy that has seen `dense` earn something `times` times."""
    model = RewardModel(RULES, NAMES, 2.0)
    policy = Thompson(PlanSpace(RULES), model, PolicyOptions(exploration=0.1))
    for _ in range(times):
        policy.learn_one(CONTEXT, Credit(("dense", "dense"), (1, 2), np.array([0.3, 0.4]), 0.0))
    return policy


def together(worths: np.ndarray) -> float:
    """Return what arms are worth that have a half in common, as all have before anything is known."""
    strongest_first = sorted((worth for worth in worths.tolist() if worth), reverse=True)
    total = 0.0
    for place, worth in enumerate(strongest_first):
        common = [min(0.5 * (worth * other) ** 0.5, worth) if worth > 0 else 0.0 for other in strongest_first[:place]]
        total += worth * float(np.prod([1 - shared / worth for shared in common]))
    return total


def test_plan_is_the_best_under_the_drawn_parameters():
    """The likely plan is the best of all feasible ones under what the seed draws, and the rest is uniform."""
    policy = made(3)
    plans = [plan for plan in itertools.product(range(4), repeat=3) if RULES.feasible(plan)]
    for seed in range(20):
        drawn = policy.model.draw(np.random.default_rng([seed, 2]), policy.options.noise)
        worth = policy.model.worth(drawn, context_vector(CONTEXT, NAMES))
        net = {plan: together(worth[range(3), plan]) - 0.01 * RULES.price(plan) for plan in plans}
        best = max(net, key=net.get)
        distribution = policy.distribution(CONTEXT, seed)
        for plan in plans:
            expected = 0.1 / len(plans) + 0.9 * (plan == best)
            assert distribution.joint(plan) == pytest.approx(expected, rel=1e-9)


def test_draws_are_those_of_the_posterior():
    """Drawn weights have the posterior's mean and covariance."""
    policy = made(4)
    drawn = np.array([policy.model.draw(np.random.default_rng(seed), 0.5)[0] for seed in range(4000)])
    for number, step in enumerate(policy.model.regressors["dense"]):
        covariance = 0.25 * np.linalg.inv(step.statistics.moment + 2.0 * np.eye(2))
        np.testing.assert_allclose(drawn[:, number].mean(axis=0), step.weights, atol=0.03)
        np.testing.assert_allclose(np.cov(drawn[:, number].T), covariance, atol=0.01)


def test_draws_narrow_as_credit_comes():
    """What was learned often is drawn near its mean; what was not stays wide, and a correction leaves the width."""
    few, many = made(2).model, made(200).model
    before = many.regressors["dense"][0].spread
    assert np.abs(before).max() < np.abs(few.regressors["dense"][0].spread).max()
    assert np.array_equal(many.regressors["fuzzy"][0].spread, few.regressors["fuzzy"][0].spread)
    again = Credit(("dense",), (1,), np.array([0.9]), 0.0)
    many.learn_one(CONTEXT, again, Credit(("dense",), (1,), np.array([0.3]), 0.0))
    assert np.array_equal(many.regressors["dense"][0].spread, before)


def test_context_without_features_still_has_a_plan():
    """Where nothing is known all plans tie but for their prices: the cheapest one runs."""
    distribution = made(0).distribution({}, 1)
    assert RULES.feasible(made(0).choose(distribution, 1))
    assert distribution.marginals[1, 0] > 0.9
