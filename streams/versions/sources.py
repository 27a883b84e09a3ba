"""Whether the event topics still are those that versions have learned from, and where they end."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple, TypeAlias

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from ltrr.models.errors import EngineFailed, SnapshotMismatch
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import start

_EVERY_S: Final = 5.0
_ANSWER_S: Final = 10.0
_SKEW_S: Final = 300.0
"""By which clocks of brokers may differ: a topic's record times go back by that where its leader changes."""


class Mark(NamedTuple):
    """How far a topic's partition was learned. offset: its next message; read_s: record time of the last, 0 unknown."""

    offset: int
    read_s: float = 0.0


Marks: TypeAlias = Sequence[Mapping[str, Mark]]
"""For each partition: topic, as a fold names it -> how far it was learned."""


class Seen(NamedTuple):
    """The event topics at one moment. ends: for each partition, topic -> its end.

    replaced: version -> why it can learn nothing more from them, and what to do, of those of which that is so.
    """

    ends: list[dict[str, int]]
    replaced: dict[str, str]


def unread(end: int, offset: int) -> int:
    """Return how many messages of a partition are not learned; all of one that ends before what was learned of it."""
    return end - offset if offset <= end else end


def replaced(
    version: str, reached: Marks, ends: Sequence[Mapping[str, int]], newer: Sequence[Mapping[str, int]]
) -> str | None:
    """Say of which topics what a version has learned is not there any more, and what to do; None where all is.

    newer: for each partition, topic -> the first offset recorded surely later than the last message that was learned;
    without those of which that is not known, or where nothing is that new.
    """
    wrong: dict[str, str] = {}
    for partition, of_topics in enumerate(reached):
        for topic, (offset, _) in of_topics.items():
            end, first = ends[partition][topic], newer[partition].get(topic, offset)
            if end < offset:
                wrong.setdefault(topic, f"partition {partition} ends at {end}, and {offset} were read of it")
            elif first < offset:
                wrong.setdefault(topic, f"partition {partition} has newer messages from {first} on, before {offset}")
    if not wrong:
        return None
    told = "; ".join(f"ltrr.{topic} ({how})" for topic, how in wrong.items())
    return (
        f"version {version} was learned from other topics than there are: {told}, as after they were deleted and made "
        "again, or restored from a backup; nothing of them would be learned. `ltrr replay --into NAME` learns what "
        "they hold into a version of its own: run workers with LTRR_VERSION=NAME, and `ltrr policy promote NAME`"
    )


async def look(bootstrap: Brokers, partitions: int, reached: Mapping[str, Marks]) -> Seen:
    """Look at the event topics once. reached: version -> how far it was learned. Raises EngineFailed."""
    consumer = _consumer(bootstrap)
    try:
        await start(consumer)
        return await _look(consumer, partitions, reached)
    except (KafkaError, TimeoutError) as error:
        raise EngineFailed("kafka", f"the ends of the event topics cannot be read: {error}") from error
    finally:
        await consumer.stop()


async def check_sources(bootstrap: Brokers, partitions: int, version: str, reached: Marks) -> None:
    """Make sure that the event topics are those that a version has learned from. Raises SnapshotMismatch."""
    found = (await look(bootstrap, partitions, {version: reached})).replaced
    if found:
        raise SnapshotMismatch(found[version])


class Sources:
    """Looks at the event topics every few seconds, as long as `run` runs.

    reached: returns version -> how far it was learned; told: called after each look, and may raise, which ends `run`.
    seen: what was found last, None before.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        partitions: int,
        reached: Callable[[], Mapping[str, Marks]],
        told: Callable[[Seen], None] = lambda _: None,
    ) -> None:
        self.seen: Seen | None = None
        self._bootstrap = bootstrap
        self._partitions = partitions
        self._reached = reached
        self._told = told

    async def run(self) -> None:
        """Look until cancelled; where Kafka is away, it is tried again."""
        consumer = _consumer(self._bootstrap)
        is_started = False
        try:
            while True:
                with suppress(KafkaError, TimeoutError):  # see Reach
                    if not is_started:
                        await start(consumer)
                        is_started = True
                    self._take(await _look(consumer, self._partitions, self._reached()))
                if not is_started:
                    consumer = _consumer(self._bootstrap)
                await asyncio.sleep(_EVERY_S)
        finally:
            await consumer.stop()

    def _take(self, seen: Seen) -> None:
        self.seen = seen
        self._told(seen)


def _consumer(bootstrap: Brokers) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(**bootstrap.client(), enable_auto_commit=False)


async def _look(consumer: AIOKafkaConsumer, partitions: int, reached: Mapping[str, Marks]) -> Seen:
    """Return what there is. Raises KafkaError, TimeoutError.

    reached: as it was before this is called: what was learned by then, the topics held by then.
    """
    tps = {TopicPartition(topic, number): topic for topic in EVENT_TOPICS for number in range(partitions)}
    ends: list[dict[str, int]] = [{} for _ in range(partitions)]
    async with asyncio.timeout(_ANSWER_S):
        for tp, end in (await consumer.end_offsets(list(tps))).items():
            ends[tp.partition][tps[tp].short] = end
        told = {
            version: replaced(version, learned, ends, await _newer(consumer, learned))
            for version, learned in reached.items()
        }
    return Seen(ends, {version: why for version, why in told.items() if why is not None})


async def _newer(consumer: AIOKafkaConsumer, reached: Marks) -> list[dict[str, int]]:
    times = {
        TopicPartition(Topic(f"ltrr.{topic}"), partition): int((read_s + _SKEW_S) * 1000)
        for partition, of_topics in enumerate(reached)
        for topic, (_, read_s) in of_topics.items()
        if read_s > 0
    }
    found: list[dict[str, int]] = [{} for _ in reached]
    for tp, at in (await consumer.offsets_for_times(times)).items() if times else ():
        if at is not None:
            found[tp.partition][Topic(tp.topic).short] = at.offset
    return found
