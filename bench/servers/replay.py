"""`ltrr bench replay`: a replay on a real Kafka against the fold fed from memory, bare clients, and a live worker."""

import asyncio
import importlib
import importlib.util
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.error import URLError
from uuid import uuid4

import aiokafka
import numpy as np
from aiokafka import ConsumerRecord
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from ltrr.bench.core import union_page
from ltrr.bench.running.processes import LTRR
from ltrr.models.errors import EngineFailed, InvalidSettings
from ltrr.models.learning.fold import Fold
from ltrr.models.records.action import Action
from ltrr.models.state.learning import Learning
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.streams.events.codec import encode_action, encode_impression
from ltrr.streams.events.messages import Event, read_message
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.topics import EVENT_TOPICS, TOPICS, Topic
from ltrr.streams.kafka import admin, cluster
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.replay.merged_reader import MergedReader
from ltrr.streams.replay.rebuild import Rebuild
from ltrr.streams.versions.versions import Offsets
from ltrr.streams.workers.learner import origin_of

EVENTS: Final = 10_000
_ROUNDS: Final = 3
_ACTIONS: Final = 4  # for each impression
_PAGES_IN_MESSAGE: Final = 10  # some 200 KB
_ACTIONS_IN_MESSAGE: Final = 40
_ENOUGH: Final = 0.8
_WORKER: Final = (*LTRR, "worker")
_STARTED_S: Final = 60.0
_HAS_CONFLUENT: Final = importlib.util.find_spec("confluent_kafka") is not None


_CPU: Final = "processor time"


class _Took(NamedTuple):
    """Seconds that passed, and that the processor worked."""

    wall_s: float
    cpu_s: float


def run(seed: int = 0, events: int = EVENTS) -> BenchDocument:
    """Time a replay of unions of 50 candidates and clicks on them; needs a Kafka without ltrr's topics (LTRR_KAFKA)."""
    settings = load_settings()
    if settings.brokers is None:
        raise InvalidSettings("this bench needs a Kafka without ltrr's topics: set LTRR_KAFKA to its host:port")
    with own_topics(settings.brokers, settings.partitions):
        count = _fill(settings, settings.brokers, seed, events)
        rates = _measure(settings, settings.brokers, count)
    figures = {name: spread(values, "us" if name.startswith("us ") else "events/s") for name, values in rates.items()}
    for name in ("live worker", "memory"):
        pairs = zip(rates[f"us replay, {_CPU}"], rates[f"us {name}, {_CPU}"], strict=True)
        figures[f"replay / {name}"] = spread([theirs / mine for mine, theirs in pairs], "ratio")
    targets = [
        Target.above("replay / live worker", figures, 1.0),
        Target.above("replay / memory", figures, _ENOUGH),
    ]
    notes = [
        f"{count} events over {settings.partitions} partitions, {_ACTIONS} actions an impression; {_ROUNDS} rounds",
        "the ratios are of processor time an event: other load on the machine disturbs it least",
        "kafka-python and confluent decode the same messages with json, and do nothing with them",
    ]
    if not _HAS_CONFLUENT:
        notes.append("confluent-kafka is not installed: its figure is left out")
    return BenchDocument("replay", [seed], figures, targets, notes)


def _measure(settings: Settings, bootstrap: Brokers, events: int) -> dict[str, list[float]]:
    """Return the figures of each round."""
    rates: dict[str, list[float]] = {}
    learning = settings.learning(strategy_arms())
    ends = cluster.offsets_at(bootstrap, settings.partitions)
    start: Offsets = [{topic.short: 0 for topic in EVENT_TOPICS} for _ in ends]

    def note(name: str, took: _Took, count: float = events) -> None:
        rates.setdefault(name, []).append(count / took.wall_s)
        rates.setdefault(f"us {name}, {_CPU}", []).append(1e6 * took.cpu_s / count)

    for _ in range(_ROUNDS):
        version = f"bench-{uuid4().hex[:8]}"
        note("replay", _timed(lambda v=version: asyncio.run(Rebuild(bootstrap, learning, v, start, ends).run(_ignore))))  # type: ignore[misc]
        records = asyncio.run(_read(bootstrap, start, ends))
        note("memory", _timed(lambda r=records: _learn(r, learning)))  # type: ignore[misc]
        for name, value in _parts(records, learning).items():
            rates.setdefault(name, []).append(value)
        note("read and merged", _timed(lambda: asyncio.run(_read(bootstrap, start, ends))))
        note("kafka-python, decoded", _timed(lambda: _kafka_python(bootstrap, ends)))
        if _HAS_CONFLUENT:
            note("confluent, decoded", _timed(lambda: _confluent(bootstrap, ends)))
        note("live worker", *_live(bootstrap, f"live-{version}", events))
    return rates


async def _read(bootstrap: Brokers, start: Offsets, ends: Offsets) -> list[list[ConsumerRecord]]:
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


def _learn(partitions: Sequence[Sequence[ConsumerRecord]], learning: Learning) -> None:
    for records in partitions:
        fold = Fold(learning)
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


def _live(bootstrap: Brokers, version: str, events: int) -> tuple[_Took, float]:
    """Return what a worker takes from the first to the last event that it reports, and how many it learns then."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "LTRR_KAFKA": str(bootstrap), "LTRR_VERSION": version, "LTRR_DATA_DIR": folder}
        log = (Path(folder) / "log").open("w")
        started_s = time.monotonic()
        worker = subprocess.Popen([*_WORKER, "--metrics-port", str(port)], env=environment, stdout=log, stderr=log)  # noqa: S603  # our own
        try:
            first, began = _counted(port, 1, worker)
            last, ended = _counted(port, events, worker)
            if last == first:  # a log so short that the first look found all of it learned: its start counts too
                first, began = 0.0, _Took(started_s, 0.0)
        finally:
            worker.terminate()
            try:
                worker.wait(_STARTED_S)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
            log.close()
    return _Took(ended.wall_s - began.wall_s, ended.cpu_s - began.cpu_s), last - first


def _counted(port: int, least: int, worker: "subprocess.Popen[bytes]") -> tuple[float, _Took]:
    """Return how many events a worker has learned, at least so many, and the clocks then."""
    deadline_s = time.monotonic() + _STARTED_S + least / 100
    while time.monotonic() < deadline_s and worker.poll() is None:
        with suppress(URLError, ConnectionError):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                text = answer.read().decode()
            counted = sum(map(float, re.findall(r"^ltrr_events_total\{.*\} (\S+)$", text, re.MULTILINE)))
            if counted >= least:
                return counted, _Took(time.monotonic(), time.clock_gettime(_processor_clock(worker.pid)))
        time.sleep(0.05)
    raise EngineFailed("worker", f"a worker did not learn {least} events")


def _processor_clock(pid: int) -> int:
    """Return the clock of what a process has worked, in nanoseconds where /proc counts hundredths of a second.

    Source: Linux, clock_getcpuclockid(3); Python has that of threads only.
    """
    return (~pid << 3) | 2


@contextmanager
def own_topics(bootstrap: Brokers, partitions: int) -> Iterator[None]:
    """Make the topics, which must not be there, and remove them in the end."""
    if any(state.exists for state in admin.describe(bootstrap, partitions)):
        raise InvalidSettings(f"{bootstrap} has topics of ltrr, which a bench does not touch: give it an empty Kafka")
    admin.create(bootstrap, partitions)
    try:
        yield
    finally:
        client = KafkaAdminClient(**bootstrap.client())
        client.delete_topics(sorted(map(str, TOPICS)))
        client.close()


def _fill(settings: Settings, bootstrap: Brokers, seed: int, events: int) -> int:
    """Write pages and clicks on them, and return how many events."""
    rng = np.random.default_rng(seed)
    rules = settings.learning(strategy_arms()).rules
    batches: dict[tuple[Topic, int], list[bytes]] = {}
    producer = KafkaProducer(**bootstrap.client(), linger_ms=20)

    def put(topic: Topic, query_id: str, event: bytes, most: int) -> None:
        batch = batches.setdefault((topic, partition_of(query_id, settings.partitions)), [])
        batch.append(event)
        if len(batch) == most:
            send(topic, partition_of(query_id, settings.partitions))

    def send(topic: Topic, partition: int) -> None:
        producer.send(topic, b"[%s]" % b",".join(batches.pop((topic, partition))), partition=partition)

    pages = events // (1 + _ACTIONS)
    for number in range(pages):
        page = union_page(rng, rules, number, time.time())
        put(Topic.IMPRESSIONS, page.query_id, encode_impression(page), _PAGES_IN_MESSAGE)
        for place in range(_ACTIONS):
            action = Action(page.query_id, f"entity{place}", "click", page.time_s + 1)
            put(Topic.ACTIONS, page.query_id, encode_action(action), _ACTIONS_IN_MESSAGE)
    for topic, partition in list(batches):
        send(topic, partition)
    producer.flush()
    producer.close()
    return pages * (1 + _ACTIONS)


def spread(values: Sequence[float], unit: str) -> Figure:
    """Return the median; its interval is what was seen."""
    return Figure(float(np.median(values)), unit, min(values), max(values))


def _timed(work: Callable[[], object]) -> _Took:
    began = _Took(time.perf_counter(), time.process_time())
    work()
    return _Took(time.perf_counter() - began.wall_s, time.process_time() - began.cpu_s)


def _ignore(_: object) -> None:
    """Take no note of progress."""
