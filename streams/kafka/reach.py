"""Whether Kafka answers a process, told in words: its clients try again in silence, or in a line for each try."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from ltrr.models.errors import InvalidSettings
from ltrr.models.outages import Outage
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import connected

_LOG = logging.getLogger(__name__)
_EVERY_S: Final = 1.0
_ANSWER_MS: Final = 5_000
_ANSWER_S: Final = 10.0
_SURE: Final = 3


class Reach:
    """Asks Kafka every second for some topics, by a connection as all clients make it. trouble: what is wrong, if any.

    meanwhile: what becomes of work while Kafka is away, for the log. gone: called, in place of a line in the log, where
    topics are missing, for some seconds by then: a broker that has just started may not know them for a moment.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        topics: Iterable[Topic],
        meanwhile: str,
        gone: Callable[[InvalidSettings], Awaitable[None]] | None = None,
    ) -> None:
        self.trouble: str | None = None
        self._bootstrap = bootstrap
        self._topics = frozenset(map(str, topics))
        self._gone = gone
        self._client: AIOKafkaClient | None = None
        self._missed = 0
        self._outage = Outage("Kafka", meanwhile)

    async def run(self) -> None:
        """Ask until cancelled."""
        try:
            while True:
                await self._look()
                await asyncio.sleep(_EVERY_S)
        finally:
            await self._close()

    async def _look(self) -> None:
        try:
            missing = await asyncio.wait_for(self._missing(), _ANSWER_S)
        except (KafkaError, TimeoutError) as error:
            await self._close()
            _LOG.debug("%r", error)
            self._failed(f"Kafka at {self._bootstrap} does not answer")
            return
        self._missed = self._missed + 1 if missing else 0
        if not missing:
            self.trouble = None
            told = self._outage.answered(time.monotonic())
            if told is not None:
                _LOG.warning("%s", told)
        elif self._missed >= _SURE:
            trouble = f"Kafka at {self._bootstrap} has no {', '.join(sorted(missing))} any more"
            trouble += ": `ltrr topics create` makes what is missing"
            if self._gone is None:
                self._failed(trouble)
            else:
                self.trouble = trouble
                await self._gone(InvalidSettings(f"{trouble}; start again then"))

    async def _missing(self) -> frozenset[str]:
        """Return the topics that are not there. Raises KafkaError."""
        if self._client is None:
            self._client = AIOKafkaClient(**self._bootstrap.client(), request_timeout_ms=_ANSWER_MS)
            await connected(self._client.bootstrap())
            self._client.set_topics(self._topics)
        if not await self._client.force_metadata_update():
            raise KafkaError("no broker answers")
        found: set[str] = self._client.cluster.topics(exclude_internal_topics=False)
        return self._topics - found

    def _failed(self, trouble: str) -> None:
        self.trouble = trouble
        told = self._outage.failed(trouble, time.monotonic())
        if told is not None:
            _LOG.warning("%s", told)

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()
