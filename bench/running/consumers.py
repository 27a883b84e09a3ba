"""What reads a log, each as a process of its own: our worker, and a Faust agent and an aiokafka loop that do nothing.

`python -m ltrr.bench.running.consumers ltrr|faust|aiokafka BROKERS PARTITIONS COUNT` reads the event topics in a group
of its own: ltrr until so many events are learned and committed, the others so many messages. It prints the seconds of
the clock and of the processor as JSON, for ltrr since its partitions are loaded, for others since the first message.
"""

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition

from ltrr.models.errors import EngineFailed
from ltrr.serving.processes.garbage import short_collections
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import load_settings
from ltrr.streams.events.topics import EVENT_TOPICS
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.workers.faust_app import faust_app, raw_topic
from ltrr.streams.workers.learner import KafkaLearner
from ltrr.streams.workers.worker import Worker

_LIMIT_S: Final = 600.0
_COMMIT_MS: Final = 500  # as often as our worker
_POLL_S: Final = 0.002


class Took(NamedTuple):
    """Seconds that passed, and that the processor worked."""

    wall_s: float
    cpu_s: float


def timed(work: Callable[[], object]) -> Took:
    """Return what some work takes in this process."""
    began = _now()
    work()
    return _since(began)


def reading(name: str, bootstrap: Brokers, partitions: int, count: int) -> Took:
    """Return what a reader takes for so many events (ltrr) or messages. Raises EngineFailed."""
    command = [sys.executable, "-m", __name__, name, str(bootstrap), str(partitions), str(count)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LIMIT_S)  # noqa: S603  # our own
    except subprocess.TimeoutExpired:
        raise EngineFailed(name, f"has not read {count} within {_LIMIT_S:.0f} s") from None
    if done.returncode:
        raise EngineFailed(name, f"did not read {count}: {done.stderr[-2_000:]}")
    return Took(*json.loads(done.stdout))


async def _by_ltrr(bootstrap: Brokers, partitions: int, events: int) -> Took:
    settings, name = load_settings(), f"bench-{uuid4().hex[:12]}"
    done = asyncio.Event()

    def observe(_: KafkaLearner) -> None:
        if sum(learner.counts.total() for learner in worker.learners.values()) >= events:
            done.set()

    with tempfile.TemporaryDirectory(prefix="ltrr-bench-") as folder:
        learning = settings.learning(strategy_arms())
        worker = Worker(
            bootstrap,
            learning,
            name,
            partitions,
            name=name,
            data_dir=Path(folder),
            observe=observe,
            end=lambda: signal.raise_signal(signal.SIGTERM),
        )
        await worker.app.start()
        while len(worker.learners) < partitions:  # noqa: ASYNC110  # nobody tells of it
            await asyncio.sleep(_POLL_S)
        began = _now()
        await done.wait()
        took = _since(began)
        await worker.app.stop()
    return took


async def _by_faust(bootstrap: Brokers, _: int, messages: int) -> Took:
    """Read by an agent of an app that is set up as that of our worker."""
    name, count = f"bench-{uuid4().hex[:12]}", _Count(messages)
    with tempfile.TemporaryDirectory(prefix="ltrr-bench-") as folder:
        app = faust_app(name, bootstrap, name, Path(folder))

        async def nothing(stream: Any) -> None:  # noqa: ANN401  # a Faust stream
            async for _ in stream:
                count()

        app.agent(raw_topic(app, *EVENT_TOPICS), name="ltrr.nothing")(nothing)
        await app.start()
        await count.done.wait()
        await app.stop()
    return count.took


async def _by_aiokafka(bootstrap: Brokers, partitions: int, messages: int) -> Took:
    count = _Count(messages)
    consumer = AIOKafkaConsumer(
        **bootstrap.client(),
        group_id=f"bench-{uuid4().hex[:12]}",
        auto_offset_reset="earliest",
        auto_commit_interval_ms=_COMMIT_MS,
    )
    await consumer.start()
    consumer.assign([TopicPartition(topic, partition) for topic in EVENT_TOPICS for partition in range(partitions)])
    async for _ in consumer:
        count()
        if count.done.is_set():
            break
    await consumer.stop()
    return count.took


class _Count:
    """Counts messages, and takes the time from the first to the last."""

    def __init__(self, messages: int) -> None:
        self.done = asyncio.Event()
        self.took = Took(0.0, 0.0)
        self._left = messages
        self._began: Took | None = None

    def __call__(self) -> None:
        """Count one."""
        self._began = self._began or _now()
        self._left -= 1
        if self._left == 0:
            self.took = _since(self._began)
            self.done.set()


def _now() -> Took:
    return Took(time.perf_counter(), time.process_time())


def _since(began: Took) -> Took:
    now = _now()
    return Took(now.wall_s - began.wall_s, now.cpu_s - began.cpu_s)


_READERS: Final[Mapping[str, Callable[[Brokers, int, int], Awaitable[Took]]]] = {
    "ltrr": _by_ltrr,
    "faust": _by_faust,
    "aiokafka": _by_aiokafka,
}


async def _main(name: str, bootstrap: str, partitions: str, count: str) -> None:
    with short_collections():  # as a worker
        sys.stdout.write(json.dumps(await _READERS[name](Brokers(bootstrap), int(partitions), int(count))))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
