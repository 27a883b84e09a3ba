"""`ltrr bench replay`: a replay on a real Kafka against the fold fed from memory, bare clients, and a live worker."""

import asyncio
import importlib
import importlib.util
import json
import time
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import aiokafka
from aiokafka import ConsumerRecord
from kafka import KafkaConsumer, TopicPartition

from ltrr.bench.running.consumers import Took, reading, timed
from ltrr.bench.running.topics import Mix, fill, on_kafka, own_topics
from ltrr.models.learning.fold import Fold
from ltrr.models.state.learning import Learning
from ltrr.serving.processes.garbage import short_collections
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.streams.events.messages import Event, read_message
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka import cluster
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.replay.merged_reader import MergedReader
from ltrr.streams.replay.rebuild import Rebuild
from ltrr.streams.versions.versions import Offsets
from ltrr.streams.workers.learner import origin_of

EVENTS: Final = 10_000
_ROUNDS: Final = 5
_MIX: Final = Mix()
_ENOUGH: Final = 0.8
_REPLAYED_US: Final = 130.0
_HAS_CONFLUENT: Final = importlib.util.find_spec("confluent_kafka") is not None


_CPU: Final = "processor time"


def run(seed: int = 0, events: int = EVENTS, rounds: int = _ROUNDS) -> BenchDocument:
    """Time a replay of unions of 50 candidates and clicks on them; needs a Kafka without ltrr's topics (LTRR_KAFKA)."""
    settings, bootstrap = on_kafka()
    with own_topics(bootstrap, settings.partitions), short_collections():  # as the command
        count, _ = fill(settings, bootstrap, seed, events, _MIX)
        rates = _measure(settings, bootstrap, count, rounds)
    figures = {
        name: Figure.spread(values, "us" if name.startswith("us ") else "events/s") for name, values in rates.items()
    }
    for name in ("live worker", "memory"):
        pairs = zip(rates[f"us replay, {_CPU}"], rates[f"us {name}, {_CPU}"], strict=True)
        figures[f"replay / {name}"] = Figure.spread([theirs / mine for mine, theirs in pairs], "ratio")
    targets = [
        Target.above("replay / live worker", figures, 1.0),
        Target.above("replay / memory", figures, _ENOUGH),
        Target.below(f"us replay, {_CPU}", figures, _REPLAYED_US),
    ]
    notes = [
        f"{count} events over {settings.partitions} partitions, {_MIX.actions} actions an impression; {rounds} rounds",
        "the ratios are of processor time an event: other load on the machine disturbs it least",
        "kafka-python and confluent decode the same messages with json, and do nothing with them",
    ]
    if not _HAS_CONFLUENT:
        notes.append("confluent-kafka is not installed: its figure is left out")
    tabled = [name for name in figures if "/" in name or name.startswith(("us replay", "replay", "live"))]
    return BenchDocument("replay", [seed], figures, targets, notes, tabled)


def _measure(settings: Settings, bootstrap: Brokers, events: int, rounds: int) -> dict[str, list[float]]:
    """Return the figures of each round."""
    rates: dict[str, list[float]] = {}
    learning = settings.learning(strategy_arms())
    ends = cluster.offsets_at(bootstrap, settings.partitions)
    start: Offsets = [{topic.short: 0 for topic in EVENT_TOPICS} for _ in ends]

    def note(name: str, took: Took) -> None:
        rates.setdefault(name, []).append(events / took.wall_s)
        rates.setdefault(f"us {name}, {_CPU}", []).append(1e6 * took.cpu_s / events)

    for _ in range(rounds):
        version = f"bench-{uuid4().hex[:8]}"
        note("replay", timed(lambda v=version: asyncio.run(Rebuild(bootstrap, learning, v, start, ends).run(_ignore))))  # type: ignore[misc]
        records = asyncio.run(read(bootstrap, start, ends))
        note("memory", timed(lambda r=records: learn(r, learning)))  # type: ignore[misc]
        for name, value in _parts(records, learning).items():
            rates.setdefault(name, []).append(value)
        note("read and merged", timed(lambda: asyncio.run(read(bootstrap, start, ends))))
        note("kafka-python, decoded", timed(lambda: _kafka_python(bootstrap, ends)))
        if _HAS_CONFLUENT:
            note("confluent, decoded", timed(lambda: _confluent(bootstrap, ends)))
        note("live worker", reading("ltrr", bootstrap, settings.partitions, events))
    return rates


async def read(bootstrap: Brokers, start: Offsets, ends: Offsets) -> list[list[ConsumerRecord]]:
    """Return the messages of each partition, both topics merged."""
    async with MergedReader(bootstrap) as reader:
        return [
            [record async for batch in reader.read(_stretches(partition, start, ends)) for record in batch]
            for partition in range(len(ends))
        ]


def _stretches(partition: int, start: Offsets, ends: Offsets) -> dict[aiokafka.TopicPartition, tuple[int, int]]:
    return {
        aiokafka.TopicPartition(topic, partition): (start[partition][topic.short], ends[partition][topic.short])
        for topic in EVENT_TOPICS
    }


def learn(partitions: Sequence[Sequence[ConsumerRecord]], learning: Learning) -> None:
    """Decode and learn the messages of each partition, and nothing else."""
    for records in partitions:
        fold = Fold(learning, tells=False)
        for record in records:
            _absorb(fold, record, read_message(origin_of(record), record.value, len(partitions))[0])


def _parts(partitions: Sequence[Sequence[ConsumerRecord]], learning: Learning) -> dict[str, float]:
    """Return what one event costs to decode, and to learn, in microseconds."""
    seconds: dict[str, float] = {}
    events: dict[str, int] = {}
    for records in partitions:
        fold = Fold(learning)
        for record in records:
            kind = "impression of 50" if record.topic == Topic.IMPRESSIONS else "action"
            began_s = time.perf_counter()
            read = read_message(origin_of(record), record.value, len(partitions))[0]
            decoded_s = time.perf_counter()
            _absorb(fold, record, read)
            for name, took_s in (("decoded", decoded_s - began_s), ("learned", time.perf_counter() - decoded_s)):
                seconds[f"us {kind} {name}"] = seconds.get(f"us {kind} {name}", 0.0) + took_s
                events[f"us {kind} {name}"] = events.get(f"us {kind} {name}", 0) + len(read)
    return {name: 1e6 * took_s / events[name] for name, took_s in seconds.items()}


def _absorb(fold: Fold, record: ConsumerRecord, events: list[Event]) -> None:
    absorb: Any = fold.absorb_impressions if record.topic == Topic.IMPRESSIONS else fold.absorb_actions
    absorb(record.offset, record.timestamp / 1000, events)


def _kafka_python(bootstrap: Brokers, ends: Offsets) -> None:
    consumer = KafkaConsumer(**bootstrap.client(), enable_auto_commit=False, auto_offset_reset="earliest")
    left = {TopicPartition(topic, p): end[topic.short] for p, end in enumerate(ends) for topic in EVENT_TOPICS}
    consumer.assign(list(left))
    consumer.seek_to_beginning()
    while any(consumer.position(tp) < end for tp, end in left.items()):
        for records in consumer.poll(500).values():
            for record in records:
                json.loads(record.value)
    consumer.close()


def _confluent(bootstrap: Brokers, ends: Offsets) -> None:
    confluent = importlib.import_module("confluent_kafka")
    consumer = confluent.Consumer(
        {"bootstrap.servers": str(bootstrap), "group.id": "ltrr-bench", "enable.auto.commit": False}
    )
    parts = [(topic, p, end[topic.short]) for p, end in enumerate(ends) for topic in EVENT_TOPICS]
    consumer.assign([confluent.TopicPartition(topic, p, 0) for topic, p, _ in parts])
    left = sum(end for *_, end in parts)
    while left:
        for message in consumer.consume(500, 0.5):
            json.loads(message.value())
            left -= 1
    consumer.close()


def _ignore(_: object) -> None:
    """Take no note of progress."""
