"""Plan spaces: exact against the enumeration of all plans."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltrr.models.errors import InvalidSettings
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanDistribution, PlanSpace, Tables
from ltrr.models.statistics.least_squares import Array

ARMS = (
    Arm("fulltext", ("t:f",)),
    Arm("dense", ("v:d",)),
    Arm("hybrid", ("t:f", "v:d")),
    Arm("memory"),
    Arm("fuzzy", ("t:z",)),
)
LUCK = Arm("luck", ("t:l",), reserved=True)
WORLDS = (
    PlanRules(ARMS, (0, 5, 10)),
    PlanRules(ARMS, (0, 5, 10), max_calls=1),
    PlanRules(ARMS, (0, 5, 10, 20), max_calls=2),
    PlanRules(ARMS, (0, 5, 10), max_candidates=17),
    PlanRules(ARMS, (0, 4, 6), max_calls=2, max_candidates=13),
    PlanRules(ARMS, (0, 7), max_calls=1_000_000, max_candidates=1_000_000),
    PlanRules(ARMS[:1], (0, 5, 10)),
    PlanRules((*ARMS[:2], LUCK, *ARMS[2:]), (0, 5, 10)),
    PlanRules((LUCK, *ARMS), (0, 5, 10), max_calls=2),
    PlanRules((*ARMS, LUCK), (0, 4, 6), max_calls=2, max_candidates=13),
    PlanRules((LUCK, ARMS[0]), (0, 5, 10)),
)
NAMES = ("free", "one_call", "two_calls", "candidates", "both", "wide_caps", "one_arm")
NAMES += ("reserved", "reserved_calls", "reserved_both", "reserved_and_one")
worlds = pytest.mark.parametrize("rules", WORLDS, ids=NAMES)

Plan = tuple[int, ...]


def plans(rules: PlanRules) -> list[Plan]:
    """Return all feasible plans."""
    every = itertools.product(range(len(rules.ladder)), repeat=len(rules.arms))
    return [plan for plan in every if rules.feasible(plan)]


def without_luck(rules: PlanRules) -> list[Plan]:
    """Return the feasible plans that do not run the reserved arm."""
    return [plan for plan in plans(rules) if not rules.reserved or not plan[rules.names.index("luck")]]


def masses(rules: PlanRules, factors: Array) -> dict[Plan, float]:
    """Return P(plan) of all feasible plans under a product of factors."""
    arms = np.arange(len(rules.arms))
    weights = {plan: float(np.prod(factors[arms, plan])) for plan in plans(rules)}
    total = sum(weights.values())
    return {plan: weight / total for plan, weight in weights.items()}


def marginals(shape: tuple[int, int], joint: dict[Plan, float]) -> Array:
    """Return P(level) of each arm."""
    result = np.zeros(shape)
    for plan, mass in joint.items():
        result[np.arange(shape[0]), plan] += mass
    return result


@worlds
def test_joint_and_marginals_equal_the_enumeration(rules: PlanRules):
    """P(plan) and P(level) are exact, and the probabilities of all feasible plans sum to 1."""
    space = PlanSpace(rules)
    factors = np.random.default_rng(1).random(space.shape) ** 2
    tables = Tables(space, factors)
    expected = masses(rules, factors)
    for plan, mass in expected.items():
        assert tables.joint(plan) == pytest.approx(mass, rel=1e-9)
    assert sum(map(tables.joint, expected)) == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(tables.marginals, marginals(space.shape, expected), atol=1e-12)


@worlds
def test_best_by_level_equals_the_enumeration(rules: PlanRules):
    """The best plan that has a level is found, the plan that runs nothing among them; impossible levels are -inf."""
    space = PlanSpace(rules)
    values = np.random.default_rng(2).normal(size=space.shape)
    arms = np.arange(len(rules.arms))
    expected = np.full(space.shape, -np.inf)
    for plan in [(0,) * len(arms), *without_luck(rules)]:
        expected[arms, plan] = np.maximum(expected[arms, plan], values[arms, plan].sum())
    np.testing.assert_allclose(space.best_by_level(values), expected, rtol=1e-12)


@worlds
def test_best_plan_is_that_of_the_enumeration(rules: PlanRules):
    """The best plan that runs anything is found, also where running nothing would be better."""
    space = PlanSpace(rules)
    arms = np.arange(len(rules.arms))
    for seed in range(10):
        values = np.random.default_rng(seed).normal(size=space.shape) - (seed % 2) * 3 * (np.arange(space.shape[1]) > 0)
        best = space.best(values)
        assert rules.feasible(best)
        assert values[arms, best].sum() == pytest.approx(max(values[arms, p].sum() for p in without_luck(rules)))


@worlds
def test_uniform_gives_every_feasible_plan_the_same(rules: PlanRules):
    """The uniform distribution is 1 over the number of feasible plans; the reserved arm has its share in each."""
    space = PlanSpace(rules)
    row = [1 - rules.explore_share, *[rules.explore_share / (space.shape[1] - 1)] * (space.shape[1] - 1)]
    expected = np.array([row[plan[rules.names.index("luck")]] if rules.reserved else 1.0 for plan in plans(rules)])
    np.testing.assert_allclose([space.uniform.joint(p) for p in plans(rules)], expected / expected.sum(), rtol=1e-9)


@worlds
def test_samples_have_the_marginals(rules: PlanRules):
    """Drawn plans are feasible, and their levels as frequent as the marginals say."""
    space = PlanSpace(rules)
    factors = np.random.default_rng(3).random(space.shape)
    distribution = PlanDistribution(Tables(space, factors), space.uniform, 0.3)
    rng = np.random.default_rng(4)
    drawn = [distribution.sample(rng) for _ in range(1500)]
    assert all(rules.feasible(plan) for plan in set(drawn))
    frequencies = marginals(space.shape, {plan: drawn.count(plan) / len(drawn) for plan in set(drawn)})
    np.testing.assert_allclose(frequencies, distribution.marginals, atol=0.05)


def test_samples_have_the_joint():
    """Each plan of a small capped space is as frequent as its joint probability says, a shared call counted once."""
    rules = PlanRules(ARMS[:3], (0, 5), max_calls=2)
    space = PlanSpace(rules)
    tables = Tables(space, np.random.default_rng(5).random(space.shape))
    rng = np.random.default_rng(6)
    drawn = [tables.sample(rng) for _ in range(3000)]
    assert rules.feasible((1, 1, 1))
    for plan in plans(rules):
        assert drawn.count(plan) / 3000 == pytest.approx(tables.joint(plan), abs=0.03)


def test_mixture_is_the_weighted_sum():
    """Joint and marginals of a mixture are the weighted sums of its parts; what is not feasible has 0."""
    space = PlanSpace(WORLDS[1])
    learned = Tables(space, np.random.default_rng(7).random(space.shape))
    mixture = PlanDistribution(learned, space.uniform, 0.25)
    plan = (1, 0, 0, 2, 0)
    assert mixture.joint(plan) == pytest.approx(0.75 * learned.joint(plan) + 0.25 * space.uniform.joint(plan))
    np.testing.assert_allclose(mixture.marginals, 0.75 * learned.marginals + 0.25 * space.uniform.marginals)
    assert mixture.joint((1, 1, 0, 0, 0)) == 0.0
    assert mixture.joint((0, 0, 0, 0, 0)) == 0.0


@pytest.mark.parametrize("on", [0.5, 1e-6, 1e-30])
@pytest.mark.parametrize("rules", [WORLDS[0], WORLDS[1], WORLDS[-1]], ids=["free", "one_call", "one_arm"])
def test_empty_plan_is_never_drawn_however_likely(rules: PlanRules, on: float):
    """Where the factors nearly always switch everything off, plans are drawn at once and all numbers stay exact."""
    space = PlanSpace(rules)
    factors = np.full(space.shape, on / (space.shape[1] - 1))
    factors[:, 0] = 1 - on
    tables = Tables(space, factors)
    rng = np.random.default_rng(8)
    assert all(any(tables.sample(rng)) for _ in range(50))
    expected = masses(rules, factors)
    np.testing.assert_allclose(tables.marginals, marginals(space.shape, expected), rtol=1e-9, atol=1e-15)
    assert sum(map(tables.joint, expected)) == pytest.approx(1.0, abs=1e-12)
    assert tables.joint((0,) * space.shape[0]) == 0.0


@pytest.mark.parametrize(
    "rules",
    [
        PlanRules((Arm("dense", ("v:d",)),), (0, 5), max_candidates=4),
        PlanRules((Arm("hybrid", ("t:f", "v:d")),), (0, 5), max_calls=1),
    ],
    ids=["candidates", "calls"],
)
def test_caps_that_no_plan_keeps_are_refused(rules: PlanRules):
    """Rules without any feasible plan say which setting to change."""
    with pytest.raises(InvalidSettings, match="raise max_calls or max_candidates"):
        PlanSpace(rules)


def test_too_many_arms_that_share_a_call_are_refused():
    """A group of arms whose combinations cannot be listed is named."""
    arms = tuple(Arm(f"a{i}", ("t:x",)) for i in range(12))
    with pytest.raises(InvalidSettings, match="a0, a1"):
        PlanSpace(PlanRules(arms, max_calls=2))


def test_factors_without_a_feasible_plan_are_refused():
    """A product that gives every feasible plan 0 is no distribution."""
    space = PlanSpace(WORLDS[0])
    off = np.zeros(space.shape)
    off[:, 0] = 1.0
    with pytest.raises(InvalidSettings, match="probability 0"):
        Tables(space, off)


rules_strategy = st.builds(
    lambda calls, ladder, most_calls, most_candidates: PlanRules(
        tuple(Arm(f"a{i}", tuple(sorted(names))) for i, names in enumerate(calls)),
        tuple(np.cumsum([0, *ladder]).tolist()),
        most_calls,
        most_candidates,
    ),
    st.lists(st.sets(st.sampled_from("xyz"), max_size=2), min_size=1, max_size=4),
    st.lists(st.integers(1, 6), min_size=1, max_size=3),
    st.none() | st.integers(1, 4),
    st.none() | st.integers(1, 30),
)


@given(rules_strategy, st.integers(0, 1000))
@settings(max_examples=60)
def test_any_rules_equal_the_enumeration(rules: PlanRules, seed: int):
    """Whatever arms share, however uneven the ladder, marginals and bests are those of the enumeration."""
    if not plans(rules):
        with pytest.raises(InvalidSettings):
            PlanSpace(rules)
        return
    space = PlanSpace(rules)
    rng = np.random.default_rng(seed)
    factors, values = rng.random(space.shape), rng.normal(size=space.shape)
    tables = Tables(space, factors)
    np.testing.assert_allclose(tables.marginals, marginals(space.shape, masses(rules, factors)), atol=1e-12)
    arms = np.arange(len(rules.arms))
    best = max(0.0 + values[arms, plan].sum() for plan in [(0,) * len(arms), *plans(rules)])
    np.testing.assert_allclose(space.best_by_level(values).max(axis=1), best)
    assert rules.feasible(tables.sample(rng))


def test_shared_calls_are_paid_once_by_the_best_plan():
    """The value of the best plan counts a sub-request that two arms share once."""
    arms = (Arm("fulltext", ("t",)), Arm("dense", ("v",)), Arm("hybrid", ("t", "v")))
    rules = PlanRules(arms, ladder=(0, 5), price_per_call=0.1)
    worth = np.array([[0.0, 0.3], [0.0, 0.3], [0.0, 0.15]])
    best = PlanSpace(rules).best_by_level(worth - rules.arm_prices(), 0.1)
    assert best.max() == pytest.approx(0.75 - 0.2)
    assert best[2, 0] == pytest.approx(0.6 - 0.2)
