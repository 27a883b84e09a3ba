"""Takes events into the log: what this service shows, what users do, and what other searches show."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import JsonValue
from pydantic_core import to_json

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.models.learning.fold import Fold
from ltrr.models.learning.join import Outcome, skew_of
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.retrievers.index.index import Index
from ltrr.serving.metrics import Metrics
from ltrr.serving.service.callers import TRUSTED, Caller, Naming
from ltrr.serving.service.shown_pages import ShownPages
from ltrr.serving.service.understanding import Understanding
from ltrr.serving.service.vouching import Vouching
from ltrr.serving.settings.applications import refuse_unserved
from ltrr.serving.settings.settings import Settings
from ltrr.serving.tables import Table
from ltrr.serving.turns import Turns
from ltrr.streams.events.codec import parse_actions, read_body
from ltrr.streams.events.events import DEFAULT_APPLICATION
from ltrr.streams.events.impression_event import is_showing
from ltrr.streams.events.messages import Event
from ltrr.streams.events.partitions import key_on
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.topics import Topic

_BODIES: Final = 4  # that are read at a time; others wait
_SHAPE: Final = "an event is one JSON object: send {...}, or a list of them"
_Keep = Callable[[Topic, Sequence[tuple[str, bytes]]], None]
_Learn = Callable[[Sequence[tuple[Topic, Sequence[tuple[str, bytes]]]]], Awaitable[Counter[tuple[str, str]]]]
_Watch = Callable[[Sequence[Event], Collection[str]], None]


@dataclass(frozen=True, slots=True)
class _Taken:
    """An event that can be read. raw: what is kept; records: what is understood; joined: whether it named no query."""

    topic: Topic
    raw: bytes
    records: Sequence[Event]
    joined: bool = False


class Intake:
    """Reads events, keeps those that can be read, and says why others cannot.

    keep: keeps events, each with its query id; learn: keeps and learns them. fold: returns what learns in this process,
    if anything does. vouching: for pages; naming: of visitors. watch: takes note of what was told and kept;
    application_of: tells of which application a search is that was seen. turns: of all that has much to do. learns:
    whether what is told can be learned, here or elsewhere.
    """

    def __init__(
        self,
        keep: _Keep,
        learn: _Learn,
        settings: Settings,
        metrics: Metrics,
        fold: Callable[[], Fold | None],
        vouching: Vouching,
        naming: Naming,
        watch: _Watch,
        application_of: Callable[[str], str | None],
        turns: Turns,
        index: Index,
        learns: Callable[[], bool] = lambda: True,
    ) -> None:
        self._keep = keep
        self._learn = learn
        self._vouching = vouching
        self._watch = watch
        self._seen_in = application_of
        self._turns = turns
        self._reading = asyncio.Semaphore(_BODIES)
        self._understanding = Understanding(settings, metrics, fold, turns, index, learns)
        self._settings = settings
        self._metrics = metrics
        self._naming = naming
        self._fold = fold
        learner = fold()
        self._shown: ShownPages | None = None  # where other processes show pages, too, one that fits says nothing
        if learner is not None:
            self._shown = ShownPages(learner.learning.join_window_s, skew_of(learner.learning.late_s))
            self._shown.add(page.impression for page in learner.join)

    def tables(self) -> list[Table]:
        """Return what is kept of events."""
        shown = [] if self._shown is None else [self._shown.table]
        return [*shown, self._understanding.table]

    def append(self, impression: Impression, now_s: float) -> None:
        """Keep an impression. Raises InvalidInput where it is too large for the log."""
        del now_s  # the log has its own clock
        try:
            raw = self._vouching.logged(impression)
        except InvalidEvent as error:
            raise InvalidInput(
                f"the search cannot be logged ({error}): shorten the query, or lower LTRR_LADDER"
            ) from error
        self._keep(Topic.IMPRESSIONS, [(impression.query_id, raw)])
        if self._shown is not None:
            self._shown.add([impression])

    def erasures(self, visitor: str, partitions: int, now_s: float) -> list[tuple[str, bytes]]:
        """Return pages that say that a visitor is to be forgotten, one for each partition. visitor: by name."""
        ids = [key_on(partition, partitions, "erasure") for partition in range(partitions)]
        pages = [Impression(query_id, now_s, "", "", erased=(visitor,), learn=False) for query_id in ids]
        return [(page.query_id, self._vouching.logged(page)) for page in pages]

    async def take_events(self, body: bytes, caller: Caller = TRUSTED, *, pages: bool = True) -> dict[str, Any]:
        """Take one UBI event or a list of them; return how many were kept and which were not, and why.

        Events that say what was shown are pages of another search. pages: whether the sender may tell of such.
        """

        def read(event: JsonValue) -> _Taken:
            if isinstance(event, dict) and is_showing(event.get("action_name")):
                if not pages:
                    raise InvalidEvent(Reason.FOREIGN, "to tell what was shown, a key needs the role pages")
                return self._read_page(event, caller.address)
            return self._read_action(event)

        return await self._take(Topic.ACTIONS, body, caller, read)

    async def take_trusted(self, topic: Topic, events: Sequence[tuple[str, bytes]]) -> dict[str, Any]:
        """Keep events as they are, each with its query id, vouch for what they say, and learn them.

        Return `taught` and `not_taught`, as `take_events` answers.
        """
        if topic is Topic.IMPRESSIONS:
            base = self._settings.ordinal_base
            events = [(query_id, self._vouching.imported(raw, base)) for query_id, raw in events]
        learned = await self._learn([(topic, events)])
        outcomes = Counter[str]()
        for (_, outcome), count in learned.items():
            outcomes[outcome] += count
        return {"taught": outcomes.pop(Outcome.ACCEPTED, 0), "not_taught": dict(outcomes)}

    async def take_queries(self, body: bytes, caller: Caller = TRUSTED) -> dict[str, Any]:
        """Take one UBI query or a list of them, as impressions of another search."""

        def read(event: JsonValue) -> _Taken:
            attributes = event.get("query_attributes") if isinstance(event, dict) else None
            if isinstance(attributes, dict):
                attributes.pop("ltrr", None)  # only this service writes it
            return self._read_page(event, caller.address)

        return await self._take(Topic.IMPRESSIONS, body, caller, read)

    def _read_page(self, event: JsonValue, address: str | None) -> _Taken:
        raw, pages = self._vouching.told(to_json(self._placed(event)), self._settings.ordinal_base, address)
        refuse_unserved(pages[0].application, self._settings.applications)
        if self._shown is not None:
            self._shown.add(pages)
        return _Taken(Topic.IMPRESSIONS, raw, pages)

    def _read_action(self, event: JsonValue) -> _Taken:
        joined = self._joined(event)
        raw = to_json(event if joined is None else joined)
        actions = parse_actions(raw, self._settings.ordinal_base)
        if actions[0].application:
            refuse_unserved(actions[0].application, self._settings.applications)
        return _Taken(Topic.ACTIONS, raw, actions, joined is not None)

    def _placed(self, event: JsonValue) -> JsonValue:
        """Return a page of an application: the first one where it names none."""
        first = self._settings.applications[0]
        if isinstance(event, dict) and event.get("application") in (None, "") and first != DEFAULT_APPLICATION:
            return {**event, "application": first}
        return event

    def _of_page(self, action: Action) -> Action:
        """Return an action of an application: where it names none that of its page, else the first one."""
        return replace(action, application=self._application_of(action) or self._settings.applications[0])

    def _application_of(self, action: Action) -> str | None:
        """Return of which application an action is, None where it names none of several, and its page is not known."""
        if action.application:
            return action.application
        if len(self._settings.applications) == 1:
            return self._settings.applications[0]
        fold = self._fold()
        pages = [] if fold is None else fold.join.pages(action.query_id)
        return pages[0].application if pages else self._seen_in(action.query_id)

    def _joined(self, event: JsonValue) -> JsonValue:
        """Return an action that names no query with the only one that it can be about; None for all others."""
        if self._shown is None or not isinstance(event, dict) or event.get("query_id") not in (None, ""):
            return None
        actions = map(self._of_page, parse_actions(to_json({**event, "query_id": "-"})))
        query_id = self._shown.query_of(list(actions))
        return None if query_id is None else {**event, "query_id": query_id}

    async def _take(
        self, topic: Topic, body: bytes, caller: Caller, read: Callable[[JsonValue], _Taken]
    ) -> dict[str, Any]:
        """Keep the events of a body that can be read, what was shown before what was done with it."""
        async with self._reading:
            taken, rejected = await self._read(topic, body, caller, read)
        kept = [
            (of, [(one.records[0].query_id, one.raw) for one in taken if one.topic is of])
            for of in (Topic.IMPRESSIONS, Topic.ACTIONS)
        ]
        fold = self._fold()
        shown = {one.query_id for each in taken for one in each.records if isinstance(one, Impression)}
        begun = frozenset() if fold is None else frozenset(filter(fold.join.pages, shown))
        learned = await self._learn([(of, rows) for of, rows in kept if rows])
        # what was shown before what was done with it, as it was kept
        pages = [record for one in taken for record in one.records if isinstance(record, Impression)]
        acted = [record for one in taken for record in one.records if isinstance(record, Action)]
        records: list[Event] = [*pages, *map(self._of_page, acted)]
        async for record in self._turns.through(records):
            self._watch([record], begun)
        anywhere = {action.query_id for action in acted if self._application_of(action) is None}
        told = await self._understanding.told(records, learned, anywhere)
        joined = sum(one.joined for one in taken)
        return {"accepted": len(taken), "rejected": rejected, **({"joined": joined} if joined else {}), **told}

    async def _read(
        self, topic: Topic, body: bytes, caller: Caller, read: Callable[[JsonValue], _Taken]
    ) -> tuple[list[_Taken], list[dict[str, JsonValue]]]:
        """Return the events of a body that can be read, and why others cannot; others are answered meanwhile."""
        enough = await self._turns.take()
        try:
            events = read_body(body, "event", "events", _SHAPE, dict)
        except InvalidEvent as error:
            self._metrics.events.labels(topic.short, error.reason).inc()
            raise
        taken: list[_Taken] = []
        rejected: list[dict[str, JsonValue]] = []
        async for index, event in self._turns.through(enumerate(events), enough):
            try:
                taken.append(read(self._naming.told(event, caller)))
            except InvalidEvent as error:
                self._metrics.events.labels(topic.short, error.reason).inc()
                rejected.append({"index": index, "reason": error.reason, "message": str(error)})
        return taken, rejected
