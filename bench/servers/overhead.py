"""`ltrr bench overhead`: what a search costs beyond the calls to engines that it makes.

`POST /v1/search` of a server in a process of its own against a bare script that makes the same calls to the same
engines, in parallel, and nothing else. On Kafka, Elasticsearch and Qdrant where their settings say where they are, else
embedded. Both run in turns.
"""

import asyncio
import time
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from ltrr.bench.running.beside import Running, Stage, ask, calls, own_index, product, stage
from ltrr.bench.running.clients import drive, session
from ltrr.models.errors import EngineFailed
from ltrr.retrievers.index.index import Index
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

_CLIENTS = (1, 8, 32)
_EMBEDDED = dict(zip(_CLIENTS, (1.4, 1.6, 1.8), strict=True))  # search / bare p50
_ON_SERVERS = dict(zip(_CLIENTS, (1.2, 1.3, 1.5), strict=True))
_P99 = {8: 2.0}


def run(seed: int = 0, queries: int = 200, rounds: int = 5, artists: int = 400) -> BenchDocument:
    """Measure with 1, 8 and 32 clients. artists: of the made-up catalogue."""
    with stage(seed, queries, artists) as staged, product(staged) as running, own_index(staged) as index:
        figures = asyncio.run(_measure(staged, running, index, rounds))
        with urllib.request.urlopen(f"{running.url}/metrics", timeout=60) as answer:  # noqa: S310  # of our own server
            metrics = answer.read().decode()
        kinds = ", ".join(sorted(engine.kind for engine in index.engines.values()))
    for phase, mean_s in _phases(metrics):
        figures[f"phase {phase}, mean"] = Figure.spread([1000 * mean_s], "ms")
    limits = _ON_SERVERS if staged.settings.kafka else _EMBEDDED
    wanted = {f"search / bare p50, {clients} clients": limit for clients, limit in limits.items()}
    wanted |= {f"search / bare p99, {clients} clients": limit for clients, limit in _P99.items()}
    notes = [
        f"engines: {kinds}",
        *staged.notes,
        f"{rounds} rounds of {queries} searches in turns",
        "the bare script prepares its requests beforehand, and speaks no HTTP; processor: of the server's process",
    ]
    tabled = [name for name in figures if "/" in name]
    targets = [Target.below(name, figures, limit) for name, limit in wanted.items()]
    return BenchDocument("overhead", [seed], figures, targets, notes, tabled)


async def _measure(staged: Stage, running: Running, index: Index, rounds: int) -> dict[str, Figure]:
    prepared = {text: calls(index, text, staged.application) for text in staged.texts}

    async def bare(text: str) -> object:
        return await ask(index, prepared[text])

    async with session(running.url) as search:

        async def ours(text: str) -> object:
            answer: dict[str, Any] = await search(text)
            if answer["degraded"]:
                raise EngineFailed("bench", f"no answer from {answer['degraded']}: the figures would mean nothing")
            return answer

        figures: dict[str, Figure] = {}
        for clients in _CLIENTS:
            for side in (bare, ours):  # warm
                await drive(side, staged.texts[:20], clients)
            runs: list[dict[str, Sequence[float]]] = []
            worked: list[float] = []
            for _ in range(rounds):
                began_s = time.process_time()
                seconds = (await drive(bare, staged.texts, clients)).seconds
                ours_s, its_s = running.worked_s, time.process_time() - began_s
                runs.append({"bare": seconds, "search": (await drive(ours, staged.texts, clients)).seconds})
                worked.append((running.worked_s - ours_s) / its_s)
            figures[f"search / bare processor, {clients} clients"] = Figure.spread(worked, "ratio")
            for at, label in ((0.5, "p50"), (0.99, "p99")):
                found = [{name: 1000 * float(np.quantile(one, at)) for name, one in run.items()} for run in runs]
                for name in ("bare", "search"):
                    figures[f"{name} {label}, {clients} clients"] = Figure.spread([one[name] for one in found], "ms")
                added = [one["search"] - one["bare"] for one in found]
                ratio = [one["search"] / one["bare"] for one in found]
                figures[f"added {label}, {clients} clients"] = Figure.spread(added, "ms")
                figures[f"search / bare {label}, {clients} clients"] = Figure.spread(ratio, "ratio")
    await index.stop()
    return figures


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
