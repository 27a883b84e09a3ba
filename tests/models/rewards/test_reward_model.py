"""The reward model: the best budget depends on the context."""

import math

import numpy as np
import pytest
from msgspec import structs

from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.rewards.context import context_vector
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.statistics.least_squares import Array

RULES = PlanRules((Arm("dense", ("v:d",)), Arm("fuzzy", ("t:z",))), (0, 5, 10, 20))
NAMES = ("bias", "broad")


def learned(worth: Array, seed: int = 1) -> RewardModel:
    """Return a model of 400 decisions that ran `dense`. worth: of levels 1 to 3, shape (contexts, 3)."""
    rng = np.random.default_rng(seed)
    model = RewardModel(RULES, NAMES, 2.0)
    for _ in range(400):
        broad = int(rng.integers(2))
        top = int(rng.integers(1, 4))
        values = worth[broad, :top] + rng.normal(0, 0.1, top)
        credit = Credit(("dense",) * top, tuple(range(1, top + 1)), values, 0.0)
        model.learn_one({"bias": 1.0, "broad": float(broad)}, credit)
    return model


def test_best_budget_flips_with_the_context():
    """In narrow queries the smallest budget is worth most, in broad ones the largest; both are learned."""
    worth = np.array([[0.5, 0.3, 0.2], [0.1, 0.37, 0.5]])
    model = learned(worth)
    for broad in (0, 1):
        predicted = model.predict(np.array([1.0, broad]))
        assert predicted[0, 1:].argmax() == worth[broad].argmax()
        np.testing.assert_allclose(predicted[0, 1:], worth[broad], atol=0.05)
        assert predicted[0, 0] == 0.0
        assert np.array_equal(predicted[1], np.zeros(4))


def test_one_budget_is_told_from_another_on_the_same_page():
    """Luck that all levels of a page share says nothing of their difference, whichever levels were run how often."""
    rng = np.random.default_rng(3)
    model = RewardModel(RULES, NAMES, 0.01)
    for _ in range(300):
        top = int(rng.integers(1, 4))
        values = np.array([0.2, 0.21, 0.215])[:top] + rng.normal(0, 1.0)
        model.learn_one({"bias": 1.0}, Credit(("dense",) * top, tuple(range(1, top + 1)), values, 0.0))
    steps = np.diff(model.predict(np.array([1.0, 0.0]))[0, 1:])
    assert steps == pytest.approx([0.01, 0.005], abs=1e-4)


def test_larger_budgets_are_worth_what_the_smallest_is_until_they_are_tried():
    """What was only run at the smallest budget is not believed to lose by a larger one, so that it is tried."""
    model = RewardModel(RULES, NAMES, 2.0)
    for _ in range(50):
        model.learn_one({"bias": 1.0}, Credit(("dense",), (1,), np.array([0.5]), 0.0))
    dense = model.predict(np.array([1.0, 0.0]))[0]
    assert dense[1:] == pytest.approx([dense[1]] * 3)
    assert dense[1] > 0.4


def test_ladder_of_one_budget_works():
    """With one budget besides 0 there is nothing to tell apart."""
    model = RewardModel(PlanRules(RULES.arms, (0, 10)), NAMES, 0.01)
    for _ in range(50):
        model.learn_one({"bias": 1.0}, Credit(("dense",), (1,), np.array([0.5]), 0.0))
    assert model.predict(np.array([1.0, 0.0]))[0] == pytest.approx([0.0, 0.5], abs=0.01)


def test_mean_credit_is_the_mean_of_what_was_learned():
    """An arm's mean credit is that of the levels it ran at, faded alike; 0 before any."""
    model = RewardModel(RULES, NAMES, 2.0, 100.0)
    model.learn_one({"bias": 1.0, "broad": 1.0}, Credit(("dense", "dense"), (1, 2), np.array([0.2, 0.6]), 0.0))
    assert model.mean_credit("dense") == pytest.approx(0.6)
    model.learn_one({"bias": 1.0, "broad": 0.0}, Credit(("dense",), (1,), np.array([0.3]), 100.0))
    assert model.mean_credit("dense") == pytest.approx((0.6 + 2 * 0.3) / 3)
    assert model.mean_credit("fuzzy") == 0.0


def test_merge_equals_one_model():
    """Models of parts add up; an arm that one part never ran is the other's."""
    worth = np.array([[0.5, 0.3, 0.2], [0.1, 0.37, 0.5]])
    one, other = learned(worth, 1), learned(worth, 2)
    other.learn_one({"bias": 1.0}, Credit(("fuzzy",), (1,), np.array([0.5]), 0.0))
    both = learned(worth, 1)
    rng = np.random.default_rng(2)
    for _ in range(400):
        broad = int(rng.integers(2))
        top = int(rng.integers(1, 4))
        values = worth[broad, :top] + rng.normal(0, 0.1, top)
        credit = Credit(("dense",) * top, tuple(range(1, top + 1)), values, 0.0)
        both.learn_one({"bias": 1.0, "broad": float(broad)}, credit)
    both.learn_one({"bias": 1.0}, Credit(("fuzzy",), (1,), np.array([0.5]), 0.0))
    x = np.array([1.0, 0.4])
    for merged in (one + other, other + one):
        np.testing.assert_allclose(merged.predict(x), both.predict(x), rtol=1e-9)
        assert merged.decisions == 801
    assert one.decisions == 400


@pytest.mark.parametrize("half_life_s", [math.inf, 70.0])
@pytest.mark.parametrize("before", [0, 20])
def test_many_at_once_teach_what_each_teaches(half_life_s: float, before: int):
    """Decisions of any times, in batches after others, with arms that are unknown or failed, equal one by one."""
    rng = np.random.default_rng(5)
    decisions = []
    for _ in range(60):
        arms = [arm for arm in ("dense", "gone", "fuzzy") if rng.random() < 0.6]
        rows = [(arm, level) for arm in arms for level in range(1, int(rng.integers(2, 5)))]
        credit = Credit(
            tuple(r[0] for r in rows), tuple(r[1] for r in rows), rng.normal(size=len(rows)), float(rng.uniform(0, 500))
        )
        credit = structs.replace(credit, weight=float(rng.choice([1.0, 0.3, 0.0])))
        decisions.append(({"bias": 1.0, "broad": float(rng.normal())}, credit))
    one_by_one, at_once = (RewardModel(RULES, NAMES, 2.0, half_life_s) for _ in range(2))
    for context, credit in decisions:
        one_by_one.learn_one(context, credit)
    for context, credit in decisions[:before]:
        at_once.learn_one(context, credit)
    at_once.learn_many(decisions[before:40])
    at_once.learn_many(decisions[40:])
    at_once.learn_many([])
    assert at_once.decisions == one_by_one.decisions
    for arm, steps in one_by_one.regressors.items():
        for mine, step in zip(at_once.regressors[arm], steps, strict=True):
            sums, other = step.statistics, mine.statistics
            assert np.array_equal(other.moment, other.moment.T)
            assert other.epoch == sums.epoch
            assert other.weight == pytest.approx(sums.weight, rel=1e-12)
            np.testing.assert_allclose(other.moment, sums.moment, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(other.response, sums.response, rtol=1e-9, atol=1e-12)


def test_one_wild_context_does_not_destroy_what_was_learned():
    """A finite but absurd context is cut, so that no sum overflows and predictions stay finite."""
    model = learned(np.array([[0.5, 0.3, 0.2], [0.1, 0.37, 0.5]]))
    wild = {"bias": 1.0, "broad": 1e300}
    model.learn_one(wild, Credit(("dense",), (1,), np.array([0.5]), 0.0))
    assert np.isfinite(model.predict(context_vector(wild, NAMES))).all()
    assert model.predict(np.array([1.0, 0.0]))[0, 1:].argmax() == 0


@pytest.mark.parametrize("half_life_s", [math.inf, 70.0])
@pytest.mark.parametrize("read_every", [1, 7, 1000])
def test_what_waits_is_learned_as_row_by_row(half_life_s: float, read_every: int):
    """Decisions that are corrected and gain weight, read now and then, give the sums over their last credits alone."""
    rng, model, last = np.random.default_rng(6), RewardModel(RULES, NAMES, 2.0, half_life_s), {}
    for turn in range(120):
        number = int(rng.integers(40))
        context, previous = last.get(number, ({"bias": 1.0, "broad": float(rng.normal())}, None))
        if previous is None:
            rows = [(arm, level) for arm in ("dense", "fuzzy") for level in range(1, int(rng.integers(2, 5)))]
            names, levels = zip(*rows, strict=True)
            credit = Credit(names, levels, rng.normal(size=len(rows)), float(rng.uniform(0, 500)), weight=0.25)
        else:
            credit = structs.replace(previous, values=rng.normal(size=len(previous.values)))
            credit = structs.replace(credit, weight=float(rng.choice([previous.weight, 1.0])))
        model.learn_one(context, credit, previous)
        last[number] = context, credit
        if turn % read_every == 0:
            assert model.weights.shape
    epoch = math.floor(max(credit.time_s for _, credit in last.values()) / half_life_s)
    for arm in ("dense", "fuzzy"):
        for level, step in enumerate(model.regressors[arm], start=1):
            moment, response, weight = np.zeros((2, 2)), np.zeros(2), 0.0
            for context, credit in last.values():
                worth = {0: 0.0} | {
                    at: v for one, at, v in zip(credit.arms, credit.levels, credit.values, strict=True) if one == arm
                }
                if level in worth:
                    x, w = (
                        np.array([1.0, context["broad"]]),
                        credit.weight * 2.0 ** (credit.time_s / half_life_s - epoch),
                    )
                    moment += w * np.outer(x, x)
                    response += w * (worth[level] - worth[level - 1]) * x
                    weight += w
            scale = 2.0 ** (step.epoch - epoch)
            np.testing.assert_allclose(scale * step.statistics.moment, moment, rtol=1e-9)
            np.testing.assert_allclose(scale * step.statistics.response, response, rtol=1e-9, atol=1e-12)
            assert scale * step.statistics.weight == pytest.approx(weight, rel=1e-9)
