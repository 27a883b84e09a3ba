"""The reserved arm: drawn by its own share whatever was learned, and a teacher of nothing."""

import itertools
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs

from ltrr.models.errors import InvalidSettings
from ltrr.models.learning.fold import Fold
from ltrr.models.plans.moments import PlanMoments
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanDistribution, PlanSpace
from ltrr.models.policies import policies
from ltrr.models.policies.base import Policy, PolicyOptions
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel
from tests.models.logs import LEARNING, START_S, absorb, interleave, partition_log
from tests.models.states import assert_equal

ARMS = (Arm("words", ("t:w",)), Arm("luck", ("t:l",), reserved=True), Arm("near", ("v:n",)), Arm("past"))
LADDER = (0, 5, 10)
SHARE = 0.1
ROW = (1 - SHARE, SHARE / 2, SHARE / 2)
LUCK = 1
RULES = {
    "free": PlanRules(ARMS, LADDER, explore_share=SHARE),
    "calls": PlanRules(ARMS, LADDER, max_calls=2, explore_share=SHARE),
    "candidates": PlanRules(ARMS, LADDER, max_candidates=20, explore_share=SHARE),
}
NAMES = ("bias", "coverage")
END_S = START_S + 1e5
CONTEXT = {"bias": 1.0, "coverage": 0.5}
OPTIONS = PolicyOptions(exploration=0.1, budgets={"words": 5})
every_rules = pytest.mark.parametrize("rules", RULES.values(), ids=RULES.keys())
every_choosing = pytest.mark.parametrize("name", ["igw", "epsilon", "thompson", "uniform"])


def taught(name: str, rules: PlanRules, worth: Mapping[str, float], pages: int = 200) -> Policy:
    """Return a policy that has learned that arms are worth something, also of one that nobody should ask."""
    policy = policies()[name](PlanSpace(rules), RewardModel(rules, NAMES, 2.0), OPTIONS)
    rows = [(arm, level) for arm in worth for level in (1, 2)]
    credit = Credit(tuple(a for a, _ in rows), tuple(k for _, k in rows), np.array([worth[a] for a, _ in rows]), 0.0)
    for _ in range(pages if worth else 0):
        policy.learn_one(CONTEXT, credit)
    return policy


def plans(rules: PlanRules) -> list[tuple[int, ...]]:
    """Return all feasible plans."""
    return [plan for plan in itertools.product(range(3), repeat=len(ARMS)) if rules.feasible(plan)]


@every_choosing
@every_rules
@pytest.mark.parametrize("worth", [{}, {"words": 0.6}, {"luck": 5.0}, {"luck": -5.0, "near": 0.3}], ids=str)
def test_its_level_is_drawn_beside_all_others(name: str, rules: PlanRules, worth: dict[str, float]):
    """Given the rest of the plan it has its own chances, cut to what the caps leave, and joints stay exact."""
    distribution = taught(name, rules, worth).distribution(CONTEXT, 3)
    joint = {plan: distribution.joint(plan) for plan in plans(rules)}
    assert sum(joint.values()) == pytest.approx(1.0, abs=1e-9)
    marginals = np.zeros((len(ARMS), len(LADDER)))
    for plan, mass in joint.items():
        marginals[np.arange(len(ARMS)), plan] += mass
    np.testing.assert_allclose(distribution.marginals, marginals, atol=1e-9)
    for plan, mass in joint.items():
        if mass:
            beside = [rules.feasible((*plan[:LUCK], level, *plan[LUCK + 1 :])) for level in range(3)]
            expected = np.array(ROW) * beside
            np.testing.assert_allclose(distribution.beside(plan, LUCK), expected / expected.sum(), rtol=1e-9)


@every_choosing
def test_without_caps_its_chances_are_its_share(name: str):
    """Nothing that was learned, and no other arm, changes how often it runs."""
    for worth in ({}, {"words": 0.6, "near": -1.0}, {"luck": 5.0}):
        row = taught(name, RULES["free"], worth).distribution(CONTEXT, 3).marginals[LUCK]
        np.testing.assert_allclose(row, ROW, rtol=1e-9)


@every_rules
def test_no_plan_is_better_for_it(rules: PlanRules):
    """However much it is believed to be worth, best plans are those without it."""
    policy = taught("thompson", rules, {"luck": 5.0, "words": 0.2})
    worth = policy.model.predict(policy.model.inputs(CONTEXT))
    assert policy.best(worth)[LUCK] == 0
    assert policy.best_by_level(CONTEXT).max() < 1.0


@pytest.mark.parametrize("name", ["static", "apprentice"])
def test_what_is_told_is_run(name: str):
    """A static plan has it on where the plan says so, and only then."""
    for budgets in ({"words": 5}, {"words": 5, "luck": 10}):
        options = replace(OPTIONS, budgets=budgets)
        policy = policies()[name](PlanSpace(RULES["free"]), RewardModel(RULES["free"], NAMES, 2.0), options)
        told = int(2 * ("luck" in budgets))
        assert policy.distribution(CONTEXT, 1).marginals[LUCK][told] >= 0.9


@pytest.mark.parametrize("share", [0.0, 1.0])
@every_choosing
@every_rules
def test_shares_at_their_ends(name: str, rules: PlanRules, share: float):
    """It never runs, or in every plan that leaves room for it; plans that leave none can be drawn all the same."""
    distribution = taught(name, replace(rules, explore_share=share), {"words": 0.6}).distribution(CONTEXT, 3)
    np.testing.assert_allclose(distribution.marginals.sum(axis=1), 1.0, atol=1e-9)
    if share == 0:
        assert distribution.marginals[LUCK].tolist() == [1.0, 0.0, 0.0]
    elif rules is RULES["free"]:
        assert distribution.marginals[LUCK][0] < 1e-5


@every_choosing
@every_rules
def test_logged_distributions_are_found_again(name: str, rules: PlanRules):
    """From marginals and joint alone, for the estimators: its share is a part of them."""
    policy = taught(name, rules, {"words": 0.3, "near": 0.1}, pages=3)
    distribution: PlanDistribution = policy.distribution(CONTEXT, 0)
    drawn = [policy.choose(distribution, seed) for seed in range(12)]
    marginals = np.repeat(distribution.marginals[None], len(drawn), axis=0)
    joints = np.array([distribution.joint(plan) for plan in drawn])
    _, fits = PlanMoments(policy.space, OPTIONS.exploration).inverses(np.array(drawn), marginals, joints)
    assert fits.all()


@pytest.mark.parametrize("reserved", [(True, True, False), (True, True, True)])
def test_one_arm_beside_others_may_be_reserved(reserved: tuple[bool, ...]):
    """A page has one such place, and something has to be ranked."""
    with pytest.raises(InvalidSettings, match="one arm may be reserved"):
        PlanRules(tuple(Arm(str(at), (str(at),), reserved=one) for at, one in enumerate(reserved)))
    with pytest.raises(InvalidSettings, match="one arm may be reserved"):
        PlanRules((Arm("luck", reserved=True),))
    with pytest.raises(InvalidSettings, match="must share no call"):
        PlanRules((Arm("words", ("t:w", "t:l")), Arm("luck", ("t:l",), reserved=True)))


def test_share_is_a_probability():
    """Another one is refused."""
    with pytest.raises(InvalidSettings, match="explore_share"):
        PlanRules(ARMS, LADDER, explore_share=1.5)


@pytest.mark.parametrize("seed", range(3))
def test_it_teaches_nothing_and_nothing_is_known_of_it(seed: int):
    """No regression, no history and no record of an overlap knows it, in whatever order the log was read."""
    rules = LEARNING.rules
    arms = tuple(replace(arm, reserved=arm.name == "beta") for arm in rules.arms)
    learning = replace(LEARNING, rules=replace(rules, arms=arms))
    log = [replace(m, events=tuple(_unranked(e) for e in m.events)) for m in partition_log(seed)]
    fold = absorb(Fold(learning), log)
    for application in fold.state.applications.values():
        assert application.reward_model.observations("beta") == 0
        assert application.reward_model.observations("alpha") > 0
        assert not application.calls.row("beta").any()
        assert not any(name.startswith("beta.") for name in application.ranker.layout.names)
    other = absorb(Fold(learning), interleave(log, seed))
    for one in (fold, other):
        one.read_past(END_S, END_S)
    assert_equal(fold.state, other.state, START_S, END_S)


def _unranked(event: object) -> object:
    """Return an event as it is logged where the second arm is reserved: no features of it."""
    names = getattr(event, "feature_names", None)
    if not names:
        return event
    kept = [at for at, name in enumerate(names) if not name.startswith("beta.")]
    candidates = tuple(
        structs.replace(c, features=tuple(c.features[at] for at in kept)) if c.features else c
        for c in event.candidates  # type: ignore[attr-defined]
    )
    return replace(event, feature_names=tuple(names[at] for at in kept), candidates=candidates)
