"""What each estimator expects, summed over all plans, and against other implementations on the same logs."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from estimators.bandits import ips as vw_ips
from estimators.bandits import snips as vw_snips
from estimators.slates import pseudo_inverse as vw_pi

from ltrr.models.evaluation.estimators import estimators
from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.plans.moments import product_inverses
from ltrr.testing.worlds import RULES, World, additive, entangled, independent, world

OBP: Mapping[str, Any] = json.loads(Path(__file__).with_name("obp_fixtures.json").read_text())
every_rules = pytest.mark.parametrize("rules", RULES)


def expected(name: str, place: World, rewards: np.ndarray) -> float:
    """Return the expectation of an estimator's term over the logging distribution."""
    terms = estimators()[name]().terms(place.samples(np.arange(len(rewards)), rewards))
    return float(place.chances(place.logging) @ terms)


@every_rules
@pytest.mark.parametrize("seed", range(3))
def test_ips_is_unbiased_whatever_the_reward(rules: str, seed: int):
    """The expectation of `ips` is the target's value, though every plan has a reward of its own."""
    place = world(RULES[rules], seed)
    rewards = entangled(place.plans, seed)
    assert expected("ips", place, rewards) == pytest.approx(place.chances(place.target) @ rewards, abs=1e-9)


@every_rules
@pytest.mark.parametrize("seed", range(3))
def test_pi_is_unbiased_for_a_sum_over_arms(rules: str, seed: int):
    """The expectation of `pi` is the target's value, with caps and shared calls, if the reward is a sum over arms."""
    place = world(RULES[rules], seed)
    rewards = additive(place.plans, seed)
    assert expected("pi", place, rewards) == pytest.approx(place.chances(place.target) @ rewards, abs=1e-8)


@every_rules
def test_weights_of_the_product_are_biased_there(rules: str):
    """The closed form for independent arms misses what no plan may break: it is not what is used."""
    place = world(RULES[rules], 0)
    rewards = additive(place.plans, 0)
    samples = place.samples(np.arange(len(rewards)), rewards)
    naive = 1 - samples.levels.shape[1] + samples.arm_weights.sum(axis=1)
    bias = place.chances(place.logging) @ (naive * rewards) - place.chances(place.target) @ rewards
    assert abs(bias) > 1e-3


@every_rules
def test_dr_pi_is_unbiased_whatever_the_regression(rules: str):
    """With any additive q the corrected estimate has the target's value as its expectation."""
    place = world(RULES[rules], 4)
    rewards = additive(place.plans, 4)
    chance = place.chances(place.logging)
    samples = place.samples(np.arange(len(rewards)), rewards)
    wrong = np.random.default_rng(9).normal(size=place.space.shape)
    logged, target = samples.chosen(np.broadcast_to(wrong, samples.marginals.shape)), place.target.marginals * wrong
    terms = target.sum() + samples.additive_weights * (rewards - logged.sum(axis=1))
    assert chance @ terms == pytest.approx(place.chances(place.target) @ rewards, abs=1e-8)


def population(copies: int, rewards_of: Callable[[np.ndarray], np.ndarray]) -> tuple[Samples, float]:
    """Return a log in which each plan of two independent arms is as frequent in every fold as it is probable."""
    logged = np.array([[0.5, 0.3, 0.2], [0.2, 0.4, 0.4]])
    target = np.array([[0.1, 0.2, 0.7], [0.6, 0.1, 0.3]])
    plans = np.array(
        [(i, j) for i in range(3) for j in range(3) for _ in range(round(100 * logged[0, i] * logged[1, j]))]
    )
    rows = np.tile(np.repeat(np.arange(len(plans)), 5), copies)
    levels = plans[rows]
    rewards = rewards_of(levels)
    marginals = np.repeat(logged[None], len(rows), axis=0)
    arms = np.arange(2)
    samples = Samples(
        keys=np.arange(len(rows), dtype=np.uint64),
        contexts=np.ones((len(rows), 1)),
        levels=levels,
        rewards=rewards,
        joints=logged[arms, levels].prod(axis=1),
        marginals=marginals,
        target_joints=target[arms, levels].prod(axis=1),
        target_marginals=np.repeat(target[None], len(rows), axis=0),
        inverses=product_inverses(levels, marginals),
    )
    value = sum(target[0, i] * target[1, j] * rewards_of(np.array([[i, j]]))[0] for i in range(3) for j in range(3))
    return samples, float(value)


@pytest.mark.parametrize("name", ["ips", "snips", "pi", "dr_pi"])
def test_a_log_without_noise_gives_the_value(name: str):
    """On a log that holds each plan exactly as often as it is probable, the estimate is the target's value."""
    samples, value = population(1, lambda plans: additive(plans, 5))
    assert estimators()[name]().terms(samples).mean() == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("name", ["ips", "snips"])
def test_weights_of_whole_plans_need_no_sum(name: str):
    """`ips` and `snips` are right for rewards that are no sum over arms."""
    samples, value = population(1, lambda plans: np.sin(3.0 * plans[:, 0] + plans[:, 1] ** 2))
    assert estimators()[name]().terms(samples).mean() == pytest.approx(value, abs=1e-9)


def test_dm_nears_the_value_as_the_prior_fades():
    """The regression's prior pulls the direct method towards 0, and less the larger the log."""
    misses = []
    for copies in (1, 20):
        samples, value = population(copies, lambda plans: additive(plans, 5))
        misses.append(abs(estimators()["dm"]().terms(samples).mean() - value))
    assert misses[1] < misses[0] / 10
    assert misses[1] < 1e-3


@pytest.mark.parametrize("seed", range(3))
def test_equals_vw_estimators(seed: int):
    """`ips`, `snips` and `pi` are those of VowpalWabbit's library, run on the same log."""
    samples = independent(seed)
    joint = {"ips": vw_ips.Estimator(), "snips": vw_snips.Estimator()}
    slates = vw_pi.Estimator()
    logged, target = samples.chosen(samples.marginals), samples.chosen(samples.target_marginals)
    for row, reward in enumerate(samples.rewards.tolist()):
        for theirs in joint.values():
            theirs.add_example(samples.joints[row], reward, samples.target_joints[row])
        slates.add_example(logged[row].tolist(), reward, target[row].tolist())
    for name, theirs in {**joint, "pi": slates}.items():
        assert estimators()[name]().terms(samples).mean() == pytest.approx(theirs.get(), abs=1e-9), name


@pytest.mark.parametrize("case", OBP)
def test_equals_open_bandit_pipeline(case: str):
    """Estimates are those of Open Bandit Pipeline with scikit-learn's ridge regression on the same logs."""
    columns = {name: np.array(column) for name, column in OBP[case]["columns"].items()}
    places = columns["levels"][:, :, None]
    joints = {
        f"{of}joints": np.take_along_axis(columns[f"{of}marginals"], places, axis=2).prod(axis=(1, 2))
        for of in ("", "target_")
    }
    inverses = product_inverses(columns["levels"], columns["marginals"])
    columns["keys"] = columns["keys"].astype(np.uint64)
    samples = Samples(**columns, **joints, inverses=inverses)
    for name, value in OBP[case]["estimates"].items():
        assert estimators()[name]().terms(samples).mean() == pytest.approx(value, abs=1e-9), name
