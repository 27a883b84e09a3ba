"""The messages of both event topics between two record timestamps, all partitions merged in the order of replay."""

import math
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from ltrr.models.errors import EngineFailed, InvalidInput
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.events.messages import Origin
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.cluster import offsets_at
from ltrr.streams.replay.merged_reader import MergedReader
from ltrr.streams.workers.learner import origin_of


async def kafka_stretch(
    bootstrap: Brokers, partitions: int, from_s: float, ends_s: Mapping[Topic, float]
) -> AsyncIterator[tuple[Origin, bytes | None]]:
    """Yield messages of Kafka. ends_s: the record timestamp at which each topic ends. Raises EngineFailed."""
    try:
        starts = offsets_at(bootstrap, partitions, from_s)
        ends = {topic: offsets_at(bootstrap, partitions, ends_s[topic]) for topic in EVENT_TOPICS}
        stretches = {
            TopicPartition(topic, partition): (starts[partition][topic.short], ends[topic][partition][topic.short])
            for topic in EVENT_TOPICS
            for partition in range(partitions)
        }
        async with MergedReader(bootstrap) as reader:
            async for records in reader.read(stretches):
                for record in records:
                    yield origin_of(record), record.value
    except KafkaError as error:
        raise EngineFailed("kafka", f"{bootstrap}: {error}") from error


async def embedded_stretch(
    folder: Path, from_s: float, ends_s: Mapping[Topic, float]
) -> AsyncIterator[tuple[Origin, bytes | None]]:
    """Yield messages of the embedded log of a data folder, of the topics in ends_s, whether or not a process uses it.

    Raises InvalidInput where there is no log, StorageFailed.
    """
    with open_to_read(folder, list(ends_s)) as log:
        starts: dict[str, int] = {topic: log.offset_at(topic, 0, from_s) for topic in ends_s}
        for record in log.read_merged(list(ends_s), 0, starts):
            if record.timestamp_s < ends_s[Topic(record.topic)]:
                origin = Origin(Topic(record.topic), record.partition, record.offset, record.timestamp_s)
                yield origin, record.value
            if record.timestamp_s >= max(ends_s.values(), default=math.inf):
                return


def open_to_read(folder: Path, topics: Sequence[Topic]) -> EmbeddedLog:
    """Open the log of a data folder, which another process may write to. Raises InvalidInput where there is none."""
    if not (folder / "log").is_dir():
        raise InvalidInput(f"there is no log in {folder}: set LTRR_DATA_DIR to a folder that was searched in")
    return EmbeddedLog(dict.fromkeys(map(str, topics), 1), folder / "log", read_only=True)
