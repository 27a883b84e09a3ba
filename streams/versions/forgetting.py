"""Changes of how a version forgets, as `ltrr.policy` tells of them: known to a worker before they hold."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from ltrr.models.statistics.decay import Changes, parting_s
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.consumer import consumer
from ltrr.streams.versions.versions import Board

_LOG = logging.getLogger(__name__)
NOTICE_S: Final = 60.0
"""How long before the first record that it may concern a change is announced; see `Forgetting`."""

_UNSEEN_S: Final = NOTICE_S / 2
_EVERY_S: Final = 1.0
_POLL_MS: Final = 20
_RETRY_S: Final = 1.0


class Forgetting:
    """Follows the changes of one version, so that no event is learned before all that concern it are known.

    An impression from time T on is recorded `late_s` before T at the earliest, and a change from T on is announced
    NOTICE_S before that. So whoever learns a record needs to know what was announced until NOTICE_S before it.
    `reach` waits until `ltrr.policy` was read after all but the last half of that: the other half is for clocks that
    differ. Read uncommitted, since an open transaction of a worker that has died would hide what comes behind it.

    changed: called with all changes, by application, where they are others than before. clock: seconds since the epoch.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        version: str,
        partitions: int,
        changed: Callable[[Mapping[str, Changes]], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.known: Mapping[str, Changes] = {}
        self._version = version
        self._changed = changed
        self._clock = clock
        self._board = Board()
        self._tps = [TopicPartition(Topic.POLICY, partition) for partition in range(partitions)]
        self._bootstrap = bootstrap
        self._consumer: AIOKafkaConsumer | None = None
        self._lock = asyncio.Lock()
        self._newest_s = 0.0
        self._through_s = 0.0

    async def reach(self, recorded_s: float) -> None:
        """Wait until all changes are known that may concern events recorded then."""
        self._newest_s = max(self._newest_s, recorded_s)
        while recorded_s > self._through_s + _UNSEEN_S:
            await self.look()

    async def look(self) -> None:
        """Read what is there now; where Kafka is away, it is tried again."""
        async with self._lock:
            while True:
                # what is read below was there when the newest record was, and is there now
                through_s = max(self._newest_s, self._clock())
                try:
                    await self._read()
                except KafkaError as error:
                    _LOG.warning("changes of forgetting cannot be read: %s; trying again", error)
                    await self._close()
                    await asyncio.sleep(_RETRY_S)
                else:
                    break
            found = self._board.forgetting(self._version)
            if found != self.known:
                _LOG.info("forgetting of %s changes from %.3f on", self._version, parting_s(self.known, found))
                self.known = found
                self._changed(found)
            self._through_s = max(self._through_s, through_s)

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(_EVERY_S)
        finally:
            await self._close()

    async def _read(self) -> None:
        if self._consumer is None:
            self._consumer = consumer(
                **self._bootstrap.client(), enable_auto_commit=False, auto_offset_reset="earliest"
            )
            await self._consumer.start()
            self._consumer.assign(self._tps)
            await self._consumer.seek_to_beginning(*self._tps)
        reading = self._consumer
        ends = await reading.end_offsets(self._tps)
        while any([await reading.position(tp) < end for tp, end in ends.items()]):
            for records in (await reading.getmany(timeout_ms=_POLL_MS)).values():
                for record in records:
                    self._board.take(record.key or b"", record.value)

    async def _close(self) -> None:
        if self._consumer is not None:
            reading, self._consumer = self._consumer, None
            await reading.stop()
