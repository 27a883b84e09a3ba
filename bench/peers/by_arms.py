"""Players that choose a level for each arm by itself, and learn our credit minus the arm's price."""

from abc import ABC, abstractmethod

from ltrr.bench.world.learner import logged
from ltrr.bench.world.play import Plan, Visit, impression
from ltrr.bench.world.world import CURVE
from ltrr.models.plans.plan import PlanRules
from ltrr.models.plans.space import PlanDistribution, PlanSpace
from ltrr.models.rewards.credit import PageCredit
from ltrr.models.statistics.least_squares import Array

_ALONE_SHARE = 1 / 3
"""Of credit under a cap, for who compares plans by sums: with nothing or all of it plans are compared worse."""


class ByArms(ABC):
    """A bandit for each arm over its levels."""

    def __init__(self, rules: PlanRules, price_weight: float, seed: int, estimate_looks: float = 0.0) -> None:
        self.rules = rules
        self.seed = seed
        self._costs = price_weight * rules.arm_prices()
        self.space = PlanSpace(rules)
        self._uniform = PlanDistribution(self.space.uniform, self.space.uniform)
        self._alone_share = 0.0 if rules.max_calls is None else _ALONE_SHARE
        self._estimate_looks = estimate_looks
        self._credits: dict[int, PageCredit] = {}

    @abstractmethod
    def choose(self, vector: Array, visit: int) -> Plan:
        """Return a feasible plan."""

    @abstractmethod
    def learn(self, visit: Visit, arm: int, level: int, net: float) -> None:
        """Learn what the level that an arm had was worth, 0 where it was off."""

    def serve(self, visit: Visit) -> None:
        """Log the page."""
        decision = logged("peer", self.rules, self._uniform, visit)  # credit reads the levels alone
        self._credits[visit.number] = PageCredit(
            impression(visit, decision), decision, self._alone_share, self._estimate_looks
        )

    def act(self, visit: Visit, place: int) -> None:
        """Observe an action."""
        self._credits[visit.number].observe(str(visit.order[place]), 1.0, float(CURVE[place]))

    def settle(self, visit: Visit) -> None:
        """Learn the net credit of the level of each arm."""
        credit = self._credits.pop(visit.number).credit()
        worth = dict(zip(zip(credit.arms, credit.levels, strict=True), credit.values.tolist(), strict=True))
        for arm, level in enumerate(visit.plan):
            net = worth.get((self.rules.names[arm], level), 0.0) - float(self._costs[arm, level])
            self.learn(visit, arm, level, net)
