"""Vectors in the process: Qdrant Edge behind the vector requests."""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

import qdrant_edge as edge

from ltrr.models.errors import EngineFailed, StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit
from ltrr.retrievers.documents import documents
from ltrr.retrievers.documents.vectors import Encoders, Vector
from ltrr.retrievers.encoders import SparseVector
from ltrr.retrievers.engines.allocator import give_back
from ltrr.retrievers.engines.base import HEALTHY, VECTOR
from ltrr.retrievers.requests.fusion import ranked
from ltrr.retrievers.requests.requests import DENSE, SPARSE, TIED, Filter, VectorRequest, Within

_LOG = logging.getLogger(__name__)
_INDEXED: Final = ("application", "facets")
_KEYWORD: Final = edge.KeywordIndexParams(memory=edge.Memory.Cold)
_INDEXED_NUMBERS: Final = 32  # each is kept in files of its own in each segment
_FLOAT: Final = edge.FloatIndexParams(memory=edge.Memory.Cold)
_SEGMENTS: Final = edge.EdgeOptimizersConfig(default_segment_number=6)  # the smallest are merged when there are more
_NO_GRAPH: Final = edge.HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=10_000, payload_m=0)
_RESCORED: Final = 2.0  # times as many as are asked for


class EmbeddedVector:
    """A `LocalEngine`: Qdrant Edge in a folder, over vectors of `encoders`.

    Where an encoder leaves that to the engine, terms weigh by how rare they are among the entities that are there.
    exact: compare every dense vector. Until `optimise` is called that is done anyway, after it codes are compared, and
    vectors of the best. Sparse vectors are exact always. Searches may run in any thread beside one that indexes. Raises
    StorageFailed where the folder is in use or holds other vectors.
    """

    kind = "qdrant-edge"

    def __init__(self, folder: Path, encoders: Encoders, *, exact: bool = False) -> None:
        self._encoders = encoders
        self._lock = threading.Lock()
        # codes of four bits found all that exact search does in catalogues of 23,000 and 200,000,
        # a graph 64% and 81% of it, which was built in forty times the time
        dense = edge.EdgeVectorParams(
            size=encoders.dense.dimensions,
            distance=edge.Distance.Dot,
            memory=edge.Memory.Cold,
            hnsw_config=_NO_GRAPH,
            quantization_config=edge.TurboQuantQuantizationConfig(bits=edge.TurboQuantBitSize.Bits4),
        )
        weighed = edge.Modifier.Idf if encoders.sparse.idf else None
        sparse = edge.EdgeSparseVectorParams(modifier=weighed, memory=edge.Memory.Cold)
        # terms are counted among all points that are there: by itself Edge counts deleted ones until it loads the shard
        # again, or for as long as their segment stays
        present = edge.IdfParams(edge.Filter(must=[])) if encoders.sparse.idf else None
        codes = edge.QuantizationSearchParams(rescore=True, oversampling=_RESCORED)
        self._params = {
            DENSE: edge.SearchParams(exact=exact, quantization=None if exact else codes),
            SPARSE: edge.SearchParams(idf=present),
        }
        self._config = edge.EdgeConfig({DENSE: dense}, {SPARSE: sparse}, optimizers=_SEGMENTS)
        self._folder = str(folder)
        try:
            if folder.exists() and any(folder.iterdir()):
                self.shard = edge.EdgeShard.load(self._folder, self._config)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                self.shard = edge.EdgeShard.create(self._folder, self._config)
                for field in _INDEXED:
                    self.shard.update(edge.UpdateOperation.create_field_index(field, _KEYWORD))
            self._numbers = set(self.shard.info().payload_schema) - set(_INDEXED)
        except Exception as error:
            raise StorageFailed(f"cannot open the vector index in {folder}: {error}") from error

    async def search(self, requests: Sequence[VectorRequest], patience: float = 1.0) -> list[list[Hit]]:
        """Encode and answer requests in a worker thread."""
        del patience
        return await asyncio.to_thread(self._search, requests)

    async def health(self) -> str:
        """Return "ok": it is a part of this process."""
        return HEALTHY

    async def stop(self) -> None:
        """Hold no connection."""

    def index(self, entities: Sequence[Entity]) -> None:
        """Encode and add or replace entities; where that fails none of them is in the index, an older one neither."""
        points = self.points(entities)
        with self._lock, _translated():
            self._index_numbers(entities)
            try:
                self.shard.update(edge.UpdateOperation.upsert_points(points))
            except Exception as error:  # Edge raises bare exceptions, and may have kept any of the others
                self.shard.update(edge.UpdateOperation.delete_points([point.id for point in points]))
                lost = (
                    f"none of these {len(points)} entities is in it until they are sent again, or ltrr is started again"
                )
                raise RuntimeError(f"{error}; {lost}") from error

    def _index_numbers(self, entities: Sequence[Entity]) -> None:
        """Have numbers that were not seen yet indexed, the most frequent ones: others are slow to filter by."""
        if len(self._numbers) == _INDEXED_NUMBERS:
            return
        seen = Counter(_number(name) for one in entities for name in documents.numbers(one))
        fresh = sorted(seen.keys() - self._numbers, key=lambda field: (-seen[field], field))
        for field in fresh[: _INDEXED_NUMBERS - len(self._numbers)]:
            self.shard.update(edge.UpdateOperation.create_field_index(field, _FLOAT))
            self._numbers.add(field)

    def points(self, entities: Sequence[Entity]) -> list[edge.Point]:
        """Return what is written of entities, encoded."""
        vectors = self._encoders.documents(entities)
        return [_point(entity, *both) for entity, both in zip(entities, vectors, strict=True)]

    def delete(self, application: str, object_ids: Iterable[str]) -> None:
        """Remove entities."""
        points: list[edge.PointId] = [documents.place(application, object_id) for object_id in object_ids]
        with self._lock, _translated():
            self.shard.update(edge.UpdateOperation.delete_points(points))

    def optimise(self) -> None:
        """Make codes of dense vectors, where 10,000 or more have none, which takes some 40 us for each.

        What is new lies in memory until then, some three kilobytes of each entity, and is mapped from files after it.
        Edge lets no other thread of the process run meanwhile.
        """
        with self._lock, _translated():
            if self.shard.optimize():
                self._reopen()

    def close(self) -> None:
        """Flush, and let go of the folder."""
        with self._lock, _translated():
            try:
                self._flush()
            finally:
                self.shard.close()

    def _flush(self) -> None:
        """Write what is pending; where Edge fails, load the shard again, which has all in a log, and write it then."""
        try:
            self.shard.flush()
        except Exception as error:  # noqa: BLE001  # Edge raises bare exceptions
            _LOG.warning("the vector index in %s could not be written, and is opened again: %s", self._folder, error)
            self.shard.close()
            self._load()
            self.shard.flush()

    def _reopen(self) -> None:
        """Let go of what was built in memory, and of pages of files that were read for it."""
        self._flush()
        self.shard.close()
        give_back()
        self._load()

    def _load(self) -> None:
        self.shard = edge.EdgeShard.load(self._folder, self._config)

    def _search(self, requests: Sequence[VectorRequest]) -> list[list[Hit]]:
        vectors = self._encoders.queries(requests)
        queries = [self._query(request, vector) for request, vector in zip(requests, vectors, strict=True)]
        with _translated():
            answers = self.shard.query_batch(edge.QueryBatchRequest(queries))
        return [_hits(points, request.limit) for points, request in zip(answers, requests, strict=True)]

    def _query(self, request: VectorRequest, vector: Vector) -> edge.QueryRequest:
        conditions: list[edge.ConditionType] = [
            edge.FieldCondition("application", match=edge.MatchValue(request.application)),
            *map(_condition, request.filters),
        ]
        near = edge.SparseVector(*vector) if isinstance(vector, SparseVector) else vector
        return edge.QueryRequest(
            limit=request.limit + TIED,
            query=edge.Query.Nearest(near, request.using),
            filter=edge.Filter(must=conditions),
            params=self._params[request.using],
            with_payload=["object_id"],
        )


def _condition(accepted: Filter) -> edge.FieldCondition:
    if isinstance(accepted, Within):
        bounds = edge.RangeFloat(**asdict(accepted.range))
        return edge.FieldCondition(_number(accepted.field), range=bounds)
    return edge.FieldCondition("facets", match=edge.MatchAny(list(accepted)))


def _number(name: str) -> str:
    return f"numbers.{documents.number_field(name)}"


def _hits(points: Sequence[edge.ScoredPoint], limit: int) -> list[Hit]:
    """Return the best, ties broken by id: Edge breaks them as its segments happen to lie."""
    return list(ranked((Hit((point.payload or {})["object_id"], point.score) for point in points), limit))


def _point(entity: Entity, dense: list[float], sparse: SparseVector) -> edge.Point:
    place = documents.place(entity.application, entity.object_id)
    vectors: dict[str, edge.NamedVector] = {DENSE: dense}
    if sparse.indices:
        vectors[SPARSE] = edge.SparseVector(*sparse)
    return edge.Point(place, vectors, documents.payload(entity))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # Edge raises bare exceptions
        raise EngineFailed(VECTOR, f"{error}; rebuild the index if this stays") from error
