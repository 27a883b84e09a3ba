"""The messages of both event topics between two record timestamps, all partitions merged in the order of replay."""

import math
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from models.errors import EngineFailed, InvalidInput
from streams.embedded_log import EmbeddedLog
from streams.kafka_reader import KafkaReader
from streams.messages import Origin
from streams.topics import EVENT_TOPICS, Topic


async def kafka_stretch(
    bootstrap: str, partitions: int, from_s: float, ends_s: Mapping[Topic, float]
) -> AsyncIterator[tuple[Origin, bytes | None]]:
    """Yield messages of Kafka. ends_s: the record timestamp at which each topic ends. Raises EngineFailed."""
    try:
        async with KafkaReader(bootstrap) as reader:
            stretches = {}
            for topic in EVENT_TOPICS:
                for partition in range(partitions):
                    first = await reader.offset_at(topic, partition, from_s)
                    stretches[TopicPartition(topic, partition)] = (
                        first,
                        await reader.offset_at(topic, partition, ends_s[topic]),
                    )
            async for record in reader.read_merged(stretches):
                origin = Origin(Topic(record.topic), record.partition, record.offset, record.timestamp / 1000)
                yield origin, record.value
    except KafkaError as error:
        raise EngineFailed("kafka", f"{bootstrap}: {error}") from error


async def embedded_stretch(
    folder: Path, from_s: float, ends_s: Mapping[Topic, float]
) -> AsyncIterator[tuple[Origin, bytes | None]]:
    """Yield messages of the embedded log of a data folder. Raises InvalidInput where there is none, StorageFailed."""
    if not (folder / "log").is_dir():
        raise InvalidInput(f"there is no log in {folder}: set LTRR_DATA_DIR to a folder that was searched in")
    with EmbeddedLog(dict.fromkeys(map(str, EVENT_TOPICS), 1), folder / "log") as log:
        for record in log.read_merged(list(map(str, EVENT_TOPICS)), 0):
            if from_s <= record.timestamp_s < ends_s[Topic(record.topic)]:
                origin = Origin(Topic(record.topic), record.partition, record.offset, record.timestamp_s)
                yield origin, record.value
            if record.timestamp_s >= max(ends_s.values(), default=math.inf):
                return
