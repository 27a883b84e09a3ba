"""The Faust agent that keeps an index in step with the catalogue on `ltrr.entities`."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.entity import Entity
from models.errors import InvalidEvent
from models.retrieval import Indexer
from streams.codec import parse_entity
from streams.faust_app import faust_app, raw_topic
from streams.messages import DeadLetter, Origin
from streams.topics import Topic

_LOG = logging.getLogger(__name__)
_MOST = 1_000
_WITHIN_S = 0.1


class IndexAgent:
    """Indexes what catalogue owners write, deletes what they write tombstones for, in the order of the topic.

    name: of the index that is kept, stable as long as it lives; each index reads the whole topic, and goes on where it
    stopped. applications: tenants that a tombstone, whose key is the object id alone, deletes from. An entity is
    acknowledged once the index holds it; an older version than is held changes nothing, so reading again is harmless.
    """

    def __init__(
        self, bootstrap: str, indexer: Indexer, name: str, applications: Sequence[str], data_dir: Path
    ) -> None:
        self._indexer = indexer
        self._applications = tuple(applications)
        self.app = faust_app(f"ltrr-index-{name}", bootstrap, f"ltrr-index-{name}", data_dir)
        self._letters = raw_topic(self.app, Topic.DEADLETTER)
        self.app.agent(raw_topic(self.app, Topic.ENTITIES), name="ltrr.index")(self._index)

    @property
    def crashed(self) -> bool:
        """Tell whether the agent has given up."""
        return bool(self.app.crashed)

    async def start(self) -> None:
        """Begin to read, in the running event loop."""
        await self.app.start()

    async def stop(self) -> None:
        """Stop reading; what is not acknowledged is read again next time."""
        await self.app.stop()

    async def _index(self, stream: Any) -> None:  # noqa: ANN401  # a Faust stream
        async for events in stream.noack_take(_MOST, within=_WITHIN_S):
            entities: list[Entity] = []
            for event in events:
                if event.value is None:
                    await self._flush(entities)
                    await self._delete((event.key or b"").decode(errors="replace"))
                    continue
                try:
                    entities.append(parse_entity(event.value))
                except InvalidEvent as error:
                    await self._refuse(event, error)
            await self._flush(entities)
            for event in events:
                event.ack()

    async def _flush(self, entities: list[Entity]) -> None:
        if entities:
            await asyncio.to_thread(self._indexer.index, list(entities))
            entities.clear()

    async def _delete(self, object_id: str) -> None:
        for application in self._applications:
            await asyncio.to_thread(self._indexer.delete, application, [object_id])

    async def _refuse(self, event: Any, error: InvalidEvent) -> None:  # noqa: ANN401  # a Faust event
        message = event.message
        origin = Origin(Topic.ENTITIES, message.partition, message.offset, message.timestamp)
        letter = DeadLetter(origin, 0, error.reason, str(error), event.value)
        _LOG.warning("entity at offset %d left out: %s", message.offset, error)
        await (await self._letters.send(key=Topic.ENTITIES.encode(), value=letter.encode()))
