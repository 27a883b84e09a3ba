"""Small worlds in which every plan can be listed, so that expectations are sums and no tolerance hides a bias."""

import itertools
from dataclasses import dataclass

import numpy as np

from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.plans.moments import PlanMoments, product_inverses
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanDistribution, PlanSpace, Tables

EXPLORATION = 0.1
ARMS = (Arm("fulltext", ("t:f",)), Arm("dense", ("v:d",)), Arm("hybrid", ("t:f", "v:d")), Arm("memory"))
RULES = {
    "free": PlanRules(ARMS, (0, 5, 10)),
    "one_call": PlanRules(ARMS, (0, 5, 10), max_calls=1),
    "both_caps": PlanRules(ARMS, (0, 5, 10), max_calls=2, max_candidates=20),
    "uneven": PlanRules(ARMS, (0, 4, 10), max_candidates=13),
}


@dataclass(frozen=True)
class World:
    """All feasible plans of some rules, with what logging and target make of them."""

    space: PlanSpace
    plans: np.ndarray
    logging: PlanDistribution
    target: PlanDistribution

    def chances(self, distribution: PlanDistribution) -> np.ndarray:
        """Return P(plan) of all plans."""
        return np.array([distribution.joint(plan) for plan in self.plans.tolist()])

    def samples(self, rows: np.ndarray, rewards: np.ndarray) -> Samples:
        """Return the samples of logging plans by their row, with their rewards."""
        count, levels = len(rows), self.plans[rows]
        joints = self.chances(self.logging)[rows]
        marginals = np.repeat(self.logging.marginals[None], count, axis=0)
        inverses, fits = PlanMoments(self.space, EXPLORATION).inverses(levels, marginals, joints)
        assert fits.all()
        return Samples(
            keys=np.arange(count, dtype=np.uint64),
            contexts=np.ones((count, 1)),
            levels=levels,
            rewards=rewards,
            joints=joints,
            marginals=marginals,
            target_joints=self.chances(self.target)[rows],
            target_marginals=np.repeat(self.target.marginals[None], count, axis=0),
            inverses=inverses,
        )


def world(rules: PlanRules, seed: int) -> World:
    """Return a world with random logging and target policies; both keep every level possible."""
    space = PlanSpace.of(rules)
    rng = np.random.default_rng(seed)
    mix = EXPLORATION if rules.max_calls is not None or rules.max_candidates is not None else 0.0
    made = [PlanDistribution(Tables(space, rng.random(space.shape) + 0.02), space.uniform, mix) for _ in range(2)]
    every = itertools.product(range(len(rules.ladder)), repeat=len(rules.arms))
    return World(space, np.array([plan for plan in every if rules.feasible(plan)]), *made)


def additive(plans: np.ndarray, seed: int) -> np.ndarray:
    """Return rewards of plans that are a sum over arms of up to three levels."""
    worth = np.random.default_rng(seed).normal(size=(plans.shape[1], 3))
    rewards: np.ndarray = 0.3 + worth[np.arange(plans.shape[1]), plans].sum(axis=1)
    return rewards


def entangled(plans: np.ndarray, seed: int) -> np.ndarray:
    """Return rewards of plans that are no sum: each plan has its own."""
    return np.random.default_rng(seed).normal(size=len(plans))


def independent(seed: int, count: int = 60, arms: int = 3, levels: int = 4) -> Samples:
    """Return a random log with independent arms and two context features."""
    rng = np.random.default_rng(seed)
    marginals, target = (rng.dirichlet(np.full(levels, 2.0), (count, arms)) for _ in range(2))
    marginals = 0.9 * marginals + 0.1 / levels
    plan = np.array([[rng.choice(levels, p=row) for row in rows] for rows in marginals])
    places = plan[:, :, None]
    return Samples(
        keys=rng.permutation(count).astype(np.uint64),
        contexts=np.column_stack([np.ones(count), rng.random(count)]),
        levels=plan,
        rewards=rng.random(count) - 0.02 * plan.sum(axis=1),
        joints=np.take_along_axis(marginals, places, axis=2).prod(axis=(1, 2)),
        marginals=marginals,
        target_joints=np.take_along_axis(target, places, axis=2).prod(axis=(1, 2)),
        target_marginals=target,
        inverses=product_inverses(plan, marginals),
    )
