"""Everything in one process: index, log, learner and query worker over one data folder."""

import logging
import os
import secrets
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from pydantic_core import from_json, to_json

from models.entity import Entity
from models.errors import InvalidEvent, InvalidInput, StorageFailed
from models.impression import Impression
from models.policies.base import Policy
from models.text import normalise
from retrievers import strategies
from retrievers.embedded import EmbeddedIndex
from serving.learner import LiveState
from serving.metrics import Metrics
from serving.query_ids import QueryIds
from serving.query_worker import QueryWorker
from serving.search import SearchRequest, SearchResponse
from serving.settings import Settings
from streams.codec import MAX_EVENTS, encode_impression, parse_action, parse_impression
from streams.embedded_learner import PARTITION, EmbeddedLearner
from streams.embedded_log import EmbeddedLog
from streams.refusals import Reason
from streams.topics import Topic

_LOG = logging.getLogger(__name__)
_SECRET_BYTES = 32


def strategy_calls() -> dict[str, tuple[str, ...]]:
    """Return the calls of every strategy that exists, by name."""
    return {strategy.name: strategy.calls for strategy in strategies.discover()}


class EmbeddedService:
    """One process that is the whole product. All methods belong to one event loop.

    folder: its data folder, one process at a time; None keeps everything in memory. unique: new strings for query ids.
    clock: seconds since the epoch.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], float],
        folder: Path | None = None,
        unique: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self._clock = clock
        learning = settings.learning(strategy_calls())
        topics = {str(topic): 1 for topic in Topic}
        self._log = EmbeddedLog(topics, folder / "log" if folder else None, fsync=settings.fsync)
        try:
            self.index = EmbeddedIndex(
                folder / "index" if folder else None,
                depth=settings.ladder[-1],
                deadlines_s=dict.fromkeys(("text", "vector"), settings.engine_deadline_s),
            )
        except BaseException:
            self._log.close()
            raise
        checkpoint = folder / "state.bin" if folder else None
        self._learner = EmbeddedLearner(self._log, learning, checkpoint, settings.ordinal_base)
        self.state = LiveState(self._learner.fold, settings.policy, settings.policy_options)
        self._worker = QueryWorker(
            self.index,
            self.state,
            self,
            QueryIds(_secret(settings, folder), unique),
            self.metrics,
            applications=settings.applications,
            explore_share=settings.explore_share,
        )
        self._saved_s = clock()
        self.poll()

    async def search(self, request: SearchRequest) -> SearchResponse:
        """Answer a search; its impression is in the log before this returns."""
        return await self._worker.search(request, self._clock())

    def append(self, impression: Impression, now_s: float) -> None:
        """Keep an impression in the log and learn it. Raises InvalidInput where it is too large for the log."""
        try:
            raw = encode_impression(impression)
        except InvalidEvent as error:
            raise InvalidInput(
                f"the search cannot be logged ({error}): shorten the query, or lower LTRR_LADDER"
            ) from error
        self._log.append(Topic.IMPRESSIONS, impression.query_id, raw, now_s)
        self.poll()

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

    def index_entities(self, entities: Iterable[Entity]) -> int:
        """Add or replace entities; return how many were newer than what was held."""
        return self.index.index(entities)

    def describe_policy(self, application: str | None) -> dict[str, Any]:
        """Return the version, how it was made and what it thinks of each arm."""
        name = self._application(application)
        model = self.state.application(name).reward_model
        neutral = {"bias": 1.0}
        policy: Policy = self.state.policy(name)
        distribution = policy.distribution(neutral, seed=0)
        rules = policy.space.rules
        return {
            "active": self.state.version,
            "mode": "online",
            "policy": policy.name,
            "revision": self.state.revision,
            "application": name,
            "decisions": model.decisions,
            "ladder": list(rules.ladder),
            "max_calls": rules.max_calls,
            "arms": [
                {
                    "arm": arm,
                    "observations": round(model.regressors[arm].statistics.weight, 3),
                    "mean_credit": round(model.mean_credit(arm), 6),
                    "net_value": [round(v, 6) for v in values],
                    "probabilities": [round(p, 6) for p in row],
                }
                for arm, values, row in zip(
                    rules.names, policy.net_values(neutral).tolist(), distribution.marginals.tolist(), strict=True
                )
            ],
        }

    def recall(self, query: str, application: str | None) -> dict[str, Any]:
        """Return the memory's pairs of a query, best first."""
        name = self._application(application)
        pairs = self.state.application(name).memory.scored(normalise(query), self._clock())
        best = sorted(pairs, key=lambda pair: (-pair.score, pair.object_id))
        cards = self.index.entities(name, [pair.object_id for pair in best])
        return {
            "query": normalise(query),
            "application": name,
            "pairs": [
                {
                    "object_id": pair.object_id,
                    "name": card.name if card else None,
                    "score": round(pair.score, 6),
                    "predicted": round(pair.predicted, 6),
                    "actions": round(pair.actions, 6),
                    "examinations": round(pair.examinations, 6),
                }
                for pair, card in zip(best, cards, strict=True)
            ],
        }

    def poll(self) -> None:
        """Learn what is new in the log, and keep the state now and then."""
        now_s = self._clock()
        counts, letters = self.state.fold.state.counts.copy(), self._learner.dead_letters.copy()
        self._learner.poll(now_s)
        for (topic, outcome), count in (self.state.fold.state.counts - counts).items():
            self.metrics.events.labels(topic, outcome).inc(count)
        for reason, count in (self._learner.dead_letters - letters).items():
            self.metrics.dead_letters.labels(reason).inc(count)
        if now_s - self._saved_s >= self.settings.checkpoint_s:
            try:
                self.save()
            except StorageFailed as error:  # what was taken is in the log: nobody has to send it again
                _LOG.warning("%s", error)
                self._saved_s = now_s

    def save(self) -> None:
        """Keep the learned state in the data folder."""
        self._learner.save()
        self._saved_s = self._clock()

    def refresh_gauges(self) -> None:
        """Bring the gauges up to the state; to be called when metrics are read."""
        state = self.state.fold.state
        self.metrics.policy_version.labels(self.state.version).set(self.state.revision)
        self.metrics.open_pages.set(self.state.fold.join.open_pages)
        queries = [q for a in state.applications.values() for q in a.memory.queries.values()]
        self.metrics.memory_pairs.set(sum(len(q.pairs) for q in queries))
        for arm in self.state.learning.rules.names:
            known = [a.reward_model.mean_credit(arm) for a in state.applications.values()]
            self.metrics.reward.labels(arm).set(sum(known) / len(known) if known else 0.0)

    def readiness(self) -> dict[str, str]:
        """Return each dependency's condition; all are "ok" when the service can work."""
        try:
            self._log.end_offset(Topic.IMPRESSIONS, PARTITION)
            log = "ok" if self._learner else "closed"
        except StorageFailed as error:
            log = str(error)
        return {"log": log, "index": "ok" if len(self.index) else "empty: load a catalogue with `ltrr index FILE`"}

    def close(self) -> None:
        """Keep the state and give the data folder back."""
        try:
            self.save()
        finally:
            self.index.close()
            self._log.close()

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
            recorded_s = self._log.append_batch(topic, accepted, self._clock())[-1].timestamp_s
            self.poll()
            if topic is Topic.ACTIONS:
                self.metrics.freshness_seconds.observe(max(0.0, self._clock() - recorded_s))
        return {"accepted": len(accepted), "rejected": rejected}

    def _application(self, name: str | None) -> str:
        if name is not None and name not in self.settings.applications:
            raise InvalidInput(f"application {name!r} is not served here; add it to LTRR_APPLICATIONS")
        return name or self.settings.applications[0]


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
