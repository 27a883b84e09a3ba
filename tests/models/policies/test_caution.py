"""Policies leave the baseline only as far as they know better."""

import numpy as np
import pytest

from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanSpace
from ltrr.models.policies import policy_named
from ltrr.models.policies.base import Policy, PolicyOptions
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel

ARMS = (Arm("dense", ("v:d",)), Arm("fulltext", ("t:f",)), Arm("fuzzy", ("t:z",)), Arm("junk", ("t:j",)))
LADDER = (0, 5, 10)
BASELINE = (0, 2, 2, 0)
CONTEXT = {"bias": 1.0, "name_exact": 1.0}
NAMES = ("bias", "name_exact")


def made(name: str = "igw", *, baseline: bool = True, max_calls: int | None = None, **options: float) -> Policy:
    """Return a policy that has learned nothing."""
    rules = PlanRules(ARMS, LADDER, max_calls=max_calls, baseline=BASELINE if baseline else ())
    return policy_named(name)(PlanSpace(rules), RewardModel(rules, NAMES, 2.0), PolicyOptions(**options))


def teach(policy: Policy, pages: int, **worth: float) -> None:
    """Teach what arms were worth on pages where they ran at the largest budget."""
    for _ in range(pages):
        for arm, value in worth.items():
            policy.learn_one(CONTEXT, Credit((arm, arm), (1, 2), np.array([value, value]), 0.0))


@pytest.mark.parametrize("max_calls", [None, 2], ids=["free", "two_calls"])
@pytest.mark.parametrize("name", ["igw", "epsilon", "thompson"])
def test_the_first_plans_are_the_baseline(name: str, max_calls: int | None):
    """Before anything is learned its arms run, and others seldom do; without a baseline all are alike."""
    policy = made(name, max_calls=max_calls, caution=2.0)
    runs = np.mean([1 - policy.distribution(CONTEXT, seed).marginals[:, 0] for seed in range(50)], axis=0)
    assert runs[1:3].min() > 0.8
    assert runs[[0, 3]].max() < 0.3


def test_silence_does_not_turn_it_away():
    """After pages on which nothing was worth anything its arms still run, though they cost a call each."""
    policy = made()
    teach(policy, 20, fulltext=0.0, fuzzy=0.0)
    assert 1 - policy.distribution(CONTEXT, 0).marginals[1:3, 0].max() > 0.7


def test_what_others_find_too_is_not_switched_off():
    """An arm of the baseline that adds nothing of its own goes on, whatever it costs: what is new only it may find."""
    policy = made(price_weight=0.05)
    teach(policy, 3_000, dense=0.0, fulltext=0.0, fuzzy=0.0)
    runs = 1 - policy.distribution(CONTEXT, 0).marginals[:, 0]
    assert runs[1:3].min() > 0.9
    assert runs[0] < 0.1


def test_under_a_cap_one_call_of_it_is_never_saved():
    """Where its arms add nothing of their own one of them runs all the same, and not both."""
    policy = made(max_calls=2, price_weight=0.05)
    teach(policy, 3_000, dense=-0.05, fulltext=0.005, fuzzy=0.0, junk=-0.05)
    runs = 1 - policy.distribution(CONTEXT, 0).marginals[:, 0]
    assert runs[1] > 0.9
    assert runs[[0, 2, 3]].max() < 0.1


@pytest.mark.parametrize(("max_calls", "price"), [(None, 0.0), (2, 0.05)], ids=["free", "two_calls"])
def test_what_the_baseline_costs_is_paid_unless_calls_are_capped(max_calls: int | None, price: float):
    """Its arms have no price up to its level where calls are free; others always have one."""
    values = made(max_calls=max_calls, price_weight=0.05).net_values(CONTEXT)
    np.testing.assert_allclose(values[:2, 2], [-0.05, -price])


@pytest.mark.parametrize("max_calls", [None, 2], ids=["free", "two_calls"])
def test_evidence_does(max_calls: int | None):
    """An arm known to be worth more comes in, and one of the baseline known to be worth nothing goes."""
    policy = made(max_calls=max_calls, price_weight=0.05)
    teach(policy, 400, dense=0.4, fulltext=0.3, fuzzy=-0.05, junk=-0.1)
    runs = 1 - policy.distribution(CONTEXT, 0).marginals[:, 0]
    assert runs[:2].min() > 0.9
    assert runs[2:].max() < 0.1


def test_no_caution_and_no_baseline_are_the_same():
    """With `caution` at 0 the baseline says nothing, and without a baseline caution does."""
    free = made(baseline=False).distribution(CONTEXT, 0).marginals
    np.testing.assert_array_equal(made(caution=0.0).distribution(CONTEXT, 0).marginals, free)
    np.testing.assert_array_equal(made(baseline=False, caution=9.0).distribution(CONTEXT, 0).marginals, free)


def test_caution_falls_with_what_is_known():
    """Less of the baseline loses standard deviations, more besides it a variance; a thousand pages leave little."""
    policy = made(caution=0.2)
    inputs, caution, noise = policy.model.inputs(CONTEXT), policy.options.caution, policy.options.noise
    nothing = np.zeros((len(ARMS), len(LADDER)))
    before = policy.guarded(nothing, inputs)
    steps = np.array([0.0, 1.0, 2.0])  # for each, two inputs of 1 under a precision of 2
    np.testing.assert_allclose(before[0], -2 * caution * noise**2 * steps)
    np.testing.assert_allclose(before[1], caution * noise * (np.sqrt(2) - np.sqrt(2 - steps)))
    teach(policy, 1000, dense=0.0, fulltext=0.0)
    assert np.abs(policy.guarded(nothing, inputs)[:2]).max() < 0.01
