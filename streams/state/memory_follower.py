"""Keeps an index of the memory in step with all partitions of `ltrr.memory`."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final

from ltrr.models.errors import EngineFailed
from ltrr.models.memory.prediction import Predictions
from ltrr.models.outages import Outage
from ltrr.models.retrieval import IndexedPair, MemoryIndex
from ltrr.models.state.learning import Learning
from ltrr.models.state.records import RecordKey
from ltrr.models.statistics.decay import Changes
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.leadership import lead
from ltrr.streams.state.follower import Follower

_LOG = logging.getLogger(__name__)
_EVERY_S: Final = 0.5
_RETRY_S: Final = 1.0
_PORTION: Final = 200


class MemoryFollower:
    """Writes the pairs of queries that have changed, summed over the partitions, since one query has some in several.

    It begins by writing all there is, and removes what is left of before. Later it writes what has changed, twice a
    second at most. clock: seconds since the epoch. forgetting: returns
    the changes of the half-life that are known. A pair shows what was known of it when its query changed last.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        index: MemoryIndex,
        learning: Learning,
        version: str,
        partitions: int,
        clock: Callable[[], float],
        forgetting: Callable[[], Mapping[str, Changes]] = dict,
    ) -> None:
        self._index = index
        self._forgetting = forgetting
        self._clock = clock
        self._outage = Outage("the index of the memory", "what has changed waits")
        self._predictions = Predictions()
        self._changed: dict[RecordKey, None] = {}
        self._written: defaultdict[RecordKey, set[str]] = defaultdict(set)
        self._follower = Follower(
            bootstrap, learning, version, partitions, predictions=self._predictions, took=self._took
        )

    async def run(self) -> None:
        """Follow until cancelled; while the index is away, changes wait."""
        following = asyncio.ensure_future(self._follower.run())
        try:
            await self._patiently(self._index.prepare)
            await self._follower.caught_up.wait()
            order = self._follower.revision
            await self._write_changed()
            await self._patiently(partial(self._index.prune, self._follower.version, order))
            while not following.done():
                await self._write_changed()
                await asyncio.sleep(_EVERY_S)
            await following  # raises what it failed with
        finally:
            following.cancel()
            await asyncio.wait([following])
            await self._index.stop()

    def _took(self, key: RecordKey) -> None:
        if key.kind == "query":
            self._changed[key] = None

    async def _write_changed(self) -> None:
        self._follower.reschedule(self._forgetting())
        while self._changed:
            keys = list(self._changed)[:_PORTION]
            for key in keys:
                del self._changed[key]
            await self._patiently(partial(self._write, keys))
            await asyncio.sleep(0)  # what else the process does goes on

    async def _write(self, keys: Iterable[RecordKey]) -> None:
        """Write some queries as they are now, and delete the pairs that they have no more."""
        order, version = max(1, self._follower.revision), self._follower.version
        pairs = {key: list(self._pairs(key)) for key in keys}
        await self._index.write((one for found in pairs.values() for one in found), order)
        for key, found in pairs.items():
            now = {one.pair.object_id for one in found}
            gone = self._written[key] - now
            if gone:
                await self._index.delete(version, key.application, key.name, sorted(gone), order)
            if now:
                self._written[key] = now
            else:
                self._written.pop(key, None)

    def _pairs(self, key: RecordKey) -> Iterator[IndexedPair]:
        memory, now_s = self._follower.application(key.application).memory, self._clock()
        if key.name not in memory.queries:
            return
        predicted = self._predictions.of(key.application, key.name)
        for pair in memory.scored(key.name, now_s, predicted):
            yield IndexedPair(self._follower.version, key.application, key.name, pair, memory.prior, now_s)

    async def _patiently(self, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await work()
            except EngineFailed as error:
                if told := self._outage.failed(str(error), time.monotonic()):
                    _LOG.warning("%s", told)
                await asyncio.sleep(_RETRY_S)
            else:
                if told := self._outage.answered(time.monotonic()):
                    _LOG.warning("%s", told)
                return


async def keep_memory_index(bootstrap: Brokers, version: str, opened: Callable[[], MemoryFollower]) -> None:
    """Keep an index of the memory in step until cancelled: of all workers of a version, one does at a time.

    opened: makes a follower, at each turn of this worker a new one.
    """
    await lead(bootstrap, memory_group(version), lambda: opened().run())


def memory_group(version: str) -> str:
    """Return the consumer group whose leader keeps the index of a version's memory."""
    return f"ltrr-memory-index-{version}"
