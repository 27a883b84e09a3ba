"""`ltrr bench overhead`: what a search costs beyond the calls to engines that it makes.

`POST /v1/search` of a server in a process of its own against a bare script that makes the same calls to the same
engines, in parallel, and nothing else. On Kafka, Elasticsearch and Qdrant where their settings say where they are, else
embedded. Both run in turns.
"""

import asyncio
import multiprocessing
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from ltrr.models.errors import EngineFailed
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
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.streams.kafka import admin

_ARMS = ("dense", "fulltext", "fuzzy", "popular", "structured")
_BUDGET = 20
_CLIENTS = (1, 8)
_UP_S = 120.0
_PATIENCE_S = 10.0

Search = Callable[[str], Awaitable[object]]


def run(seed: int = 0, queries: int = 200, rounds: int = 5, artists: int = 400) -> BenchDocument:
    """Measure with one client and with eight. artists: of the made-up catalogue."""
    return asyncio.run(_run(seed, queries, rounds, artists))


async def _run(seed: int, queries: int, rounds: int, artists: int) -> BenchDocument:
    plan = {"policy": "static", "baseline": dict.fromkeys(_ARMS, _BUDGET), "ladder": (0, _BUDGET)}
    patience = {"text_deadline_s": _PATIENCE_S, "vector_deadline_s": _PATIENCE_S}
    settings = load_settings(**plan, **patience, explore_share=0.0)
    with tempfile.TemporaryDirectory(prefix="ltrr-bench-") as folder:
        name = f"bench-{uuid.uuid4().hex[:12]}"
        guest = as_guest(settings, name, Path(folder))
        catalogue, listeners = np.random.default_rng(seed).spawn(2)
        entities = music.catalogue(catalogue, artists)
        texts = [request.text for request in islice(iter(Listeners(listeners, entities).next, None), queries)]
        with _server(guest, seed, artists) as url, closing(open_index(guest, None)) as index:
            await index.index(replace(entity, application=name) for entity in entities)
            async with httpx.AsyncClient(base_url=url, timeout=60) as client:
                try:
                    return await _measure(seed, texts, rounds, index, guest, client)
                finally:
                    await index.stop()


async def _measure(
    seed: int, texts: list[str], rounds: int, index: Index, settings: Settings, client: httpx.AsyncClient
) -> BenchDocument:
    async def ours(text: str) -> object:
        answer = (await client.post("/v1/search", json={"query": text})).raise_for_status().json()
        if answer["degraded"]:
            raise EngineFailed("bench", f"no answer from {answer['degraded']}: the figures would mean nothing")
        return answer

    prepared = {text: _calls(index, text, settings.applications[0]) for text in texts}

    async def bare(text: str) -> object:
        calls = prepared[text]
        return await asyncio.gather(*(index.engines[engine].search(requests) for engine, requests in calls.items()))

    figures: dict[str, Figure] = {}
    for clients in _CLIENTS:
        seconds: dict[str, list[list[float]]] = {"bare": [], "search": []}
        for search in (bare, ours):  # warm
            await _timed(search, texts[:20], clients)
        for _ in range(rounds):
            seconds["bare"].append(await _timed(bare, texts, clients))
            seconds["search"].append(await _timed(ours, texts, clients))
        for at, label in ((0.5, "p50"), (0.99, "p99")):
            found = {name: [1000 * float(np.quantile(one, at)) for one in runs] for name, runs in seconds.items()}
            for name, values in found.items():
                figures[f"{name} {label}, {clients} clients"] = _figure(values, "ms")
            added = [mine - its for mine, its in zip(found["search"], found["bare"], strict=True)]
            ratio = [mine / its for mine, its in zip(found["search"], found["bare"], strict=True)]
            figures[f"added {label}, {clients} clients"] = _figure(added, "ms")
            figures[f"search / bare {label}, {clients} clients"] = _figure(ratio, "ratio")
    for phase, mean_s in _phases((await client.get("/metrics")).text):
        figures[f"phase {phase}, mean"] = _figure([1000 * mean_s], "ms")
    target = "search / bare p50, 1 clients"
    kinds = ", ".join(sorted(engine.kind for engine in index.engines.values()))
    notes = [
        f"engines: {kinds}; {'Kafka' if settings.kafka else 'embedded log'}; {len(index)} entities",
        f"{rounds} rounds of {len(texts)} searches in turns; arms {', '.join(_ARMS)} with {_BUDGET} candidates each",
        "the bare script prepares its requests beforehand, and parses no HTTP of ours",
    ]
    return BenchDocument("overhead", [seed], figures, [Target(target, "<", 3.0, figures[target].high < 3.0)], notes)  # noqa: PLR2004


async def _timed(search: Search, texts: list[str], clients: int) -> list[float]:
    """Return the seconds of each search, made by so many clients one after the other each."""
    waiting = iter(texts)
    seconds: list[float] = []

    async def work() -> None:
        for text in waiting:
            began_s = time.perf_counter()
            await search(text)
            seconds.append(time.perf_counter() - began_s)

    await asyncio.gather(*(work() for _ in range(clients)))
    return seconds


def _calls(index: Index, text: str, application: str) -> dict[str, list[Request]]:
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
        if strategy.name in _ARMS:
            asked.update(strategy(index.entities).requests(query, _BUDGET))
    calls: dict[str, list[Request]] = {}
    for call, request in asked.items():
        calls.setdefault(call.partition(":")[0], []).append(request)
    return calls


def _service(settings: Settings) -> Service:
    if settings.brokers is None:
        return EmbeddedService(settings, time.time, settings.data_dir)
    return KafkaService(settings, settings.brokers, time.time)


@contextmanager
def _server(settings: Settings, seed: int, artists: int) -> Iterator[str]:
    """Run a server with the catalogue in a process of its own; yield its URL."""
    if settings.brokers is not None:
        admin.create(settings.brokers, settings.partitions)
    spawned = multiprocessing.get_context("spawn")
    ours, theirs = spawned.Pipe()
    process = spawned.Process(target=_serve, args=(settings, seed, artists, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(_UP_S):
            raise EngineFailed("bench", f"the server did not come up within {_UP_S:.0f} s")
        yield ours.recv()
    finally:
        process.terminate()
        process.join(_PATIENCE_S)


def _serve(settings: Settings, seed: int, artists: int, ready: Connection) -> None:
    async def main() -> None:
        service = _service(settings)
        try:
            async with filled(service, music.catalogue(np.random.default_rng(seed).spawn(2)[0], artists)):
                with bind("127.0.0.1", 0) as bound:
                    ready.send(address(bound))
                    await serve(create_app(service, close=False), bound)
        finally:
            await service.stop()
            service.close()

    asyncio.run(main())


def _phases(metrics: str) -> Iterator[tuple[str, float]]:
    """Yield (phase, mean seconds)."""
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(metrics):
        if family.name == "ltrr_search_phase_seconds":
            for sample in family.samples:
                found[sample.name.rpartition("_")[2], sample.labels["phase"]] = sample.value
    for part, phase in found:
        if part == "sum":
            yield phase, found["sum", phase] / found["count", phase]


def _figure(values: list[float], unit: str) -> Figure:
    return Figure(float(np.median(values)), unit, min(values), max(values))
