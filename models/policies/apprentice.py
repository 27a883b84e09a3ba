"""An apprentice: another policy's plans, while the reward model learns."""

from collections.abc import Mapping
from typing import ClassVar

from models.errors import InvalidSettings
from models.plan_space import PlanDistribution, PlanSpace
from models.policies import policy_named
from models.policies.base import Policy, PolicyOptions
from models.reward_model import RewardModel


class Apprentice(Policy):
    """Imitates the policy that the option `baseline` names, until another policy is chosen in its place.

    With probability `exploration` it draws a uniformly drawn plan instead, so that arms that the baseline never runs
    are learned about too, and every other policy can be estimated from the log. The reward model learns as under any
    policy: the one that takes over starts from it.
    """

    name: ClassVar[str] = "apprentice"
    learns: ClassVar[bool] = False

    def __init__(self, space: PlanSpace, model: RewardModel, options: PolicyOptions) -> None:
        super().__init__(space, model, options)
        if options.baseline == self.name:
            raise InvalidSettings("an apprentice cannot be its own baseline: name another policy")
        self._baseline = policy_named(options.baseline)(space, model, options)

    def distribution(self, context: Mapping[str, float], seed: int) -> PlanDistribution:
        """Return the baseline's distribution over feasible plans, with a floor under it."""
        imitated = self._baseline.distribution(context, seed)
        kept = (1 - self.options.exploration) * (1 - imitated.mix)
        return PlanDistribution(imitated.learned, self.space.uniform, 1 - kept)
