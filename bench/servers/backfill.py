"""`ltrr bench backfill`: a long replay beside live workers and kills, and the memory that it takes on the way."""

import asyncio
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from ltrr.bench.core import union_page
from ltrr.bench.running.exactness import difference
from ltrr.bench.running.processes import LTRR, resident_bytes
from ltrr.bench.running.topics import on_kafka, own_topics
from ltrr.models.errors import EngineFailed
from ltrr.models.records.action import Action
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.streams.events.codec import encode_action, encode_impression
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka import admin, cluster
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.replay.rebuild import Advance, Rebuild, Rebuilt
from ltrr.streams.state.partition_store import read_records
from ltrr.streams.versions.promotion import read_board
from ltrr.streams.versions.versions import Board, Offsets

EVENTS: Final = 200_000
_SPAN_S: Final = 86_400.0  # of log time: as if they had come in over a day
_ACTIONS: Final = 4  # for each impression
_UNION: Final = 12
_TEMPLATES: Final = 200
_IN_MESSAGE: Final = 20
_KILLS: Final = (0.2, 0.5, 0.8)
_QUARTERS: Final = 4
_GROWN: Final = 1.1
_ROUNDED: Final = 1e-9
_ID: Final = "@the id@"
_TIME_S: Final = 1_000_000_000.0
_TIME: Final = b'"timestamp":"2001-09-09T01:46:40.000Z"'
_SLOWEST: Final = 50  # events a second, before a bench is given up
_LIVE, _ONCE, _KILLED = "bench-live", "bench-once", "bench-killed"


def run(seed: int = 0, events: int = EVENTS) -> BenchDocument:
    """Learn a day's log with a worker, a replay, and one that is killed; needs a Kafka without ltrr's topics."""
    settings, bootstrap = on_kafka()
    partitions = settings.partitions
    with own_topics(bootstrap, partitions):
        count = _fill(settings, bootstrap, seed, events)
        resident, rebuilt, took_s = _replay(settings, bootstrap)
        live_rate = _live(bootstrap, partitions, count)
        digest, resumed = _killed(bootstrap, partitions, rebuilt.revision, count)
        differ, largest = asyncio.run(_compare(bootstrap, partitions))
    figures = {f"resident, quarter {number}": _one(mb, "MB") for number, mb in enumerate(resident, 1)}
    figures |= {
        "largest later / first quarter": _one(max(resident[1:]) / resident[0], "ratio"),
        "replay": _one(count / took_s, "events/s"),
        "live worker": _one(live_rate, "events/s"),
        "counts that differ from live": _one(differ, "records"),
        "largest difference from live": _one(largest, "ratio"),
        "messages kept over kills": _one(resumed, "messages"),
        "same digest after kills": _one(float(digest == rebuilt.digest), "yes=1"),
    }
    targets = [
        Target.below("largest later / first quarter", figures, _GROWN),
        Target.below("counts that differ from live", figures, 1.0),
        Target.below("largest difference from live", figures, _ROUNDED),
        Target.above("same digest after kills", figures, 0.5),
    ]
    notes = [
        f"{count} events over {partitions} partitions, in the log as of {_SPAN_S / 3600:.0f} hours; unions of {_UNION}",
        f"{len(_KILLS)} kills (SIGKILL), at {', '.join(f'{part:.0%}' for part in _KILLS)}; digest {rebuilt.digest}",
        "resident: the most in each quarter of the log; partitions are learned one after the other",
    ]
    return BenchDocument("backfill", [seed], figures, targets, notes)


def _fill(settings: Settings, bootstrap: Brokers, seed: int, events: int) -> int:
    """Write pages and clicks on them as if they had come in over a day, and return how many events."""
    rng = np.random.default_rng(seed)
    rules = settings.learning(strategy_arms()).rules
    templates = [encode_impression(union_page(rng, rules, n, _TIME_S, _UNION)) for n in range(_TEMPLATES)]
    templates = [raw.replace(f'"q{n}"'.encode(), f'"{_ID}"'.encode()) for n, raw in enumerate(templates)]
    batches: dict[tuple[Topic, int], list[bytes]] = {}
    pages = events // (1 + _ACTIONS)
    start_s = time.time() - _SPAN_S - 3600
    with _stamped_by_us(bootstrap, settings.partitions):
        producer = KafkaProducer(**bootstrap.client(), linger_ms=20, metrics_enabled=False)

        def put(topic: Topic, query_id: str, event: bytes, at_s: float) -> None:
            place = topic, partition_of(query_id, settings.partitions)
            batch = batches.setdefault(place, [])
            batch.append(event)
            if len(batch) == _IN_MESSAGE:
                send(place, at_s)

        def send(place: tuple[Topic, int], at_s: float) -> None:
            value = b"[%s]" % b",".join(batches.pop(place))
            producer.send(place[0], value, partition=place[1], timestamp_ms=int(at_s * 1000))

        at_s = start_s
        for number in range(pages):
            at_s = start_s + _SPAN_S * number / pages
            query_id = f"q{seed}-{number}"
            raw = templates[number % _TEMPLATES].replace(_ID.encode(), query_id.encode())
            put(Topic.IMPRESSIONS, query_id, raw.replace(_TIME, b'"timestamp":%.6f' % at_s), at_s)
            for place in rng.choice(_UNION, _ACTIONS, replace=False).tolist():
                put(Topic.ACTIONS, query_id, encode_action(Action(query_id, f"entity{place}", "click", at_s)), at_s + 1)
        for batch in list(batches):
            send(batch, at_s + 1)
        producer.flush()
        producer.close()
    return pages * (1 + _ACTIONS)


@contextmanager
def _stamped_by_us(bootstrap: Brokers, partitions: int) -> Iterator[None]:
    """Have the event topics keep the producer's timestamps for a while; what was written keeps them for ever."""
    key, value = "message.timestamp.type", "CreateTime"
    client = KafkaAdminClient(**bootstrap.client())
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, str(t), {key: value}) for t in EVENT_TOPICS])
    client.close()
    while any(state.settings[key] != value for state in _event_topics(bootstrap, partitions)):
        time.sleep(0.1)
    yield
    admin.alter(bootstrap, partitions)


def _event_topics(bootstrap: Brokers, partitions: int) -> list[admin.TopicState]:
    return [state for state in admin.describe(bootstrap, partitions) if state.topic in EVENT_TOPICS]


def _replay(settings: Settings, bootstrap: Brokers) -> tuple[list[float], Rebuilt, float]:
    """Return the most that was resident in each quarter of a replay, in MB, what came of it, and the seconds."""
    most = [0.0] * _QUARTERS

    def told(advance: Advance) -> None:
        quarter = min(_QUARTERS - 1, _QUARTERS * advance.done // max(1, advance.messages))
        most[quarter] = max(most[quarter], resident_bytes() / 1e6)

    ends = cluster.offsets_at(bootstrap, settings.partitions)
    start: Offsets = [{topic.short: 0 for topic in EVENT_TOPICS} for _ in ends]
    learning = settings.learning(strategy_arms())
    began_s = time.perf_counter()
    rebuilt = asyncio.run(Rebuild(bootstrap, learning, _ONCE, start, ends).run(told))
    took_s = time.perf_counter() - began_s
    return [mb or resident_bytes() / 1e6 for mb in most], rebuilt, took_s  # a short log may be read between two looks


def _live(bootstrap: Brokers, partitions: int, events: int) -> float:
    """Have a worker learn everything; return how many events a second, from the first look at it that finds some on."""
    ends = cluster.offsets_at(bootstrap, partitions)
    with _started("worker", LTRR_VERSION=_LIVE) as worker:
        _wait(worker, lambda: _board(bootstrap, partitions).revision(_LIVE) > 0, events)
        began_s, first = time.monotonic(), _board(bootstrap, partitions).revision(_LIVE)
        _wait(worker, lambda: _board(bootstrap, partitions).lag(_LIVE, ends) == 0, events)
        whole = _board(bootstrap, partitions).revision(_LIVE)
        return events * (whole - first) / whole / (time.monotonic() - began_s)


def _killed(bootstrap: Brokers, partitions: int, revision: int, events: int) -> tuple[str, int]:
    """Replay with kills on the way; return the digest, and how many messages the last call found done."""
    checkpoint = str(max(1, events // 50))
    for part in _KILLS:
        with _started("replay", "--into", _KILLED, "--checkpoint", checkpoint) as process:
            _wait(process, lambda p=part: _board(bootstrap, partitions).revision(_KILLED) >= p * revision, events)  # type: ignore[misc]
            process.kill()
    command = [*LTRR, "replay", "--into", _KILLED, "--checkpoint", checkpoint, "--json"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # our own
    if done.returncode:
        raise EngineFailed("replay", done.stderr.decode(errors="replace").strip())
    report = json.loads(done.stdout)
    return str(report["digest"]), int(report["resumed"])


@contextmanager
def _started(*command: str, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run an ltrr command beside this one, and end it."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w") as log:
        variables = {**os.environ, "LTRR_DATA_DIR": folder, **environment}
        process = subprocess.Popen([*LTRR, *command], env=variables, stdout=log, stderr=log)  # noqa: S603  # our own
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", true: Callable[[], bool], events: int) -> None:
    limit_s = time.monotonic() + 60 + events / _SLOWEST
    while not true():
        if process.poll() is not None or time.monotonic() > limit_s:
            raise EngineFailed("bench", f"process {process.args!r} ended early, or is slower than {_SLOWEST} events/s")
        time.sleep(0.2)


def _board(bootstrap: Brokers, partitions: int) -> Board:
    return asyncio.run(read_board(bootstrap, partitions))


async def _compare(bootstrap: Brokers, partitions: int) -> tuple[float, float]:
    """Return how many records of live and replay differ in what is counted, and the largest difference of numbers."""
    differ, largest = 0, 0.0
    for partition in range(partitions):
        live, once = [await read_records(bootstrap, version, partition) for version in (_LIVE, _ONCE)]
        apart, distance = difference(live, once)
        differ += apart
        largest = max(largest, distance)
    return float(differ), largest


def _one(value: float, unit: str) -> Figure:
    return Figure(float(value), unit, float(value), float(value))
