"""What only reads a log, each as a process of its own: a Faust agent, and an aiokafka loop, that do nothing with it.

`python -m ltrr.bench.running.consumers faust|aiokafka BROKERS PARTITIONS MESSAGES` reads so many messages of the event
topics in a group of its own, and prints the seconds from the first to the last as JSON.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition

from ltrr.bench.running.live_worker import Took
from ltrr.models.errors import EngineFailed
from ltrr.streams.events.topics import EVENT_TOPICS
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.workers.faust_app import faust_app, raw_topic

_LIMIT_S: Final = 300.0
_COMMIT_MS: Final = 500  # as often as our worker


class _Count:
    """Counts messages, and takes the times of the first and the last."""

    def __init__(self, messages: int) -> None:
        self.done = asyncio.Event()
        self._left = messages
        self._began: Took | None = None
        self.took = Took(0.0, 0.0)

    def __call__(self) -> None:
        """Count one."""
        now = Took(time.monotonic(), time.process_time())
        self._began = self._began or now
        self._left -= 1
        if self._left == 0:
            self.took = Took(now.wall_s - self._began.wall_s, now.cpu_s - self._began.cpu_s)
            self.done.set()


async def _by_faust(bootstrap: Brokers, _: int, count: _Count) -> None:
    """Read by an agent of an app that is set up as that of our worker."""
    with tempfile.TemporaryDirectory(prefix="ltrr-bench-") as folder:
        name = f"bench-{uuid4().hex[:12]}"
        app = faust_app(name, bootstrap, name, Path(folder))

        async def nothing(stream: Any) -> None:  # noqa: ANN401  # a Faust stream
            async for _ in stream:
                count()

        app.agent(raw_topic(app, *EVENT_TOPICS), name="ltrr.nothing")(nothing)
        await app.start()
        await count.done.wait()
        await app.stop()


async def _by_aiokafka(bootstrap: Brokers, partitions: int, count: _Count) -> None:
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


READERS: Final[Mapping[str, Callable[[Brokers, int, _Count], Awaitable[None]]]] = {
    "faust": _by_faust,
    "aiokafka": _by_aiokafka,
}


def reading(name: str, bootstrap: Brokers, partitions: int, messages: int) -> Took:
    """Return what a reader takes from the first to the last of so many messages. Raises EngineFailed."""
    command = [sys.executable, "-m", __name__, name, str(bootstrap), str(partitions), str(messages)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LIMIT_S)  # noqa: S603  # our own
    if done.returncode:
        raise EngineFailed(name, f"did not read {messages} messages: {done.stderr[-2_000:]}")
    return Took(*json.loads(done.stdout))


async def _main(name: str, bootstrap: str, partitions: str, messages: str) -> None:
    count = _Count(int(messages))
    await READERS[name](Brokers(bootstrap), int(partitions), count)
    sys.stdout.write(json.dumps(count.took))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
