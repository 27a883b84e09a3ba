"""What was learned, as sums: the states of partitions add up to the state of all."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce

from ltrr.models.baseline.regret import BaselineRegret
from ltrr.models.memory.memory import Memory, MemoryBounds
from ltrr.models.memory.profiles import Profiles
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.position_statistics import PositionStatistics
from ltrr.models.ranking.ranker import Ranker
from ltrr.models.rewards.call_history import HISTORY_NAMES, CallHistory
from ltrr.models.rewards.engagement import Senders
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.state.learning import Learning
from ltrr.models.statistics.decay import Changes


class ApplicationState:
    """What was learned for one application (tenant). profiles: by kind, "user" and "session"; calls: of its arms.

    regret: what searches have earned beside the baseline. senders: who asked, and whether they act.
    """

    def __init__(
        self,
        reward_model: RewardModel,
        ranker: Ranker,
        memory: Memory,
        profiles: Mapping[str, Profiles],
        positions: PositionStatistics,
        calls: CallHistory,
        regret: BaselineRegret,
        senders: Senders,
    ) -> None:
        self.reward_model = reward_model
        self.ranker = ranker
        self.memory = memory
        self.profiles = profiles
        self.positions = positions
        self.calls = calls
        self.regret = regret
        self.senders = senders

    @classmethod
    def empty(cls, learning: Learning, name: str = "") -> "ApplicationState":
        """Return the state of an application before any event."""
        state = cls(
            RewardModel(
                learning.rules,
                learning.context_names,
                learning.reward_precision,
                learning.half_life_s,
                learning.regressor,
                HISTORY_NAMES,
            ),
            Ranker(
                RankerLayout.of(learning.rules), learning.half_life_s, learning.ranker_precision, learning.most_gain
            ),
            Memory(
                learning.decay(name),
                learning.memory_prior,
                bounds=MemoryBounds(learning.memory_queries, learning.memory_pairs),
            ),
            {kind: Profiles(decay, learning.senders) for kind, decay in learning.profile_decays(name).items()},
            PositionStatistics(learning.decay(name)),
            CallHistory(learning.rules.names, learning.half_life_s),
            BaselineRegret(learning.rules.budgets(learning.rules.baseline), learning.decay(name)),
            Senders(learning.decay(name), learning.senders),
        )
        state.reschedule(learning, name)
        return state

    @property
    def bounded(self) -> list[tuple[str, Memory | Senders | Profiles]]:
        """Return the tables that are bounded by their number, each with the kind of its records."""
        return [("query", self.memory), ("sender", self.senders), *self.profiles.items()]

    def settling(self) -> Iterator[None]:
        """Let one model after the other take what waits to be learned, while what is returned is iterated."""
        self.reward_model.settle()
        yield
        self.ranker.settle()
        yield

    def reschedule(self, learning: Learning, name: str) -> None:
        """Forget from now on as `learning` says of the application; what was learned stays as it is."""
        decay = learning.decay(name)
        self.memory.decay = self.ranker.decay = self.positions.decay = self.calls.decay = decay
        self.regret.decay = decay
        self.senders.decay = decay
        self.reward_model.reschedule(decay)
        for kind, of_profiles in learning.profile_decays(name).items():
            self.profiles[kind].decay = of_profiles

    def unremembered(self) -> "ApplicationState":
        """Return this, to be read only, where nobody has taken anything: with an empty memory and no profiles."""
        return ApplicationState(
            self.reward_model,
            self.ranker,
            Memory(self.memory.decay, self.memory.prior, bounds=self.memory.bounds),
            {kind: Profiles(held.decay, held.most) for kind, held in self.profiles.items()},
            self.positions,
            self.calls,
            self.regret,
            self.senders,
        )

    def __add__(self, other: "ApplicationState") -> "ApplicationState":
        """Return what both have learned."""
        return ApplicationState(
            self.reward_model + other.reward_model,
            self.ranker + other.ranker,
            self.memory + other.memory,
            {kind: mine + other.profiles[kind] for kind, mine in self.profiles.items()},
            self.positions + other.positions,
            self.calls + other.calls,
            self.regret + other.regret,
            self.senders + other.senders,
        )


class State:
    """What was learned from some partitions. counts: (topic, outcome) -> events. revision: messages absorbed."""

    def __init__(self, learning: Learning) -> None:
        self.learning = learning
        self.applications: dict[str, ApplicationState] = {}
        self.counts: Counter[tuple[str, str]] = Counter()
        self.revision = 0

    def application(self, name: str) -> ApplicationState:
        """Return an application's state, empty at first."""
        if name not in self.applications:
            self.applications[name] = ApplicationState.empty(self.learning, name)
        return self.applications[name]

    def reschedule(self, forgetting: Mapping[str, Changes]) -> None:
        """Take over all changes of the half-life, by application. None may lie before what was learned."""
        self.learning = replace(self.learning, forgetting=forgetting)
        for name, application in self.applications.items():
            application.reschedule(self.learning, name)

    def others(self, name: str) -> list[ApplicationState]:
        """Return the states of all other applications."""
        return [self.applications[other] for other in sorted(self.applications) if other != name]

    def __add__(self, other: "State") -> "State":
        """Return what both have learned."""
        merged = State(self.learning)
        merged.applications = dict(self.applications)
        for name, application in other.applications.items():
            mine = merged.applications.get(name)
            merged.applications[name] = application if mine is None else mine + application
        merged.counts = self.counts + other.counts
        merged.revision = self.revision + other.revision
        return merged


def merge(states: Iterable[State], learning: Learning) -> State:
    """Return the sum of the states of partitions."""
    return reduce(State.__add__, states, State(learning))
