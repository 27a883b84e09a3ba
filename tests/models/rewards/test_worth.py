"""What arms are worth in the mean, with intervals."""

import numpy as np
import pytest

from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.rewards.worth import level_shares, mean_inputs, worths

RULES = PlanRules((Arm("dense", ("v:d",)), Arm("fuzzy", ("t:z",))), (0, 5, 10))
NAMES = ("bias", "broad")
FULL = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])


def learned(decisions: int, regressor: str = "bayesian") -> RewardModel:
    """Return a model of decisions that ran `dense` at 10, where every fourth query is broad: worth 0.4, else 0.2."""
    rng = np.random.default_rng(3)
    model = RewardModel(RULES, NAMES, 2.0, regressor=regressor)
    for number in range(decisions):
        broad = float(number % 4 == 0)
        values = np.array([0.1, 0.2 + 0.2 * broad]) + rng.normal(0, 0.25)
        model.learn_one({"bias": 1.0, "broad": broad}, Credit(("dense", "dense"), (1, 2), values, 0.0))
    return model


def test_worth_is_that_of_the_usual_query():
    """The mean is over the queries on which an arm ran, and the interval holds what it is worth to them."""
    model = learned(2000)
    assert mean_inputs(model).tolist() == [[1.0, 0.25], [1.0, 0.0]]
    dense = worths(model, 0.25, FULL)["dense"]
    assert dense.value == pytest.approx(0.25, abs=0.02)
    assert dense.low < 0.25 < dense.high


def test_worth_is_known_the_better_the_more_was_seen():
    """Four times the pages halve the interval."""
    few, many = (worths(learned(pages), 0.25, FULL)["dense"] for pages in (500, 2000))
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(2.0, rel=0.05)


def test_arm_is_worth_as_much_as_it_runs():
    """At a level half of the time it is worth half; one that is off is worth nothing, and that is sure."""
    model = learned(500)
    half = np.array([[0.5, 0.0, 0.5], [1.0, 0.0, 0.0]])
    whole, halved = (worths(model, 0.25, shares) for shares in (FULL, half))
    assert halved["dense"].value == pytest.approx(whole["dense"].value / 2)
    assert halved["dense"].high == pytest.approx(whole["dense"].high / 2)
    assert (whole["fuzzy"].value, whole["fuzzy"].low, whole["fuzzy"].high) == (0.0, 0.0, 0.0)


def test_regressor_without_sums_is_asked_of_the_bias():
    """One of River keeps no sums of what it saw: its worth is that of a query of which nothing is known."""
    model = learned(200, "linear_model.LinearRegression")
    assert mean_inputs(model).tolist() == [[1.0, 0.0], [1.0, 0.0]]
    dense = worths(model, 0.25, FULL)["dense"]
    assert dense.low < dense.value < dense.high


def test_shares_are_counted():
    """Levels are counted for each arm; one that no plan had is off; without plans there are no shares."""
    shares = level_shares({"dense": {0: 1, 2: 3}}, RULES.names, 3)
    assert shares is not None
    assert shares.tolist() == [[0.25, 0.0, 0.75], [1.0, 0.0, 0.0]]
    assert level_shares({}, RULES.names, 3) is None
