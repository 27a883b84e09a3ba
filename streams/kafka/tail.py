"""Follow partitions from their first record on, and go on for ever."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.consumer import consumer

_LOG = logging.getLogger(__name__)
_POLL_MS: Final = 20
_BATCH: Final = 1_000
_RETRY_S: Final = 1.0


class Tail:
    """Committed records as they come; where Kafka is away, it is tried again from where the reading stopped.

    take: called with each record, tells whether it changed anything. changed: called after each batch that did, from
    the moment on at which everything was read that was there at the start. caught_up: set at that moment. positions:
    the offset after the last record read of each partition.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        topics: Sequence[Topic],
        partitions: int,
        take: Callable[[ConsumerRecord], bool],
        changed: Callable[[], None],
    ) -> None:
        self.caught_up = asyncio.Event()
        self._bootstrap = bootstrap
        self._tps = [TopicPartition(topic, partition) for topic in topics for partition in range(partitions)]
        self._take = take
        self._changed = changed
        self.positions: dict[TopicPartition, int] = {}

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            reading = consumer(
                **self._bootstrap.client(),
                enable_auto_commit=False,
                isolation_level="read_committed",
                auto_offset_reset="earliest",
                fetch_max_wait_ms=_POLL_MS,
            )
            try:
                await reading.start()
                reading.assign(self._tps)
                for tp, offset in {**await reading.beginning_offsets(self._tps), **self.positions}.items():
                    reading.seek(tp, offset)
                await self._follow(reading, await reading.end_offsets(self._tps))
            except KafkaError as error:
                _LOG.warning("the state cannot be followed: %s; trying again", error)
                await asyncio.sleep(_RETRY_S)
            finally:
                await reading.stop()

    async def _follow(self, reading: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> None:
        while True:
            batch = await reading.getmany(timeout_ms=_POLL_MS, max_records=_BATCH)
            touched = False
            for tp, records in batch.items():
                for record in records:
                    touched |= self._take(record)
                    self.positions[tp] = record.offset + 1
            if not self.caught_up.is_set():
                if all([await reading.position(tp) >= end for tp, end in ends.items()]):
                    self.caught_up.set()
                    self._changed()
                else:
                    await asyncio.sleep(0)  # searches go on while much is read
            elif touched:
                self._changed()
