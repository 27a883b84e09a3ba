"""Learned state as the query worker uses it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Protocol

from ltrr.models.learning.fold import Fold
from ltrr.models.plans.space import PlanDistribution, PlanSpace
from ltrr.models.policies import policy_named
from ltrr.models.policies.base import Policy, PolicyOptions
from ltrr.models.policies.static import Static
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.records.impression import Decision, Impression, Shadow
from ltrr.models.state.learning import Learning
from ltrr.models.state.state import ApplicationState
from ltrr.serving.rankers.retrieval_order import RetrievalOrder
from ltrr.serving.rankers.served import TrainedRankers

_DECIMALS = 12  # what is left of equal shares is rounding


class ImpressionSink(Protocol):
    """Where impressions go before a search is answered."""

    def append(self, impression: Impression, now_s: float) -> None:
        """Keep an impression. Raises StorageFailed where it cannot be kept."""
        ...


class StateSource(Protocol):
    """Learned state that grows: a fold's own in this process, or what is followed from others."""

    @property
    def revision(self) -> int:
        """Return how many messages were absorbed."""
        ...

    def application(self, name: str) -> ApplicationState:
        """Return what was learned for an application, as of now."""
        ...


class ServedState:
    """A source of learned state, the policies over it, and the rankers that were trained in batches beside it.

    still: pages are shown as they are ranked, and chance changes none.
    """

    still: ClassVar[bool] = False

    def __init__(
        self,
        source: StateSource,
        learning: Learning,
        policy_name: str,
        options: PolicyOptions,
        version: str = "v1",
        rankers: TrainedRankers | None = None,
    ) -> None:
        self.version = version
        self.policy_name = policy_name
        self.learning = learning
        self.rankers = rankers or TrainedRankers(RankerLayout.of(learning.rules))
        self._source = source
        self._options = options
        self._space = PlanSpace.of(learning.rules)
        self._policies: dict[str, Policy] = {}

    @property
    def revision(self) -> int:
        """Return how many messages were absorbed."""
        return self._source.revision

    def application(self, name: str) -> ApplicationState:
        """Return what was learned for an application."""
        return self._source.application(name)

    def for_searches(self, name: str) -> ApplicationState:
        """Return what searches of an application are answered with."""
        return self.application(name)

    def policy(self, application: str) -> Policy:
        """Return an application's policy over its newest reward model."""
        model = self.application(application).reward_model
        policy = self._policies.get(application)
        if policy is None or policy.model is not model:
            policy = policy_named(self.policy_name)(self._space, model, self._options)
            self._policies[application] = policy
        return policy

    def given(self, plan: Mapping[str, int]) -> "PlainState":
        """Return what serves one plan, arm -> candidates, and nothing in its place where that finds nothing."""
        learning = replace(self.learning, rules=replace(self.learning.rules, baseline=()))
        return PlainState(self._source, learning, replace(self._options, budgets=plan), self.version)

    def decide(self, application: str, context: Mapping[str, float], seed: int) -> tuple[Decision, float]:
        """Draw an application's plan; return it, and P(the reserved arm is on) given the levels of all others."""
        decision, distribution = self._draw(application, context, seed)
        reserved = self._space.reserved
        if reserved is None:
            return decision, 0.0
        return decision, round(1 - float(distribution.beside(decision.levels, reserved)[0]), _DECIMALS)

    def imagine(self, application: str, context: Mapping[str, float], decision: Decision) -> Shadow:
        """Return what an application's policy would have done in the place of a decision, with the same seed."""
        own, distribution = self._draw(application, context, decision.seed)
        return Shadow.of(own, min(1.0, distribution.joint(decision.levels)))

    def _draw(self, application: str, context: Mapping[str, float], seed: int) -> tuple[Decision, PlanDistribution]:
        """Return a plan, and the distribution from which it was drawn."""
        policy = self.policy(application)
        distribution = policy.distribution(context, seed)
        levels = policy.choose(distribution, seed)
        rules = policy.space.rules
        decision = Decision(
            policy=policy.name,
            policy_version=self.version,
            revision=self.revision,
            arms=rules.names,
            ladder=rules.ladder,
            levels=levels,
            probabilities=tuple(tuple(row) for row in distribution.marginals.tolist()),
            joint=min(1.0, distribution.joint(levels)),
            seed=seed,
            price=rules.price(levels),
            calls=rules.calls(levels),
        )
        return decision, distribution


class PlainState(ServedState):
    """What is served as if nothing had been learned: the baseline's plan, in the order of retrieval, as it stands.

    The memory is empty, but for what is predicted, and nobody has a profile.
    """

    still = True

    def __init__(self, source: StateSource, learning: Learning, options: PolicyOptions, version: str = "v1") -> None:
        order = RetrievalOrder(RankerLayout.of(learning.rules))
        super().__init__(source, learning, Static.name, options, version, order)

    def for_searches(self, name: str) -> ApplicationState:
        """Return what searches are answered with: nothing of what anybody has taken, which goes on being learned."""
        return self.application(name).unremembered()


class DirectSink:
    """Hands impressions straight to a fold, without a log: for simulations."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold

    def append(self, impression: Impression, now_s: float) -> None:
        """Learn an impression."""
        self._fold.absorb_impressions(self._fold.progress.offsets["impressions"], now_s, [impression])
