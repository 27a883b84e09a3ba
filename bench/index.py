"""`ltrr bench index`: entities per second through our indexers, beside bare clients that write prepared documents."""

import asyncio
import gc
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import qdrant_edge as edge
from elasticsearch import AsyncElasticsearch, JsonSerializer
from elasticsearch.helpers import async_streaming_bulk
from qdrant_client import QdrantClient
from qdrant_client.models import PointStruct

from ltrr.models.records.entity import Entity
from ltrr.retrievers.documents import documents
from ltrr.retrievers.documents.batches import batches
from ltrr.retrievers.documents.vectors import named
from ltrr.retrievers.engines import elasticsearch_index
from ltrr.retrievers.engines.addresses import ElasticsearchAddress, QdrantAddress
from ltrr.retrievers.engines.elasticsearch_client import SERIALIZER, connect
from ltrr.retrievers.engines.elasticsearch_text import ElasticsearchText
from ltrr.retrievers.engines.embedded_vector import EmbeddedVector
from ltrr.retrievers.engines.qdrant_vector import QdrantVector
from ltrr.serving.demo.music.catalogue import catalogue
from ltrr.serving.retrieval.opening import elasticsearch_address, qdrant_address
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

ENTITIES: Final = 4_000
_ARTIST: Final = 10  # entities of the made-up catalogue, at least
_ARTISTS: Final = 50  # of the smallest one
_ROUNDS: Final = 5
_ENOUGH: Final = 0.8
_PATIENT_S: Final = 60.0
_CHUNK: Final = 500  # the helper's own
_POINTS: Final = 250

Work = Callable[[], None]
Trial = Callable[[], AbstractContextManager[Work]]


class _Rivals(NamedTuple):
    """Ways to write the same entities into the same engine; each trial begins with an empty one.

    bare: by what they do, clients that are handed all that they write, or less.
    """

    engine: str
    ours: Trial
    bare: dict[str, Trial]


def run(seed: int = 0, rounds: int = _ROUNDS) -> BenchDocument:
    """Write a made-up catalogue in turns through our indexers and by bare clients, several times.

    Into Elasticsearch where LTRR_ELASTICSEARCH is set; into Qdrant where LTRR_QDRANT is, else into Qdrant Edge.
    """
    settings = load_settings()
    entities = catalogue(np.random.default_rng(seed), max(_ARTISTS, ENTITIES // _ARTIST))[:ENTITIES]
    text, vectors = elasticsearch_address(settings), qdrant_address(settings)
    rivals = [_qdrant(vectors, entities) if vectors else _qdrant_edge(entities)]
    notes = [
        f"{len(entities)} entities, {rounds} rounds in turns after one that is not counted",
        "ours builds documents, embeds them and looks up what is held; the bare client is given documents and vectors",
        "Elasticsearch's client writes JSON by the standard library where it is not told otherwise; ours by orjson",
    ]
    if text:
        rivals.append(_elasticsearch(text, entities))
    else:
        notes.append("Elasticsearch not measured: set LTRR_ELASTICSEARCH")
    if not vectors:
        notes.append("Qdrant's server not measured: set LTRR_QDRANT; Qdrant Edge stands in for it")
    figures: dict[str, Figure] = {}
    targets = []
    for engine, ours, bare in rivals:
        trials = {"ours": ours, **bare}
        measured = [[len(entities) / _seconds(trial) for trial in trials.values()] for _ in range(rounds + 1)]
        rates = dict(zip(trials, np.array(measured[1:]).T, strict=True))
        for said, rate in rates.items():
            figures[f"{engine}: {said}"] = Figure.spread(rate.tolist(), "entities/s")
            if said != "ours":
                share = f"{engine}: ours of {said}"
                figures[share] = Figure.spread((rates["ours"] / rate).tolist(), "share")
                targets.append(Target(share, ">=", _ENOUGH, figures[share].low >= _ENOUGH))
    return BenchDocument("index", [seed], figures, targets, notes)


def _seconds(trial: Trial) -> float:
    with trial() as work:
        gc.collect()
        gc.freeze()  # what the bench itself holds is not looked through while either writes
        try:
            began_s = time.perf_counter()
            work()
            return time.perf_counter() - began_s
        finally:
            gc.unfreeze()


def _elasticsearch(address: ElasticsearchAddress, entities: Sequence[Entity]) -> _Rivals:
    actions = [
        {
            "_id": documents.place(one.application, one.object_id),
            "_source": elasticsearch_index.document(one, address.stemmer),
        }
        for one in entities
    ]

    @contextmanager
    def ours() -> Iterator[Work]:
        with asyncio.Runner() as runner:
            engine = ElasticsearchText(replace(address, index=_name()), _PATIENT_S)
            runner.run(engine.prepare())
            yield lambda: _check(runner.run(engine.index(entities, 1)), entities)
            runner.run(engine.drop())
            runner.run(engine.stop())

    async def bulk(client: AsyncElasticsearch, name: str) -> int:
        return sum([ok async for ok, _ in async_streaming_bulk(client, actions, chunk_size=_CHUNK, index=name)])

    @contextmanager
    def bare(serializer: JsonSerializer) -> Iterator[Work]:
        name = _name()
        definition = elasticsearch_index.definition(address)
        with asyncio.Runner() as runner:
            client = connect(address, _PATIENT_S, serializer)
            runner.run(_call(client.indices.create, index=name, **definition))
            yield lambda: _check(runner.run(bulk(client, name)), entities)
            runner.run(_call(client.indices.delete, index=name))
            runner.run(client.close())

    return _Rivals(
        "elasticsearch",
        ours,
        {"bare client": partial(bare, JsonSerializer()), "bare client with orjson": partial(bare, SERIALIZER)},
    )


def _qdrant(address: QdrantAddress, entities: Sequence[Entity]) -> _Rivals:
    encoders = named("wordllama", "expansion")

    @contextmanager
    def prepared() -> Iterator[tuple[QdrantVector, asyncio.Runner]]:
        with asyncio.Runner() as runner:
            engine = QdrantVector(replace(address, collection=_name()), encoders, _PATIENT_S)
            runner.run(engine.prepare())
            yield engine, runner
            runner.run(engine.drop())
            runner.run(engine.stop())

    @contextmanager
    def ours() -> Iterator[Work]:
        with prepared() as (engine, runner):
            yield lambda: _check(runner.run(engine.index(entities, 1)), entities)

    @contextmanager
    def client() -> Iterator[tuple[QdrantVector, Callable[[Sequence[PointStruct]], None]]]:
        with prepared() as (engine, _):
            client = QdrantClient(
                url=address.url,
                api_key=address.api_key,
                prefer_grpc=address.grpc_port is not None,
                grpc_port=address.grpc_port or 0,
            )
            upload = partial(client.upload_points, engine.address.collection, batch_size=_POINTS, wait=True)
            yield engine, upload
            client.close()

    @contextmanager
    def bare() -> Iterator[Work]:
        with client() as (engine, upload):
            points = engine.points(entities, 1)
            yield lambda: upload(points)

    @contextmanager
    def embedding() -> Iterator[Work]:
        with client() as (engine, upload):
            yield lambda: upload(engine.points(entities, 1))

    return _Rivals("qdrant", ours, {"bare client": bare, "bare client that embeds too": embedding})


def _qdrant_edge(entities: Sequence[Entity]) -> _Rivals:
    encoders = named("wordllama", "expansion")

    @contextmanager
    def opened() -> Iterator[EmbeddedVector]:
        with tempfile.TemporaryDirectory(prefix="ltrr-") as folder:
            engine = EmbeddedVector(Path(folder) / "vectors", encoders)
            yield engine
            engine.close()

    @contextmanager
    def ours() -> Iterator[Work]:
        with opened() as engine:

            def write() -> None:
                for batch in batches(entities):
                    engine.index(batch)

            yield write

    @contextmanager
    def bare() -> Iterator[Work]:
        with opened() as engine:
            portions = [engine.points(batch) for batch in batches(entities)]

            def write() -> None:
                for points in portions:
                    engine.shard.update(edge.UpdateOperation.upsert_points(points))

            yield write

    @contextmanager
    def embedding() -> Iterator[Work]:
        with opened() as engine:

            def write() -> None:
                engine.shard.update(edge.UpdateOperation.upsert_points(engine.points(entities)))

            yield write

    return _Rivals("qdrant-edge", ours, {"bare client": bare, "bare client that embeds too": embedding})


async def _call(work: Callable[..., Any], **arguments: Any) -> None:  # noqa: ANN401  # what a client takes
    await work(**arguments)


def _check(taken: int, entities: Sequence[Entity]) -> None:
    if taken != len(entities):
        raise AssertionError(f"{taken} of {len(entities)} entities were written")


def _name() -> str:
    return f"ltrr-bench-{uuid.uuid4().hex[:12]}"
