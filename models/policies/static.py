"""One plan for every query."""

from collections.abc import Mapping
from typing import ClassVar

from models.errors import InvalidSettings
from models.plan_space import OnePlan, PlanDistribution, PlanSpace
from models.policies.base import Policy, PolicyOptions
from models.reward_model import RewardModel


class Static(Policy):
    """Runs the plan that the option `budgets` names, always."""

    name: ClassVar[str] = "static"
    learns: ClassVar[bool] = False

    def __init__(self, space: PlanSpace, model: RewardModel, options: PolicyOptions) -> None:
        super().__init__(space, model, options)
        rules = space.rules
        unknown = options.budgets.keys() - set(rules.names)
        if unknown:
            raise InvalidSettings(f"budgets name arms that do not exist: {', '.join(sorted(unknown))}")
        budgets = [options.budgets.get(arm, 0) for arm in rules.names]
        if not set(budgets) <= set(rules.ladder):
            raise InvalidSettings(f"budgets must be steps of the ladder {rules.ladder}, not {budgets}")
        levels = [rules.ladder.index(budget) for budget in budgets]
        if not rules.feasible(levels):
            raise InvalidSettings("the static plan runs nothing or breaks a cap: name arms in the option budgets")
        self._plan = PlanDistribution(OnePlan(tuple(levels), space.shape), space.uniform)

    def distribution(self, context: Mapping[str, float], seed: int) -> PlanDistribution:  # noqa: ARG002  # needs neither
        """Return the distribution that has one plan."""
        return self._plan
