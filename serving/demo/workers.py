"""The demo's Faust workers, each a process of its own."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ltrr.models.errors import EngineFailed
from ltrr.serving.settings.refusals import PREFIX
from ltrr.serving.settings.settings import Settings
from ltrr.streams.kafka import cluster
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.state.keys import learner_group

_STARTED_S = 60.0
_STOPPED_S = 15.0
_POLL_S = 0.5
_TOLD = ("kafka", "version", "partitions", "max_calls", "price_weight", "ladder", "half_life_s")


@contextlib.contextmanager
def workers(settings: Settings, bootstrap: Brokers, count: int, folder: Path) -> Iterator[None]:
    """Run workers that learn the demo's version under its settings, until this is left.

    Entered once the partitions are shared out among them. Raises EngineFailed where that does not happen.
    """
    told = {name: getattr(settings, name) for name in _TOLD}
    environment = {
        **os.environ,
        f"{PREFIX}DATA_DIR": str(folder),
        **dict.fromkeys((f"{PREFIX}ELASTICSEARCH", f"{PREFIX}QDRANT"), ""),  # the demo fills its engines itself
        **{f"{PREFIX}{name.upper()}": _text(value) for name, value in told.items() if value is not None},
    }
    command = [sys.executable, "-c", "from ltrr.serving.commands.cli import main; main()", "worker"]
    log = (folder / "workers.log").open("w")
    running = [subprocess.Popen(command, env=environment, stdout=log, stderr=log) for _ in range(count)]  # noqa: S603  # our own
    try:
        _wait(settings, bootstrap, running, folder / "workers.log")
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(_STOPPED_S)
            except subprocess.TimeoutExpired:
                process.kill()
        log.close()


def _wait(settings: Settings, bootstrap: Brokers, running: list[subprocess.Popen[bytes]], log: Path) -> None:
    deadline = time.monotonic() + _STARTED_S
    while cluster.members(bootstrap, learner_group(settings.version)) < len(running):
        if any(process.poll() is not None for process in running) or time.monotonic() > deadline:
            last = log.read_text().strip().splitlines()[-1:] or ["it said nothing"]
            raise EngineFailed("worker", f"a worker did not start: {last[0]}")
        time.sleep(_POLL_S)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
