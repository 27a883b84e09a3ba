"""What consumers say of a batch that they cannot read."""

import pytest
from aiokafka import TopicPartition
from aiokafka.codec import has_gzip, has_lz4, has_snappy, has_zstd
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.consumer import Unreadable

TP = TopicPartition(Topic.ACTIONS, 2)


def batch(first: int) -> bytearray:
    """Return three records, as a broker keeps them from an offset on."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 10_000)
    for number in range(3):
        builder.append(number, 1, None, b"x" * 20, [])
    raw = bytearray(builder.build())
    raw[:8] = first.to_bytes(8, "big")
    return raw


def test_a_damaged_batch_is_told_with_its_place():
    """What is before it is read; the error names topic, partition and all its offsets."""
    whole, damaged = batch(40), batch(43)
    damaged[-3] ^= 1
    fetched = MemoryRecords(bytes(whole + damaged))
    records = fetcher.PartitionRecords(TP, fetched, [], 40, None, None, True, fetcher.READ_COMMITTED)  # noqa: FBT003
    assert [next(records).offset for _ in range(3)] == [40, 41, 42]
    with pytest.raises(
        Unreadable, match=r"ltrr\.actions, partition 2: the batch of offsets 43 to 45.*Invalid CRC"
    ) as told:
        next(records)
    assert (told.value.first, told.value.last) == (43, 45)


def test_all_codecs_are_installed():
    """Whatever producers compress by can be read."""
    assert all(has() for has in (has_gzip, has_lz4, has_snappy, has_zstd))
