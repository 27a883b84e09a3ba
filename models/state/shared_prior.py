"""Applications whose models start from what all others have learned together, instead of from nothing.

An application's policy and ranker stay its own: what the others have learned is only the mean of its prior, whose
precision is what it is without others. Sums of statistics add up, so it does not matter how they are partitioned or
in which order they are added; an application's own are not among them, or they would count twice.
"""

from collections.abc import Sequence
from typing import Protocol

from ltrr.models.ranking.ranker import Ranker
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.state.state import ApplicationState


class Tenants(Protocol):
    """Learned state of several applications that grows."""

    @property
    def revision(self) -> int:
        """Return how many messages were absorbed."""
        ...

    def application(self, name: str) -> ApplicationState:
        """Return what was learned for an application, as of now."""
        ...

    def others(self, name: str) -> Sequence[ApplicationState]:
        """Return what was learned for all other applications, in parts that may be summed, always in one order."""
        ...


class SharedPrior:
    """Shows the applications of a source with the prior that they share. Nothing is summed before it is asked for."""

    def __init__(self, source: Tenants) -> None:
        self._source = source
        self._shown: dict[str, tuple[int, ApplicationState, ApplicationState]] = {}

    @property
    def revision(self) -> int:
        """Return how many messages were absorbed."""
        return self._source.revision

    def application(self, name: str) -> ApplicationState:
        """Return an application as of now, to be read only: its memory, profiles and statistics are the source's."""
        own, revision = self._source.application(name), self._source.revision
        seen, base, shown = self._shown.get(name, (-1, None, own))
        if seen != revision or base is not own:
            others = self._source.others(name)
            shown = _informed(own, others) if others else own
            self._shown[name] = revision, own, shown
        return shown


def _informed(own: ApplicationState, others: Sequence[ApplicationState]) -> ApplicationState:
    models: list[RewardModel] = [other.reward_model for other in others]
    rankers: list[Ranker] = [other.ranker for other in others]
    reward_model, ranker = own.reward_model.informed(models), own.ranker.informed(rankers)
    return ApplicationState(
        reward_model, ranker, own.memory, own.profiles, own.positions, own.calls, own.regret, own.senders
    )
