"""Other libraries' bandits as players of the world, each used as its own documentation says."""

from collections.abc import Mapping

import numpy as np
from mabwiser.mab import MAB, LearningPolicy
from river import bandit
from vowpalwabbit import Workspace

from ltrr.bench.world.learner import logged
from ltrr.bench.world.play import Plan, Visit, impression
from ltrr.bench.world.visits import CONTEXT_NAMES
from ltrr.bench.world.world import CURVE
from ltrr.models.plans.plan import PlanRules
from ltrr.models.plans.space import PlanDistribution, PlanSpace
from ltrr.models.rewards.credit import PageCredit
from ltrr.models.statistics.least_squares import Array

_ALONE_SHARE = 1 / 3
"""Of credit under a cap, for who compares plans by sums: with nothing or all of it plans are compared worse."""

_NOTHING = 2
"""Actions of the conditional bandit that run nothing, so that its later slots may stay empty."""


def workspace(arguments: str) -> Workspace:
    """Return a quiet Vowpal Wabbit."""
    return Workspace(f"--quiet {arguments}")


class SingleArm:
    """Runs one arm at the largest budget, and learns the net actions of its page once all have come."""

    def __init__(self, rules: PlanRules, price_weight: float) -> None:
        self._rules = rules
        self._price_weight = price_weight

    def choose(self, vector: Array, visit: int) -> Plan:
        """Return the plan of the arm that is pulled."""
        return self._alone(self.pull(vector, visit))

    def serve(self, visit: Visit) -> None:
        """Wait."""

    def act(self, visit: Visit, place: int) -> None:
        """Wait."""

    def settle(self, visit: Visit) -> None:
        """Learn the page."""
        net = len(visit.clicked) - self._price_weight * self._rules.price(visit.plan)
        self.learn(visit, int(np.argmax(visit.plan)), net)

    def pull(self, vector: Array, visit: int) -> int:
        """Return the arm to run."""
        raise NotImplementedError

    def learn(self, visit: Visit, arm: int, net: float) -> None:
        """Learn what an arm earned."""
        raise NotImplementedError

    def _alone(self, arm: int) -> Plan:
        top = len(self._rules.ladder) - 1
        return tuple(top if at == arm else 0 for at in range(len(self._rules.arms)))


class RiverLinUcb(SingleArm):
    """River's LinUCBDisjoint."""

    def __init__(self, rules: PlanRules, price_weight: float, seed: int) -> None:
        super().__init__(rules, price_weight)
        self._policy = bandit.LinUCBDisjoint(seed=seed)
        self._arms: list[bandit.base.ArmID] = list(range(len(rules.arms)))

    def pull(self, vector: Array, visit: int) -> int:  # noqa: ARG002  # it counts by itself
        """Return the arm with the highest upper confidence bound."""
        return int(self._policy.pull(self._arms, context=_named(vector)))

    def learn(self, visit: Visit, arm: int, net: float) -> None:
        """Update the arm."""
        self._policy.update(arm, _named(visit.vector), net)  # type: ignore[no-untyped-call]


class MabWiserLinTs(SingleArm):
    """MABWiser's linear Thompson sampling, taught in batches of 20."""

    def __init__(self, rules: PlanRules, price_weight: float, seed: int) -> None:
        super().__init__(rules, price_weight)
        self._arms = list(range(len(rules.arms)))
        self._mab = MAB(self._arms, LearningPolicy.LinTS(alpha=0.3), seed=seed)
        self._waiting: list[tuple[int, float, Array]] = []
        self._fitted = False

    def pull(self, vector: Array, visit: int) -> int:
        """Return the best arm under drawn parameters; each arm in turn before the first fit."""
        return int(self._mab.predict(vector[None, :])) if self._fitted else visit % len(self._arms)

    def learn(self, visit: Visit, arm: int, net: float) -> None:
        """Update the arms once there are enough pages."""
        self._waiting.append((arm, net, visit.vector))
        if len(self._waiting) == 20:  # noqa: PLR2004
            arms, nets, vectors = zip(*self._waiting, strict=True)
            fit = self._mab.partial_fit if self._fitted else self._mab.fit
            fit(list(arms), list(nets), np.array(vectors))
            self._fitted = True
            self._waiting.clear()


class VowpalSquareCb(SingleArm):
    """Vowpal Wabbit's contextual bandit with action features under SquareCB."""

    def __init__(self, rules: PlanRules, price_weight: float, seed: int) -> None:
        super().__init__(rules, price_weight)
        self._wabbit = workspace(f"--cb_explore_adf --squarecb -q ca --random_seed {seed}")
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

    def __init__(self, rules: PlanRules, price_weight: float, seed: int) -> None:
        super().__init__(rules, price_weight)
        self._wabbit = workspace(f"--ccb_explore_adf --squarecb -q ca -q cs --random_seed {seed}")
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


class VowpalByArm:
    """A SquareCB model of Vowpal Wabbit for each arm over its levels, taught with our credit minus the price.

    Under a cap on calls, the arms that are most probably on are kept.
    """

    def __init__(self, rules: PlanRules, price_weight: float, seed: int, estimate_looks: float = 0.0) -> None:
        self._rules = rules
        self._seed = seed
        self._costs = price_weight * rules.arm_prices()
        self._models = [
            workspace(f"--cb_explore_adf --squarecb -q ca --random_seed {seed + arm}") for arm in range(len(rules.arms))
        ]
        space = PlanSpace(rules)
        self._uniform = PlanDistribution(space.uniform, space.uniform)
        self._alone_share = 0.0 if rules.max_calls is None else _ALONE_SHARE
        self._estimate_looks = estimate_looks
        self._chances: dict[int, Array] = {}
        self._credits: dict[int, PageCredit] = {}

    def choose(self, vector: Array, visit: int) -> Plan:
        """Draw a level for each arm."""
        chances = np.array([model.predict(self._example(vector)) for model in self._models])
        self._chances[visit] = chances
        drawn = [_draw(row, [self._seed, visit, arm]) for arm, row in enumerate(chances)]
        plan = [0] * len(drawn)
        for arm in np.argsort(chances[:, 0], kind="stable"):
            plan[arm] = drawn[arm]
            if any(plan) and not self._rules.feasible(plan):
                plan[arm] = 0
        if not any(plan):
            plan[int(np.argmin(chances[:, 0]))] = 1
        return tuple(plan)

    def serve(self, visit: Visit) -> None:
        """Log the page."""
        decision = logged("vw", self._rules, self._uniform, visit)  # credit reads the levels alone
        self._credits[visit.number] = PageCredit(
            impression(visit, decision), decision, self._alone_share, self._estimate_looks
        )

    def act(self, visit: Visit, place: int) -> None:
        """Observe an action."""
        self._credits[visit.number].observe(str(visit.order[place]), 1.0, float(CURVE[place]))

    def settle(self, visit: Visit) -> None:
        """Learn the cost of the level of each arm."""
        credit, chances = self._credits.pop(visit.number).credit(), self._chances.pop(visit.number)
        worth = dict(zip(zip(credit.arms, credit.levels, strict=True), credit.values.tolist(), strict=True))
        for arm, level in enumerate(visit.plan):
            cost = float(self._costs[arm, level]) - worth.get((self._rules.names[arm], level), 0.0)
            label = f"0:{cost:.4f}:{chances[arm, level]:.6f}"
            self._models[arm].learn(self._example(visit.vector, level, label))

    def _example(self, vector: Array, labelled: int = -1, label: str = "") -> list[str]:
        levels = range(len(self._rules.ladder))
        lines = [f"{label + ' ' if level == labelled else ''}|a level={level}" for level in levels]
        return [f"shared |c {_text(vector)}", *lines]


def _draw(chances: Array, seed: list[int]) -> int:
    return int(np.random.default_rng(seed).choice(len(chances), p=chances / chances.sum()))


def _named(vector: Array) -> dict[str, float]:
    return dict(zip(CONTEXT_NAMES, vector.tolist(), strict=True))


def _text(vector: Array) -> str:
    features: Mapping[str, float] = _named(vector)
    return " ".join(f"{name}:{value:.4f}" for name, value in features.items())
