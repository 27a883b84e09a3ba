"""What every way to run the product has in common: searches, intake of events, views of what was learned."""

import asyncio
import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from pydantic_core import from_json, to_json

from ltrr.models.baseline.regret import BaselineRegret
from ltrr.models.errors import InvalidEvent, InvalidInput, StorageFailed
from ltrr.models.memory.prediction import PredictedScores
from ltrr.models.ranking.position import PositionCurve
from ltrr.models.records.impression import Impression
from ltrr.models.rewards import call_history
from ltrr.models.rewards.engagement import EVERYONE, Senders
from ltrr.models.text import normalise
from ltrr.retrievers.engines.base import HEALTHY
from ltrr.retrievers.index.index import Index
from ltrr.serving.decisions.modes import PolicyState
from ltrr.serving.metrics import Metrics
from ltrr.serving.retrieval.recall import Recall, origin
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.search.query_ids import QueryIds
from ltrr.serving.search.query_worker import QueryWorker
from ltrr.serving.settings.agents import is_test_agent
from ltrr.serving.settings.settings import Settings
from ltrr.serving.versions.forgetting import described
from ltrr.streams.events.codec import MAX_EVENTS, encode_impression, parse_action, parse_impression
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.topics import Topic
from ltrr.streams.versions.active import Mode

_SECRET_BYTES = 32
Clock = Callable[[], float]


class Service(ABC):
    """A running query worker. All methods belong to one event loop.

    folder: where the key that signs query ids is kept where no setting gives one. unique: new strings for query ids.
    recall: reads the memory.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        index: Index,
        state: PolicyState,
        *,
        folder: Path | None,
        unique: Callable[[], str],
        recall: Recall,
    ) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.index = index
        self._clock = clock
        self._state = state
        first = settings.applications[0]
        serving = state.serving(first)
        for one in (serving.state, serving.shadow):
            if one is not None:
                one.policy(first)  # one that cannot work is told now, not by the first search
        self._recall = recall
        self._worker = QueryWorker(
            index,
            state,
            self,
            QueryIds(_secret(settings, folder), unique),
            self.metrics,
            applications=settings.applications,
            placement=settings.placement,
            recall=recall,
            stable_s=settings.stable_s,
        )

    @abstractmethod
    def keep(self, topic: Topic, events: Sequence[tuple[str, bytes]]) -> None:
        """Keep events, each with its query id, so that nothing is lost from here on. Raises StorageFailed."""

    @abstractmethod
    def refresh_gauges(self) -> None:
        """Bring the gauges up to the state; to be called when metrics are read."""

    @abstractmethod
    def conditions(self) -> dict[str, str]:
        """Return the condition of each dependency without which the service cannot work; "ok" when it can."""

    def notes(self) -> dict[str, str]:
        """Return the condition of what searches go on without; "ok" when it works."""
        return {}

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

    @property
    def predicted(self) -> PredictedScores:
        """Return what is predicted for queries."""
        return self._recall.predicted

    def start(self) -> None:  # noqa: B027  # most have nothing to begin
        """Begin what goes on beside requests, in the running event loop."""

    async def caught_up(self) -> None:  # noqa: B027  # what learns by itself is always there
        """Wait until the learned state as of now is served. Raises EngineTimeout."""

    async def stop(self) -> None:
        """End what `start` began."""
        await self.index.stop()

    async def promote(self, version: str, application: str | None, mode: Mode) -> dict[str, Any]:
        """Serve an application from another version, or put that into the shadow.

        Raises InvalidInput where that cannot be.
        """
        name = self._application(application)
        raise InvalidInput(
            f"{name!r} cannot be served from {version!r}, {mode}: there are versions on Kafka only; set LTRR_MODE"
        )

    async def roll_back(self, application: str | None) -> dict[str, Any]:
        """Serve an application from what came before, or end its shadow. Raises InvalidInput where that cannot be."""
        raise InvalidInput(f"{self._application(application)!r} has one version: there are more on Kafka only")

    @abstractmethod
    def close(self) -> None:
        """Keep what has to be kept and let go of everything."""

    async def search(self, request: SearchRequest, user_agent: str | None = None) -> SearchResponse:
        """Answer a search; its impression is kept before this returns. user_agent: of the program that asks."""
        names = (request.user_id, request.client_id, request.session_id, user_agent)
        if is_test_agent(names, self.settings.test_agents):
            request = request.model_copy(update={"learn": False})
        return await self._worker.search(request, self._clock())

    def append(self, impression: Impression, now_s: float) -> None:
        """Keep an impression. Raises InvalidInput where it is too large for the log."""
        del now_s  # the log has its own clock
        try:
            raw = encode_impression(impression)
        except InvalidEvent as error:
            raise InvalidInput(
                f"the search cannot be logged ({error}): shorten the query, or lower LTRR_LADDER"
            ) from error
        self.keep(Topic.IMPRESSIONS, [(impression.query_id, raw)])

    def take_events(self, body: bytes) -> dict[str, Any]:
        """Take one UBI event or a list of them; return how many were kept and which were not, and why."""

        def read(event: JsonValue) -> tuple[str, bytes]:
            raw = to_json(event)
            return parse_action(raw, self.settings.ordinal_base).query_id, raw

        return self._take(Topic.ACTIONS, body, read)

    def take_queries(self, body: bytes) -> dict[str, Any]:
        """Take one UBI query or a list of them, as impressions of another search."""

        def read(event: JsonValue) -> tuple[str, bytes]:
            attributes = event.get("query_attributes") if isinstance(event, dict) else None
            if isinstance(attributes, dict):
                attributes.pop("ltrr", None)  # only this service writes it
            raw = to_json(event)
            impression = parse_impression(raw)
            if impression.application not in self.settings.applications:
                raise InvalidEvent(Reason.BAD_FIELD, "application: not served here; add it to LTRR_APPLICATIONS")
            return impression.query_id, raw

        return self._take(Topic.IMPRESSIONS, body, read)

    def describe_policy(self, application: str | None) -> dict[str, Any]:
        """Return the version, how it was made and what it thinks of each arm."""
        name = self._application(application)
        serving = self._state.serving(name)
        served = serving.state
        model = served.application(name).reward_model
        neutral = {"bias": 1.0}
        policy = served.policy(name)
        distribution = policy.distribution(neutral, seed=0)
        rules = policy.space.rules
        return {
            "active": served.version,
            **serving.described(),
            "policy": policy.name,
            "revision": served.revision,
            "application": name,
            "ranker": served.rankers.describe(name),
            "decisions": model.decisions,
            "engagement": _engagement(served.application(name).senders, self._clock()),
            "ladder": list(rules.ladder),
            "max_calls": rules.max_calls,
            "forgetting": described(served.application(name).memory.decay),
            "arms": [
                {
                    "arm": arm,
                    "observations": round(model.observations(arm), 3),
                    "mean_credit": round(model.mean_credit(arm), 6),
                    "net_value": [round(v, 6) for v in values],
                    "probabilities": [round(p, 6) for p in row],
                }
                for arm, values, row in zip(
                    rules.names, policy.net_values(neutral).tolist(), distribution.marginals.tolist(), strict=True
                )
            ],
            "baseline": _baseline(served.application(name).regret, served.learning.price_weight),
            "positions": _positions(served.application(name).positions.curve),
        }

    def show_applications(self) -> None:
        """Bring the gauges of each application up to what is served; to be called when metrics are read."""
        self.metrics.ranker.clear()
        self.metrics.baseline_regret.clear()
        for name in self.settings.applications:
            served = self._state.serving(name).state
            self.metrics.ranker.labels(name, served.rankers.describe(name)["serves"]).set(1)
            difference = served.application(name).regret.difference(served.learning.price_weight)
            for bound, value in asdict(difference).items() if difference else ():
                self.metrics.baseline_regret.labels(name, bound).set(value)
            rate = _engagement(served.application(name).senders, self._clock())["rate"]
            self.metrics.engagement.labels(name).set(rate)

    def recall(self, query: str, application: str | None) -> dict[str, Any]:
        """Return what is known of a query: pairs, best first, with their numbers, and what arms brought."""
        name = self._application(application)
        memory = self._state.serving(name).state.application(name).memory
        now_s = self._clock()
        best = self._recall.pairs(name, memory, normalise(query), now_s)
        cards = self.index.entities(name, [pair.object_id for pair in best])
        return {
            "query": normalise(query),
            "application": name,
            "prior": memory.prior,
            "pairs": [
                {
                    "object_id": pair.object_id,
                    "name": card.name if card else None,
                    "score": round(pair.score, 6),
                    "origin": origin(pair),
                    "near_query": pair.near_query,
                    "predicted": round(pair.predicted, 6),
                    "actions": round(pair.actions, 6),
                    "examinations": round(pair.examinations, 6),
                    "near_actions": round(pair.near_actions, 6),
                    "near_examinations": round(pair.near_examinations, 6),
                }
                for pair, card in zip(best, cards, strict=True)
            ],
            "arms": call_history.described(memory.calls(normalise(query), now_s)),
        }

    def _take(self, topic: Topic, body: bytes, read: Callable[[JsonValue], tuple[str, bytes]]) -> dict[str, Any]:
        """Keep the events of a body that can be read; read: returns an event's query id and the bytes to keep."""
        try:
            events = _split(body)
        except InvalidEvent as error:
            self.metrics.events.labels(topic.short, error.reason).inc()
            raise
        accepted: list[tuple[str, bytes]] = []
        rejected = []
        for index, event in enumerate(events):
            try:
                accepted.append(read(event))
            except InvalidEvent as error:
                self.metrics.events.labels(topic.short, error.reason).inc()
                rejected.append({"index": index, "reason": error.reason, "message": str(error)})
        if accepted:
            self.keep(topic, accepted)
        return {"accepted": len(accepted), "rejected": rejected}

    def _application(self, name: str | None) -> str:
        if name is not None and name not in self.settings.applications:
            raise InvalidInput(f"application {name!r} is not served here; add it to LTRR_APPLICATIONS")
        return name or self.settings.applications[0]


def _baseline(regret: BaselineRegret, price_weight: float) -> dict[str, Any]:
    difference = regret.difference(price_weight)
    return {
        "plan": dict(regret.plan),
        "difference": None if difference is None else {k: round(v, 6) for k, v in asdict(difference).items()},
        "pages": round(regret.pages, 3),
        "effective": round(regret.known, 3),
        "doubt": regret.doubt,
    }


def _engagement(senders: Senders, now_s: float) -> dict[str, float]:
    """Return how many pages were shown of late, to how many somebody acted, and their share."""
    everyone = senders.of(EVERYONE, now_s)
    rate = everyone.acted / everyone.pages if everyone.pages else 0.0
    return {"pages": round(everyone.pages, 3), "acted": round(everyone.acted, 3), "rate": round(rate, 6)}


def _positions(curve: PositionCurve) -> list[dict[str, float]]:
    rows = zip(curve.looks, curve.low, curve.high, strict=True)
    return [
        {"position": position, "look": round(look, 6), "low": round(low, 6), "high": round(high, 6)}
        for position, (look, low, high) in enumerate(rows, start=1)
    ]


def _split(body: bytes) -> list[JsonValue]:
    try:
        parsed = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidEvent(Reason.NOT_JSON, f"the body is no JSON ({error}): send one event or a list") from None
    events = parsed if isinstance(parsed, list) else [parsed]
    if len(events) > MAX_EVENTS:
        raise InvalidEvent(Reason.TOO_LARGE, f"the list has {len(events)} events: send at most {MAX_EVENTS} at a time")
    return events


def _secret(settings: Settings, folder: Path | None) -> bytes:
    """Return the key that signs query ids: the configured one, the folder's, or a new one that is kept there."""
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    if folder is None:
        return secrets.token_bytes(_SECRET_BYTES)
    path = folder / "secret"
    try:
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_SECRET_BYTES))
        return path.read_bytes()
    except OSError as error:
        raise StorageFailed(f"cannot keep a secret in {path}: {error.strerror}; set LTRR_SECRET") from error
