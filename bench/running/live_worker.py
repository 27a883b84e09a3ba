"""A live worker that learns a log: what it takes, by the clock and by the processor."""

import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple
from urllib.error import URLError

from ltrr.bench.running.processes import LTRR
from ltrr.models.errors import EngineFailed
from ltrr.streams.kafka.brokers import Brokers

_STARTED_S: Final = 60.0


class Took(NamedTuple):
    """Seconds that passed, and that the processor worked."""

    wall_s: float
    cpu_s: float


def timed(work: Callable[[], object]) -> Took:
    """Return what some work takes in this process."""
    began = Took(time.perf_counter(), time.process_time())
    work()
    return Took(time.perf_counter() - began.wall_s, time.process_time() - began.cpu_s)


def live(bootstrap: Brokers, version: str, events: int) -> tuple[Took, float]:
    """Return what a worker takes from the first to the last event that it reports, and how many it learns then."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "LTRR_KAFKA": str(bootstrap), "LTRR_VERSION": version, "LTRR_DATA_DIR": folder}
        log = (Path(folder) / "log").open("w")
        started_s = time.monotonic()
        command = [*LTRR, "worker", "--metrics-port", str(port)]
        worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603  # our own
        try:
            first, began = _counted(port, 1, worker)
            last, ended = _counted(port, events, worker)
            if last == first:  # a log so short that the first look found all of it learned: its start counts too
                first, began = 0.0, Took(started_s, 0.0)
        finally:
            worker.terminate()
            try:
                worker.wait(_STARTED_S)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
            log.close()
    return Took(ended.wall_s - began.wall_s, ended.cpu_s - began.cpu_s), last - first


def _counted(port: int, least: int, worker: "subprocess.Popen[bytes]") -> tuple[float, Took]:
    """Return how many events a worker has learned, at least so many, and the clocks then."""
    deadline_s = time.monotonic() + _STARTED_S + least / 100
    counted = 0.0
    while time.monotonic() < deadline_s and worker.poll() is None:
        with suppress(URLError, ConnectionError):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                text = answer.read().decode()
            counted = sum(map(float, re.findall(r"^ltrr_events_total\{.*\} (\S+)$", text, re.MULTILINE)))
            if counted >= least:
                return counted, Took(time.monotonic(), time.clock_gettime(_processor_clock(worker.pid)))
        time.sleep(0.05)
    raise EngineFailed("worker", f"a worker has learned {counted:.0f} of {least} events")


def _processor_clock(pid: int) -> int:
    """Return the clock of what a process has worked, in nanoseconds where /proc counts hundredths of a second.

    Source: Linux, clock_getcpuclockid(3); Python has that of threads only.
    """
    return (~pid << 3) | 2
