"""Distributions are found again from what was logged of them, and their second moments are exact."""

import itertools

import numpy as np
import pytest

from ltrr.models.plans.moments import PlanMoments, product_inverses
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanDistribution, PlanSpace, Tables
from ltrr.testing.worlds import EXPLORATION
from ltrr.testing.worlds import RULES as WORLDS

LUCK = (Arm("a", ("x",)), Arm("luck", ("l",), reserved=True), Arm("b", ("x", "y")), Arm("c", ("z",)))
RULES = {
    **WORLDS,
    "reserved": PlanRules(LUCK, (0, 5, 10)),
    "reserved_calls": PlanRules(LUCK, (0, 5, 10), max_calls=2),
    "reserved_candidates": PlanRules(LUCK, (0, 5, 10), max_candidates=15),
    "reserved_and_one": PlanRules(LUCK[:2], (0, 5, 10)),
}
SHARP = 0.003  # the least factor: levels that are hardly ever run


def plans(rules: PlanRules) -> np.ndarray:
    """Return all feasible plans."""
    every = itertools.product(range(len(rules.ladder)), repeat=len(rules.arms))
    return np.array([plan for plan in every if rules.feasible(plan)])


def indicators(levels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return phi of plans; shape (n, arms x levels)."""
    return (levels[:, :, None] == np.arange(shape[1])).astype(float).reshape(len(levels), -1)


def mixed(rules: PlanRules) -> float:
    """Return the uniform plan's share that policies give it under some rules."""
    return EXPLORATION if rules.max_calls is not None or rules.max_candidates is not None else 0.0


def solve(rules: PlanRules, distribution: PlanDistribution, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return g and fits of plans of one distribution."""
    joints = np.array([distribution.joint(plan) for plan in levels.tolist()])
    marginals = np.repeat(distribution.marginals[None], len(levels), axis=0)
    return PlanMoments(PlanSpace(rules), EXPLORATION).inverses(levels, marginals, joints)


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@pytest.mark.parametrize("seed", range(4))
def test_weights_equal_the_enumeration(rules: PlanRules, seed: int):
    """From marginals and joint alone, weights are those of the pseudo-inverse summed over all plans."""
    space, rng = PlanSpace(rules), np.random.default_rng(seed)
    factors = rng.dirichlet(np.full(space.shape[1], 0.3), space.shape[0]) + SHARP
    distribution = PlanDistribution(Tables(space, factors), space.uniform, mixed(rules))
    every = plans(rules)
    phi = indicators(every, space.shape)
    chances = np.array([distribution.joint(plan) for plan in every.tolist()])
    gamma = phi.T @ (chances[:, None] * phi)
    inverses, fits = solve(rules, distribution, every)
    assert fits.all()
    target = rng.dirichlet(np.ones(len(every))) @ phi
    expected = target @ np.linalg.pinv(gamma, rcond=1e-10, hermitian=True) @ phi.T
    np.testing.assert_allclose(inverses.reshape(len(every), -1) @ target, expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_uniform_and_static_plans_are_found(rules: PlanRules):
    """Policies without an exploring share fit as well: every feasible plan alike, and one plan for ever."""
    space = PlanSpace(rules)
    _, fits = solve(rules, PlanDistribution(space.uniform, space.uniform), plans(rules))
    assert fits.all()
    plan = plans(rules)[3]
    one = np.zeros(space.shape)
    one[np.arange(len(plan)), plan] = 1.0
    static = Tables(space, one)
    inverses, fits = solve(rules, PlanDistribution(static, static), plan[None])
    assert fits.all()
    assert (inverses[0] * one).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@pytest.mark.parametrize("mix", [EXPLORATION, 1 - (1 - EXPLORATION) ** 2])
def test_mixtures_without_a_cap_are_found(rules: PlanRules, mix: float):
    """One plan, or a product, with a uniform plan mixed in once or twice: what thompson and apprentices log."""
    space = PlanSpace(rules)
    one = np.zeros(space.shape)
    one[np.arange(len(rules.arms)), plans(rules)[5]] = 1.0
    for factors in (one, np.random.default_rng(3).random(space.shape) + 0.1):
        every = plans(rules)
        distribution = PlanDistribution(Tables(space, factors), space.uniform, mix)
        inverses, fits = solve(rules, distribution, every)
        assert fits.all()
        phi = indicators(every, space.shape)
        chances = np.array([distribution.joint(plan) for plan in every.tolist()])
        weights = inverses.reshape(len(every), -1) @ phi[-1]
        assert chances @ (weights * (phi @ np.arange(phi.shape[1]))) == pytest.approx(phi[-1] @ np.arange(phi.shape[1]))


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_another_origin_does_not_fit(rules: PlanRules):
    """A joint probability that the marginals do not lead to is told apart: the plan was drawn by other rules."""
    space = PlanSpace(rules)
    factors = np.random.default_rng(0).random(space.shape) + 0.1
    distribution = PlanDistribution(Tables(space, factors), space.uniform, mixed(rules))
    levels = plans(rules)[:5]
    joints = np.array([distribution.joint(plan) for plan in levels.tolist()]) * [1, 1.01, 1, 0.99, 1]
    marginals = np.repeat(distribution.marginals[None], 5, axis=0)
    _, fits = PlanMoments(space, EXPLORATION).inverses(levels, marginals, joints)
    assert fits.tolist() == [True, False, True, False, True]


def test_logs_without_caps_do_not_fit_caps():
    """What was logged before a cap was set cannot be weighed under it, and the other way round."""
    free, capped = RULES["free"], RULES["one_call"]
    factors = np.random.default_rng(1).random(PlanSpace(free).shape) + 0.1
    for logged, assumed in ((free, capped), (capped, free)):
        space = PlanSpace(logged)
        distribution = PlanDistribution(Tables(space, factors), space.uniform, mixed(logged))
        _, fits = solve(assumed, distribution, plans(capped)[:6])
        assert not fits.any()


def test_one_arm_alone():
    """With a single arm the plan that runs nothing is never drawn: weights are target over logged probability."""
    rules = PlanRules((Arm("a", ("x",)),), (0, 5, 10))
    space = PlanSpace(rules)
    factors = np.array([[0.5, 0.3, 0.2]])
    inverses, fits = solve(rules, PlanDistribution(Tables(space, factors), space.uniform), np.array([[1], [2]]))
    assert fits.all()
    target = np.array([[0.0, 0.1, 0.9]])
    assert (inverses * target).sum(axis=(1, 2)).tolist() == pytest.approx([0.1 / 0.6, 0.9 / 0.4])


def test_product_is_the_closed_form():
    """Independent arms: <q, g> = 1 - A + sum of q / p at the plan's levels."""
    rng = np.random.default_rng(2)
    logged, target = rng.dirichlet(np.ones(4), (6, 3)), rng.dirichlet(np.ones(4), (6, 3))
    levels = rng.integers(0, 4, (6, 3))
    at = levels[:, :, None]
    ratios = np.take_along_axis(target, at, axis=2) / np.take_along_axis(logged, at, axis=2)
    weights = (product_inverses(levels, logged) * target).sum(axis=(1, 2))
    np.testing.assert_allclose(weights, 1 - 3 + ratios.sum(axis=(1, 2)), rtol=1e-12)
