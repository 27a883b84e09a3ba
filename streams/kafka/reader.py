"""Read stretches of partitions, from an offset up to what is there now."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from ltrr.models.errors import EngineFailed
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.consumer import consumer

_BATCH = 2_000
_POLL_MS = 200
_A_MOMENT_S: Final = 2.0


class KafkaReader:
    """Reads committed records of partitions by offset, outside any consumer group.

    Raises KafkaError, which is Unreadable where a batch is damaged.
    """

    def __init__(self, bootstrap: Brokers) -> None:
        self._consumer = consumer(
            **bootstrap.client(),
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        )

    async def __aenter__(self) -> Self:
        await start(self._consumer)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def offset_at(self, topic: str, partition: int, time_s: float) -> int:
        """Return the first offset recorded at a time or later; the end where there is none."""
        tp = TopicPartition(topic, partition)
        if time_s <= 0:
            return 0
        found = (await self._consumer.offsets_for_times({tp: int(time_s * 1000)}))[tp]
        return int(found.offset if found is not None else (await self._consumer.end_offsets([tp]))[tp])

    async def read(
        self, topic: str, partition: int, from_offset: int = 0, to_offset: int | None = None
    ) -> AsyncIterator[ConsumerRecord]:
        """Yield the records from an offset on, below `to_offset` or the end as of now."""
        tp = TopicPartition(topic, partition)
        self._consumer.assign([tp])
        end = (await self._consumer.end_offsets([tp]))[tp]
        end = end if to_offset is None else min(end, to_offset)
        self._consumer.seek(tp, max(from_offset, (await self._consumer.beginning_offsets([tp]))[tp]))
        while await self._consumer.position(tp) < end:
            for records in (await self._consumer.getmany(timeout_ms=_POLL_MS, max_records=_BATCH)).values():
                for record in records:
                    if record.offset < end:
                        yield record


@asynccontextmanager
async def reading(bootstrap: Brokers, failing: str) -> AsyncIterator[KafkaReader]:
    """Open a reader for a command, which ends where Kafka does. Raises EngineFailed, which says what is `failing`."""
    try:
        async with KafkaReader(bootstrap) as reader:
            yield reader
    except KafkaError as error:
        raise EngineFailed("kafka", f"{failing}: {error}") from error


async def start(starting: AIOKafkaConsumer) -> None:
    """Start a consumer; where that fails, or is given up, it holds no connection any more."""
    try:
        await connected(starting.start())
    except BaseException:
        await starting.stop()
        raise


async def connected(connecting: Coroutine[Any, Any, None]) -> None:
    """Wait until a client is connected; who gives that up waits a moment more, or a connection would stay open."""
    task = asyncio.ensure_future(connecting)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        done, _ = await asyncio.wait([task], timeout=_A_MOMENT_S)
        for one in done:
            one.exception()  # which nobody waits for any more
        task.cancel()
        raise
