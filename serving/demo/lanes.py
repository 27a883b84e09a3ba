"""Systems that answer the same listeners, each with its own policy, ranker and memory."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from ltrr.models.learning.fold import Fold
from ltrr.models.plans.placement import Placement
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.records.action import Action
from ltrr.models.records.entity import Entity
from ltrr.models.records.fields import FieldKinds
from ltrr.models.records.query import Bounded, Order, Query, Understanding
from ltrr.models.retrieval import Retrieval, Retriever
from ltrr.models.state.learning import Learning
from ltrr.serving.decisions.modes import Serving
from ltrr.serving.decisions.served_state import DirectSink, ServedState
from ltrr.serving.demo.people.clicks import Click
from ltrr.serving.metrics import Metrics
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.retrieval.recall import Recall
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.search.query_ids import QueryIds
from ltrr.serving.search.query_worker import QueryWorker
from ltrr.serving.service.service import Service


def of_the_query() -> list[str]:
    """Return the arms that bring the same whatever was learned: what they bring may be shared by all who asks."""
    return [name for name, arm in strategy_arms().items() if not (arm.learned or arm.reserved)]


class System(Protocol):
    """Something that answers searches and takes clicks."""

    name: str

    async def search(self, request: SearchRequest, now_s: float) -> SearchResponse:
        """Answer a search."""
        ...

    async def click(self, query_id: str, clicks: Sequence[Click], now_s: float) -> None:
        """Take the actions on an answer."""
        ...


class SharedRetrieval:
    """Retrieves some arms once for each query, whoever asks; all others for each who asks.

    arms: those that are shared, for which who asks must make no difference. most: queries whose lists are kept. Lists
    are cut to what a plan asked: the same as asking for it, since each arm's shorter list is a prefix of its longer
    one. Queries are told apart by their seed.
    """

    def __init__(self, retriever: Retriever, arms: Iterable[str], depth: int, most: int = 1) -> None:
        self._retriever = retriever
        self._shared = dict.fromkeys(arms, depth)
        self._kept: dict[int, Retrieval] = {}
        self._most = most
        self._read: tuple[str, str, Understanding] | None = None

    def understand(self, text: str, application: str) -> Understanding:
        """Read a query with what the catalogue knows."""
        if self._read is None or self._read[:2] != (text, application):
            self._read = (text, application, self._retriever.understand(text, application))
        return self._read[2]

    def bounded(self, text: str, application: str) -> Bounded:
        """Read the bounds that a query sets."""
        return self._retriever.bounded(text, application)

    def respelt(self, text: str, application: str) -> Understanding | None:
        """Read a query that has found nothing with words that are spelt less alike."""
        return self._retriever.respelt(text, application)

    async def retrieve(self, query: Query, budgets: Mapping[str, int], patience: float = 1.0) -> Retrieval:
        """Draw at most budgets[arm] candidates from each arm; with more patience they are drawn anew."""
        if patience > 1.0:
            return await self._retriever.retrieve(query, budgets, patience)
        whole = self._kept.get(query.seed)
        if whole is None:
            whole = await self._retriever.retrieve(query, self._shared)
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[query.seed] = whole
        own = await self._retriever.retrieve(query, {a: k for a, k in budgets.items() if a not in self._shared})
        lists = {a: hits[: budgets[a]] for a, hits in whole.lists.items() if budgets.get(a)}
        failures = {a: engine for a, engine in whole.failures.items() if budgets.get(a)}
        return Retrieval({**lists, **own.lists}, whole.latencies_ms, failures)

    async def browse(self, query: Query, order: Order | None, limit: int, patience: float = 1.0) -> Retrieval:
        """Return what passes a query's filters, in an order."""
        return await self._retriever.browse(query, order, limit, patience)

    def kinds(self, application: str) -> FieldKinds:
        """Return what entities can be filtered, ordered and counted by."""
        return self._retriever.kinds(application)

    def values_near(self, application: str, attribute: str, text: str) -> Sequence[str]:
        """Return values of an attribute that are near to a text."""
        return self._retriever.values_near(application, attribute, text)

    def entities(self, application: str, object_ids: Sequence[str]) -> Sequence[Entity | None]:
        """Return the cards of entities."""
        return self._retriever.entities(application, object_ids)


class Lane:
    """A system of the demo that learns from its own clicks, without log or HTTP."""

    def __init__(
        self,
        name: str,
        retriever: Retriever,
        learning: Learning,
        policy: str,
        options: PolicyOptions,
        query_ids: QueryIds,
        applications: tuple[str, ...],
        placement: Placement,
        recall: Recall,
    ) -> None:
        self.name = name
        self._fold = Fold(learning)
        state = Serving(ServedState(self._fold.state, learning, policy, options))
        sink = DirectSink(self._fold)
        self._worker = QueryWorker(
            retriever,
            state,
            sink,
            query_ids,
            Metrics(),
            applications=applications,
            placement=placement,
            kept_answers=0,
            recall=recall,
        )

    async def search(self, request: SearchRequest, now_s: float) -> SearchResponse:
        """Answer a search."""
        return await self._worker.search(request, now_s)

    async def click(self, query_id: str, clicks: Sequence[Click], now_s: float) -> None:
        """Take the actions on an answer."""
        actions = [Action(query_id, c.object_id, c.kind, now_s, position=c.position) for c in clicks]
        if actions:
            self._fold.absorb_actions(self._fold.progress.offsets["actions"], now_s, actions)
        self._fold.read_past(now_s, now_s)


class Live:
    """The real service as a system of the demo: what it is sent goes through its log, as from any site."""

    def __init__(self, name: str, service: Service) -> None:
        self.name = name
        self._service = service

    async def search(self, request: SearchRequest, now_s: float) -> SearchResponse:
        """Answer a search at the service's own clock."""
        del now_s
        return await self._service.search(request)

    async def click(self, query_id: str, clicks: Sequence[Click], now_s: float) -> None:
        """Send the actions on an answer as UBI events."""
        events = [
            {
                "action_name": click.kind,
                "query_id": query_id,
                "timestamp": datetime.fromtimestamp(now_s, UTC).isoformat(),
                "event_attributes": {
                    "object": {"object_id": click.object_id},
                    "position": {"ordinal": click.position},
                },
            }
            for click in clicks
        ]
        if events:
            await self._service.intake.take_events(json.dumps(events).encode())
