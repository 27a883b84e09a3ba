"""The Faust agents that keep indexes in step with the catalogue on `ltrr.entities`."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ParamSpec

from aiokafka.errors import KafkaError

from ltrr.models.errors import EngineFailed, InvalidEvent, InvalidSettings, LtrrError
from ltrr.models.outages import Outage
from ltrr.models.retrieval import Indexer, SharedIndexer
from ltrr.streams.catalogue.changes import Removal, runs
from ltrr.streams.events.messages import DeadLetter, Origin
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka import cluster
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.workers.faust_app import faust_app, raw_topic

_LOG = logging.getLogger(__name__)
_MOST = 1_000
_WITHIN_S = 0.1
_RETRY_S = 1.0
_LOOK_S = 3.0
_QUIET_S = 30.0
P = ParamSpec("P")


class IndexAgent:
    """Indexes what catalogue owners write, deletes what they write tombstones for, in the order of the topic.

    name: of the index that is kept, as long as it lives; member: who keeps it. Of several members one works, the others
    stand by. Each index reads the whole topic, and goes on where it stopped. applications: tenants, which a tombstone
    whose key is an object id alone deletes from. A change is acknowledged once the index holds it; an older version
    than is held changes nothing, so reading again is harmless. While the index fails, its changes wait.
    """

    def __init__(
        self, bootstrap: Brokers, indexer: Indexer, name: str, member: str, applications: Sequence[str], data_dir: Path
    ) -> None:
        self.trouble: str | None = None
        self._bootstrap = bootstrap
        self._name = name
        self._outage = _outage()
        self._indexer = indexer
        self._applications = tuple(applications)
        self.app = faust_app(index_group(name), bootstrap, f"{index_group(name)}-{member}", data_dir)
        self._letters = raw_topic(self.app, Topic.DEADLETTER)
        self.app.agent(raw_topic(self.app, Topic.ENTITIES), name="ltrr.index")(self._index)

    @property
    def crashed(self) -> str | None:
        """Return why the agent has given up, None where it has not."""
        return f"changes of the catalogue are not read: {self.app.crash_reason}" if self.app.crashed else None

    async def start(self) -> None:
        """Begin to read, in the running event loop."""
        await self.app.start()

    async def stop(self) -> None:
        """Stop reading; what is not acknowledged is read again next time."""
        await self.app.stop()

    async def caught_up(self, poll_s: float = 0.2) -> None:
        """Wait until all that is on the topic now is indexed.

        Offsets that stay behind for half a minute without trouble are no changes: a transaction leaves such marks.
        """
        end: int | None = None
        before, quiet_s = -1, 0.0
        while True:
            try:
                read, newest = await asyncio.to_thread(
                    cluster.group_offsets, self._bootstrap, index_group(self._name), Topic.ENTITIES
                )
            except EngineFailed:
                await asyncio.sleep(_RETRY_S)
                continue
            end = newest if end is None else end
            quiet_s = quiet_s + poll_s if read == before and self.trouble is None else 0.0
            before = read
            if read >= end or quiet_s >= _QUIET_S:
                return
            await asyncio.sleep(poll_s)

    async def _index(self, stream: Any) -> None:  # noqa: ANN401  # a Faust stream
        async for events in stream.noack_take(_MOST, within=_WITHIN_S):
            order = events[-1].message.offset
            refused: list[tuple[Any, InvalidEvent]] = []
            for run in runs(events, self._applications, lambda *bad: refused.append(bad)):  # noqa: B023  # used at once
                if isinstance(run, Removal):
                    done = await self._patiently(self._indexer.delete, run.application, run.object_ids, order)
                else:
                    done = await self._patiently(self._indexer.index, run, order)
                if not done:
                    break  # not acknowledged: whoever reads the topic now reads these changes again
            else:
                for event, error in refused:
                    await self._refuse(event, error)
                for event in events:
                    event.ack()

    async def _patiently(self, work: Callable[P, Awaitable[int]], *args: P.args, **kwargs: P.kwargs) -> bool:
        """Do something until it succeeds: an index that is away must not lose a change.

        Return False where another member reads the topic by then, which must not be disturbed.
        """
        while self.app.consumer.assignment():
            try:
                await work(*args, **kwargs)
            except LtrrError as error:
                self.trouble = str(error)
                if told := self._outage.failed(self.trouble, time.monotonic()):
                    _LOG.warning("%s", told)
                await asyncio.sleep(_RETRY_S)
            else:
                self.trouble = None
                if told := self._outage.answered(time.monotonic()):
                    _LOG.warning("%s", told)
                return True
        return False

    async def _refuse(self, event: Any, error: InvalidEvent) -> None:  # noqa: ANN401  # a Faust event
        message = event.message
        origin = Origin(Topic.ENTITIES, message.partition, message.offset, message.timestamp)
        letter = DeadLetter(origin, 0, error.reason, str(error), event.value)
        _LOG.warning("entity at offset %d left out: %s", message.offset, error)
        await (await self._letters.send(key=Topic.ENTITIES.encode(), value=letter.encode()))


def index_group(name: str) -> str:
    """Return the consumer group that reads the catalogue for an index."""
    return f"ltrr-index-{name}"


async def keep_shared(
    bootstrap: Brokers, indexer: SharedIndexer, member: str, applications: Sequence[str], data_dir: Path
) -> None:
    """Keep a server's index in step until cancelled; where it is away, wait for it.

    An index that was made anew has another identity, so that the whole topic is read into it, or what `ltrr index
    rebuild` has not read. That is noticed while it runs. Where the topic cannot be read, it is tried again. Raises
    InvalidSettings where the index was made for other settings at the start; later its changes wait.
    """
    name = await _prepared(indexer)
    try:
        while True:
            agent = IndexAgent(bootstrap, indexer, name, member, applications, data_dir)
            try:
                await agent.start()  # an end that comes meanwhile has to stop what it has begun
                name = await _other_than(name, agent, indexer)
            except (KafkaError, EngineFailed) as error:
                _LOG.warning("%s; tried again, the changes of the catalogue wait", error)
                await asyncio.sleep(_LOOK_S)
            else:
                _LOG.warning("the index was made anew, it is now kept as %s", name)
            finally:
                await agent.stop()
    finally:
        await indexer.stop()


def _outage() -> Outage:
    return Outage("the index", "the changes of the catalogue wait")


async def _prepared(indexer: SharedIndexer) -> str:
    """Return the identity of an index; waits for a server that is away."""
    outage = _outage()
    while True:
        try:
            name = await indexer.prepare()
        except EngineFailed as error:
            if told := outage.failed(str(error), time.monotonic()):
                _LOG.warning("%s", told)
            await asyncio.sleep(_RETRY_S)
        else:
            if told := outage.answered(time.monotonic()):
                _LOG.warning("%s", told)
            return name


async def _other_than(name: str, agent: IndexAgent, indexer: SharedIndexer) -> str:
    """Wait until the index has another identity, and return that. Raises EngineFailed where its agent has given up."""
    found = name
    while found == name:
        await asyncio.sleep(_LOOK_S)
        if agent.crashed:
            raise EngineFailed("kafka", agent.crashed)
        with suppress(EngineFailed, InvalidSettings):  # writing tells of a server that is away, a start of settings
            found = await indexer.prepare()
    return found
