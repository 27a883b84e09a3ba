"""`ltrr demo`: the whole product in one process, on listeners whose wishes are known."""

import asyncio
import contextlib
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ltrr.models.errors import InvalidInput, InvalidSettings
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.records.entity import Entity
from ltrr.models.state.learning import Learning
from ltrr.serving.demo.lanes import Lane, Live, SharedRetrieval, System, of_the_query
from ltrr.serving.demo.music import catalogue as music
from ltrr.serving.demo.people import lastfm
from ltrr.serving.demo.people.clicks import ClickModel
from ltrr.serving.demo.people.listeners import Listeners
from ltrr.serving.demo.people.request import Request
from ltrr.serving.demo.screen import Screen
from ltrr.serving.demo.simulation import EVERYTHING, LAST, LEARNED, RRF, UNIFORM, Clock, Simulation, WallClock, summary
from ltrr.serving.demo.workers import workers
from ltrr.serving.http.api import create_app
from ltrr.serving.http.guard import guard_of
from ltrr.serving.http.server import address, bind, serve
from ltrr.serving.retrieval.opening import open_recall, strategy_arms
from ltrr.serving.search.query_ids import QueryIds
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.service.guest import as_guest, filled
from ltrr.serving.service.on_kafka import KafkaService
from ltrr.serving.service.service import Service
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.streams.kafka import admin

_SECRET = "demo: query ids, and so all seeds, are the same in every run"  # noqa: S105  # it protects nothing
_VISITED_QUERIES = 3_000
_MAX_CALLS = 2
_WORKERS = 2
_PRICE_WEIGHT = 0.02
_PATIENCE_S = 5.0  # a busy machine must not change what is learned


def demo(
    queries: Annotated[int | None, typer.Option(min=1, help="Play this many queries, then end.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 0,
    data: Annotated[
        Path | None, typer.Option(help="Folder of Last.fm files to play instead of the made-up world (docs/demo.md).")
    ] = None,
    eagerness: Annotated[
        float, typer.Option(help="P(a simulated listener acts on a page at all), above 0, at most 1.")
    ] = 1.0,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the API and the search page.")] = None,
    stay: Annotated[bool, typer.Option("--serve", help="Stay up until Ctrl-C whatever else is given.")] = False,  # noqa: FBT002  # a flag
    servers: Annotated[bool, typer.Option("--servers", help="Learn on Kafka (LTRR_KAFKA) in Faust workers.")] = False,  # noqa: FBT002  # a flag
    as_json: Annotated[bool, typer.Option("--json", help="Print one bench document, nothing else.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Watch retrieval being learned: a catalogue, listeners, the service, and what each policy earns.

    Without --queries and --json it stays up for your own queries until Ctrl-C.
    """
    if not 0.0 < eagerness <= 1.0:
        raise InvalidInput(f"--eagerness {eagerness:g} is no probability above 0: give one up to 1, such as 0.1")
    settings = load_settings(
        max_calls=_MAX_CALLS,
        price_weight=_PRICE_WEIGHT,
        text_deadline_s=_PATIENCE_S,
        vector_deadline_s=_PATIENCE_S,
        stable_s=0.0,  # played queries follow one another faster than people's do
        visitor_searches=0.0,
        visitor_query_searches=0.0,
        secret=_SECRET,
    )
    if servers and settings.kafka is None:
        raise InvalidSettings("--servers needs Kafka: make servers-up starts one, then set LTRR_KAFKA to its host:port")
    stay = stay or (queries is None and not as_json)
    demonstration = _Demo(
        settings,
        queries or _VISITED_QUERIES,
        seed,
        data,
        ClickModel(seed, eagerness=eagerness),
        stay=stay,
        servers=servers,
        as_json=as_json,
    )
    asyncio.run(demonstration.run(port))


class _Demo:
    """One run. stay: whether visitors may take part, so that time is the wall's; else it is the requests' own."""

    def __init__(
        self,
        settings: Settings,
        queries: int,
        seed: int,
        data: Path | None,
        clicks: ClickModel,
        *,
        stay: bool,
        servers: bool,
        as_json: bool,
    ) -> None:
        self._settings = settings
        self._queries = queries
        self._seed = seed
        self._data = data
        self._clicks = clicks
        self._stay = stay
        self._servers = servers
        self._as_json = as_json
        self._screen = Screen(quiet=as_json)

    async def run(self, port: int | None) -> None:
        """Play, and serve while playing and afterwards where asked to."""
        async with contextlib.AsyncExitStack() as stack:
            bound = (
                stack.enter_context(bind(self._settings.host, self._settings.port if port is None else port))
                if self._stay
                else None
            )
            entities, requests = self._world()
            clock = WallClock() if self._stay or self._servers else Clock(requests[0].time_s)
            service = self._service(clock, stack)
            stack.push_async_callback(service.stop)
            with self._screen.loading(len(entities)):
                await stack.enter_async_context(filled(service, entities))
            service.start()
            learning = self._settings.learning(strategy_arms())
            systems = list(self._systems(service, learning))
            simulation = Simulation(requests, systems, learning, self._clicks, clock)
            engines = [engine.kind for engine in service.index.engines.values()]
            played = asyncio.create_task(self._play(simulation, engines))
            if bound is None:
                await played
                return
            self._screen.say(f"search page and API: {address(bound)} (docs at {address(bound)}/docs); Ctrl-C ends")
            await serve(create_app(service, close=False, guard=guard_of(self._settings)), bound)
            played.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await played

    async def _play(self, simulation: Simulation, engines: Iterable[str]) -> None:
        started = time.monotonic()
        async for number in simulation.play():
            self._screen.progress(number, self._queries, simulation.tallies)
            await asyncio.sleep(0)  # visitors come in between
        took_s = time.monotonic() - started
        notes = [
            f"{number} queries in {took_s:.0f} s, {len(simulation.tallies)} systems",
            f"engines: {', '.join(sorted(engines))}",
            f"figures are over the last {min(number, LAST):,} queries, differences are paired, intervals are 95%",
        ]
        if self._clicks.eagerness < 1.0:
            notes.append(f"listeners act on {self._clicks.eagerness:.4g} of their pages")
        document = summary(simulation.tallies, "demo-lastfm" if self._data else "demo", self._seed, notes)
        if self._as_json:
            sys.stdout.write(json.dumps(document.as_json()) + "\n")
            sys.stdout.flush()
        else:
            self._screen.table(simulation.tallies, document)

    def _world(self) -> tuple[tuple[Entity, ...], list[Request]]:
        if self._data is not None:
            entities = lastfm.read_entities(self._data)
            requests = list(lastfm.read_requests(self._data, self._queries))
            if not requests:
                raise InvalidInput(f"{self._data / 'queries.jsonl'} holds no queries")
            self._queries = len(requests)
            return entities, requests
        streams = np.random.default_rng(self._seed).spawn(2)
        entities = music.catalogue(streams[0])
        listeners = Listeners(streams[1], entities)
        return entities, list(islice(iter(listeners.next, None), self._queries))

    def _service(self, clock: Clock, stack: contextlib.AsyncExitStack) -> Service:
        """Return the product: all in this process, or a query worker on Kafka with Faust workers beside it."""
        service: Service
        bootstrap = self._settings.brokers
        if not self._servers or bootstrap is None:
            self._settings = self._settings.model_copy(update={"elasticsearch": None, "qdrant": None})
            service = EmbeddedService(self._settings, clock, None, _numbered("live"))
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ltrr-demo-")))
            version = f"demo-{uuid.uuid4().hex[:12]}"
            self._settings = as_guest(self._settings, version, folder)
            admin.create(bootstrap, self._settings.partitions)
            self._screen.say(f"starting {_WORKERS} Faust workers on {bootstrap}, version {version} ...")
            stack.enter_context(workers(self._settings, bootstrap, _WORKERS, folder))
            service = KafkaService(self._settings, bootstrap, clock)
        stack.callback(service.close)
        return service

    def _systems(self, service: Service, learning: Learning) -> Iterator[System]:
        """Yield the learned policy, then what it is compared with, each with its own ranker and memory."""
        yield Live(LEARNED, service)
        depth = learning.rules.ladder[-1]
        shared = SharedRetrieval(service.index, of_the_query(), depth)

        alone = replace(learning, rules=replace(learning.rules, baseline=()))  # with nothing to fall back on

        def lane(name: str, policy: str, arms: Iterable[str] = (), learning: Learning = alone) -> Lane:
            options = PolicyOptions(learning.price_weight, budgets=dict.fromkeys(arms, depth))
            query_ids = QueryIds(_SECRET.encode(), _numbered("lane"))
            settings, recall = self._settings, open_recall(service.predicted)
            applications, placement = settings.applications, settings.placement
            return Lane(name, shared, learning, policy, options, query_ids, applications, placement, recall)

        yield lane(UNIFORM, "uniform", learning=learning)
        uncapped = replace(alone, rules=replace(alone.rules, max_calls=None))
        yield lane(EVERYTHING, "static", learning.rules.ranked, uncapped)
        for arm in learning.rules.ranked:
            yield lane(RRF if arm == "hybrid" else f"only {arm}", "static", [arm])


def _numbered(prefix: str) -> Callable[[], str]:
    """Return a source of new strings."""
    numbers = count()
    return lambda: f"{prefix}-{next(numbers)}"
