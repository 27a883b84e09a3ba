"""`ltrr worker`: the Faust agents, as many processes as wanted up to the number of partitions."""

import asyncio
import contextlib
import fcntl
import logging
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated
from weakref import WeakKeyDictionary

import faust
import typer
from aiokafka.errors import KafkaError

from ltrr.models.errors import EngineFailed, InvalidSettings, StorageFailed
from ltrr.models.retrieval import SharedIndexer
from ltrr.serving.commands.several import run_several
from ltrr.serving.metrics import Metrics
from ltrr.serving.processes.ending import END_S, end_within
from ltrr.serving.processes.garbage import collect_at_times, short_collections
from ltrr.serving.retrieval.opening import open_generator, open_memory_index, open_shared, strategy_arms
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.settings.signing_key import reading_seals, reading_visitors
from ltrr.serving.versions.secret import hold_to_secret
from ltrr.serving.watching.worker_answers import serve_beside, worker_answers
from ltrr.streams.catalogue.index_agent import keep_shared
from ltrr.streams.kafka.admin import check
from ltrr.streams.state.memory_follower import MemoryFollower, keep_memory_index
from ltrr.streams.state.predicted_store import PredictedStore
from ltrr.streams.versions.promotion import read_board
from ltrr.streams.versions.sources import check_sources
from ltrr.streams.versions.versions import Board
from ltrr.streams.workers.learner import SOURCES, KafkaLearner
from ltrr.streams.workers.worker import Worker

_LOG = logging.getLogger(__name__)
_MOST_ON_A_HOST = 256


def worker(
    name: Annotated[
        str | None, typer.Option(help="Stable name of this worker; host and the first free number where absent.")
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Serve Prometheus metrics, /healthz and /readyz there.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Workers to run, each in a process of its own; each metrics port is one higher.")
    ] = 1,
) -> None:
    """Learn from Kafka: join, credit, bandit, memory and ranker, until SIGTERM or Ctrl-C.

    Beside it, one of the workers keeps shared indexes and predicted queries in step with the catalogue, and one the
    index of the memory.
    """
    settings = load_settings()
    if settings.brokers is None:
        raise InvalidSettings("a worker needs Kafka: set LTRR_KAFKA to its host:port")
    bootstrap = settings.brokers
    check(bootstrap, settings.partitions)
    hold_to_secret(settings, bootstrap)
    if workers > 1:
        raise typer.Exit(_several(settings, name, metrics_port, workers))
    board = asyncio.run(read_board(bootstrap, settings.partitions))
    settings = settings_of(settings, board, settings.version)
    asyncio.run(check_sources(bootstrap, settings.partitions, settings.version, board.reached(settings.version)))
    learning = settings.learning(strategy_arms())
    engines: dict[str, SharedIndexer] = {**open_shared(settings)}
    generator = open_generator(settings)
    if generator is not None:
        engines["predicted"] = PredictedStore(bootstrap, settings.partitions, generator)
    asyncio.run(_prepare(engines.values()))
    seals = reading_seals(settings)
    if seals is None and settings.foreign_pages is None:
        _LOG.warning("whoever writes to ltrr.impressions teaches: set LTRR_SECRET, the same everywhere")
    metrics = Metrics()
    metrics.watch_drift(learning.rules.names)
    folder = settings.data_dir / "workers"
    with _slot(folder) as slot:
        own = name or f"{socket.gethostname()}-{slot}"
        running = Worker(
            bootstrap,
            learning,
            settings.version,
            settings.partitions,
            name=own,
            data_dir=folder / f"faust-{slot}",
            seals=seals,
            visitors=reading_visitors(settings),
            observe=_Observer(metrics),
            end=lambda: signal.raise_signal(signal.SIGTERM),
        )
        if metrics_port is not None:
            refresh = partial(_refresh, metrics, running, settings.partitions)
            answers = worker_answers(running.alive, running.conditions, metrics.registry, refresh)
            serve_beside(answers, settings.host, metrics_port)
        for engine in engines.values():
            data_dir = folder / f"index-{slot}"
            running.beside(keep_shared(bootstrap, engine, own, settings.applications, data_dir))
        memory_index = open_memory_index(settings)
        if memory_index is not None:
            follower = partial(
                MemoryFollower,
                bootstrap,
                memory_index,
                learning,
                settings.version,
                settings.partitions,
                time.time,
                lambda: running.forgetting.known,
            )
            running.beside(keep_memory_index(bootstrap, settings.version, follower))
        sys.stderr.write(f"ltrr worker {own} learns version {settings.version} from {bootstrap}\n")
        host = Host(running)
        running.beside(collect_at_times())
        host.run()


def _refresh(metrics: Metrics, running: Worker, partitions: int) -> None:
    """Bring the gauges of a worker up to date; can be called from any thread."""
    metrics.show_conditions(running.conditions(), None)
    for topic in SOURCES:
        for partition in range(partitions):
            metrics.show_lag(topic.short, partition, running.lag(topic, partition))


class Host(faust.Worker):
    """Runs a worker until it is told to end: what was learned and not committed is read again."""

    def __init__(self, running: Worker) -> None:
        super().__init__(running.app, quiet=True, redirect_stdouts=False, override_logging=False)
        self.spinner = None  # else it writes escape codes, and has every debug line of the process made for it
        self._running = running

    async def start(self) -> None:
        """Start; end where Kafka goes meanwhile."""
        try:
            await super().start()
        except KafkaError as error:
            self._running.crashed(error)

    def _crash(self, reason: BaseException) -> None:
        """Take note of what one of the services could not go on for: all of them end."""
        self._running.crashed(reason)
        super()._crash(reason)

    def on_worker_shutdown(self) -> None:
        """Forget what is told at the end, or it would be raised there."""
        self.crash_reason = None

    async def on_first_start(self) -> None:
        """Begin to ask whether Kafka answers, before anything waits for it."""
        self.add_future(self._running.reach.run())
        await super().on_first_start()

    def run(self) -> None:
        """Run until a signal ends it. Raises typer.Exit where it could not go on, which it tells last."""
        try:
            with short_collections():
                self.execute_from_commandline()
        finally:
            if self._told():
                raise typer.Exit(1)

    async def stop(self) -> None:
        """Stop, and end the process where that takes too long."""
        end_within(END_S, "ltrr worker", self._told)
        await super().stop()

    def _told(self) -> int:
        """Tell why it could not go on, if so; return its exit code."""
        if self._running.failed:
            _LOG.critical("%s", self._running.failed)
        return int(bool(self._running.failed))


def _several(settings: Settings, name: str | None, metrics_port: int | None, workers: int) -> int:
    """Run several workers, see `run_several`. Raises InvalidSettings where some could never have a partition."""
    if workers > settings.partitions:
        raise InvalidSettings(
            f"--workers {workers}: a worker without a partition learns nothing, and there are {settings.partitions}; "
            f"run {settings.partitions} at most"
        )
    commands = []
    for number in range(workers):
        named = [] if name is None else ["--name", f"{name}-{number}"]
        port = [] if metrics_port is None else ["--metrics-port", str(metrics_port + number if metrics_port else 0)]
        commands.append(["worker", *named, *port])
    return run_several(commands)


async def _prepare(engines: Iterable[SharedIndexer]) -> None:
    """Make what is missing on servers. Raises InvalidSettings; one that is away now is waited for later."""
    for engine in engines:
        try:
            await engine.prepare()
        except EngineFailed as error:
            _LOG.warning("%s; learning goes on, changes of the catalogue wait", error)
        await engine.stop()


def settings_of(settings: Settings, board: Board, version: str) -> Settings:
    """Return the settings that a version is learned under. Raises InvalidInput while it is being rebuilt."""
    recipe = board.recipes.get(version)
    if recipe is None:
        return settings
    board.known(version)
    return settings.of_version(recipe.settings)


class _Observer:
    """Counts in metrics what became of events since their partition was taken over."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._seen: WeakKeyDictionary[KafkaLearner, Counter[tuple[str, str]]] = WeakKeyDictionary()
        self._letters: WeakKeyDictionary[KafkaLearner, Counter[str]] = WeakKeyDictionary()

    def __call__(self, learner: KafkaLearner) -> None:
        """Add what came since the last call."""
        for (topic, outcome), count in (learner.counts - self._seen.get(learner, Counter())).items():
            self._metrics.events.labels(topic, outcome).inc(count)
        for reason, count in (learner.dead_letters - self._letters.get(learner, Counter())).items():
            self._metrics.dead_letters.labels(reason).inc(count)
        for arm, count in (learner.drift.take_changes() if learner.drift else Counter[str]()).items():
            self._metrics.drift.labels(arm).inc(count)
        self._seen[learner], self._letters[learner] = learner.counts, learner.dead_letters.copy()


@contextlib.contextmanager
def _slot(folder: Path) -> Iterator[str]:
    """Yield the first number on this host that no other worker holds; the kernel frees it when the process ends."""
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(_MOST_ON_A_HOST):
                file = stack.enter_context((folder / f"{number}.lock").open("w"))
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
            else:
                raise StorageFailed(f"{_MOST_ON_A_HOST} workers run over {folder}: stop some")
        except OSError as error:
            message = f"cannot use {folder}: {error.strerror}; make it writable or set LTRR_DATA_DIR"
            raise StorageFailed(message) from error
        yield str(number)
