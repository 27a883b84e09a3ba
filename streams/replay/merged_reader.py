"""Read stretches of several partitions in the one order of a replay."""

import time
from collections.abc import AsyncIterator, Mapping
from typing import Final, Self

from aiokafka import ConsumerRecord, TopicPartition

from ltrr.models.errors import EngineTimeout, InvalidInput
from ltrr.streams.kafka import reader
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.consumer import consumer

_POLL_MS: Final = 500
_RECORDS: Final = 500
_FETCH_BYTES: Final = 4 * 1024 * 1024
_STALLED_S: Final = 60.0


class MergedReader:
    """Reads committed records by (record timestamp, topic, partition, offset), with a few MB of each in memory."""

    def __init__(self, bootstrap: Brokers) -> None:
        self._consumer = consumer(
            **bootstrap.client(),
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=_FETCH_BYTES,
        )

    async def __aenter__(self) -> Self:
        await reader.start(self._consumer)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def read(self, stretches: Mapping[TopicPartition, tuple[int, int]]) -> AsyncIterator[list[ConsumerRecord]]:
        """Yield the records in batches. stretches: first offset of each, and the first that is left out.

        Raises InvalidInput where some of them are not kept any more, EngineTimeout where Kafka falls silent.
        """
        self._consumer.assign(list(stretches))
        firsts = await self._consumer.beginning_offsets(list(stretches))
        for tp, (start, end) in stretches.items():
            if start < min(firsts[tp], end):
                raise InvalidInput(
                    f"{tp.topic}, partition {tp.partition}, begins at {firsts[tp]}: what lies behind {start} is not "
                    "kept any more; begin at a later --from, a replay in a new version"
                )
            self._consumer.seek(tp, max(start, firsts[tp]))
        held: dict[TopicPartition, list[ConsumerRecord]] = {tp: [] for tp in stretches}
        open_tps = set(stretches)
        while open_tps:
            for tp in sorted(open_tps):
                if not held[tp] and not await self._fill(tp, stretches[tp][1], held[tp]):
                    open_tps.discard(tp)
            # what is not read yet of a partition comes after the last that was read of it
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
        heard_s = time.monotonic()
        while not held and await self._consumer.position(tp) < end:
            for records in (await self._consumer.getmany(tp, timeout_ms=_POLL_MS, max_records=_RECORDS)).values():
                held += [record for record in records if record.offset < end]
                heard_s = time.monotonic()
            if time.monotonic() - heard_s > _STALLED_S:
                raise EngineTimeout(
                    "kafka", f"{tp.topic}/{tp.partition} gave nothing for {_STALLED_S:.0f} s: try again"
                )
        return bool(held)


def _place(record: ConsumerRecord) -> tuple[int, str, int, int]:
    return record.timestamp, record.topic, record.partition, record.offset
