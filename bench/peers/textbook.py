"""Linear bandits as their papers have them, in NumPy: LinUCB with disjoint models, and linear Thompson sampling.

Each arm has a ridge regression of its own. LinUCB takes the arm with the highest mean + alpha x width; LinTS draws the
parameters of each arm from a normal around their mean, v times as wide as the regression says, and takes the best.
Source: Li et al. 2010 (arXiv 1003.0146, algorithm 1); Agrawal and Goyal 2013 (arXiv 1209.3352), with a model for each
arm.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ltrr.bench.peers.by_arms import ByArms
from ltrr.bench.peers.single_arms import SingleArm
from ltrr.bench.world.play import Plan, Visit
from ltrr.bench.world.visits import CONTEXT_NAMES
from ltrr.models.plans.plan import PlanRules
from ltrr.models.statistics.least_squares import Array


@dataclass(frozen=True, slots=True)
class Knobs:
    """How a linear bandit explores. width: alpha of LinUCB, v of LinTS; ridge: precision of the prior, 1 in both."""

    kind: Literal["ucb", "ts"]
    width: float
    ridge: float = 1.0


class LinearModels:
    """Ridge regressions of `count` arms on the same context, each updated in place."""

    def __init__(self, count: int, features: int, ridge: float = 1.0) -> None:
        self._inverses = np.tile(np.eye(features) / ridge, (count, 1, 1))
        self._sums = np.zeros((count, features))
        self._weights = np.zeros((count, features))

    def learn(self, arm: int, vector: Array, reward: float) -> None:
        """Update an arm (Sherman and Morrison 1950)."""
        inverse = self._inverses[arm]
        along = inverse @ vector
        inverse -= np.outer(along, along) / (1.0 + vector @ along)
        self._sums[arm] += reward * vector
        self._weights[arm] = inverse @ self._sums[arm]

    def means(self, vector: Array) -> Array:
        """Return what each arm is expected to earn; shape (count,)."""
        return np.asarray(self._weights @ vector)

    def widths(self, vector: Array) -> Array:
        """Return the standard deviation of each mean, for rewards of variance 1; shape (count,)."""
        return np.asarray(np.sqrt(np.einsum("aij,i,j->a", self._inverses, vector, vector)))

    def scores(self, vector: Array, knobs: Knobs, seed: list[int]) -> Array:
        """Return what each arm is pulled by; shape (count,).

        A context's reward under drawn parameters is normal by itself, so that alone is drawn.
        """
        means, widths = self.means(vector), knobs.width * self.widths(vector)
        if knobs.kind == "ts":
            widths *= np.random.default_rng(seed).normal(size=len(widths))
        return means + widths


class LinearSingle(SingleArm):
    """A linear bandit over single arms."""

    def __init__(self, rules: PlanRules, price_weight: float, seed: int, knobs: Knobs) -> None:
        super().__init__(rules, price_weight)
        self._models = LinearModels(len(rules.arms), len(CONTEXT_NAMES), knobs.ridge)
        self._knobs = knobs
        self._seed = seed

    def pull(self, vector: Array, visit: int) -> int:
        """Return the arm of the highest score."""
        return int(np.argmax(self._models.scores(vector, self._knobs, [self._seed, visit])))

    def learn(self, visit: Visit, arm: int, net: float) -> None:
        """Update the arm."""
        self._models.learn(arm, visit.vector, net)


class LinearByArms(ByArms):
    """A linear bandit over the levels of arms: of the feasible plans that of the highest sum of scores.

    An arm that is off earns nothing, which is known.
    """

    def __init__(
        self, rules: PlanRules, price_weight: float, seed: int, estimate_looks: float = 0.0, *, knobs: Knobs
    ) -> None:
        super().__init__(rules, price_weight, seed, estimate_looks)
        self._on = len(rules.ladder) - 1
        self._models = LinearModels(len(rules.arms) * self._on, len(CONTEXT_NAMES), knobs.ridge)
        self._knobs = knobs

    def choose(self, vector: Array, visit: int) -> Plan:
        """Return the best plan under scores."""
        scores = self._models.scores(vector, self._knobs, [self.seed, visit]).reshape(-1, self._on)
        return self.space.best(np.pad(scores, ((0, 0), (1, 0))))

    def learn(self, visit: Visit, arm: int, level: int, net: float) -> None:
        """Update the level, unless the arm was off."""
        if level:
            self._models.learn(arm * self._on + level - 1, visit.vector, net)
