"""Epsilon-greedy, factored by arm."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ltrr.models.plans.space import PlanDistribution
from ltrr.models.policies.base import Policy


class EpsilonGreedy(Policy):
    """The best feasible plan, but each arm takes a random level with probability `exploration`.

    Source: Sutton and Barto, Reinforcement Learning (2018), section 2.2.
    """

    name: ClassVar[str] = "epsilon"

    def distribution(self, context: Mapping[str, float], seed: int) -> PlanDistribution:  # noqa: ARG002  # nothing drawn
        """Return the exact distribution over feasible plans."""
        best = self.best_by_level(context)
        greedy = np.zeros(self.space.shape)
        greedy[np.arange(len(best)), best.argmax(axis=1)] = 1.0
        return self.floored(greedy)
