"""One plan for every query."""

from collections.abc import Mapping
from typing import ClassVar

from ltrr.models.plans.space import OnePlan, PlanDistribution, PlanSpace
from ltrr.models.policies.base import Policy, PolicyOptions
from ltrr.models.rewards.reward_model import RewardModel


class Static(Policy):
    """Runs the plan that the option `budgets` names, or the baseline where it names none, always."""

    name: ClassVar[str] = "static"
    learns: ClassVar[bool] = False

    def __init__(self, space: PlanSpace, model: RewardModel, options: PolicyOptions) -> None:
        super().__init__(space, model, options)
        rules = space.rules
        levels = rules.levels(options.budgets) if options.budgets or not rules.baseline else rules.baseline
        self._plan = PlanDistribution(OnePlan(levels, space.shape), space.uniform)

    def distribution(self, context: Mapping[str, float], seed: int) -> PlanDistribution:  # noqa: ARG002  # needs neither
        """Return the distribution that has one plan."""
        return self._plan
