"""Read a stretch of both event topics of one partition in the one order of a replay."""

from collections.abc import AsyncIterator, Mapping
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from models.errors import InvalidInput
from streams.topics import EVENT_TOPICS

_POLL_MS: Final = 500
_RECORDS: Final = 500
_FETCH_BYTES: Final = 4 * 1024 * 1024


class MergedReader:
    """Reads impressions and actions merged by (record timestamp, topic, offset), with a few MB of each in memory."""

    def __init__(self, bootstrap: str) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=_FETCH_BYTES,
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def read(
        self, partition: int, start: Mapping[str, int], end: Mapping[str, int]
    ) -> AsyncIterator[list[ConsumerRecord]]:
        """Yield the records from `start` on, below `end`, in batches. start, end: topic's short name -> offset.

        Raises InvalidInput where some of them are not kept any more.
        """
        ends = {TopicPartition(topic, partition): end[topic.short] for topic in EVENT_TOPICS}
        self._consumer.assign(list(ends))
        first = await self._consumer.beginning_offsets(list(ends))
        for topic in EVENT_TOPICS:
            tp = TopicPartition(topic, partition)
            if start[topic.short] < min(first[tp], ends[tp]):
                raise InvalidInput(
                    f"{topic}, partition {partition}, begins at {first[tp]}: what lies behind {start[topic.short]} is "
                    "not kept any more; begin a new version at a later --from"
                )
            self._consumer.seek(tp, max(start[topic.short], first[tp]))
        held: dict[TopicPartition, list[ConsumerRecord]] = {tp: [] for tp in ends}
        open_tps = set(ends)
        while open_tps:
            for tp in sorted(open_tps):
                if not held[tp] and not await self._fill(tp, ends[tp], held[tp]):
                    open_tps.discard(tp)
            # what is not read yet of a topic comes after the last that was read of it
            bound = min((_place(held[tp][-1]) for tp in open_tps), default=None)
            ready = sorted((record for records in held.values() for record in records), key=_place)
            if bound is not None:
                ready = [record for record in ready if _place(record) <= bound]
            for tp, records in held.items():
                held[tp] = [record for record in records if bound is not None and _place(record) > bound]
            if ready:
                yield ready

    async def _fill(self, tp: TopicPartition, end: int, held: list[ConsumerRecord]) -> bool:
        """Read on; tell whether there was anything before the end."""
        while not held and await self._consumer.position(tp) < end:
            batch = await self._consumer.getmany(tp, timeout_ms=_POLL_MS, max_records=_RECORDS)
            held += [record for records in batch.values() for record in records if record.offset < end]
        return bool(held)


def _place(record: ConsumerRecord) -> tuple[int, str, int]:
    return record.timestamp, record.topic, record.offset
