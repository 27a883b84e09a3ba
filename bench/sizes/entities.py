"""An embedded service over a catalogue of so many entities: loaded, opened again, searched, taught."""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np

from ltrr.bench.sizes.process import Measured, alone, peak_mb, resident_mb
from ltrr.bench.sizes.songs import songs
from ltrr.models.records.entity import Entity
from ltrr.retrievers.documents.batches import STRETCH, batches
from ltrr.retrievers.engines.allocator import share_arena
from ltrr.serving.retrieval.opening import open_index
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.settings import Settings, load_settings

_PATIENCE_S: Final = 30.0
_NOBODY: Final = "127.0.0.1:9"
INDEXED, PEAK, START, RESIDENT = "indexed", "peak while indexing", "start", "resident when serving"
HELD, EACH = "resident on server engines", "resident on server engines, each"
SEARCH, DECISION, JOIN = "search p50", "decision", "click joined and learned"


class _Made:
    """Songs that are made as they are read. took_s: what that took; names: of those at some places."""

    def __init__(self, made: Iterator[Entity], places: set[int]) -> None:
        self.took_s = 0.0
        self.names: list[str] = []
        self._made = enumerate(made)
        self._places = places

    def __iter__(self) -> Iterator[Entity]:
        return self

    def __next__(self) -> Entity:
        began_s = time.perf_counter()
        place, song = next(self._made)
        if place in self._places:
            self.names.append(song.name)
        self.took_s += time.perf_counter() - began_s
        return song


def of_catalogue(entities: int, rounds: int, seed: int, searches: int) -> Measured:
    """Measure one size; a round has so many searches, with a click on the first result of each."""
    catalogue, asking = np.random.default_rng(seed).spawn(2)
    with tempfile.TemporaryDirectory(prefix="ltrr-bench-") as folder:
        settings = _settings(Path(folder))
        made = _Made(songs(catalogue, entities), set(asking.integers(entities, size=searches).tolist()))
        with closing(EmbeddedService(settings, time.time, settings.data_dir)) as service:
            began_s = time.perf_counter()
            asyncio.run(_load(service, made))
            found: Measured = {INDEXED: [time.perf_counter() - began_s - made.took_s], PEAK: [peak_mb()]}
        texts = [_asked(asking, name) for name in made.names]
        return found | alone(_opened, settings, texts, rounds)  # what indexing has left in memory is not of serving


async def _load(service: EmbeddedService, made: _Made) -> None:
    """Load a catalogue as `ltrr index` does."""
    share_arena()
    for stretch in batches(made, STRETCH):
        await service.index.index(stretch)
        await service.index.compact()
    await service.index.optimise()


def of_query_worker(entities: int, seed: int) -> Measured:
    """Return what a query worker holds of a catalogue that engines on servers search; none of them is asked."""
    servers = {"kafka": _NOBODY, "elasticsearch": f"http://{_NOBODY}", "qdrant": f"http://{_NOBODY}"}
    catalogue, _ = np.random.default_rng(seed).spawn(2)
    with tempfile.TemporaryDirectory(prefix="ltrr-bench-") as folder:
        settings = load_settings(**servers, data_dir=Path(folder))
        with closing(open_index(settings, settings.data_dir)) as index:
            before_mb = resident_mb()
            asyncio.run(index.index(songs(catalogue, entities)))
            index.open()
            held_mb = resident_mb()
    return {HELD: [held_mb], EACH: [1e3 * (held_mb - before_mb) / entities]}


def _opened(settings: Settings, texts: list[str], rounds: int) -> Measured:
    """Open what is in a data folder, and search it."""
    began_s = time.perf_counter()
    with closing(EmbeddedService(settings, time.time, settings.data_dir)) as service:
        service.index.open()
        found: Measured = {START: [time.perf_counter() - began_s]}
        found |= asyncio.run(_searched(service, texts, rounds))
        found[RESIDENT] = [resident_mb()]
    return found


async def _searched(service: EmbeddedService, texts: list[str], rounds: int) -> Measured:
    """Return milliseconds: of the clock for a search, of the processor for what is to depend on no catalogue."""
    found: Measured = {SEARCH: [], DECISION: [], JOIN: []}
    application = service.settings.applications[0]
    service.start()
    for _ in range(rounds + 1):
        took: dict[str, list[float]] = {name: [] for name in found}
        for seed, text in enumerate(texts):
            began_s = time.perf_counter()
            answer = await service.search(SearchRequest(query=text))
            took[SEARCH].append(time.perf_counter() - began_s)
            await service.settle()  # the page is learned: what follows is not held up by it
            began_s = time.process_time()
            service.state.decide(application, {"bias": 1.0}, seed)
            took[DECISION].append(time.process_time() - began_s)
            if answer.items:
                click = {
                    "query_id": answer.query_id,
                    "action_name": "click",
                    "timestamp": time.time(),
                    "event_attributes": {"object": {"object_id": answer.items[0].object_id}},
                }
                began_s = time.process_time()
                await service.intake.take_events(json.dumps(click).encode())
                took[JOIN].append(time.process_time() - began_s)
        for name, seconds in took.items():
            found[name].append(1e3 * float(np.median(seconds)))
    await service.stop()
    return {name: values[1:] for name, values in found.items()}  # the first one warms


def _settings(folder: Path) -> Settings:
    alone = {"kafka": None, "elasticsearch": None, "qdrant": None}
    patience = {"text_deadline_s": _PATIENCE_S, "vector_deadline_s": _PATIENCE_S}
    return load_settings(**patience).model_copy(update={**alone, "data_dir": folder})


def _asked(rng: np.random.Generator, name: str) -> str:
    """Return a name, or one word of it."""
    words = name.split()
    return name if rng.random() < 0.5 else words[rng.integers(len(words))]  # noqa: PLR2004  # half of them
