"""Vectors in the process: Qdrant Edge behind the vector requests."""

import asyncio
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import qdrant_edge as edge

from models.entity import Entity
from models.errors import EngineFailed, StorageFailed
from models.query import Hit
from retrievers import documents
from retrievers.encoders import Encoder
from retrievers.engine import HEALTHY, VECTOR
from retrievers.fusion import ranked
from retrievers.requests import TIED, VectorRequest

_INDEXED: Final = ("application", "facets")


class EmbeddedVector:
    """A `LocalEngine`: Qdrant Edge in a folder, over embeddings of `encoder`.

    Until `optimise` is called it compares every vector, exactly. Searches may run in any thread beside one that
    indexes. Raises StorageFailed where the folder is in use or holds vectors of another size.
    """

    kind = "qdrant-edge"

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        config = edge.EdgeConfig(
            vectors=edge.EdgeVectorParams(size=encoder.dimensions, distance=edge.Distance.Dot),
        )
        try:
            if folder.exists() and any(folder.iterdir()):
                self.shard = edge.EdgeShard.load(str(folder), config)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                self.shard = edge.EdgeShard.create(str(folder), config)
                for field in _INDEXED:
                    keyword = edge.PayloadSchemaType.Keyword
                    self.shard.update(edge.UpdateOperation.create_field_index(field, keyword))
        except Exception as error:
            raise StorageFailed(f"cannot open the vector index in {folder}: {error}") from error

    async def search(self, requests: Sequence[VectorRequest]) -> list[list[Hit]]:
        """Embed and answer requests in a worker thread."""
        return await asyncio.to_thread(self._search, requests)

    async def health(self) -> str:
        """Return "ok": it is a part of this process."""
        return HEALTHY

    async def stop(self) -> None:
        """Hold no connection."""

    def index(self, entities: Sequence[Entity]) -> None:
        """Embed and add or replace entities."""
        points = self.points(entities)
        with self._lock, _translated():
            self.shard.update(edge.UpdateOperation.upsert_points(points))

    def points(self, entities: Sequence[Entity]) -> list[edge.Point]:
        """Return what is written of entities, embedded."""
        vectors = self._encoder.encode([documents.embedded_text(entity) for entity in entities])
        return [_point(entity, vector.tolist()) for entity, vector in zip(entities, vectors, strict=True)]

    def delete(self, application: str, object_ids: Iterable[str]) -> None:
        """Remove entities."""
        points: list[edge.PointId] = [documents.place(application, object_id) for object_id in object_ids]
        with self._lock, _translated():
            self.shard.update(edge.UpdateOperation.delete_points(points))

    def optimise(self) -> None:
        """Build the graph for approximate search; some seconds for each 20,000 entities."""
        with self._lock, _translated():
            self.shard.optimize()

    def close(self) -> None:
        """Flush, and let go of the folder."""
        with self._lock, _translated():
            self.shard.flush()
            self.shard.close()

    def _search(self, requests: Sequence[VectorRequest]) -> list[list[Hit]]:
        vectors = self._encoder.encode([request.text for request in requests])
        queries = [_query(request, vector.tolist()) for request, vector in zip(requests, vectors, strict=True)]
        with _translated():
            answers = self.shard.query_batch(edge.QueryBatchRequest(queries))
        return [_hits(points, request.limit) for points, request in zip(answers, requests, strict=True)]


def _hits(points: Sequence[edge.ScoredPoint], limit: int) -> list[Hit]:
    """Return the best, ties broken by id: Edge breaks them as its segments happen to lie."""
    return list(ranked((Hit((point.payload or {})["object_id"], point.score) for point in points), limit))


def _point(entity: Entity, vector: list[float]) -> edge.Point:
    place = documents.place(entity.application, entity.object_id)
    return edge.Point(place, vector, documents.payload(entity))


def _query(request: VectorRequest, vector: list[float]) -> edge.QueryRequest:
    conditions: list[edge.ConditionType] = [
        edge.FieldCondition("application", match=edge.MatchValue(request.application)),
        *(edge.FieldCondition("facets", match=edge.MatchAny(list(accepted))) for accepted in request.filters),
    ]
    return edge.QueryRequest(
        limit=request.limit + TIED,
        query=edge.Query.Nearest(vector),
        filter=edge.Filter(must=conditions),
        with_payload=["object_id"],
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # Edge raises bare exceptions
        raise EngineFailed(VECTOR, f"{error}; rebuild the index if this stays") from error
