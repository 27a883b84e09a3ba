"""Our policies as River shows policies: one arm is pulled at a time."""

from collections.abc import Mapping, Sequence

import numpy as np
from river import bandit

from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanSpace
from ltrr.models.policies import policy_named
from ltrr.models.policies.base import Policy, PolicyOptions
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel, Steps
from ltrr.models.statistics.decay import DecayedCount


class RiverPolicy(bandit.base.ContextualPolicy):
    """A policy of ours as a contextual policy of `river.bandit`, so that River's own evaluation runs on it.

    An arm of River is an arm of ours with one budget and a call of its own, under a cap of one call: the feasible
    plans are the single arms, and pulling draws one of them. Rewards are learned as credit.

    policy: name of ours. context_names: features that are read; a constant one is added. seed: of all draws.
    options: of the policy; `budgets` of the policy `static` are {str(arm): 1}. prior_precision: of the reward model.
    burn_in: see River.

    >>> from river import bandit
    >>> policy = RiverPolicy("igw", ("rainy",), seed=1)
    >>> for _ in range(300):
    ...     for context, best in (({"rainy": 1.0}, "umbrella"), ({"rainy": 0.0}, "hat")):
    ...         arm = policy.pull(["umbrella", "hat"], context)
    ...         policy.update(arm, context, float(arm == best))
    >>> {arm: round(p, 2) for arm, p in policy.probabilities(["umbrella", "hat"], {"rainy": 1.0}).items()}
    {'umbrella': 0.99, 'hat': 0.01}
    """

    def __init__(
        self,
        policy: str = "igw",
        context_names: Sequence[str] = (),
        seed: int = 0,
        options: PolicyOptions | None = None,
        prior_precision: float = 2.0,
        burn_in: int = 0,
    ) -> None:
        super().__init__(burn_in=burn_in)
        self.policy = policy
        self.context_names = list(context_names)  # River takes a tuple for a class with its parameters
        self.seed = seed
        self.options = options
        self.prior_precision = prior_precision
        self._features = ("bias", *context_names)
        self._regressors: dict[str, Steps] = {}
        self._policies: dict[tuple[str, ...], Policy] = {}
        self._pulls = 0
        self._count = DecayedCount()

    def probabilities(
        self, arm_ids: Sequence[bandit.base.ArmID], context: Mapping[str, float] | None = None
    ) -> dict[bandit.base.ArmID, float]:
        """Return the exact probability with which each arm would be pulled next, burn-in aside."""
        policy = self._over(arm_ids)
        distribution = policy.distribution(self._with_bias(context), self._next_seed())
        return {arm: float(p) for arm, p in zip(arm_ids, distribution.marginals[:, 1], strict=True)}

    def update(
        self,
        arm_id: bandit.base.ArmID,
        context: Mapping[str, float] | float | None,
        *reward_args: float,
        **reward_kwargs: float,
    ) -> None:
        """Learn the reward of an arm. River's `evaluate` knows no contexts and passes the reward in their place."""
        if not reward_args:
            context, reward_args = None, (float(context),)  # type: ignore[arg-type]  # a reward
        super().update(arm_id, context, *reward_args, **reward_kwargs)  # type: ignore[no-untyped-call]
        credit = Credit((str(arm_id),), (1,), np.array(reward_args[:1], dtype=np.float64), 0.0)
        self._model(_rules([arm_id])).learn_many([(self._with_bias(context), credit)])  # type: ignore[arg-type]  # no reward any more

    def _pull(self, arm_ids: list[bandit.base.ArmID], context: Mapping[str, float] | None = None) -> bandit.base.ArmID:
        policy = self._over(arm_ids)
        seed = self._next_seed()
        self._pulls += 1
        levels = policy.choose(policy.distribution(self._with_bias(context), seed), seed)
        return arm_ids[levels.index(1)]

    def _over(self, arm_ids: Sequence[bandit.base.ArmID]) -> Policy:
        """Return the policy over some arms."""
        names = tuple(map(str, arm_ids))
        policy = self._policies.get(names)
        if policy is None:
            rules = _rules(arm_ids)
            options = self.options or PolicyOptions()
            policy = policy_named(self.policy)(PlanSpace.of(rules), self._model(rules), options)
            self._policies[names] = policy
        return policy

    def _model(self, rules: PlanRules) -> RewardModel:
        """Return a reward model of some arms; whichever are asked for together, each has its own regressors."""
        model = RewardModel(rules, self._features, self.prior_precision)
        model = model.having({arm: self._regressors.setdefault(arm, new) for arm, new in model.regressors.items()})
        model.count = self._count
        return model

    def _next_seed(self) -> int:
        return int(np.random.SeedSequence([self.seed, self._pulls]).generate_state(1, np.uint64)[0])

    @staticmethod
    def _with_bias(context: Mapping[str, float] | None) -> dict[str, float]:
        return {**(context or {}), "bias": 1.0}


def _rules(arm_ids: Sequence[bandit.base.ArmID]) -> PlanRules:
    """Return the rules under which a plan is one arm."""
    return PlanRules(tuple(Arm(str(arm), (str(arm),)) for arm in arm_ids), (0, 1), max_calls=1, price_per_call=0.0)
