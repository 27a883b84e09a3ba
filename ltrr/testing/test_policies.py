"""Every policy that `policies` finds keeps the contract: exact, pure, floored, and indifferent to how credit comes."""

import itertools
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from ltrr.models.errors import InvalidSettings, UnknownName
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanDistribution, PlanSpace
from ltrr.models.policies import policies, policy_named
from ltrr.models.policies.apprentice import Apprentice
from ltrr.models.policies.base import Policy, PolicyOptions
from ltrr.models.policies.static import Static
from ltrr.models.policies.thompson import Thompson
from ltrr.models.policies.uniform import Uniform
from ltrr.models.rewards.context import context_vector
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.state.learning import Learning
from ltrr.models.state.records import RecordKey, read_record, write_record
from ltrr.models.state.state import State
from ltrr.models.statistics.snapshot import Snapshot

EXEMPT: Mapping[type[Policy], Mapping[str, str]] = {
    Apprentice: {
        "test_learns_the_better_arm": "does what its baseline does; its model learns",
        "test_learns_the_better_plan_under_a_cap": "does what its baseline does; its model learns",
        "test_learns_what_depends_on_the_context": "does what its baseline does; its model learns",
    },
    Static: {
        "test_every_feasible_level_stays_possible": "runs one plan by definition",
        "test_learns_the_better_arm": "does not learn",
        "test_learns_the_better_plan_under_a_cap": "does not learn",
        "test_learns_what_depends_on_the_context": "does not learn",
    },
    Thompson: {"test_seed_changes_no_distribution": "draws parameters: exact given the seed"},
    Uniform: {
        "test_learns_the_better_arm": "does not learn",
        "test_learns_the_better_plan_under_a_cap": "does not learn",
        "test_learns_what_depends_on_the_context": "does not learn",
    },
}
"""Policy -> check -> why it does not hold for it; each is a strict expected failure."""

ARMS = (Arm("fulltext", ("t:f",)), Arm("dense", ("v:d",)), Arm("hybrid", ("t:f", "v:d")), Arm("memory"))
LADDER = (0, 5, 10)
RULES = {
    "free": PlanRules(ARMS, LADDER),
    "one_call": PlanRules(ARMS, LADDER, max_calls=1),
    "both_caps": PlanRules(ARMS, LADDER, max_calls=2, max_candidates=15),
}
NAMES = ("bias", "name_exact", "coverage")
OPTIONS = PolicyOptions(price_weight=0.01, exploration=0.04, budgets={"fulltext": 5})
HALF_LIFE_S = 1000.0
NAMED = {"bias": 1.0, "name_exact": 1.0, "coverage": 0.3}
TOPIC = {"bias": 1.0, "name_exact": 0.0, "coverage": 0.8}


def made(policy: type[Policy], rules: PlanRules, model: RewardModel | None = None) -> Policy:
    """Return a policy over a model, a new one by default."""
    return policy(PlanSpace.of(rules), model or RewardModel(rules, NAMES, 2.0, HALF_LIFE_S), OPTIONS)


def credits_of(seed: int, count: int) -> list[tuple[dict[str, float], Credit]]:
    """Return contexts and random credits, with times in no order."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        plan = rng.integers(0, len(LADDER), len(ARMS))
        rows = [(arm.name, level) for arm, top in zip(ARMS, plan, strict=True) for level in range(1, top + 1)]
        context = {"bias": 1.0, "name_exact": float(rng.integers(2)), "coverage": float(rng.random())}
        arms, levels = tuple(r[0] for r in rows), tuple(r[1] for r in rows)
        found.append((context, Credit(arms, levels, rng.normal(size=len(rows)), float(rng.uniform(0, 5000)))))
    return found


def plans(rules: PlanRules) -> list[tuple[int, ...]]:
    """Return all feasible plans."""
    every = itertools.product(range(len(rules.ladder)), repeat=len(rules.arms))
    return [plan for plan in every if rules.feasible(plan)]


def predictions(policy: Policy) -> np.ndarray:
    """Return what a policy's model predicts in two contexts."""
    return np.array([policy.model.predict(context_vector(c, NAMES)) for c in (NAMED, TOPIC)])


def assert_same(one: Policy, other: Policy) -> None:
    """Compare what two policies believe and do, to 1e-9."""
    assert one.model.decisions == other.model.decisions
    np.testing.assert_allclose(predictions(one), predictions(other), rtol=1e-9, atol=1e-12)
    for context in (NAMED, TOPIC):
        np.testing.assert_allclose(
            one.distribution(context, 7).marginals, other.distribution(context, 7).marginals, rtol=0, atol=1e-9
        )


def every_policy(test: Callable[..., None]) -> Callable[..., None]:
    """Run a check on all policies, as a strict expected failure on those that are exempt from it."""
    cases = []
    for name, policy in policies().items():
        reason = EXEMPT.get(policy, {}).get(test.__name__)
        marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
        cases.append(pytest.param(policy, id=name, marks=marks))
    return pytest.mark.parametrize("policy", cases)(test)


every_rules = pytest.mark.parametrize("rules", RULES.values(), ids=RULES.keys())
temperatures = pytest.mark.parametrize("learned", [0, 30], ids=["cold", "warm"])


def warmed(policy: type[Policy], rules: PlanRules, learned: int) -> Policy:
    """Return a policy that has learned some credits."""
    warm = made(policy, rules)
    for context, credit in credits_of(1, learned):
        warm.learn_one(context, credit)
    return warm


@every_policy
@every_rules
@temperatures
def test_probabilities_sum_to_one(policy: type[Policy], rules: PlanRules, learned: int) -> None:
    """Joint over all feasible plans and each arm's marginals sum to 1, and the marginals are those of the joint."""
    warm = warmed(policy, rules, learned)
    for context in (NAMED, TOPIC):
        distribution = warm.distribution(context, 3)
        joint = {plan: distribution.joint(plan) for plan in plans(rules)}
        assert min(joint.values()) >= 0
        assert sum(joint.values()) == pytest.approx(1.0, abs=1e-9)
        marginals = np.zeros((len(ARMS), len(LADDER)))
        for plan, mass in joint.items():
            marginals[np.arange(len(ARMS)), plan] += mass
        np.testing.assert_allclose(distribution.marginals, marginals, atol=1e-9)
        np.testing.assert_allclose(distribution.marginals.sum(axis=1), 1.0, atol=1e-9)


@every_policy
@every_rules
@temperatures
def test_draws_feasible_plans_with_their_joint(policy: type[Policy], rules: PlanRules, learned: int) -> None:
    """What is drawn keeps the caps and has a joint above 0; what is not feasible has 0."""
    distribution, fresh = warmed(policy, rules, learned).distribution(NAMED, 3), made(policy, rules)
    for seed in range(30):
        plan = fresh.choose(distribution, seed)
        assert all(type(level) is int for level in plan)
        assert rules.feasible(plan)
        assert 0 < distribution.joint(plan) <= 1
        assert all(distribution.marginals[arm, level] > 0 for arm, level in enumerate(plan))
    assert distribution.joint((0,) * len(ARMS)) == 0


@every_policy
@every_rules
def test_every_feasible_level_stays_possible(policy: type[Policy], rules: PlanRules) -> None:
    """After a thousand decisions that all say the same, each level of a feasible plan keeps a floor."""
    certain = made(policy, rules)
    arms = tuple(arm.name for arm in ARMS for _ in LADDER[1:])
    credit = Credit(arms, (1, 2) * len(ARMS), np.array([1.0, 0.9] + [-1.0] * 6), 0.0)
    for _ in range(1000):
        certain.learn_one(NAMED, credit)
    possible = np.zeros((len(ARMS), len(LADDER)), dtype=bool)
    for plan in plans(rules):
        possible[np.arange(len(ARMS)), plan] = True
    assert certain.distribution(NAMED, 3).marginals[possible].min() > OPTIONS.exploration / 50


@every_policy
@every_rules
@temperatures
def test_distribution_is_pure(policy: type[Policy], rules: PlanRules, learned: int) -> None:
    """The same context and seed give the same distribution to the last bit, and asking changes nothing."""
    warm = warmed(policy, rules, learned)
    context = dict(NAMED)
    regressors = [step.statistics for steps in warm.model.regressors.values() for step in steps]
    sums = [(statistics.moment.copy(), statistics.response.copy()) for statistics in regressors]
    state = np.random.get_state()[1].tolist()  # noqa: NPY002  # the global generator must not be touched
    first = warm.distribution(context, 11)
    warm.distribution(TOPIC, 12)
    second = warm.distribution(context, 11)
    assert np.array_equal(first.marginals, second.marginals)
    assert [first.joint(plan) for plan in plans(rules)] == [second.joint(plan) for plan in plans(rules)]
    assert warm.choose(first, 5) == warm.choose(second, 5)
    assert context == NAMED
    assert warm.model.decisions == learned
    for statistics, (moment, response) in zip(regressors, sums, strict=True):
        assert np.array_equal(statistics.moment, moment)
        assert np.array_equal(statistics.response, response)
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002


@every_policy
@every_rules
def test_seed_changes_no_distribution(policy: type[Policy], rules: PlanRules) -> None:
    """The seed drives the draw alone, but in policies that draw parameters."""
    warm = warmed(policy, rules, 3)
    first = warm.distribution(NAMED, 0).marginals
    assert all(np.array_equal(warm.distribution(NAMED, seed).marginals, first) for seed in range(1, 40))


@every_policy
def test_unknown_arms_teach_nothing(policy: type[Policy]) -> None:
    """Credit of an arm that is no longer configured is left out; that of the others is learned."""
    one, other = made(policy, RULES["free"]), made(policy, RULES["free"])
    one.learn_one(NAMED, Credit(("gone", "dense", "gone"), (1, 1, 2), np.array([9.0, 0.4, 9.0]), 5.0))
    other.learn_one(NAMED, Credit(("dense",), (1,), np.array([0.4]), 5.0))
    assert_same(one, other)


@every_policy
def test_empty_credit_counts_a_decision_alone(policy: type[Policy]) -> None:
    """A decision whose arms all failed changes no prediction."""
    warm = warmed(policy, RULES["free"], 5)
    before = predictions(warm)
    warm.learn_one(NAMED, Credit((), (), np.zeros(0), 5.0))
    assert np.array_equal(predictions(warm), before)
    assert warm.model.decisions == 6


@every_policy
def test_same_credit_again_changes_nothing(policy: type[Policy]) -> None:
    """Credit that replaces an equal one is learned as no change."""
    warm = warmed(policy, RULES["free"], 20)
    before = predictions(warm)
    for context, credit in credits_of(1, 20):
        warm.learn_one(context, credit, credit)
    assert np.array_equal(predictions(warm), before)
    assert warm.model.decisions == 20


@every_policy
def test_order_of_credit_does_not_matter(policy: type[Policy]) -> None:
    """Credit of old decisions learned late gives what credit in order gives."""
    credits_ = credits_of(2, 40)
    in_order, shuffled = made(policy, RULES["free"]), made(policy, RULES["free"])
    for context, credit in sorted(credits_, key=lambda c: c[1].time_s):
        in_order.learn_one(context, credit)
    for context, credit in sorted(credits_, key=lambda c: -c[1].time_s):
        shuffled.learn_one(context, credit)
    assert_same(in_order, shuffled)


@every_policy
def test_replaced_credit_is_as_if_learned_at_once(policy: type[Policy]) -> None:
    """Learning a default and then two replacements, other decisions between them, equals learning the last."""
    finals = credits_of(3, 25)
    steps = [
        (context, [Credit(final.arms, final.levels, final.values * share, final.time_s) for share in (0.0, 0.3, 1.0)])
        for context, final in finals
    ]
    at_once, stepwise = made(policy, RULES["free"]), made(policy, RULES["free"])
    for context, final in finals:
        at_once.learn_one(context, final)
    for context, credit in steps:
        stepwise.learn_one(context, credit[0])
    for context, credit in reversed(steps):
        stepwise.learn_one(context, credit[1], credit[0])
    for context, credit in steps:
        stepwise.learn_one(context, credit[2], credit[1])
    assert_same(at_once, stepwise)


@every_policy
@pytest.mark.parametrize("split", [0, 13, 30], ids=["first_empty", "even", "second_empty"])
def test_merged_models_act_as_one(policy: type[Policy], split: int) -> None:
    """Two models over parts of the decisions add up to the model over all, a part without any too."""
    rules = RULES["both_caps"]
    parts = [made(policy, rules), made(policy, rules)]
    for at, (context, credit) in enumerate(credits_of(1, 30)):
        parts[at >= split].learn_one(context, credit)
    whole = warmed(policy, rules, 30)
    assert_same(whole, made(policy, rules, parts[0].model + parts[1].model))
    assert_same(whole, made(policy, rules, parts[1].model + parts[0].model))


@every_policy
@every_rules
def test_ten_million_decisions_stay_finite(policy: type[Policy], rules: PlanRules) -> None:
    """What doubling the sums gives after more than ten million decisions is believed, and exact and floored as ever."""
    model = warmed(policy, rules, 60).model
    without_prior = made(policy, rules, RewardModel(rules, NAMES, 1e-9, HALF_LIFE_S))
    for context, credit in credits_of(1, 60):
        without_prior.learn_one(context, credit)
    while model.decisions < 10_000_000:
        model = model + model
    old = made(policy, rules, model)
    before = predictions(old)
    np.testing.assert_allclose(before, predictions(without_prior), rtol=5e-3, atol=5e-4)
    for context, credit in credits_of(4, 5):
        old.learn_one(context, credit)
    np.testing.assert_allclose(predictions(old), before, atol=1e-4)
    for context in (NAMED, TOPIC):
        distribution = old.distribution(context, 3)
        assert sum(distribution.joint(plan) for plan in plans(rules)) == pytest.approx(1.0, abs=1e-9)
        np.testing.assert_allclose(distribution.marginals.sum(axis=1), 1.0, atol=1e-9)
        assert all(rules.feasible(old.choose(distribution, seed)) for seed in range(10))


@every_policy
@every_rules
@temperatures
def test_snapshots_come_back_bit_equal(policy: type[Policy], rules: PlanRules, learned: int) -> None:
    """A policy over state that was written and read again has the same distributions to the last bit."""
    learning = Learning(rules, half_life_s=HALF_LIFE_S, context_names=NAMES)
    state, restored = State(learning), State(learning)
    model = state.application("default").reward_model
    written = made(policy, rules, model)
    for context, credit in credits_of(1, learned):
        written.learn_one(context, credit)
    keys = [RecordKey("ranker", "default"), *(RecordKey("arm", "default", arm.name) for arm in ARMS)]
    for key in keys:
        read_record(restored, key, Snapshot.unpack(write_record(state, key).pack()))
    read = made(policy, rules, restored.application("default").reward_model)
    assert read.model.decisions == learned
    for context in (NAMED, TOPIC):
        one, other = written.distribution(context, 3), read.distribution(context, 3)
        assert np.array_equal(one.marginals, other.marginals)
        assert [one.joint(plan) for plan in plans(rules)] == [other.joint(plan) for plan in plans(rules)]


def simulated(policy: type[Policy], rules: PlanRules, worth: Callable[[str, int, float], float]) -> Policy:
    """Return a policy after 500 noisy decisions of its own. worth: of an arm at a level where name_exact is given."""
    rng = np.random.default_rng(9)
    learner = made(policy, rules)
    for seed in range(500):
        context = (NAMED, TOPIC)[seed % 2]
        plan = learner.choose(learner.distribution(context, seed), seed)
        rows = [(arm.name, level) for arm, top in zip(ARMS, plan, strict=True) for level in range(1, top + 1)]
        values = [worth(arm, level, context["name_exact"]) + rng.normal(0, 0.1) for arm, level in rows]
        credit = Credit(tuple(r[0] for r in rows), tuple(r[1] for r in rows), np.array(values), float(seed))
        learner.learn_one(context, credit)
    return learner


def chance(distribution: PlanDistribution, **levels: int) -> float:
    """Return the smallest P(level) of some arms."""
    names = [arm.name for arm in ARMS]
    return min(float(distribution.marginals[names.index(arm), level]) for arm, level in levels.items())


@every_policy
def test_learns_the_better_arm(policy: type[Policy]) -> None:
    """Arms that are worth more than they cost come to run, the others to rest."""
    learner = simulated(policy, RULES["free"], lambda arm, _level, _name: 0.4 if arm == "dense" else -0.2)
    distribution = learner.distribution(NAMED, 1)
    assert chance(distribution, dense=1) + chance(distribution, dense=2) > 0.9
    assert chance(distribution, fulltext=0, hybrid=0, memory=0) > 0.8


@every_policy
def test_learns_the_better_plan_under_a_cap(policy: type[Policy]) -> None:
    """With one call, the arm that is worth most gets it, and the arm that needs none runs beside it."""
    values = {"fulltext": 0.3, "dense": 0.7, "hybrid": 0.9, "memory": 0.4}
    learner = simulated(policy, RULES["one_call"], lambda arm, _level, _name: values[arm])
    distribution = learner.distribution(TOPIC, 1)
    assert chance(distribution, dense=1) + chance(distribution, dense=2) > 0.75
    assert chance(distribution, memory=1) + chance(distribution, memory=2) > 0.75
    assert chance(distribution, hybrid=0) == pytest.approx(1.0)


@every_policy
def test_learns_what_depends_on_the_context(policy: type[Policy]) -> None:
    """One arm is better for names and another for topics: each runs where it is better."""
    learner = simulated(
        policy, RULES["free"], lambda arm, _level, name: 0.4 if arm == ("fulltext" if name else "dense") else -0.4
    )
    assert chance(learner.distribution(NAMED, 1), dense=0) > 0.8
    assert chance(learner.distribution(NAMED, 1), fulltext=0) < 0.1
    assert chance(learner.distribution(TOPIC, 1), fulltext=0) > 0.8
    assert chance(learner.distribution(TOPIC, 1), dense=0) < 0.1


def test_exemptions_name_what_exists() -> None:
    """An exemption is for a policy and a check that there are."""
    for policy, checks in EXEMPT.items():
        assert policy in policies().values()
        assert all(check in globals() and reason for check, reason in checks.items())


def test_unknown_name_lists_the_known() -> None:
    """A misspelt policy is answered with those that exist."""
    with pytest.raises(UnknownName) as raised:
        policy_named("igv")
    assert all(name in str(raised.value) for name in policies())
    assert policy_named("static") is Static


@pytest.mark.parametrize("wrong", [{"exploration": 0.0}, {"exploration": 1.5}, {"greed": 0.0}, {"noise": 0.0}], ids=str)
def test_options_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    """A policy that would never explore, or never turn to the better, is refused."""
    with pytest.raises(InvalidSettings):
        PolicyOptions(**wrong)
