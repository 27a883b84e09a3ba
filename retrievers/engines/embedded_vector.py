"""Vectors in the process: Qdrant Edge behind the vector requests."""

import asyncio
import threading
import uuid
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
from retrievers.requests import VectorRequest

NAME: Final = "vector"
_NAMESPACE: Final = uuid.UUID("5b0ff0d6-0a3c-4f0e-9a55-6c0c2a3f2d7e")
_TIED: Final = 32  # asked for beyond the last, so that ids can break its ties
_INDEXED: Final = ("application", "facets")


class EmbeddedVector:
    """Qdrant Edge in a folder, over embeddings of `encoder`.

    Until `optimise` is called it compares every vector, exactly. Searches may run in any thread beside one that
    indexes. Raises StorageFailed where the folder is in use or holds vectors of another size.
    """

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        config = edge.EdgeConfig(
            vectors=edge.EdgeVectorParams(size=encoder.dimensions, distance=edge.Distance.Dot),
        )
        try:
            if folder.exists() and any(folder.iterdir()):
                self._shard = edge.EdgeShard.load(str(folder), config)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                self._shard = edge.EdgeShard.create(str(folder), config)
                for field in _INDEXED:
                    keyword = edge.PayloadSchemaType.Keyword
                    self._shard.update(edge.UpdateOperation.create_field_index(field, keyword))
        except Exception as error:
            raise StorageFailed(f"cannot open the vector index in {folder}: {error}") from error

    async def search(self, requests: Sequence[VectorRequest]) -> list[list[Hit]]:
        """Embed and answer requests in a worker thread."""
        return await asyncio.to_thread(self._search, requests)

    def index(self, entities: Sequence[Entity]) -> None:
        """Embed and add or replace entities."""
        vectors = self._encoder.encode([documents.embedded_text(entity) for entity in entities])
        points = [_point(entity, vector.tolist()) for entity, vector in zip(entities, vectors, strict=True)]
        with self._lock, _translated():
            self._shard.update(edge.UpdateOperation.upsert_points(points))

    def delete(self, application: str, object_ids: Iterable[str]) -> None:
        """Remove entities."""
        points: list[edge.PointId] = [_id(application, object_id) for object_id in object_ids]
        with self._lock, _translated():
            self._shard.update(edge.UpdateOperation.delete_points(points))

    def optimise(self) -> None:
        """Build the graph for approximate search; some seconds for each 20,000 entities."""
        with self._lock, _translated():
            self._shard.optimize()

    def close(self) -> None:
        """Flush, and let go of the folder."""
        with self._lock, _translated():
            self._shard.flush()
            self._shard.close()

    def _search(self, requests: Sequence[VectorRequest]) -> list[list[Hit]]:
        vectors = self._encoder.encode([request.text for request in requests])
        queries = [_query(request, vector.tolist()) for request, vector in zip(requests, vectors, strict=True)]
        with _translated():
            answers = self._shard.query_batch(edge.QueryBatchRequest(queries))
        return [_hits(points, request.limit) for points, request in zip(answers, requests, strict=True)]


def _hits(points: Sequence[edge.ScoredPoint], limit: int) -> list[Hit]:
    """Return the best, ties broken by id: Edge breaks them as its segments happen to lie."""
    hits = (Hit((point.payload or {})["object_id"], point.score) for point in points)
    return sorted(hits, key=lambda hit: (-hit.score, hit.object_id))[:limit]


def _id(application: str, object_id: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, documents.key(application, object_id)))


def _point(entity: Entity, vector: list[float]) -> edge.Point:
    payload = {
        "object_id": entity.object_id,
        "application": entity.application,
        "facets": list(documents.entity_facets(entity)),
    }
    return edge.Point(_id(entity.application, entity.object_id), vector, payload)


def _query(request: VectorRequest, vector: list[float]) -> edge.QueryRequest:
    conditions: list[edge.ConditionType] = [
        edge.FieldCondition("application", match=edge.MatchValue(request.application)),
        *(edge.FieldCondition("facets", match=edge.MatchAny(list(accepted))) for accepted in request.filters),
    ]
    return edge.QueryRequest(
        limit=request.limit + _TIED,
        query=edge.Query.Nearest(vector),
        filter=edge.Filter(must=conditions),
        with_payload=["object_id"],
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # Edge raises bare exceptions
        raise EngineFailed(NAME, f"{error}; rebuild the index if this stays") from error
