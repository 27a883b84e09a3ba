"""An estimator's answer for one target policy: value, intervals, and a verdict where the data allow one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Final

import numpy as np

from ltrr.models.evaluation.estimators.base import Estimator
from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.statistics.intervals import Interval, bootstrap, empirical_bernstein
from ltrr.models.statistics.least_squares import Array

LEAST_ESS = 100.0
"""Effective decisions below which there is no verdict."""
MOST_UNSEEN = 0.001
"""Share of an arm's target probability on levels that the log cannot show, above which there is no verdict."""
CHANCE = 0.05
"""Share of logs in which weights that are right miss their mean of 1 by so much that there is no verdict."""

_PLANS: Final = "whole plans"
_ROUNDING = 1e-9  # a target that is the logged policy differs from it by rounding
_SOLVED = 1e-6  # of weights, which are solved for


class Verdict(StrEnum):
    """How a target policy compares with the one that was logged."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "no difference"
    NONE = "no verdict"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A target policy's reward for each decision.

    bootstrap, bernstein: intervals of the value. difference: bootstrap interval of value - logged reward, on the same
    decisions. why: the reasons for which there is no verdict.
    """

    estimator: str
    weighs: str
    value: float
    bootstrap: Interval
    bernstein: Interval
    difference: Interval
    verdict: Verdict
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of the log speaks of a target policy.

    plan: effective sample size of whole plans, in decisions. arms: the same for the levels of each arm by itself.
    unseen: share of each arm's target probability on levels that had probability 0 when logged. astray: mean weight of
    whole plans and of arms, where it differs from 1 by more than chance.

    Weights have the mean 1 whatever the target is. What a target likes and the log never drew takes from that, and
    from no effective size: that is of the weights that are there. No estimator knows what it would have earned, a
    regression that has not seen it no more than weights that are missing.
    """

    plan: float
    arms: Mapping[str, float]
    unseen: Mapping[str, float]
    astray: Mapping[str, float]

    @classmethod
    def of(cls, samples: Samples, arms: Sequence[str]) -> "Overlap":
        """Return the overlap of samples. arms: their names in order."""
        unseen = np.where(samples.marginals > 0, 0.0, samples.target_marginals).sum(axis=2)
        share = unseen.mean(axis=0) if len(samples) else np.zeros(len(arms))
        plans, levels = samples.joint_weights, samples.arm_weights
        return cls(
            effective_size(plans),
            {arm: effective_size(weights) for arm, weights in zip(arms, levels.T, strict=True)},
            {arm: float(part) for arm, part in zip(arms, share, strict=True)},
            _astray((_PLANS,), plans[:, None]) | _astray(arms, levels),
        )

    def troubles(self, estimator: Estimator) -> tuple[str, ...]:
        """Return why an estimator's value must not be trusted; empty where it may."""
        unseen = [f"{arm}: levels that were never logged" for arm, part in self.unseen.items() if part > MOST_UNSEEN]
        sizes = {_PLANS: self.plan} if estimator.weighs == "plan" else self.arms
        few = [
            f"{what}: {size:.0f} effective decisions of at least {LEAST_ESS:.0f}"
            for what, size in sizes.items()
            if not size >= LEAST_ESS
        ]
        off = [
            f"{what}: weights sum to {self.astray[what]:.0%} of what they should: the log "
            + (
                "hardly drew what was asked"
                if self.astray[what] < 1
                else "drew what was asked too often by its chances"
            )
            for what in sizes
            if what in self.astray
        ]
        return (*unseen, *few, *off)


def effective_size(weights: Array) -> float:
    """Return (sum w)^2 / sum w^2, 0 where all weights are 0. Source: Kong 1992."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def _astray(names: Sequence[str], weights: Array) -> dict[str, float]:
    """Return the means that differ from 1 by more than chance, as one test of all. weights: shape (n, names).

    Weights without spread are left out: they say nothing of how far their mean may be off.
    """
    if len(weights) < 2:  # noqa: PLR2004  # no spread
        return {}
    means, spread = weights.mean(axis=0), weights.std(axis=0, ddof=1)
    most = NormalDist().inv_cdf(1 - CHANCE / (2 * len(names))) * spread / np.sqrt(len(weights))
    off = (spread > _SOLVED) & (np.abs(means - 1) > most)
    return {name: float(mean) for name, mean, astray in zip(names, means, off, strict=True) if astray}


def estimate(estimator: Estimator, samples: Samples, overlap: Overlap, seed: int = 0) -> Estimate:
    """Return an estimator's answer. seed: of the bootstrap."""
    samples = samples.ordered()
    terms = estimator.terms(samples) if len(samples) else samples.rewards
    difference = bootstrap(terms - samples.rewards, seed)
    found = _verdict(difference)
    why = (*overlap.troubles(estimator), *_without_spread(estimator, samples, found))
    return Estimate(
        estimator.name,
        estimator.weighs,
        float(terms.mean()) if len(terms) else float("nan"),
        bootstrap(terms, seed),
        empirical_bernstein(terms),
        difference,
        Verdict.NONE if why else found,
        why,
    )


def _without_spread(estimator: Estimator, samples: Samples, found: Verdict) -> Iterator[str]:
    """Yield why the spread of samples does not say how far an estimate is off: an interval could have no width.

    found: what the interval says. Weights that are all 1 are those of a target that does what was logged: they may say
    that there is no difference, and no other thing.
    """
    if not len(samples):
        return
    if np.ptp(samples.rewards) <= _ROUNDING:
        yield f"all rewards are {samples.rewards[0]:.4g}: no interval can be told from one value"
    weights = samples.joint_weights if estimator.weighs == "plan" else samples.additive_weights
    as_logged = abs(weights[0] - 1) <= _SOLVED and found is Verdict.SAME
    if np.ptp(weights) <= _SOLVED and not as_logged:
        yield f"all weights are {weights[0]:.4g}: the log has nothing to tell what was asked from what was done"


def _verdict(difference: Interval) -> Verdict:
    if difference.low > _ROUNDING:
        return Verdict.BETTER
    if difference.high < -_ROUNDING:
        return Verdict.WORSE
    return Verdict.SAME if difference.low <= difference.high else Verdict.NONE
