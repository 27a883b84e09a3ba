"""An apprentice: the baseline, while the reward model learns."""

from collections.abc import Mapping
from typing import ClassVar

from ltrr.models.plans.space import PlanDistribution, PlanSpace
from ltrr.models.policies.base import Policy, PolicyOptions
from ltrr.models.policies.static import Static
from ltrr.models.rewards.reward_model import RewardModel


class Apprentice(Policy):
    """Runs the plan that `static` would, until another policy is chosen in its place.

    With probability `exploration` it draws a uniformly drawn plan instead, so that arms that the baseline never runs
    are learned about too, and every other policy can be estimated from the log. The reward model learns as under any
    policy: the one that takes over starts from it.
    """

    name: ClassVar[str] = "apprentice"
    learns: ClassVar[bool] = False

    def __init__(self, space: PlanSpace, model: RewardModel, options: PolicyOptions) -> None:
        super().__init__(space, model, options)
        self._baseline = Static(space, model, options)

    def distribution(self, context: Mapping[str, float], seed: int) -> PlanDistribution:
        """Return the baseline's distribution over feasible plans, with a floor under it."""
        imitated = self._baseline.distribution(context, seed)
        return PlanDistribution(imitated.learned, self.space.uniform, self.options.exploration)
