"""The search for plans whose arms have something in common, against enumeration."""

import itertools

import numpy as np
import pytest

from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.search import PlanSearch

TWO = PlanRules(tuple(Arm(name, (name,)) for name in "abcd"), (0, 5, 20), max_calls=2, price_per_candidate=0.1)
BOTH = PlanRules(TWO.arms, TWO.ladder, max_calls=2, max_candidates=25, price_per_candidate=0.1)
SHARED = PlanRules(
    (Arm("text", ("t",)), Arm("dense", ("d",)), Arm("both", ("t", "d")), Arm("fuzzy", ("f",))), (0, 10), max_calls=2
)
WEIGHT = 0.05


def drawn(rules: PlanRules, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return worths, some of them below 0, and shares in common."""
    rng = np.random.default_rng(seed)
    worth = rng.normal(0.3, 0.4, (len(rules.arms), len(rules.ladder)))
    worth[:, 0] = 0.0
    shares = rng.random((len(rules.arms), len(rules.arms)))
    return worth, (shares + shares.T) / 2


def pair_value(rules: PlanRules, plan: tuple[int, ...], worth: np.ndarray, shares: np.ndarray) -> float:
    """Return the net worth of a plan of at most two arms."""
    on = [arm for arm, level in enumerate(plan) if level]
    worths = [float(worth[arm, plan[arm]]) for arm in on]
    common = 0.0
    if len(on) == 2 and min(worths) > 0:
        common = min(float(shares[on[0], on[1]]) * (worths[0] * worths[1]) ** 0.5, *worths)
    return sum(worths) - common - WEIGHT * rules.price(plan)


@pytest.mark.parametrize("rules", [TWO, BOTH], ids=["calls", "calls and candidates"])
@pytest.mark.parametrize("seed", range(6))
def test_two_arms_are_exact(rules: PlanRules, seed: int):
    """The best plan, and the best one with each level that is worth something, is that of the enumeration."""
    worth, shares = drawn(rules, seed)
    every = itertools.product(range(len(rules.ladder)), repeat=len(rules.arms))
    plans = {plan: pair_value(rules, plan, worth, shares) for plan in every if rules.feasible(plan)}
    found = PlanSearch(rules).find(worth, shares, WEIGHT)
    assert found.best() == max(plans, key=lambda plan: plans[plan])
    by_level = found.by_level(len(rules.ladder))
    for arm in range(len(rules.arms)):
        for level in range(len(rules.ladder)):
            best = max([value for plan, value in plans.items() if plan[arm] == level] + [0.0] * (level == 0))
            assert by_level[arm, level] == pytest.approx(best)
    assert all(rules.feasible(plan) for plan in found.levels.tolist())


def test_shared_calls_are_paid_once():
    """Arms that share their calls fit under the cap together, where each alone would break it, and pay once."""
    worth = np.array([[0.0, 0.3], [0.0, 0.3], [0.0, 0.3], [0.0, 0.1]])
    found = PlanSearch(SHARED).find(worth, np.zeros((4, 4)), WEIGHT)
    assert found.best() == (1, 1, 1, 0)
    assert found.values.max() == pytest.approx(0.9 - 2 * WEIGHT)


def test_the_first_call_of_the_baseline_may_be_paid():
    """It is not saved where that would leave none; the second one, and those of other arms, have their price."""
    rules = PlanRules(TWO.arms, TWO.ladder, max_calls=2, baseline=(1, 1, 0, 0))
    worth = np.array([[0.0, 0.01, 0.01], [0.0, 0.02, 0.02], [0.0, 0.3, 0.3], [0.0, -0.1, -0.2]])
    shares = np.zeros((4, 4))
    assert PlanSearch(rules).find(worth, shares, 0.05).best() == (0, 0, 1, 0)
    found = PlanSearch(rules, first_is_paid=True).find(worth, shares, 0.05)
    assert found.best() == (0, 1, 1, 0)
    assert found.values.max() == pytest.approx(0.3 - 0.05 + 0.02)
    assert found.by_level(3)[2, 0] == pytest.approx(0.02)


def test_twin_is_not_run_beside_its_twin():
    """Of the two best arms one is enough if they find the same; a weaker one that finds other things comes with it."""
    worth = np.array([[0.0, 0.4, 0.5], [0.0, 0.4, 0.5], [0.0, 0.1, 0.2], [0.0, -0.1, -0.2]])
    shares = np.zeros((4, 4))
    shares[0, 1] = shares[1, 0] = 1.0
    plan = PlanSearch(TWO).find(worth, shares, 0.01).best()
    assert plan in {(2, 0, 2, 0), (0, 2, 2, 0)}


def test_runs_something_even_at_a_loss():
    """Where nothing is worth its price the smallest loss is run."""
    worth = np.array([[0.0, -0.3, -0.5], [0.0, -0.1, -0.2], [0.0, -0.3, -0.5], [0.0, -0.3, -0.5]])
    found = PlanSearch(TWO).find(worth, np.zeros((4, 4)), WEIGHT)
    assert found.best() == (0, 1, 0, 0)
    assert found.by_level(3)[:, 0].min() == 0.0
