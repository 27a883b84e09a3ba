"""Read stretches of partitions, from an offset up to what is there now."""

import heapq
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from models.errors import EngineTimeout

_BATCH = 2_000
_POLL_MS = 200
_STALLED_S = 60.0


class KafkaReader:
    """Reads committed records of partitions by offset, outside any consumer group."""

    def __init__(self, bootstrap: str) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
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

    async def read_merged(self, stretches: Mapping[TopicPartition, tuple[int, int]]) -> AsyncIterator[ConsumerRecord]:
        """Yield the records of several partitions in the order of replay: (record timestamp, topic, partition, offset).

        stretches: first offset of each, and the first that is left out. Raises EngineTimeout where Kafka falls silent.
        """
        self._consumer.assign(list(stretches))
        firsts = await self._consumer.beginning_offsets(list(stretches))
        for tp, (first, _) in stretches.items():
            self._consumer.seek(tp, max(first, firsts[tp]))
        held: dict[TopicPartition, deque[ConsumerRecord]] = {tp: deque() for tp in stretches}
        heads: list[tuple[int, str, int, int]] = []
        waiting = list(stretches)
        while True:
            for tp in waiting:
                await self._fill(tp, stretches[tp][1], held[tp])
                if held[tp]:
                    heapq.heappush(heads, (held[tp][0].timestamp, tp.topic, tp.partition, held[tp][0].offset))
            if not heads:
                return
            _, topic, partition, _ = heapq.heappop(heads)
            waiting = [TopicPartition(topic, partition)]
            yield held[waiting[0]].popleft()

    async def _fill(self, tp: TopicPartition, end: int, held: deque[ConsumerRecord]) -> None:
        """Read on where nothing is held; nothing is held after that where the end was reached."""
        heard_s = time.monotonic()
        while not held and await self._consumer.position(tp) < end:
            for records in (await self._consumer.getmany(tp, timeout_ms=_POLL_MS, max_records=_BATCH)).values():
                held.extend(record for record in records if record.offset < end)
                heard_s = time.monotonic()
            if time.monotonic() - heard_s > _STALLED_S:
                raise EngineTimeout(
                    "kafka", f"{tp.topic}/{tp.partition} gave nothing for {_STALLED_S:.0f} s: try again"
                )
