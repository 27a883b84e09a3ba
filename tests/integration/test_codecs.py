"""Records that are compressed by any of Kafka's codecs, by another client than ours, are read as all others."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest
from confluent_kafka import Producer
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from ltrr.models.records.entity import Entity
from ltrr.retrievers.index.opening import open_index
from ltrr.streams.events.codec import encode_entity
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from tests.integration import traffic
from tests.integration.test_index_agent import agent, named, until
from tests.integration.test_replay import run, version_of
from tests.streams.states import assert_same

pytestmark = pytest.mark.servers
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
_FLUSHED_S = 60


def send(bootstrap: Brokers, codec: str, messages: Sequence[traffic.Sent]) -> None:
    """Send messages as a program with librdkafka does that compresses."""
    settings = {"compression.type": codec, "linger.ms": 50, "message.max.bytes": 10_000_000}
    producer = Producer({"bootstrap.servers": str(bootstrap), **settings})
    for message in messages:
        producer.produce(message.topic, message.value, key=b"", partition=message.partition)
    assert producer.flush(_FLUSHED_S) == 0


def change(bootstrap: Brokers, topic: Topic, setting: str, value: str) -> None:
    """Change a setting of a topic."""
    client = KafkaAdminClient(**bootstrap.client())
    try:
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {setting: value})])
        time.sleep(1.0)  # until the broker has heard of it from its controller
    finally:
        client.close()


def test_events_of_all_codecs_are_learned_replayed_and_exported(topics: Brokers, tmp_path: Path):
    """A worker and a replay have learned what the pure fold learns of them, and an export has every event."""
    live, again = version_of("codecs"), version_of("again")
    with traffic.Processes(topics, tmp_path, live) as processes, traffic.following(topics, live) as followed:
        worker = processes.worker("worker")
        sent = traffic.generate(41, 1_500, 1.0, time.time())
        for number, codec in enumerate(CODECS):
            send(topics, codec, sent.messages[number :: len(CODECS)])
        traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        assert worker.exit_code is None, worker.said()
        pure, letters = traffic.expected(topics)
        for mine, theirs in zip(pure, traffic.committed(topics, live), strict=True):
            assert_same(mine, theirs)
        assert set(traffic.letters_of(topics)) == letters
        replayed = run(processes, "again", "replay", "--into", again)
        assert (replayed["events"], replayed["resumed"]) == (sent.events, 0)
        exported = 0
        for topic in EVENT_TOPICS:
            process = processes.start(f"export-{topic.short}", "export", topic.short)
            traffic.wait_until(lambda ended=process: ended.exit_code is not None, 60, process.said)  # type: ignore[misc]
            exported += len(process.log.read_text().splitlines())
        assert exported == sent.events


def test_topics_may_compress_by_any_codec(topics: Brokers):
    """What a broker has compressed again, by `compression.type` of the topic, is read as it was sent."""
    values = [b"%s %s" % (codec.encode(), b"x" * 1_000) for codec in CODECS[1:]]
    for codec, value in zip(CODECS[1:], values, strict=True):
        change(topics, Topic.ACTIONS, "compression.type", codec)
        send(topics, "none", [traffic.Sent(0.0, Topic.ACTIONS, 0, value)])

    async def read() -> list[bytes]:
        async with KafkaReader(topics) as reader:
            return [record.value async for record in reader.read(Topic.ACTIONS, 0)]

    assert asyncio.run(read()) == values


@pytest.mark.parametrize("codec", CODECS)
def test_entities_of_a_codec_are_indexed(topics: Brokers, tmp_path: Path, codec: str):
    """The index agent takes over an entity that is compressed by it."""
    index = open_index(None)
    value = encode_entity(Entity("a", "artist", "Abba", version=1))

    async def story() -> None:
        async with agent(topics, index, uuid.uuid4().hex, tmp_path):
            send(topics, codec, [traffic.Sent(0.0, Topic.ENTITIES, 0, value)])
            await until(lambda: named(index, "a") == "Abba", f"an entity by {codec}")

    try:
        asyncio.run(story())
    finally:
        index.close()
