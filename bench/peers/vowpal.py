"""Vowpal Wabbit's contextual bandits as players of the world."""

from typing import Final

import numpy as np
from vowpalwabbit import Workspace

from ltrr.bench.peers.by_arms import ByArms
from ltrr.bench.peers.single_arms import SingleArm
from ltrr.bench.world.play import Plan, Visit
from ltrr.bench.world.visits import CONTEXT_NAMES
from ltrr.models.plans.plan import PlanRules
from ltrr.models.statistics.least_squares import Array

_NOTHING: Final = 2
"""Actions of the conditional bandit that run nothing, so that its later slots may stay empty."""


def workspace(arguments: str) -> Workspace:
    """Return a quiet Vowpal Wabbit."""
    return Workspace(f"--quiet {arguments}")


class VowpalSingle(SingleArm):
    """A contextual bandit with features of actions. explorer: its options."""

    def __init__(self, rules: PlanRules, price_weight: float, seed: int, explorer: str = "--squarecb") -> None:
        super().__init__(rules, price_weight)
        self._wabbit = workspace(f"--cb_explore_adf {explorer} -q ca --random_seed {seed}")
        self._seed = seed
        self._chances: dict[int, float] = {}

    def pull(self, vector: Array, visit: int) -> int:
        """Draw an arm."""
        chances = np.array(self._wabbit.predict(self._example(vector)))
        arm = _draw(chances, [self._seed, visit])
        self._chances[visit] = float(chances[arm])
        return arm

    def learn(self, visit: Visit, arm: int, net: float) -> None:
        """Learn the cost of the arm under the probability with which it was drawn."""
        self._wabbit.learn(self._example(visit.vector, arm, f"0:{-net:.4f}:{self._chances.pop(visit.number):.6f}"))

    def _example(self, vector: Array, labelled: int = -1, label: str = "") -> list[str]:
        lines = [f"{label + ' ' if arm == labelled else ''}|a arm={arm}" for arm in range(len(self._rules.arms))]
        return [f"shared |c {_text(vector)}", *lines]


class VowpalCcb(SingleArm):
    """Vowpal Wabbit's conditional contextual bandit: two slots under a cap of two calls, else three.

    Each slot learns the actions on what its arm brought, minus the arm's price.
    """

    def __init__(self, rules: PlanRules, price_weight: float, seed: int, explorer: str = "--squarecb") -> None:
        super().__init__(rules, price_weight)
        self._wabbit = workspace(f"--ccb_explore_adf {explorer} -q ca -q cs --random_seed {seed}")
        self._slots = rules.max_calls or 3
        self._drawn: dict[int, list[tuple[int, float]]] = {}

    def choose(self, vector: Array, visit: int) -> Plan:
        """Fill the slots, as far as the plan stays feasible."""
        drawn = [slot[0] for slot in self._wabbit.predict(self._example(vector))]
        plan = [0] * len(self._rules.arms)
        kept = []
        for action, chance in drawn:
            if action < len(plan):
                plan[action] = len(self._rules.ladder) - 1
                if not self._rules.feasible(plan):
                    plan[action] = 0
                    break
            kept.append((action, chance))
        self._drawn[visit] = kept
        return tuple(plan) if any(plan) else self._alone(visit % len(plan))

    def settle(self, visit: Visit) -> None:
        """Learn the cost of each slot."""
        labels = []
        prices = self._rules.arm_prices()[:, -1]
        for action, chance in self._drawn.pop(visit.number):
            cost = 0.0
            if action < len(prices):
                cost = self._price_weight * float(prices[action]) - float(visit.sources(action)[visit.clicked].sum())
            labels.append(f"{action}:{cost:.4f}:{chance:.6f} ")
        self._wabbit.learn(self._example(visit.vector, labels))

    def _example(self, vector: Array, labels: list[str] | None = None) -> list[str]:
        arms = [f"ccb action |a arm={arm}" for arm in range(len(self._rules.arms) + _NOTHING)]
        filled = [*(labels or []), *[""] * self._slots][: self._slots]
        slots = [f"ccb slot {label}|s slot={number}" for number, label in enumerate(filled)]
        return [f"ccb shared |c {_text(vector)}", *arms, *slots]


class VowpalByArms(ByArms):
    """A contextual bandit for each arm over its levels. explorer: their options."""

    def __init__(
        self,
        rules: PlanRules,
        price_weight: float,
        seed: int,
        estimate_looks: float = 0.0,
        explorer: str = "--squarecb",
    ) -> None:
        super().__init__(rules, price_weight, seed, estimate_looks)
        self._models = [
            workspace(f"--cb_explore_adf {explorer} -q ca --random_seed {seed + arm}") for arm in range(len(rules.arms))
        ]
        self._chances: dict[int, Array] = {}

    def choose(self, vector: Array, visit: int) -> Plan:
        """Draw a level for each arm; under a cap those that are most probably on are kept."""
        chances = np.array([model.predict(self._example(vector)) for model in self._models])
        self._chances[visit] = chances
        drawn = [_draw(row, [self.seed, visit, arm]) for arm, row in enumerate(chances)]
        plan = [0] * len(drawn)
        for arm in np.argsort(chances[:, 0], kind="stable"):
            plan[arm] = drawn[arm]
            if any(plan) and not self.rules.feasible(plan):
                plan[arm] = 0
        if not any(plan):
            plan[int(np.argmin(chances[:, 0]))] = 1
        return tuple(plan)

    def learn(self, visit: Visit, arm: int, level: int, net: float) -> None:
        """Learn the cost of the level under the probability with which it was drawn."""
        label = f"0:{-net:.4f}:{self._chances[visit.number][arm, level]:.6f}"
        self._models[arm].learn(self._example(visit.vector, level, label))

    def settle(self, visit: Visit) -> None:
        """Learn the levels, and forget their probabilities."""
        super().settle(visit)
        del self._chances[visit.number]

    def _example(self, vector: Array, labelled: int = -1, label: str = "") -> list[str]:
        levels = range(len(self.rules.ladder))
        lines = [f"{label + ' ' if level == labelled else ''}|a level={level}" for level in levels]
        return [f"shared |c {_text(vector)}", *lines]


def _draw(chances: Array, seed: list[int]) -> int:
    return int(np.random.default_rng(seed).choice(len(chances), p=chances / chances.sum()))


def _text(vector: Array) -> str:
    return " ".join(f"{name}:{value:.4f}" for name, value in zip(CONTEXT_NAMES, vector.tolist(), strict=True))
