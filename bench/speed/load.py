"""`ltrr bench load`: searches a second and p99 under many clients, beside a bare FastAPI app with the same answers.

The bare app makes the calls to engines that a search makes, which it has prepared, waits for all of them, and returns
what the product had answered for the text: what is left is HTTP, the engines, and JSON. Both are served the same way,
each in a process of its own, and are asked in turns.
"""

import asyncio
import time
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

from ltrr.bench.running.beside import Running, Stage, ask, calls, own_index, product, spawned, stage
from ltrr.bench.running.clients import drive, session
from ltrr.models.errors import EngineFailed
from ltrr.serving.http.server import address, bind, serve
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

CLIENTS: Final = (1, 8, 32, 128)
_P99: Final = {8: 2.0}
_WARM: Final = 20
_OURS, _BARE = "ltrr", "bare app"

Answers = dict[str, dict[str, Any]]
Rounds = dict[str, list[float]]


class _Asked(BaseModel):
    query: str


def run(seed: int = 0, queries: int = 300, rounds: int = 5, artists: int = 400) -> BenchDocument:
    """Measure with 1, 8, 32 and 128 clients; on Kafka and engines' servers where their settings name some."""
    with stage(seed, queries, artists) as staged, product(staged) as running:
        answers = asyncio.run(_answers(running.url, staged.texts))
        with spawned(partial(_serve_bare, answers), staged) as bare:
            figures = asyncio.run(_measure({_BARE: bare, _OURS: running}, staged.texts, rounds))
        notes = [
            *staged.notes,
            f"{rounds} rounds of {queries} searches in turns; clients, and both apps, share the machine's cores",
            "processor: of the app's process for a search, whatever else the machine does",
        ]
    wanted = {f"{_OURS} / {_BARE} p99, {clients} clients": limit for clients, limit in _P99.items()}
    targets = [Target.below(name, figures, limit) for name, limit in wanted.items()]
    return BenchDocument("load", [seed], figures, targets, notes)


async def _answers(url: str, texts: list[str]) -> Answers:
    """Return what the product answers, the first time and so from a baseline: its plan is always the same."""
    async with session(url) as search:
        answers = {text: await search(text) for text in texts}
    failed = {engine for answer in answers.values() for engine in answer["degraded"]}
    if failed:
        raise EngineFailed("bench", f"no answer from {', '.join(sorted(failed))}: the figures would mean nothing")
    return answers


async def _measure(apps: dict[str, Running], texts: list[str], rounds: int) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for clients in CLIENTS:
        rates: Rounds = {name: [] for name in apps}
        slowest: Rounds = {name: [] for name in apps}
        worked: Rounds = {name: [] for name in apps}
        for number in range(rounds + 1):
            for name, app in apps.items():
                before_s = app.worked_s
                async with session(app.url) as search:
                    driven = await drive(search, texts if number else texts[:_WARM], clients)
                if number:  # the first one warms
                    rates[name].append(len(texts) / driven.elapsed_s)
                    slowest[name].append(1000 * float(np.quantile(driven.seconds, 0.99)))
                    worked[name].append(1000 * (app.worked_s - before_s) / len(texts))
        said = f"{clients} client{'s' * (clients > 1)}"
        for label, unit, rows in (("", "searches/s", rates), (" p99", "ms", slowest), (" processor", "ms", worked)):
            for name in apps:
                figures[f"{name}{label}, {said}"] = Figure.spread(rows[name], unit)
            shares = [mine / its for mine, its in zip(rows[_OURS], rows[_BARE], strict=True)]
            figures[f"{_OURS} / {_BARE}{label}, {said}"] = Figure.spread(shares, "ratio")
    return figures


def _serve_bare(answers: Answers, staged: Stage, ready: Connection) -> None:
    with own_index(staged) as index:
        prepared = {text: calls(index, text, staged.application) for text in staged.texts}
        app = FastAPI()

        @app.post("/v1/search")
        async def search(asked: _Asked) -> dict[str, Any]:
            began_s = time.perf_counter()
            await ask(index, prepared[asked.query])
            return {**answers[asked.query], "took_ms": 1000 * (time.perf_counter() - began_s)}

        async def main() -> None:
            with bind("127.0.0.1", 0) as bound:
                ready.send(address(bound))
                await serve(app, bound)
            await index.stop()

        asyncio.run(main())
