"""A server of the product in a process of its own, and the calls to engines that its searches make."""

import asyncio
import multiprocessing
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from ltrr.bench.running.processes import processor_clock
from ltrr.models.errors import EngineFailed
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers import strategies
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.requests.requests import Request
from ltrr.serving.demo.music import catalogue as music
from ltrr.serving.demo.people.listeners import Listeners
from ltrr.serving.http.api import create_app
from ltrr.serving.http.server import address, bind, serve
from ltrr.serving.retrieval.opening import open_index
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.service.guest import as_guest, filled
from ltrr.serving.service.on_kafka import KafkaService
from ltrr.serving.service.service import Service
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.streams.kafka import admin

ARMS: Final = ("dense", "fulltext", "fuzzy", "popular", "structured")
BUDGET: Final = 20
_UP_S: Final = 120.0
_PATIENCE_S: Final = 10.0

Calls = dict[str, list[Request]]


class Stage(NamedTuple):
    """What is searched. settings: of a guest on servers that others use too, with a plan that is always the same."""

    settings: Settings
    seed: int
    artists: int
    texts: list[str]

    @property
    def application(self) -> str:
        """Return the tenant."""
        return self.settings.applications[0]

    def entities(self) -> Sequence[Entity]:
        """Return the made-up catalogue."""
        return _catalogue(self.seed, self.artists)

    @property
    def notes(self) -> list[str]:
        """Return what a document says of it."""
        log = "Kafka" if self.settings.kafka else "embedded log"
        return [
            f"{log}; {len(self.entities())} entities",
            f"arms {', '.join(ARMS)} with {BUDGET} candidates each",
        ]


@contextmanager
def stage(seed: int, queries: int, artists: int) -> Iterator[Stage]:
    """Yield a catalogue, texts that listeners ask for, and settings over a folder that is gone afterwards."""
    plan = {"policy": "static", "baseline": dict.fromkeys(ARMS, BUDGET), "ladder": (0, BUDGET)}
    patience = {"text_deadline_s": _PATIENCE_S, "vector_deadline_s": _PATIENCE_S}
    settings = load_settings(**plan, **patience, explore_share=0.0)
    with tempfile.TemporaryDirectory(prefix="ltrr-bench-") as folder:
        guest = as_guest(settings, f"bench-{uuid.uuid4().hex[:12]}", Path(folder))
        _, listeners = np.random.default_rng(seed).spawn(2)
        asking = Listeners(listeners, _catalogue(seed, artists))
        texts = [request.text for request in islice(iter(asking.next, None), queries)]
        yield Stage(guest, seed, artists, texts)


class Running(NamedTuple):
    """A process of its own that answers."""

    url: str
    pid: int

    @property
    def worked_s(self) -> float:
        """Return the seconds that the processor has worked for it."""
        return time.clock_gettime(processor_clock(self.pid))


@contextmanager
def product(staged: Stage) -> Iterator[Running]:
    """Run a server with the catalogue."""
    if staged.settings.brokers is not None:
        admin.create(staged.settings.brokers, staged.settings.partitions)
    with spawned(_serve, staged) as running:
        yield running


@contextmanager
def spawned(work: Callable[[Stage, Connection], None], staged: Stage) -> Iterator[Running]:
    """Run something in a process of its own, which sends its URL once it answers."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(staged, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(_UP_S):
            raise EngineFailed("bench", f"the server did not come up within {_UP_S:.0f} s")
        yield Running(ours.recv(), process.pid or 0)
    finally:
        process.terminate()
        process.join(_PATIENCE_S)


@contextmanager
def own_index(staged: Stage) -> Iterator[Index]:
    """Yield an index of this process over the same catalogue, and the same servers where there are some."""
    with closing(open_index(staged.settings, None)) as index, asyncio.Runner() as runner:
        own = [replace(entity, application=staged.application) for entity in staged.entities()]
        runner.run(index.index(own))
        yield index


def calls(index: Index, text: str, application: str) -> Calls:
    """Return engine -> the requests that a search for a text makes."""
    query = Query(
        text,
        normalise(text),
        tokenise(text),
        time.time(),
        1,
        application,
        understanding=index.understand(text, application),
    )
    asked: dict[str, Request] = {}
    for strategy in strategies.discover():
        if strategy.name in ARMS:
            asked.update(strategy(index.entities).requests(query, BUDGET))
    found: Calls = {}
    for call, request in asked.items():
        found.setdefault(call.partition(":")[0], []).append(request)
    return found


async def ask(index: Index, prepared: Calls) -> object:
    """Make the calls of a search at once, and wait for all of them."""
    return await asyncio.gather(*(index.engines[engine].search(requests) for engine, requests in prepared.items()))


def _catalogue(seed: int, artists: int) -> Sequence[Entity]:
    return music.catalogue(np.random.default_rng(seed).spawn(2)[0], artists)


def _service(settings: Settings) -> Service:
    if settings.brokers is None:
        return EmbeddedService(settings, time.time, settings.data_dir)
    return KafkaService(settings, settings.brokers, time.time)


def _serve(staged: Stage, ready: Connection) -> None:
    async def main() -> None:
        service = _service(staged.settings)
        try:
            async with filled(service, staged.entities()):
                with bind("127.0.0.1", 0) as bound:
                    ready.send(address(bound))
                    await serve(create_app(service, close=False), bound)
        finally:
            await service.stop()
            service.close()

    asyncio.run(main())
