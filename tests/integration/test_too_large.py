"""What is too large for Kafka, or for a reader, costs itself alone, or is told with what to do."""

import asyncio
import json
import random
import time
import uuid
from pathlib import Path

import pytest

from ltrr.models.errors import EngineFailed
from ltrr.models.records.entity import Entity
from ltrr.models.state.records import RecordKey
from ltrr.retrievers.index.opening import open_index
from ltrr.streams.events.codec import encode_entity
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from ltrr.streams.state.partition_store import PartitionStore, TooLarge, read_records
from tests.integration import traffic
from tests.integration.test_codecs import change, send
from tests.integration.test_index_agent import agent, named, until
from tests.integration.test_replay import version_of

pytestmark = pytest.mark.servers
BAD = random.Random(1).randbytes(990_000)  # noqa: S311  # a draw, no secret


def letters(bootstrap: Brokers) -> list[dict[str, object]]:
    """Return the dead letters."""

    async def read() -> list[dict[str, object]]:
        async with KafkaReader(bootstrap) as reader:
            return [json.loads(letter.value) async for letter in reader.read(Topic.DEADLETTER, 0)]

    return asyncio.run(read())


def test_a_large_message_of_another_program_holds_nobody_up(topics: Brokers, tmp_path: Path):
    """Bytes that are no event, as many as a topic takes: a dead letter, and what comes behind them is learned."""
    version = version_of("large")
    with traffic.Processes(topics, tmp_path, version) as processes, traffic.following(topics, version) as followed:
        worker = processes.worker("worker")
        for codec, value in (("none", BAD), ("gzip", b"[" * 3_000_000)):
            send(topics, codec, [traffic.Sent(0.0, Topic.ACTIONS, 2, value)])
        traffic.send(topics, traffic.generate(7, 300, 1.0, time.time()).messages)
        traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        assert worker.exit_code is None, worker.said()
    found = [one for one in letters(topics) if one["reason"] == "too_large"]
    assert sorted(one["bytes"] for one in found) == [len(BAD), 3_000_000]  # type: ignore[type-var]  # numbers


def test_a_large_record_among_entities_holds_no_index_up(topics: Brokers, tmp_path: Path):
    """The agent writes a dead letter, and takes over what comes behind it."""
    index = open_index(None)
    good = encode_entity(Entity("a", "artist", "Abba", version=1))

    async def story() -> None:
        async with agent(topics, index, uuid.uuid4().hex, tmp_path) as running:
            send(topics, "none", [traffic.Sent(0.0, Topic.ENTITIES, 0, value) for value in (BAD, good)])
            await until(lambda: named(index, "a") == "Abba", "the entity behind it")
            await running.caught_up()

    try:
        asyncio.run(story())
    finally:
        index.close()
    (letter,) = letters(topics)
    assert (letter["topic"], letter["reason"], letter["bytes"]) == (Topic.ENTITIES, "too_large", len(BAD))


def test_what_a_topic_does_not_take_is_not_half_written(topics: Brokers):
    """A record over the topic's bound is told by name; nothing of its transaction is kept, nor of any later one."""
    change(topics, Topic.MEMORY, "max.message.bytes", "20000")
    small, large = RecordKey("progress"), RecordKey("query", "default", "a long memory")

    async def story() -> dict[RecordKey, bytes]:
        store = PartitionStore(topics, "v1", 0)
        await store.open()
        try:
            await store.write({small: b"before"}, [])
            with pytest.raises(
                TooLarge, match=r"ltrr\.memory does not take its record .*a long memory.* of 50,000 bytes"
            ):
                await store.write({small: b"after", large: b"x" * 50_000}, [])
            with pytest.raises(EngineFailed, match="the state was not written"):
                await store.write({small: b"later", large: b"x"}, [])
        finally:
            await store.close()
        return await read_records(topics, "v1", 0)

    assert asyncio.run(story()) == {small: b"before"}
