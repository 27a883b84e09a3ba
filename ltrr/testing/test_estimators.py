"""Every estimator that `estimators` finds keeps the contract: finite, pure, adds up, indifferent to order."""

from dataclasses import fields, replace

import numpy as np
import pytest

from ltrr.models.evaluation.estimators import estimators
from ltrr.models.evaluation.estimators.base import Estimator
from ltrr.models.evaluation.estimators.estimate import Overlap, estimate
from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.testing.worlds import RULES, additive, independent, world

every_estimator = pytest.mark.parametrize("estimator", estimators().values(), ids=estimators())
ARMS = ("a", "b", "c")


def taken(samples: Samples, rows: np.ndarray) -> Samples:
    """Return some rows of samples."""
    return Samples(**{field.name: getattr(samples, field.name)[rows] for field in fields(samples)})


def drawn(rules: str, seed: int, count: int = 300) -> Samples:
    """Return a log drawn under some rules."""
    place = world(RULES[rules], seed)
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(place.plans), count, p=place.chances(place.logging))
    return place.samples(rows, additive(place.plans, seed)[rows] + rng.normal(size=count))


@every_estimator
@pytest.mark.parametrize("rules", RULES)
def test_is_finite(estimator: type[Estimator], rules: str):
    """Each decision has a finite term, with caps and without, in a log of hundreds and in one of three."""
    for count in (300, 3):
        samples = drawn(rules, 1, count)
        terms = estimator().terms(samples)
        assert terms.shape == (count,)
        assert np.isfinite(terms).all()


@every_estimator
def test_is_pure(estimator: type[Estimator]):
    """The same samples give the same terms to the last bit, and are left as they were."""
    samples = independent(3)
    before = {field.name: getattr(samples, field.name).copy() for field in fields(samples)}
    state = np.random.get_state()[1].tolist()  # noqa: NPY002  # the global generator must not be touched
    assert np.array_equal(estimator().terms(samples), estimator().terms(samples))
    for name, column in before.items():
        assert np.array_equal(column, getattr(samples, name)), name
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002


@every_estimator
def test_adds_up(estimator: type[Estimator]):
    """Samples of parts, added in any order, give the answer of all of them to the last bit."""
    samples = independent(4, count=200)
    odd = samples.levels[:, 0] % 2 == 1
    one, two = taken(samples, odd), taken(samples, ~odd)
    whole = estimate(estimator(), samples, Overlap.of(samples, ARMS))
    assert estimate(estimator(), one + two, Overlap.of(samples, ARMS)) == whole
    assert estimate(estimator(), two + one, Overlap.of(samples, ARMS)) == whole


@every_estimator
def test_order_changes_nothing(estimator: type[Estimator]):
    """Shuffled samples have the same terms, each with its decision."""
    samples = independent(5)
    order = np.random.default_rng(0).permutation(len(samples))
    shuffled = estimator().terms(taken(samples, order))
    np.testing.assert_allclose(shuffled, estimator().terms(samples)[order], rtol=1e-9, atol=1e-9)


@every_estimator
def test_the_logged_policy_is_worth_what_it_earned(estimator: type[Estimator]):
    """A target that is the logged policy is estimated near the mean reward; by weights alone, exactly at it."""
    samples = independent(6, count=400)
    samples = replace(samples, target_joints=samples.joints, target_marginals=samples.marginals)
    value = estimator().terms(samples).mean()
    exact = estimator.name in {"ips", "snips", "pi"}
    assert value == pytest.approx(samples.rewards.mean(), abs=1e-12 if exact else 0.05)


@every_estimator
def test_scales_with_the_reward(estimator: type[Estimator]):
    """Rewards in another unit give the estimate in that unit."""
    samples = independent(7)
    tripled = replace(samples, rewards=3 * samples.rewards)
    np.testing.assert_allclose(estimator().terms(tripled), 3 * estimator().terms(samples), rtol=1e-9, atol=1e-12)
