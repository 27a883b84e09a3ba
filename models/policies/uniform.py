"""Every feasible plan alike."""

from collections.abc import Mapping
from typing import ClassVar

from ltrr.models.plans.space import PlanDistribution
from ltrr.models.policies.base import Policy


class Uniform(Policy):
    """Draws all feasible plans with the same probability."""

    name: ClassVar[str] = "uniform"
    learns: ClassVar[bool] = False

    def distribution(self, context: Mapping[str, float], seed: int) -> PlanDistribution:  # noqa: ARG002  # needs neither
        """Return the uniform distribution over feasible plans."""
        return PlanDistribution(self.space.uniform, self.space.uniform)
