"""Learned state as the query worker uses it."""

from typing import Protocol

from models.fold import Fold
from models.impression import Impression
from models.learning import Learning
from models.plan_space import PlanSpace
from models.policies import policy_named
from models.policies.base import Policy, PolicyOptions
from models.state import ApplicationState


class PolicyState(Protocol):
    """What searches are decided and ranked with; always the newest."""

    version: str
    policy_name: str

    @property
    def revision(self) -> int:
        """Return how many messages were absorbed."""
        ...

    def application(self, name: str) -> ApplicationState:
        """Return what was learned for an application."""
        ...

    def policy(self, application: str) -> Policy:
        """Return an application's policy over its newest reward model."""
        ...


class ImpressionSink(Protocol):
    """Where impressions go before a search is answered."""

    def append(self, impression: Impression, now_s: float) -> None:
        """Keep an impression. Raises StorageFailed where it cannot be kept."""
        ...


class LiveState:
    """The state of one fold in this process, served as it learns."""

    def __init__(self, fold: Fold, policy_name: str, options: PolicyOptions, version: str = "v1") -> None:
        self.version = version
        self.policy_name = policy_name
        self.fold = fold
        self._options = options
        self._space = PlanSpace(fold.learning.rules)
        self._policies: dict[str, Policy] = {}

    @property
    def learning(self) -> Learning:
        """Return the settings that the state was learned under."""
        return self.fold.learning

    @property
    def revision(self) -> int:
        """Return how many messages were absorbed."""
        return self.fold.state.revision

    def application(self, name: str) -> ApplicationState:
        """Return what was learned for an application."""
        return self.fold.state.application(name)

    def policy(self, application: str) -> Policy:
        """Return an application's policy over its newest reward model."""
        if application not in self._policies:
            model = self.application(application).reward_model
            self._policies[application] = policy_named(self.policy_name)(self._space, model, self._options)
        return self._policies[application]


class DirectSink:
    """Hands impressions straight to a fold, without a log: for simulations."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold

    def append(self, impression: Impression, now_s: float) -> None:
        """Learn an impression."""
        self._fold.absorb_impressions(self._fold.progress.offsets["impressions"], now_s, [impression])
