"""Traffic for real workers: seeded events with all that goes wrong, the processes, what they should have learned."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from kafka import KafkaProducer

from ltrr.bench.running import exactness
from ltrr.bench.running import processes as running
from ltrr.models.learning.fold import Fold
from ltrr.models.state.learning import Learning
from ltrr.models.state.state import State, merge
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.codec import encode_impression
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from ltrr.streams.state.follower import Follower
from ltrr.streams.state.keys import STATE_TOPICS, decode_key
from tests.models.logs import impression

PARTITIONS = 4
BATCH = 20
_BUSY = 3.0
_ANSWER_S = 60.0
Answer = TypeVar("Answer")
_RENAMED = {b"alpha": b"fulltext", b"beta": b"fuzzy", b"gamma": b"popular"}
_ID, _TIME_S = "@the id@", 1_000_000_000.0
SETTINGS = {  # a short window: pages are forgotten, and warmed up again, within a test
    "arms": ["fulltext", "fuzzy", "popular"],
    "ladder": [0, 2, 4],
    "join_window_s": 20.0,
    "late_s": 3.0,
    "half_life_s": 3600.0,
    "partitions": PARTITIONS,
}


def learning() -> Learning:
    """Return what workers with `SETTINGS` learn."""
    return Settings(**SETTINGS).learning(strategy_arms())  # type: ignore[arg-type]  # pydantic checks the values


class Sent(NamedTuple):
    """One Kafka message. at_s: when it is to be sent, since the start."""

    at_s: float
    topic: Topic
    partition: int
    value: bytes


@dataclass(frozen=True)
class Traffic:
    """Messages in sending order. bad: how many events in them cannot be learned."""

    messages: Sequence[Sent]
    events: int
    bad: int


class _Events:
    """Events before they are put together in messages."""

    def __init__(self, rng: np.random.Generator, span_s: float) -> None:
        self.rng = rng
        self.bad = 0
        self.rows: dict[tuple[Topic, int], list[tuple[float, bytes]]] = {}
        self._span_s = span_s

    def put(self, topic: Topic, query_id: str, at_s: float, value: bytes) -> None:
        """Take an event; now and then again, or on a wrong partition as well."""
        at_s = float(np.clip(at_s, 0.0, self._span_s))
        partition = partition_of(query_id, PARTITIONS)
        self._add(topic, partition, at_s, value)
        if self.rng.random() < 0.1:
            later_s = float(self.rng.choice([0.0, 1.0, 5.0]))
            self._add(topic, partition, min(at_s + later_s, self._span_s), value)
        chance = self.rng.random()
        if chance < 0.004:
            self.bad += 1
            self._add(topic, (partition + 1) % PARTITIONS, at_s, value)
        elif chance < 0.01:
            self.bad += 1
            poison = [b'{"timestamp": "yesterday"}', b"17", b'{"query_id": [1]}', b"null"]
            self._add(topic, partition, at_s, poison[self.rng.integers(len(poison))])

    def _add(self, topic: Topic, partition: int, at_s: float, value: bytes) -> None:
        self.rows.setdefault((topic, partition), []).append((at_s, value))


def generate(seed: int, events: int, span_s: float, start_s: float) -> Traffic:
    """Return some `events` or a few more, sent over span_s. start_s: the broker's clock when the sending starts."""
    rng = np.random.default_rng(seed)
    pages = [_template(rng) for _ in range(150)]
    drawn = _Events(rng, span_s)
    while sum(map(len, drawn.rows.values())) < events:
        query_id = f"q{seed}-{rng.integers(1 << 60)}"
        shown_s = float(rng.uniform(0, span_s))
        first, objects = pages[rng.integers(len(pages))]
        late_s = float(rng.choice([0.0, 2.0, 30.0, -10.0], p=[0.9, 0.06, 0.02, 0.02]))
        drawn.put(Topic.IMPRESSIONS, query_id, shown_s, _page(first, query_id, start_s + shown_s - late_s, 1))
        if rng.random() < 0.2:
            page, more = pages[rng.integers(len(pages))]
            ahead_s = float(rng.choice([-0.5, 1.0, 4.0]))
            second = _page(page, query_id, start_s + shown_s + ahead_s, 2)
            drawn.put(Topic.IMPRESSIONS, query_id, shown_s + ahead_s, second)
            objects = [*objects, *more]
        for _ in range(rng.integers(1, 6)):
            after_s = float(rng.choice([-1.0, 0.1, 1.0, 5.0, 15.0, 22.0, 28.0]))
            moved_s = float(rng.choice([0.0, 0.0, 0.0, 30.0]))
            action = {
                "query_id": query_id if rng.random() < 0.95 else f"never searched {rng.integers(1 << 60)}",
                "action_name": str(rng.choice(["click", "like", "hover"], p=[0.6, 0.3, 0.1])),
                "timestamp": start_s + shown_s + after_s + moved_s,
                "event_attributes": {"object": {"object_id": str(rng.choice([*objects, "never shown"]))}},
            }
            drawn.put(Topic.ACTIONS, str(action["query_id"]), shown_s + after_s, json.dumps(action).encode())
    messages, count = [], 0
    for (topic, partition), rows in drawn.rows.items():
        rows.sort(key=lambda row: row[0])
        count += len(rows)
        at = 0
        while at < len(rows):
            size = int(rng.integers(1, BATCH + 1))
            batch = [value for _, value in rows[at : at + size]]
            messages.append(Sent(rows[min(at + size, len(rows)) - 1][0], topic, partition, _message(batch)))
            at += size
    return Traffic(sorted(messages, key=lambda m: m.at_s), count, drawn.bad)


def _message(batch: list[bytes]) -> bytes:
    return b"[" + b",".join(batch) + b"]"


def _template(rng: np.random.Generator) -> tuple[bytes, list[str]]:
    page = impression(rng, _ID, _TIME_S)
    raw = encode_impression(page)
    for name, ours in _RENAMED.items():
        raw = raw.replace(name, ours)
    return raw, list(page.looks())


def _page(template: bytes, query_id: str, time_s: float, page: int) -> bytes:
    raw = template.replace(_ID.encode(), query_id.encode())
    raw = raw.replace(b'"timestamp":"2001-09-09T01:46:40.000Z"', b'"timestamp":%.6f' % time_s)
    return raw if page == 1 else raw.replace(b'"page_size"', b'"page":%d,"page_size"' % page)


def send(bootstrap: Brokers, messages: Sequence[Sent], *, paced: bool = True) -> float:
    """Send messages at their times, or at once; return the seconds until Kafka has acknowledged all."""
    began_s = time.monotonic()
    producer = KafkaProducer(**bootstrap.client(), linger_ms=5, metrics_enabled=False)
    try:
        futures = []
        for message in messages:
            wait_s = message.at_s - (time.monotonic() - began_s)
            if paced and wait_s > 0.005:
                time.sleep(wait_s)
            futures.append(producer.send(message.topic, message.value, partition=message.partition))
        producer.flush(60)
        for future in futures:
            future.get(0)
    finally:
        producer.close()
    return time.monotonic() - began_s


def variables(bootstrap: Brokers) -> dict[str, str]:
    """Return the variables that say where Kafka is and how connections to it are secured."""
    security = bootstrap.security
    told = {"LTRR_KAFKA": str(bootstrap), "LTRR_KAFKA_SECURITY_PROTOCOL": str(security.protocol)}
    if security.ca is not None:
        told["LTRR_KAFKA_CA"] = str(security.ca)
    if security.login is not None:
        told |= {
            "LTRR_KAFKA_SASL_MECHANISM": str(security.login.mechanism),
            "LTRR_KAFKA_USER": security.login.user,
            "LTRR_KAFKA_PASSWORD": security.login.password,
        }
    return told


class Processes(running.Processes):
    """Starts `ltrr` processes of one version; a context that ends them all."""

    def __init__(self, bootstrap: Brokers, folder: Path, version: str) -> None:
        own = {f"LTRR_{name.upper()}": v if isinstance(v, str) else json.dumps(v) for name, v in SETTINGS.items()}
        told = {"LTRR_VERSION": version, "LTRR_DATA_DIR": str(folder / "data")}
        super().__init__(folder, own | variables(bootstrap) | told)


class Following:
    """A follower in a thread of its own, in which it is asked: its state is for those who run beside it as tasks."""

    def __init__(self, bootstrap: Brokers, version: str) -> None:
        self.bootstrap = bootstrap
        self._follower = Follower(bootstrap, learning(), version, PARTITIONS)
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._follower.run())
        self._thread = threading.Thread(target=self._run, name="following")
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    def offsets(self) -> list[dict[str, int]]:
        """Return the absorbed offsets of each partition."""
        return self.ask(Follower.offsets)

    @property
    def revision(self) -> int:
        """Return how many messages the state has absorbed."""
        return self.ask(lambda follower: follower.revision)

    def ask(self, question: Callable[[Follower], Answer]) -> Answer:
        """Return what the follower answers, between two batches of records."""

        async def asked() -> Answer:
            return question(self._follower)

        return asyncio.run_coroutine_threadsafe(asked(), self._loop).result(_ANSWER_S)

    def close(self) -> State:
        """End it, and return the sum of what it has."""
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(20)
        assert not self._thread.is_alive(), "the follower does not end"
        return self._follower.state()


@contextmanager
def following(bootstrap: Brokers, version: str) -> Iterator[Following]:
    """Follow a version."""
    found = Following(bootstrap, version)
    try:
        yield found
    finally:
        if found._thread.is_alive():
            found.close()


def wait_until(true: Callable[[], bool], limit_s: float, what: Callable[[], str] | str) -> float:
    """Wait until something holds; return the seconds it took.

    limit_s: what is enough on a quiet machine; another test may run beside this one. what: told where it does not.
    """
    began_s = time.monotonic()
    while not true():
        if time.monotonic() - began_s > _BUSY * limit_s:
            raise AssertionError(f"not within {_BUSY * limit_s:.0f} s: {what if isinstance(what, str) else what()}")
        time.sleep(0.02)
    return time.monotonic() - began_s


def wait_absorbed(followed: Following, ends: list[dict[str, int]], limit_s: float) -> float:
    """Wait until all messages below `ends` are in the followed state: the offsets, then all committed with them."""

    def done() -> bool:
        return followed.offsets() == ends

    began_s = time.monotonic()
    wait_until(done, limit_s, lambda: f"absorbed {followed.offsets()} of {ends}")
    wait_until(lambda: asyncio.run(_all_committed(followed.bootstrap)), limit_s, "a transaction is not ended")
    records = asyncio.run(_records(followed.bootstrap, STATE_TOPICS))
    last = {tp: rows[-1].offset + 1 for tp, rows in records.items() if rows}

    def read() -> bool:
        positions = followed.ask(lambda follower: dict(follower.positions))
        return all(positions.get(tp, 0) >= end for tp, end in last.items())

    wait_until(read, limit_s, "records of the state are committed and not followed")
    return time.monotonic() - began_s


async def _all_committed(bootstrap: Brokers) -> bool:
    """Return whether no transaction is open on the topics of state: one ends on each partition at a time of its own."""
    tps = [TopicPartition(topic, partition) for topic in STATE_TOPICS for partition in range(PARTITIONS)]
    ends = []
    for isolation in ("read_committed", "read_uncommitted"):
        async with AIOKafkaConsumer(**bootstrap.client(), isolation_level=isolation) as consumer:
            ends.append(await consumer.end_offsets(tps))
    return bool(ends[0] == ends[1])


async def _records(bootstrap: Brokers, topics: Sequence[Topic]) -> dict[TopicPartition, list[ConsumerRecord]]:
    """Return the committed records that each partition of topics holds now, topic by topic."""
    async with KafkaReader(bootstrap) as reader:
        return {
            TopicPartition(topic, partition): [record async for record in reader.read(topic, partition)]
            for topic in topics
            for partition in range(PARTITIONS)
        }


def ends(bootstrap: Brokers) -> list[dict[str, int]]:
    """Return the end offsets of the event topics for each partition, as a fold names them."""
    records = asyncio.run(exactness.logged(bootstrap, PARTITIONS))
    return [
        {t.short: 1 + max((r.offset for r in rows if r.topic == t), default=-1) for t in EVENT_TOPICS}
        for rows in records
    ]


def expected(bootstrap: Brokers) -> tuple[list[Fold], set[tuple[str, int, int, int, str]]]:
    """Return the pure fold of each partition, and the dead letters: topic, partition, offset, index, reason."""
    pure = exactness.learn(asyncio.run(exactness.logged(bootstrap, PARTITIONS)), learning())
    letters = {
        (str(one.origin.topic), one.origin.partition, one.origin.offset, one.index, str(one.reason))
        for one in pure.letters
    }
    return pure.folds, letters


def committed(bootstrap: Brokers, version: str, learned_under: Learning | None = None) -> list[Fold]:
    """Return the state of each partition as its committed records on the compacted topics have it."""
    folds = [Fold(learned_under or learning()) for _ in range(PARTITIONS)]
    for tp, records in asyncio.run(_records(bootstrap, STATE_TOPICS)).items():
        for record in records:
            key = decode_key(record.key)
            if key is not None and key.version == version:
                assert key.partition == tp.partition
                if record.value is None:
                    folds[tp.partition].forget(key.record)
                else:
                    folds[tp.partition].read(key.record, record.value)
    return folds


def record_counts(bootstrap: Brokers, topics: Sequence[Topic]) -> list[int]:
    """Return how many committed records each partition of topics holds now."""
    return list(map(len, asyncio.run(_records(bootstrap, topics)).values()))


def letters_of(bootstrap: Brokers) -> list[tuple[str, int, int, int, str]]:
    """Return the committed dead letters: topic, partition, offset, index, reason."""

    async def read() -> list[tuple[str, int, int, int, str]]:
        async with KafkaReader(bootstrap) as reader:
            found = [json.loads(record.value) async for record in reader.read(Topic.DEADLETTER, 0)]
        return [tuple(one[name] for name in ("topic", "partition", "offset", "index", "reason")) for one in found]

    return asyncio.run(read())


def total(folds: Sequence[Fold]) -> State:
    """Return the sum of partitions."""
    return merge((fold.state for fold in folds), learning())
