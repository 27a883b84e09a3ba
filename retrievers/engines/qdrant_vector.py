"""Vectors on a server: Qdrant behind the vector requests."""

import asyncio
import math
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from typing import Any, Final, Self

import grpc
import httpx
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException

from ltrr.models.errors import EngineFailed, InvalidSettings
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit
from ltrr.retrievers.documents import documents
from ltrr.retrievers.documents.batches import batches, newest_of
from ltrr.retrievers.documents.vectors import Encoders, Vector
from ltrr.retrievers.encoders import SparseVector
from ltrr.retrievers.engines.addresses import QdrantAddress
from ltrr.retrievers.engines.base import HEALTHY, VECTOR, Holding, number_of, numbered
from ltrr.retrievers.requests.fusion import ranked
from ltrr.retrievers.requests.requests import DENSE, SPARSE, TIED, Filter, VectorRequest, Within

_LAYOUT: Final = 4
_INDEXED: Final = {
    "application": models.PayloadSchemaType.KEYWORD,
    "facets": models.PayloadSchemaType.KEYWORD,
    "order": models.PayloadSchemaType.INTEGER,
}
_CHUNK: Final = 250
_WRITE_S: Final = 60
_CONNECTIONS: Final = 32
_FAILURES: Final = (ApiException, QdrantException, httpx.HTTPError, grpc.RpcError, OSError, ValueError)


class QdrantVector:
    """A `SharedEngine`: one collection behind an alias, one batch query for each search.

    client: the one to use instead of one for the address. A point's payload has the change's `order`, which writes and
    deletes are conditional on.
    """

    kind = "qdrant"

    def __init__(
        self,
        address: QdrantAddress,
        encoders: Encoders,
        deadline_s: float = 1.0,
        client: AsyncQdrantClient | None = None,
    ) -> None:
        self.address = address
        self._encoders = encoders
        self._deadline_s = deadline_s
        self._given = client
        self._client = client or connect(address)
        self._numbers: set[str] = set()

    async def search(self, requests: Sequence[VectorRequest], patience: float = 1.0) -> list[list[Hit]]:
        """Encode requests and answer them in one batch query."""
        vectors = await asyncio.to_thread(self._encoders.queries, requests)
        queries = [self._query(request, vector) for request, vector in zip(requests, vectors, strict=True)]
        with _translated():
            answers = await self._client.query_batch_points(
                self.address.collection, queries, timeout=math.ceil(patience * self._deadline_s)
            )
        return [_hits(answer.points, request.limit) for answer, request in zip(answers, requests, strict=True)]

    async def health(self) -> str:
        """Return "ok" where the collection can be searched, or what is wrong."""
        try:
            with _translated():
                found = await self._client.get_collection(self.address.collection)
        except EngineFailed as error:
            return str(error)
        return HEALTHY if found.status != models.CollectionStatus.RED else f"{found.optimizer_status}"

    async def stop(self) -> None:
        """Close connections; the next request opens others."""
        await self._client.close()
        self._client = self._given or connect(self.address)

    async def prepare(self) -> str:
        """Make the collection and its alias where they are missing, and return its identity."""
        name = self.address.collection
        with _translated():
            if await self._serving() is None:
                with suppress(*_FAILURES):  # another process may be faster; what else is wrong is seen next
                    await self._create(numbered(name, 1))
                await self._client.update_collection_aliases([_alias(name, numbered(name, 1))])
            return self._identity(await self._indexed(name))

    async def inspect(self) -> Holding:
        """Return the version, and what the collection holds."""
        name = self.address.collection
        with _translated():
            version = (await self._client.info()).version
            if await self._serving() is None:
                return Holding(version, name)
            found = await self._client.get_collection(name)
        return Holding(version, name, found.points_count or 0, self._identity(found))

    async def drop(self) -> None:
        """Remove the collection behind the alias."""
        with _translated():
            serving = await self._serving()
            if serving is not None:
                await self._client.delete_collection(serving, timeout=_WRITE_S)

    async def successor(self) -> Self:
        """Make a collection with the next number, without the alias."""
        await self.discard()
        with _translated():
            name = numbered(self.address.collection, 1 + number_of(await self._serving() or ""))
            await self._create(name)
            await self._indexed(name)
        return type(self)(replace(self.address, collection=name), self._encoders, self._deadline_s, self._given)

    async def switch(self, successor: Self) -> None:
        """Move the alias to the successor in one step."""
        alias = self.address.collection
        gone = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))
        with _translated():
            there = await self._serving() is not None
            new = _alias(alias, successor.address.collection)
            await self._client.update_collection_aliases([gone, new] if there else [new])

    async def discard(self) -> None:
        """Remove the numbered collections that the alias does not stand for."""
        with _translated():
            serving = await self._serving()
            for one in (await self._client.get_collections()).collections:
                if number_of(one.name, self.address.collection) and one.name != serving:
                    await self._client.delete_collection(one.name, timeout=_WRITE_S)

    async def index(self, entities: Iterable[Entity], order: int = 0) -> int:
        """Add or replace entities, some hundred at a time; an update older than what is held is left out."""
        return sum([await self._index(newest_of(batch), order) for batch in batches(entities, _CHUNK)])

    async def delete(self, application: str, object_ids: Iterable[str], order: int = 0) -> int:
        """Remove entities. Return how many there were."""
        places = [documents.place(application, object_id) for object_id in set(object_ids)]
        held = await self._held(places)
        gone = models.Filter(must=[models.HasIdCondition(has_id=list(held)), _not_after(order)])
        with _translated():
            await self._client.delete(self.address.collection, models.FilterSelector(filter=gone), timeout=_WRITE_S)
        return len(held)

    async def _serving(self) -> str | None:
        """Return the collection that the name stands for, None where it stands for none yet."""
        name = self.address.collection
        aliases = {one.alias_name: one.collection_name for one in (await self._client.get_aliases()).aliases}
        if name in aliases:
            return aliases[name]
        return name if await self._client.collection_exists(name) else None

    async def _indexed(self, name: str) -> models.CollectionInfo:
        """Describe a collection, after making the payload indexes that it lacks."""
        found = await self._client.get_collection(name)
        for field, kind in _INDEXED.items():  # without one the server refuses to filter by a field, or is slow
            if field not in found.payload_schema:
                await self._client.create_payload_index(name, field, kind)
        return found

    async def _create(self, name: str) -> None:
        await self._client.create_collection(
            name,
            vectors_config={
                DENSE: models.VectorParams(size=self._encoders.dense.dimensions, distance=models.Distance.DOT),
            },
            sparse_vectors_config={
                SPARSE: models.SparseVectorParams(modifier=models.Modifier.IDF if self._encoders.sparse.idf else None),
            },
            metadata={**self._facts(), "identity": uuid.uuid4().hex},
            timeout=_WRITE_S,
        )

    def _identity(self, found: models.CollectionInfo) -> str:
        meta = found.config.metadata or {}
        held, wanted = {key: meta.get(key) for key in self._facts()}, self._facts()
        if held != wanted:
            raise InvalidSettings(
                f"the Qdrant collection {self.address.collection} was made for {held}, not {wanted}: run "
                "`ltrr index rebuild`, or set LTRR_QDRANT_COLLECTION to another name"
            )
        return f"qdrant-{meta['identity']}"

    def _facts(self) -> dict[str, Any]:
        return {"layout": _LAYOUT, **self._encoders.facts}

    async def _index(self, batch: Sequence[Entity], order: int) -> int:
        held = await self._held([documents.place(one.application, one.object_id) for one in batch])
        taken = [
            one
            for one in batch
            if one.version >= held.get(documents.place(one.application, one.object_id), one.version)
        ]
        if taken:
            points = await asyncio.to_thread(self.points, taken, order)
            await self._index_numbers(points)
            condition = models.Filter(must=[_not_after(order)])
            with _translated():
                await self._client.upsert(
                    self.address.collection, points, wait=True, update_filter=condition, timeout=_WRITE_S
                )
        return len(taken)

    async def _index_numbers(self, points: Sequence[models.PointStruct]) -> None:
        """Have the server index the numbers that it has not seen: unindexed ones are slow to filter by, or refused."""
        fields = {field for point in points for field in (point.payload or {})["numbers"]} - self._numbers
        for field in sorted(fields):
            with _translated():
                await self._client.create_payload_index(
                    self.address.collection, f"numbers.{field}", models.PayloadSchemaType.FLOAT
                )
        self._numbers |= fields

    def points(self, entities: Sequence[Entity], order: int) -> list[models.PointStruct]:
        """Return what is written of entities, encoded."""
        vectors = self._encoders.documents(entities)
        return [
            models.PointStruct(
                id=documents.place(entity.application, entity.object_id),
                vector=_vectors(dense, sparse),
                payload={**documents.payload(entity), "version": entity.version, "order": order},
            )
            for entity, (dense, sparse) in zip(entities, vectors, strict=True)
        ]

    async def _held(self, places: Sequence[str]) -> dict[str, int]:
        """Return the versions of those entities that the collection holds."""
        with _translated():
            found = await self._client.retrieve(
                self.address.collection, places, with_payload=["version"], timeout=_WRITE_S
            )
        return {str(point.id): (point.payload or {})["version"] for point in found}

    def _query(self, request: VectorRequest, vector: Vector) -> models.QueryRequest:
        own: Filter = (request.application,)
        conditions = [_condition("application", own), *(_condition("facets", one) for one in request.filters)]
        return models.QueryRequest(
            query=_sparse(vector) if isinstance(vector, SparseVector) else vector,
            using=request.using,
            limit=request.limit + TIED,
            filter=models.Filter(must=conditions),
            params=models.SearchParams(exact=True) if self.address.exact else None,
            with_payload=["object_id"],
        )


def connect(address: QdrantAddress) -> AsyncQdrantClient:
    """Return a client of a server, which connects at the first request. Raises InvalidSettings."""
    more: dict[str, Any] = {} if address.ca is None else {"verify": str(address.ca)}
    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
    try:
        return AsyncQdrantClient(
            url=address.url,
            api_key=address.api_key,
            prefer_grpc=address.grpc_port is not None,
            grpc_port=address.grpc_port or 0,
            check_compatibility=False,  # it would ask the server now, in this thread
            limits=limits,
            **more,
        )
    except (ValueError, OSError) as error:
        raise InvalidSettings(f"LTRR_QDRANT={address.url} cannot be used: {error}") from error


def _vectors(dense: list[float], sparse: SparseVector) -> dict[str, models.Vector]:
    vectors: dict[str, models.Vector] = {DENSE: dense}
    return {**vectors, SPARSE: _sparse(sparse)} if sparse.indices else vectors


def _sparse(vector: SparseVector) -> models.SparseVector:
    return models.SparseVector(indices=vector.indices, values=vector.values)


def _alias(alias: str, collection: str) -> models.CreateAliasOperation:
    return models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=collection, alias_name=alias))


def _condition(key: str, accepted: Filter) -> models.FieldCondition:
    if isinstance(accepted, Within):
        bounds = models.Range(**asdict(accepted.range))
        return models.FieldCondition(key=f"numbers.{documents.number_field(accepted.field)}", range=bounds)
    return models.FieldCondition(key=key, match=models.MatchAny(any=list(accepted)))


def _not_after(order: int) -> models.FieldCondition:
    return models.FieldCondition(key="order", range=models.Range(lte=order))


def _hits(points: Sequence[models.ScoredPoint], limit: int) -> list[Hit]:
    """Return the best, ties broken by id."""
    return list(ranked((Hit((point.payload or {})["object_id"], point.score) for point in points), limit))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise EngineFailed(VECTOR, f"Qdrant: {said[0]}; is it running, and is LTRR_QDRANT right?") from error
