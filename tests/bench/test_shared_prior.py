"""A new tenant earns more from its first queries on where another one has learned."""

import numpy as np
import pytest

from ltrr.bench.regret import PRICE_WEIGHT, net_values
from ltrr.bench.world.arms import world_rules
from ltrr.bench.world.learner import Learner
from ltrr.bench.world.play import Plan, play
from ltrr.bench.world.visits import Visits
from ltrr.bench.world.world import World
from ltrr.models.policies import policy_named
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.statistics.least_squares import Array

pytestmark = pytest.mark.whole

OPTIONS = PolicyOptions(price_weight=PRICE_WEIGHT)
FIRST = 300


class Newcomer(Learner):
    """A tenant whose prior is what a sibling has learned."""

    def __init__(self, sibling: RewardModel, max_calls: int | None) -> None:
        super().__init__("igw", world_rules(max_calls), OPTIONS, float("inf"))
        self._sibling, self._own, self._space = sibling, self.policy.model, self.policy.space

    def choose(self, vector: Array, visit: int) -> Plan:
        """Draw a plan as it is served: over the view of what was learned up to now."""
        self.policy = policy_named("igw")(self._space, self._own.informed([self._sibling]), OPTIONS)
        return super().choose(vector, visit)

    def serve(self, visit: object) -> None:
        """Learn with the own model."""
        self.policy = policy_named("igw")(self._space, self._own, OPTIONS)
        super().serve(visit)  # type: ignore[arg-type]


@pytest.mark.parametrize("max_calls", [None, 2])
def test_a_newcomer_earns_more(max_calls: int | None):
    """In its first 300 queries a tenant earns more than one without siblings, though its queries are others."""
    rules, gained = world_rules(max_calls), []
    for seed in range(3):
        sibling = Learner("igw", rules, OPTIONS, float("inf"))
        theirs = World(seed)
        play([theirs], Visits(theirs, seed, 1000), sibling)
        ours = World(100 + seed)
        visits = Visits(ours, 100 + seed, FIRST)
        alone = play([ours], visits, Learner("igw", rules, OPTIONS, float("inf")))
        informed = play([ours], visits, Newcomer(sibling.policy.model, max_calls))
        gained.append(net_values(informed, rules).mean() / net_values(alone, rules).mean() - 1)
    assert min(gained) > 0
    assert np.mean(gained) > 0.01
