"""`ltrr bench soak`: whether a service that runs on and on stays within its memory."""

import asyncio
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import SecretStr

from ltrr.bench.running.processes import STATM, resident_bytes
from ltrr.models.errors import InvalidInput
from ltrr.models.records.entity import Entity, Place
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.settings import Settings
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.streams.events.timestamps import write_timestamp

_START_S: Final = 1_767_225_600.0
_SPEED: Final = 60.0  # seconds of the service in one of the wall's: half an hour of open pages is 30 s
_RESTARTS: Final = 4
_SAMPLE_S: Final = 2.0
_BATCHES: Final = 10
_T_95: Final = 2.306  # Student's t of as many batch means less the two of a line
_FLAT: Final = 5.0  # percent
_ENTITIES: Final = 1_000
_WORDS: Final = 300
_QUERIES: Final = 3_000


@dataclass(frozen=True, slots=True)
class Sample:
    """What a service took at a moment. rss: bytes; tables: name -> entries; searches, actions: sent so far."""

    at_s: float
    rss: int
    tables: dict[str, float]
    searches: int
    actions: int
    restarts: int


def run(seed: int = 0, minutes: float = 10.0) -> BenchDocument:
    """Play traffic to a service in a process of its own, with restarts in the first half, and fit the last half.

    Between the two it goes on until as many answers are kept as may be: they are the most of what a restart empties,
    and how long they take to come back says how fast the machine is.
    """
    if not STATM.exists():
        raise InvalidInput(f"bench soak reads {STATM}: run it on Linux")
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_play, args=(seed, 60.0 * minutes, sender), daemon=True)
    process.start()
    sender.close()
    samples: list[Sample] = []
    try:
        while True:
            samples.append(receiver.recv())
    except EOFError:
        process.join()
    if process.exitcode:
        raise InvalidInput(f"the service ended with {process.exitcode} after {len(samples)} samples; see above")
    return document(samples, seed)


def document(samples: Sequence[Sample], seed: int) -> BenchDocument:
    """Return what samples say of the last half of a run."""
    last = samples[len(samples) // 2 :]
    if len(last) < _BATCHES:
        raise InvalidInput(f"{len(samples)} samples say nothing: let it run for some minutes")
    at_s = np.array([sample.at_s for sample in last])
    grown = {name: growth(at_s, np.array([one.tables[name] for one in last])) for name in last[0].tables}
    figures = {
        "growth of resident memory": growth(at_s, np.array([float(sample.rss) for sample in last])),
        "resident memory at half": _plain(last[0].rss / 1e6, "MB"),
        "resident memory at end": _plain(last[-1].rss / 1e6, "MB"),
        "searches": _plain(last[-1].searches, ""),
        "actions": _plain(last[-1].actions, ""),
        "restarts": _plain(last[-1].restarts, ""),
        **{name: _plain(last[-1].tables[name], "") for name in grown},
    }
    flat = Target.below("growth of resident memory", figures, _FLAT)
    notes = [f"the last {at_s[-1] - at_s[0]:.0f} s, {len(last)} samples; {_SPEED:.0f} s of the service in one"]
    notes += [f"grew: {name}, {one.value:.1f}% ({one.low:.1f} to {one.high:.1f})" for name, one in _growing(grown)]
    return BenchDocument("soak", [seed], figures, [flat], notes)


def growth(at_s: NDArray[np.float64], values: NDArray[np.float64]) -> Figure:
    """Return by how many percent of its mean a line through values rises, with its interval from batch means."""
    mean = float(values.mean())
    if not mean:
        return _plain(0.0, "%")
    times = np.array([part.mean() for part in np.array_split(at_s, _BATCHES)])
    means = np.array([part.mean() for part in np.array_split(values, _BATCHES)])
    centred = times - times.mean()
    slope = float(centred @ means) / float(centred @ centred)
    rest = means - means.mean() - slope * centred
    error = float(np.sqrt(rest @ rest / (_BATCHES - 2) / (centred @ centred)))
    scale = 100.0 * float(at_s[-1] - at_s[0]) / mean
    return Figure(scale * slope, "%", scale * (slope - _T_95 * error), scale * (slope + _T_95 * error))


def _growing(grown: dict[str, Figure]) -> list[tuple[str, Figure]]:
    return sorted(((n, f) for n, f in grown.items() if f.low > _FLAT), key=lambda one: -one[1].value)


def _plain(value: float, unit: str) -> Figure:
    return Figure(value, unit, value, value)


def _play(seed: int, seconds: float, sender: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_Visitors(seed, Path(folder), sender).play(seconds))


class _Visitors:
    """Searches, clicks, purchases, foreign pages, made-up ids and changes of the catalogue, one after the other."""

    def __init__(self, seed: int, folder: Path, sender: Connection) -> None:
        self._rng = np.random.default_rng(seed)
        self._folder = folder
        self._sender = sender
        self._words = ["".join(self._rng.choice(list("abcdeilmnorstu"), 6)) for _ in range(_WORDS)]
        self._queries = [" ".join(self._rng.choice(self._words, self._rng.integers(1, 4))) for _ in range(_QUERIES)]
        self._began_s = time.monotonic()
        self._searches = self._actions = self._restarts = self._names = 0
        self._settings = Settings(
            secret=SecretStr("of this bench alone"),
            memory_queries=500,
            memory_pairs=50,
            senders=500,
            half_life_s=600.0,
            session_s=60.0,
            action_windows_s={"purchase": 3_600.0},
            checkpoint_s=600.0,
            log_retention_s=5_400.0,
            stable_s=300.0,
        )

    def _clock(self) -> float:
        return _START_S + _SPEED * (time.monotonic() - self._began_s)

    async def play(self, seconds: float, *, filling: bool = True) -> None:
        """Play for some seconds of the wall, not counting how long it takes to fill what a restart has emptied."""
        service = await self._opened([self._entity(number) for number in range(_ENTITIES)])
        due_s, began_s = 0.0, time.monotonic()
        while (passed_s := time.monotonic() - began_s) < seconds:
            if filling and passed_s > seconds / 2:
                await self._fill(service)
                began_s, filling = time.monotonic() - passed_s, False
            if self._restarts < min(_RESTARTS, int(passed_s / seconds * 2 * (_RESTARTS + 1))):
                await self._close(service)
                service, self._restarts = await self._opened([]), self._restarts + 1
            await self._step(service)
            if passed_s >= due_s:
                due_s = passed_s + _SAMPLE_S
                self._sample(service, passed_s)
        await self._close(service)

    async def _fill(self, service: EmbeddedService) -> None:
        """Play until all answers are kept that may be."""
        while any(table.name == "kept_answers" and table.entries < table.most for table in service.tables()):
            await self._step(service)

    async def _opened(self, entities: Sequence[Entity]) -> EmbeddedService:
        service = EmbeddedService(self._settings, self._clock, self._folder)
        await service.change(entities)
        service.start()
        return service

    async def _close(self, service: EmbeddedService) -> None:
        await service.stop()
        service.close()

    def _sample(self, service: EmbeddedService, at_s: float) -> None:
        tables = {table.name: float(table.entries) for table in service.tables()}
        self._sender.send(Sample(at_s, resident_bytes(), tables, self._searches, self._actions, self._restarts))

    async def _step(self, service: EmbeddedService) -> None:
        rng = self._rng
        names = {"user_id": self._visitor("user"), "session_id": self._visitor("session")}
        request = SearchRequest(query=str(rng.choice(self._queries)), **names)
        answer = await service.search(request)
        self._searches += 1
        shown = [item.object_id for item in answer.items]
        if shown and rng.random() < 0.4:  # noqa: PLR2004  # of all pages
            name = "purchase" if rng.random() < 0.1 else "click"  # noqa: PLR2004
            await self._act(service, [(answer.query_id, str(rng.choice(shown)), name)])
        if shown and rng.random() < 0.05:  # noqa: PLR2004
            await service.search(request.model_copy(update={"query_id": answer.query_id, "page": 2}))
        rare: Callable[[EmbeddedService], Any] = (self._foreign, self._made_up, self._changes)[int(rng.integers(3))]
        if rng.random() < 0.1:  # noqa: PLR2004
            await rare(service)

    def _visitor(self, kind: str) -> str:
        """Return somebody of a hundred, or somebody new."""
        self._names += 1
        return f"{kind}-{self._rng.integers(100)}" if self._rng.random() < 0.8 else f"{kind}-new-{self._names}"  # noqa: PLR2004

    async def _act(self, service: EmbeddedService, acts: Sequence[tuple[str, str, str]]) -> None:
        events = [
            {
                "action_name": name,
                "query_id": query_id,
                "timestamp": write_timestamp(self._clock()),
                "event_attributes": {"object": {"object_id": object_id}},
            }
            for query_id, object_id, name in acts
        ]
        self._actions += len(events)
        await service.intake.take_events(json.dumps(events).encode())

    async def _foreign(self, service: EmbeddedService) -> None:
        """Show a page of another search, and act on it."""
        self._names += 1
        hits = [f"entity-{number}" for number in self._rng.integers(_ENTITIES, size=10)]
        query = {
            "query_id": f"theirs-{self._names}",
            "user_query": str(self._rng.choice(self._queries)),
            "timestamp": write_timestamp(self._clock()),
            "query_response_hit_ids": hits,
        }
        await service.intake.take_queries(json.dumps(query).encode())
        await self._act(service, [(f"theirs-{self._names}", hits[0], "click")])

    async def _made_up(self, service: EmbeddedService) -> None:
        """Act on pages that nobody has seen."""
        self._names += 1
        await self._act(service, [(f"made-up-{self._names}-{n}", "entity-1", "click") for n in range(20)])

    async def _changes(self, service: EmbeddedService) -> None:
        """Change some entities, and take one out."""
        numbers = self._rng.integers(_ENTITIES, size=6).tolist()
        await service.change([self._entity(number) for number in numbers[:5]])
        await service.change([Place(self._settings.applications[0], f"entity-{numbers[5]}")])

    def _entity(self, number: int) -> Entity:
        return Entity(
            object_id=f"entity-{number}",
            type="thing",
            name=" ".join(self._rng.choice(self._words, 3)),
            attributes={"kind": {str(self._rng.choice(self._words[:20])): 1.0}},
            popularity=float(number),
            version=time.time_ns(),
        )
