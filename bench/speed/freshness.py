"""`ltrr bench freshness`: from a click to a plan drawn from what it taught, at 100, 500 and 1,000 clicks a second.

On Kafka: from the spool that a query worker puts a click into, through a real worker, until the state that another
query worker follows has it, and has drawn a plan. Embedded: until the request that told of it is answered, which is
after it was learned. Clicks come at their times, however slow all else is; so do the pages that they are on.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import aiohttp
import numpy as np

from ltrr.bench.running.beside import Stage, product, stage
from ltrr.bench.running.clicks import ACTIONS, UNION, Click, Following, at_their_times, stretch
from ltrr.bench.running.processes import Processes
from ltrr.bench.running.topics import on_kafka, own_topics
from ltrr.models.errors import EngineFailed
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.publishing.publisher import Publisher

RATES: Final = (100, 500, 1_000)
SECONDS: Final = 3.0
_ROUNDS: Final = 5
_LIMITS_MS: Final = {"p50": 200.0, "p99": 800.0}  # at _HELD clicks a second
_HELD: Final = 500
_POST_S: Final = 0.02
_PAGE: Final = 50

Rounds = dict[int, list[Sequence[float]]]


def run(seed: int = 0, rounds: int = _ROUNDS, queries: int = 200, artists: int = 100) -> BenchDocument:
    """Measure embedded, and on Kafka where LTRR_KAFKA names one without ltrr's topics."""
    found = {"embedded": _embedded(seed, rounds, queries, artists)}
    notes = [f"{rounds} stretches of {SECONDS:g} s at each rate"]
    if load_settings().brokers is None:
        notes.append("Kafka not measured: set LTRR_KAFKA to a Kafka without ltrr's topics")
    else:
        settings, bootstrap = on_kafka()
        with own_topics(bootstrap, settings.partitions), tempfile.TemporaryDirectory(prefix="ltrr-bench-") as folder:
            found["Kafka"] = asyncio.run(_on_kafka(settings, bootstrap, Path(folder), seed, rounds))
        notes.append(
            f"Kafka: pages of {UNION} candidates beside, one for {ACTIONS} clicks; one worker; all on one machine"
        )
    figures: dict[str, Figure] = {}
    for where, by_rate in found.items():
        for rate, took in by_rate.items():
            for label, at in (("p50", 0.5), ("p99", 0.99)):
                values = [1e3 * float(np.quantile(one, at)) for one in took]
                figures[f"{where} {label}, {rate} clicks/s"] = Figure.spread(values, "ms")
    targets = [
        Target.below(f"{where} {label}, {_HELD} clicks/s", figures, limit)
        for where in found
        for label, limit in _LIMITS_MS.items()
    ]
    return BenchDocument("freshness", [seed], figures, targets, notes)


async def _on_kafka(settings: Settings, bootstrap: Brokers, folder: Path, seed: int, rounds: int) -> Rounds:
    settings = settings.model_copy(update={"version": f"bench-{uuid4().hex[:8]}", "data_dir": folder})
    rng, rules = np.random.default_rng(seed), settings.learning(strategy_arms()).rules
    given = {name: value for name, value in os.environ.items() if name.startswith("LTRR_")}
    own = {"LTRR_VERSION": settings.version, "LTRR_DATA_DIR": str(folder)}
    following = Following(settings, bootstrap)
    found: Rounds = {rate: [] for rate in RATES}
    with Processes(folder, given | own) as processes, Publisher(bootstrap, folder / "spool", settings.partitions) as to:
        processes.worker("bench")
        task = asyncio.create_task(following.versions.run())
        await following.versions.caught_up.wait()
        await stretch(to, following, rng, rules, RATES[0], SECONDS)  # until the worker is there, and all is warm
        for _ in range(rounds):
            for rate in RATES:
                found[rate].append(await stretch(to, following, rng, rules, rate, SECONDS))
        task.cancel()
        await asyncio.wait([task])
    return found


def _embedded(seed: int, rounds: int, queries: int, artists: int) -> Rounds:
    with stage(seed, queries, artists) as staged:
        alone = staged.settings.model_copy(update={"kafka": None, "elasticsearch": None, "qdrant": None})
        with product(staged._replace(settings=alone)) as running:
            return asyncio.run(_over_http(staged, running.url, rounds))


async def _over_http(staged: Stage, url: str, rounds: int) -> Rounds:
    found: Rounds = {rate: [] for rate in RATES}
    async with aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0)) as client:
        for _ in range(rounds):
            for rate in RATES:
                objects = await _shown(client, staged.texts, int(rate * SECONDS))
                found[rate].append(await _posted(client, objects, rate))
    return found


async def _shown(client: aiohttp.ClientSession, texts: Sequence[str], least: int) -> list[tuple[str, str]]:
    """Search until so many results were shown; return query ids and object ids."""
    found: list[tuple[str, str]] = []
    number = 0
    while len(found) < least:
        asked = {"query": texts[number % len(texts)], "size": _PAGE}
        async with client.post("/v1/search", json=asked) as answer:
            answer.raise_for_status()
            page = await answer.json()
        found += [(page["query_id"], item["object_id"]) for item in page["items"]]
        number += 1
    return found[:least]


async def _posted(client: aiohttp.ClientSession, objects: Sequence[tuple[str, str]], rate: int) -> Sequence[float]:
    """Post clicks at their times, those that are due together in one request; return the seconds of each."""
    took_s: list[float] = []
    taught = 0
    posts: set[asyncio.Task[None]] = set()
    clicks = [Click(number / rate, query_id, name.encode()) for number, (query_id, name) in enumerate(objects)]

    async def post(due: Sequence[Click]) -> None:
        nonlocal taught
        began_s, now_s = time.perf_counter(), time.time()
        events: list[dict[str, Any]] = [
            {
                "query_id": click.query_id,
                "action_name": "click",
                "timestamp": now_s,
                "event_attributes": {"object": {"object_id": click.raw.decode()}},
            }
            for click in due
        ]
        async with client.post("/v1/events", json=events) as answer:
            answer.raise_for_status()
            taught += (await answer.json())["taught"]
        took_s.extend([time.perf_counter() - began_s] * len(due))

    async def publish(due: Sequence[Click]) -> None:
        posts.add(asyncio.create_task(post(due)))

    await at_their_times(clicks, publish, _POST_S)
    await asyncio.gather(*posts)
    if taught != len(objects):
        raise EngineFailed("bench", f"{taught} of {len(objects)} clicks taught something")
    return took_s
