"""Players that run one arm for each query."""

import numpy as np

from ltrr.bench.world.play import Plan, Visit
from ltrr.models.plans.plan import PlanRules
from ltrr.models.statistics.least_squares import Array


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
