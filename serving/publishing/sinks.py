"""Where published events go: to the service, or straight to the log."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol, TypeAlias

import httpx

from ltrr.models.errors import InvalidSettings
from ltrr.models.records.visitors import Visitors
from ltrr.serving.decisions.voices import Voices
from ltrr.serving.http.connection import ask, connect
from ltrr.serving.search.query_ids import QueryIds
from ltrr.serving.service.opening import open_service
from ltrr.serving.service.service import Service
from ltrr.serving.service.vouching import Vouching
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.signing_key import Secrets
from ltrr.serving.versions.secret import hold_to_secret
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import Topic
from ltrr.streams.files.room import Room
from ltrr.streams.kafka.admin import check
from ltrr.streams.publishing.publisher import Publisher

Answer: TypeAlias = Mapping[str, Any]
_ENDPOINTS: Final = {Topic.ACTIONS: "/v1/events", Topic.IMPRESSIONS: "/ubi_queries"}
_UNDER_WAY: Final = 50_000
_POLL_S: Final = 0.05


class Sink(Protocol):
    """Takes batches of events, each with its query id. visitors: names them; None where that is done behind it."""

    @property
    def visitors(self) -> Visitors | None:
        """Return what names visitors."""
        ...

    async def send(self, topic: Topic, events: Sequence[tuple[str, bytes]]) -> Answer:
        """Take events of one topic; return what a service answers: which were refused, and what the others taught."""
        ...


@asynccontextmanager
async def over_http(settings: Settings) -> AsyncIterator[Sink]:
    """Yield what posts events to the service that commands talk to."""
    async with connect(settings) as client:
        yield _Http(client)


@asynccontextmanager
async def trusted(settings: Settings) -> AsyncIterator[Sink]:
    """Yield what writes events to Kafka, or to the log of the data folder, as they are; left when all are there.

    Raises InvalidSettings where a server is named: it would drop the plans.
    """
    if settings.url is not None:
        raise InvalidSettings("--trusted writes to Kafka or to the data folder, not through LTRR_URL: leave that out")
    if settings.brokers is None:
        service = open_service(settings)
        try:
            yield _Folder(service)
        finally:
            service.close()
        return
    check(settings.brokers, settings.partitions)
    voices = Voices(settings.visitor_searches, settings.visitor_query_searches)
    secrets = Secrets(settings, settings.data_dir)
    hold_to_secret(settings, settings.brokers, secrets)
    secrets.keep()
    ours = QueryIds(secrets.held[0], lambda: "", secrets.held[1:]).ours
    vouching = Vouching(Seals(secrets.held), voices, time.time, ours)
    folder, room = settings.data_dir / "import", Room(settings.data_dir, settings.disk_reserve_mb)
    publisher = Publisher(settings.brokers, folder, settings.partitions, fsync=settings.fsync, room=room)
    sink = _Kafka(publisher, vouching, settings.ordinal_base, secrets.visitors)
    try:
        yield sink
        await sink.wait(0)
    finally:
        publisher.close()


class _Http:
    visitors: None = None

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, topic: Topic, events: Sequence[tuple[str, bytes]]) -> Answer:
        body = b"[" + b",".join(raw for _, raw in events) + b"]"
        headers = {"Content-Type": "application/json"}
        answer: Answer = await ask(self._client, "POST", _ENDPOINTS[topic], content=body, headers=headers)
        return answer


class _Folder:
    def __init__(self, service: Service) -> None:
        self.visitors = service.naming.visitors
        self._service = service

    async def send(self, topic: Topic, events: Sequence[tuple[str, bytes]]) -> Answer:
        return await self._service.intake.take_trusted(topic, events)


class _Kafka:
    def __init__(self, publisher: Publisher, vouching: Vouching, ordinal_base: int, visitors: Visitors) -> None:
        self.visitors = visitors
        self._publisher = publisher
        self._vouching = vouching
        self._ordinal_base = ordinal_base

    async def send(self, topic: Topic, events: Sequence[tuple[str, bytes]]) -> Answer:
        await self.wait(_UNDER_WAY)
        if topic is Topic.IMPRESSIONS:
            events = [(query_id, self._vouching.imported(raw, self._ordinal_base)) for query_id, raw in events]
        self._publisher.publish_batch(topic, events)
        return {}

    async def wait(self, most: int) -> None:
        """Wait until no more than so many events are under way."""
        while self._publisher.report().lag > most:  # noqa: ASYNC110  # its thread knows no event loop
            await asyncio.sleep(_POLL_S)
