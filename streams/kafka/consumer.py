"""Consumers that say where a batch is that they cannot read; aiokafka's say what is wrong with it alone."""

from collections.abc import Iterator
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import KafkaError
from aiokafka.record.memory_records import MemoryRecords


class Unreadable(KafkaError):  # type: ignore[misc]  # aiokafka has no types
    """A batch that is damaged, or packed by what this process cannot unpack. first, last: its offsets."""

    def __init__(self, tp: TopicPartition, first: int, last: int, error: Exception) -> None:
        super().__init__(
            f"{tp.topic}, partition {tp.partition}: the batch of offsets {first} to {last} cannot be read "
            f"({error!r}); docs/operating/run-on-servers.md says how to go on behind it"
        )
        self.first = first
        self.last = last


class _Batches:
    """Batches as they are fetched. newest: the one that is unpacked now."""

    def __init__(self, fetched: MemoryRecords) -> None:
        self.newest: Any = None
        self._fetched = fetched

    def has_next(self) -> bool:
        return bool(self._fetched.has_next())

    def next_batch(self) -> Any:  # noqa: ANN401  # a batch of aiokafka
        self.newest = self._fetched.next_batch()
        return self.newest


class _Records(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka has no types
    """Records of a partition as they are fetched. Raises Unreadable."""

    def __init__(self, tp: TopicPartition, records: MemoryRecords, *others: object) -> None:
        self._batches = _Batches(records)
        super().__init__(tp, self._batches, *others)

    def __iter__(self) -> Iterator[ConsumerRecord]:
        return self

    def __next__(self) -> ConsumerRecord:
        try:
            return super().__next__()
        except StopIteration:
            raise
        except Exception as error:
            batch = self._batches.newest
            if batch is None:  # not even its head is whole
                raise Unreadable(self._tp, self.next_fetch_offset, self.next_fetch_offset, error) from error
            raise Unreadable(self._tp, batch.base_offset, batch.next_offset - 1, error) from error


vars(fetcher)["PartitionRecords"] = _Records  # there is no setting for it


def consumer(*topics: str, **settings: Any) -> AIOKafkaConsumer:  # noqa: ANN401  # aiokafka's settings are of any kind
    """Return a consumer, not started yet. What it reads raises Unreadable."""
    return AIOKafkaConsumer(*topics, **settings)
