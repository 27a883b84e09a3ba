"""What every way to run the product has in common."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ltrr.models.errors import NotNow
from ltrr.models.learning.fold import Fold
from ltrr.models.records.entity import Entity, Place
from ltrr.retrievers.engines.base import HEALTHY
from ltrr.retrievers.index.index import Index
from ltrr.serving.decisions.modes import PolicyState
from ltrr.serving.decisions.voices import Voices
from ltrr.serving.metrics import Metrics
from ltrr.serving.processes.searchers import Searchers
from ltrr.serving.retrieval.recall import Recall
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.search.query_ids import QueryIds
from ltrr.serving.search.query_worker import QueryWorker
from ltrr.serving.search.response import LOG
from ltrr.serving.service.callers import TRUSTED, Caller, Naming
from ltrr.serving.service.catalogue import Catalogue
from ltrr.serving.service.intake import Intake
from ltrr.serving.service.views import Views
from ltrr.serving.service.vouching import Vouching
from ltrr.serving.settings.agents import is_test_agent
from ltrr.serving.settings.applications import application_named
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.signing_key import Secrets
from ltrr.serving.tables import Table
from ltrr.serving.turns import Turns
from ltrr.serving.watching.health import health
from ltrr.serving.watching.watch import Watch
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import Topic
from ltrr.streams.versions.active import Mode

Clock = Callable[[], float]


class Service(ABC):
    """A running query worker. All methods belong to one event loop.

    It answers searches; its `intake` takes events, its `catalogue` changes, its `views` show what was learned, its
    `watch` what has passed here.

    secrets: of the installation. unique: new strings for query ids.
    recall: reads the memory. searchers: make pages in processes of their own; all are made in this one where absent.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        index: Index,
        state: PolicyState,
        *,
        secrets: Secrets,
        unique: Callable[[], str],
        recall: Recall,
        searchers: Searchers | None = None,
    ) -> None:
        self.settings = settings
        self.secrets = secrets
        self.metrics = Metrics()
        self.searchers = searchers
        if searchers is not None:
            self.metrics.elsewhere = searchers.counted
        self.turns = Turns()
        self.metrics.watch_engines([*index.engines, LOG])
        self.index = index
        self.predicted = recall.predicted
        self.naming = Naming(secrets.visitors, clock)
        self.watch = Watch(settings, clock, state, index, self.metrics)
        voices = Voices(settings.visitor_searches, settings.visitor_query_searches)
        query_ids = QueryIds(secrets.held[0], unique, secrets.held[1:])
        vouching = Vouching(Seals(secrets.held), voices, clock, query_ids.ours)
        self.intake = Intake(
            self.keep,
            self.learn,
            settings,
            self.metrics,
            self.fold,
            vouching,
            self.naming,
            self.watch.take,
            self.watch.application_of,
            self.turns,
            index,
            self.learns,
        )
        self.catalogue = Catalogue(self.change, index.entities, settings.applications, self.turns)
        self.views = Views(settings.applications, clock, state, index, recall, settings.near_visitors)
        self._clock = clock
        first = settings.applications[0]
        serving = state.serving(first)
        for one in (serving.state, serving.shadow):
            if one is not None:
                one.policy(first)  # one that cannot work is told now, not by the first search
        self._worker = QueryWorker(
            index,
            state,
            self.intake,
            query_ids,
            self.metrics,
            applications=settings.applications,
            placement=settings.placement,
            recall=recall,
            stable_s=settings.stable_s,
            voices=voices,
            watch=self.watch.take,
            turns=self.turns,
            elsewhere=searchers,
        )

    @abstractmethod
    def keep(self, topic: Topic, events: Sequence[tuple[str, bytes]]) -> None:
        """Keep events, each with its query id, so that nothing is lost from here on. Raises StorageFailed."""

    async def learn(self, kept: Sequence[tuple[Topic, Sequence[tuple[str, bytes]]]]) -> Counter[tuple[str, str]]:
        """Keep events, and learn them where that is done here; return what became of them. Raises StorageFailed."""
        for topic, events in kept:
            self.keep(topic, events)
        return Counter()

    async def settle(self) -> None:  # noqa: B027  # what is learned elsewhere comes when it comes
        """Learn what was kept up to now, where that is done here; to be called before what was learned is shown."""

    def learns(self) -> bool:
        """Tell whether what is told here can be learned, as far as that is known."""
        return True

    def fold(self) -> Fold | None:
        """Return what learns in this process; None where that is done elsewhere."""
        return None

    @abstractmethod
    async def change(self, changes: Sequence[Entity | Place]) -> int:
        """Make changes of the catalogue in their order. Return how many made a difference, as far as that is known.

        Raises StorageFailed or EngineFailed where they cannot be kept.
        """

    def tables(self) -> list[Table]:
        """Return the tables that grow while the process runs."""
        return [*self._worker.tables(), *self.intake.tables(), self.watch.table]

    @abstractmethod
    def refresh_gauges(self) -> None:
        """Bring the gauges up to the state; to be called when metrics are read."""

    @abstractmethod
    def conditions(self) -> dict[str, str]:
        """Return the condition of each dependency without which the service cannot work; "ok" when it can."""

    def notes(self) -> dict[str, str]:
        """Return the condition of what searches go on without; "ok" when it works."""
        return {} if self.searchers is None else {"workers": self.searchers.condition}

    async def readiness(self) -> tuple[bool, dict[str, str]]:
        """Tell whether the service can work, and each dependency's condition: without an engine searches go on."""
        conditions = self.conditions()
        engines = self.index.engines.values()
        health = await asyncio.gather(*(engine.health() for engine in engines))
        ready = set(conditions.values()) <= {HEALTHY}
        return ready, {
            **conditions,
            **self.notes(),
            **{engine.kind: said for engine, said in zip(engines, health, strict=True)},
        }

    async def health(self) -> dict[str, Any]:
        """Return how the process fares, as JSON values."""
        ready, conditions = await self.readiness()
        self.refresh_gauges()
        return health(self.metrics, conditions, ready=ready, learns=self.fold() is not None)

    @abstractmethod
    def versions(self) -> dict[str, Any]:
        """Return the versions that there are, and what each application is served from, as JSON values."""

    def start(self) -> None:
        """Begin what goes on beside requests, in the running event loop."""
        if self.searchers is not None:
            self.searchers.start(self.turns)

    async def caught_up(self) -> None:  # noqa: B027  # what learns by itself is always there
        """Wait until the learned state as of now is served. Raises EngineTimeout."""

    async def stop(self) -> None:
        """End what `start` began."""
        if self.searchers is not None:
            await self.searchers.stop()
        await self.index.stop()

    async def erase(self, user: str) -> str:
        """Forget a visitor, by id or name: a user, a client or a session. Return the name.

        Learned state forgets as soon as it has read that; what was logged goes when the log drops it.
        """
        name = self.naming.visitors.name(user)
        await self.learn([(Topic.IMPRESSIONS, self.intake.erasures(name, self.partitions, self._clock()))])
        return name

    @property
    def partitions(self) -> int:
        """Return how many partitions the log of impressions has."""
        return 1

    async def promote(self, version: str, application: str | None, mode: Mode) -> dict[str, Any]:
        """Serve an application from another version, or put that into the shadow.

        Raises NotThere or NotNow where that cannot be.
        """
        name = self._application(application)
        raise NotNow(
            f"{name!r} cannot be served from {version!r}, {mode}: there are versions on Kafka only; set LTRR_MODE"
        )

    async def roll_back(self, application: str | None) -> dict[str, Any]:
        """Serve an application from what came before, or end its shadow. Raises NotNow where that cannot be."""
        raise NotNow(f"{self._application(application)!r} has one version: there are more on Kafka only")

    @abstractmethod
    def close(self) -> None:
        """Keep what has to be kept and let go of everything."""

    async def search(
        self, request: SearchRequest, user_agent: str | None = None, caller: Caller = TRUSTED
    ) -> SearchResponse:
        """Answer a search; its impression is kept before this returns. user_agent: of the program that asks."""
        names = (request.user_id, request.client_id, request.session_id, user_agent)
        if is_test_agent(names, self.settings.test_agents):
            request = request.model_copy(update={"learn": False})
        return await self._worker.search(self.naming.searched(request, caller), self._clock(), caller.address)

    def _application(self, name: str | None) -> str:
        return application_named(name, self.settings.applications)
