"""Intervals, effective sample sizes and verdicts."""

import math
from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.evaluation.estimators import estimators
from ltrr.models.evaluation.estimators.estimate import LEAST_ESS, Overlap, Verdict, effective_size, estimate
from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.plans.moments import product_inverses
from ltrr.models.statistics.intervals import bootstrap, empirical_bernstein

ARMS = ("left", "right")


def log(count: int, seed: int = 0, *, gain: float = 0.0, rare: float = 0.25) -> Samples:
    """Return a log of two arms with two levels each; the target always turns `left` on and draws `right` as logged.

    gain: what `left` adds to a reward with a deviation of 0.2. rare: the logged probability of `left` being on.
    """
    rng = np.random.default_rng(seed)
    logged = np.array([[1 - rare, rare], [0.5, 0.5]])
    target = np.array([[0.0, 1.0], [0.5, 0.5]])
    levels = (rng.random((count, 2)) < logged[:, 1]).astype(np.intp)
    marginals = np.repeat(logged[None], count, axis=0)
    return Samples(
        keys=rng.permutation(count).astype(np.uint64),
        contexts=np.ones((count, 1)),
        levels=levels,
        rewards=0.3 + gain * levels[:, 0] + 0.2 * rng.normal(size=count),
        joints=logged[[0, 1], levels].prod(axis=1),
        marginals=marginals,
        target_joints=target[[0, 1], levels].prod(axis=1),
        target_marginals=np.repeat(target[None], count, axis=0),
        inverses=product_inverses(levels, marginals),
    )


def test_effective_size_is_that_of_kong():
    """Equal weights count in full, one weight alone counts as one, none as none."""
    assert effective_size(np.full(8, 0.3)) == pytest.approx(8)
    assert effective_size(np.array([0.0, 5.0, 0.0])) == pytest.approx(1)
    assert effective_size(np.array([1.0, 3.0])) == pytest.approx(16 / 10)
    assert effective_size(np.zeros(4)) == 0


def test_overlap_counts_each_arm_by_itself():
    """The arm that the target treats as logged has every decision; the other those that had it on."""
    samples = log(400)
    overlap = Overlap.of(samples, ARMS)
    assert overlap.arms == {"left": pytest.approx(samples.levels[:, 0].sum()), "right": pytest.approx(400)}
    assert overlap.plan == pytest.approx(samples.levels[:, 0].sum())
    assert overlap.unseen == {"left": 0.0, "right": 0.0}


@pytest.mark.parametrize("name", estimators())
@pytest.mark.parametrize(("gain", "verdict"), [(0.2, Verdict.BETTER), (-0.2, Verdict.WORSE), (0.0, Verdict.SAME)])
def test_verdict_follows_the_difference(name: str, gain: float, verdict: Verdict):
    """Enough data: a target that earns more is better, one that earns less worse, one that earns the same neither."""
    samples = log(4000, seed=1, gain=gain)
    answer = estimate(estimators()[name](), samples, Overlap.of(samples, ARMS))
    assert answer.verdict is verdict
    assert answer.why == ()
    assert answer.bootstrap.low < answer.value < answer.bootstrap.high
    assert answer.bernstein.low < answer.bootstrap.low < answer.bootstrap.high < answer.bernstein.high


@pytest.mark.parametrize("name", estimators())
def test_no_verdict_where_an_arm_is_hardly_seen(name: str):
    """However clear the difference: below the least effective size of one arm nothing is said, and why is."""
    samples = log(4000, seed=3, gain=1.0, rare=0.01)
    assert samples.levels[:, 0].sum() < LEAST_ESS
    answer = estimate(estimators()[name](), samples, Overlap.of(samples, ARMS))
    assert answer.verdict is Verdict.NONE
    (why,) = answer.why
    assert why.startswith("left: " if estimators()[name].weighs == "arm" else "whole plans: ")


@pytest.mark.parametrize(("hundred", "trouble"), [(100, False), (99, True)])
def test_the_rule_has_a_sharp_edge(hundred: int, trouble: bool):  # noqa: FBT001  # a case
    """A hundred effective decisions are enough, one less is not."""
    overlap = Overlap(plan=1e6, arms={"left": hundred, "right": 1e6}, unseen={"left": 0.0, "right": 0.0}, astray={})
    assert bool(overlap.troubles(estimators()["dr_pi"]())) is trouble
    assert overlap.troubles(estimators()["snips"]()) == ()
    assert bool(replace(overlap, plan=hundred).troubles(estimators()["snips"]())) is trouble


def likes(samples: Samples, seed: int) -> tuple[Samples, np.ndarray]:
    """Return a log with a target that turns `left` on in some fifths of its decisions, and how often in each."""
    chances = np.random.default_rng(seed).choice([0.2, 0.6], len(samples))
    target = samples.marginals.copy()
    target[:, 0] = np.column_stack([1 - chances, chances])
    asked = np.take_along_axis(target, samples.levels[:, :, None], axis=2).prod(axis=(1, 2))
    return replace(samples, target_marginals=target, target_joints=asked), chances


@pytest.mark.parametrize("name", estimators())
def test_no_verdict_where_the_log_never_drew_what_a_target_likes(name: str):
    """Weights of what never came up are missing, so effective sizes are large and intervals sure, and wrong.

    That of the doubly robust estimator, too: its regression has not seen what the weights miss.
    """
    samples, chances = likes(log(2000, seed=4, gain=0.5, rare=0.0002), seed=4)
    truth = 0.3 + 0.5 * chances.mean()
    assert not samples.levels[:, 0].any()
    overlap = Overlap.of(samples, ARMS)
    assert min(overlap.plan, *overlap.arms.values()) > LEAST_ESS
    answer = estimate(estimators()[name](), samples, overlap)
    assert answer.bootstrap.high < truth - 0.1
    assert answer.verdict is Verdict.NONE
    (why,) = answer.why
    what = "left" if estimators()[name].weighs == "arm" else "whole plans"
    missing = f"{1 - chances.mean():.0%}"
    assert why == f"{what}: weights sum to {missing} of what they should: the log hardly drew what was asked"


def test_weights_of_a_log_that_drew_all_are_rarely_astray():
    """Of logs in which all came up as often as it should, one in twenty is taken for one in which it did not."""
    logs = [likes(log(500, seed), seed)[0] for seed in range(200)]
    overlaps = [Overlap.of(samples, ARMS) for samples in logs]
    assert sum("whole plans" in overlap.astray for overlap in overlaps) <= 20
    assert sum(not overlap.astray.keys().isdisjoint(ARMS) for overlap in overlaps) <= 20


def test_no_verdict_where_weights_sum_to_too_much():
    """A log whose decisions came up more often than their probabilities say tells of no target."""
    samples, _ = likes(log(2000, seed=4), seed=4)
    often = replace(samples, joints=samples.joints * 0.8)
    why = Overlap.of(often, ARMS).troubles(estimators()["ips"]())
    assert [reason.rpartition(": ")[2] for reason in why] == ["the log drew what was asked too often by its chances"]


def test_no_verdict_on_levels_that_were_never_logged():
    """A target that does what had probability 0 is not judged, though the decisions that remain are many."""
    samples = log(4000)
    marginals = samples.marginals.copy()
    marginals[:, 0] = [1.0, 0.0]
    off = replace(samples, levels=samples.levels * [0, 1], marginals=marginals)
    overlap = Overlap.of(off, ARMS)
    assert overlap.unseen == {"left": 1.0, "right": 0.0}
    for estimator in estimators().values():
        answer = estimate(estimator(), off, overlap)
        assert answer.verdict is Verdict.NONE
        assert "left: levels that were never logged" in answer.why


@pytest.mark.parametrize("name", estimators())
def test_no_verdict_where_all_rewards_are_the_same(name: str):
    """One value has no spread: what weights make of it is noise, or an interval without width."""
    samples = log(4000)
    for reward in (0.0, 0.3, -0.02):
        same = replace(samples, rewards=np.full(4000, reward))
        answer = estimate(estimators()[name](), same, Overlap.of(same, ARMS))
        assert answer.verdict is Verdict.NONE
        assert answer.why == (f"all rewards are {reward:.4g}: no interval can be told from one value",)


@pytest.mark.parametrize("name", estimators())
def test_no_verdict_where_all_weights_are_the_same(name: str):
    """A log of one kind of decision that a target makes less often says nothing of it.

    Of one that does what was logged it says that there is no difference, but where a regression makes one up.
    """
    samples = log(4000)
    levels, marginals = np.ones_like(samples.levels), np.full_like(samples.marginals, 0.5)
    logged = replace(
        samples,
        levels=levels,
        joints=np.full(4000, 0.25),
        marginals=marginals,
        inverses=product_inverses(levels, marginals),
        target_joints=np.full(4000, 0.25),
        target_marginals=marginals,
    )
    less = replace(logged, target_joints=np.full(4000, 0.16), target_marginals=np.add(marginals, [0.1, -0.1]))
    seen = estimate(estimators()[name](), logged, Overlap.of(logged, ARMS))
    unseen = estimate(estimators()[name](), less, Overlap.of(less, ARMS))
    regressed = name in {"dm", "dr_pi"}
    assert (seen.verdict, unseen.verdict) == (Verdict.NONE if regressed else Verdict.SAME, Verdict.NONE)
    weight = 0.64 if estimators()[name].weighs == "plan" else 0.6
    (why,) = unseen.why
    assert why == f"all weights are {weight}: the log has nothing to tell what was asked from what was done"


def test_snips_of_nothing_is_no_number():
    """A target that runs none of the logged plans has no self-normalised estimate, and no verdict."""
    samples = replace(log(300), target_joints=np.zeros(300))
    answer = estimate(estimators()["snips"](), samples, Overlap.of(samples, ARMS))
    assert math.isnan(answer.value)
    assert math.isnan(answer.bootstrap.low)
    assert answer.verdict is Verdict.NONE


def test_no_samples_have_no_estimate():
    """An empty log has a value of NaN and no verdict, for every estimator."""
    samples = log(0)
    for estimator in estimators().values():
        answer = estimate(estimator(), samples, Overlap.of(samples, ARMS))
        assert math.isnan(answer.value)
        assert answer.verdict is Verdict.NONE


def test_bootstrap_is_seeded_and_near_the_normal_interval():
    """The same seed gives the same interval; on many normal terms it is mean +- 1.96 standard errors."""
    terms = np.random.default_rng(0).normal(2.0, 1.0, 5000)
    interval = bootstrap(terms, 1)
    assert interval == bootstrap(terms, 1)
    assert interval != bootstrap(terms, 2)
    error = terms.std() / math.sqrt(5000)
    assert interval.low == pytest.approx(terms.mean() - 1.96 * error, abs=0.2 * error)
    assert interval.high == pytest.approx(terms.mean() + 1.96 * error, abs=0.2 * error)


def test_bernstein_is_the_formula():
    """Mean +- sqrt(2 V ln(4 / 0.05) / n) + 7 R ln(4 / 0.05) / (3 (n - 1)) on numbers worked out by hand."""
    interval = empirical_bernstein(np.array([0.0, 1.0, 0.0, 1.0]))
    reach = math.sqrt(2 * (1 / 3) * math.log(80) / 4) + 7 * math.log(80) / (3 * 3)
    assert (interval.low, interval.high) == (pytest.approx(0.5 - reach), pytest.approx(0.5 + reach))


@pytest.mark.parametrize("terms", [np.array([]), np.array([1.0]), np.array([1.0, math.nan, 2.0])])
def test_no_interval_without_a_spread(terms: np.ndarray):
    """Fewer than two terms, or one that is no number, have no interval."""
    assert math.isnan(bootstrap(terms, 0).low)
    assert math.isnan(empirical_bernstein(terms).high)
