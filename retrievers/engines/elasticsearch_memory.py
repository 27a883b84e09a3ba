"""The memory on Elasticsearch: query-to-entity (Q2E) pairs in an index of their own, for people and other systems."""

import logging
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from elasticsearch import BadRequestError
from elasticsearch.helpers import async_streaming_bulk

from ltrr.models.errors import InvalidSettings
from ltrr.models.retrieval import IndexedPair
from ltrr.retrievers.engines.addresses import ElasticsearchAddress
from ltrr.retrievers.engines.elasticsearch_client import connect, translated
from ltrr.retrievers.requests.requests import SEPARATOR

_LOG = logging.getLogger(__name__)
_LAYOUT: Final = 1
_FIRST: Final = "000001"
_WRITE_S: Final = 60.0
_CHUNK: Final = 500
_PORTION: Final = 1_000
_RETRIES: Final = 8
_GONE_OR_NEWER: Final = frozenset({404, 409})
_NAMESPACE: Final = uuid.UUID("2f6b3f0a-6f83-4d0e-8f3c-6f6f1c2a9b11")
_NUMBERS: Final = ("score", "predicted", "prior", "actions", "examinations")


class ElasticsearchMemory:
    """A `MemoryIndex` (ltrr.models.retrieval). A pair's id is what it is about, so writing it again changes nothing.

    address: its `index` is the alias of pairs. The document's version is the change's `order`: Elasticsearch itself
    keeps the newest, whoever writes.
    """

    def __init__(self, address: ElasticsearchAddress) -> None:
        self._address = address
        self._client = connect(address, _WRITE_S)

    async def prepare(self) -> str:
        """Make the index where it is missing, and return its identity.

        Raises InvalidSettings where the alias stands for something else.
        """
        alias = self._address.index
        with translated():
            if not await self._client.indices.exists(index=alias):
                with suppress(BadRequestError):  # another process may be faster; what else is wrong is seen next
                    await self._client.indices.create(index=f"{alias}-{_FIRST}", **_definition(self._address))
            ((_, found),) = (await self._client.indices.get(index=alias)).items()
        if found["mappings"].get("_meta") != {"memory": _LAYOUT}:
            raise InvalidSettings(
                f"the Elasticsearch index {alias} holds something else: set LTRR_ELASTICSEARCH_MEMORY_INDEX to another "
                "name, or delete it to have it made again"
            )
        return str(found["settings"]["index"]["uuid"])

    async def write(self, pairs: Iterable[IndexedPair], order: int) -> int:
        """Add or replace pairs; a newer change that is there is kept."""
        return await self._bulk(
            _action("index", pair_id(one.version, one.application, one.query, one.pair.object_id), order)
            | {"_source": _document(one, order)}
            for one in pairs
        )

    async def delete(self, version: str, application: str, query: str, object_ids: Iterable[str], order: int) -> int:
        """Remove pairs of a query. Return how many there were."""
        return await self._bulk(
            _action("delete", pair_id(version, application, query, object_id), order) for object_id in object_ids
        )

    async def prune(self, version: str, order: int) -> int:
        """Remove the pairs of a version that were last written with a smaller order. Return how many there were."""
        older = [{"term": {"version": version}}, {"range": {"order": {"lt": order}}}]
        total = 0
        while True:
            with translated():  # deleting by query is a module that not every Elasticsearch has
                await self._client.indices.refresh(index=self._address.index)
                answer = await self._client.search(
                    index=self._address.index, query={"bool": {"filter": older}}, size=_PORTION, source=False
                )
            found = [hit["_id"] for hit in answer["hits"]["hits"]]
            gone = await self._bulk(_action("delete", one, order) for one in found)
            total += gone
            if not gone:
                return total

    async def stop(self) -> None:
        """Close connections."""
        await self._client.close()
        self._client = connect(self._address, _WRITE_S)

    async def _bulk(self, actions: Iterable[dict[str, Any]]) -> int:
        """Send changes; return how many made a difference. What is refused for good is logged and left."""
        done = 0
        with translated():
            async for ok, item in async_streaming_bulk(
                self._client,
                actions,
                chunk_size=_CHUNK,
                index=self._address.index,
                raise_on_error=False,
                max_retries=_RETRIES,
                initial_backoff=0.5,
                max_backoff=10,
            ):
                ((_, result),) = item.items()
                if ok:
                    done += 1
                elif result["status"] not in _GONE_OR_NEWER:
                    _LOG.error("Elasticsearch refuses pair %s: %s", result["_id"], result.get("error"))
        return done


def pair_id(version: str, application: str, query: str, object_id: str) -> str:
    """Return the id of a pair's document."""
    return str(uuid.uuid5(_NAMESPACE, SEPARATOR.join((version, application, query, object_id))))


def _action(kind: str, document_id: str, order: int) -> dict[str, Any]:
    return {"_op_type": kind, "_id": document_id, "version": order, "version_type": "external_gte"}


def _document(one: IndexedPair, order: int) -> dict[str, Any]:
    pair = one.pair
    return {
        "version": one.version,
        "application": one.application,
        "query": one.query,
        "object_id": pair.object_id,
        "score": pair.score,
        "predicted": pair.predicted,
        "prior": one.prior,
        "actions": pair.actions,
        "examinations": pair.examinations,
        "updated": datetime.fromtimestamp(one.time_s, UTC).isoformat(timespec="milliseconds"),
        "order": order,
    }


def _definition(address: ElasticsearchAddress) -> dict[str, Any]:
    return {
        "aliases": {address.index: {"is_write_index": True}},
        "settings": {
            "number_of_shards": address.shards,
            "number_of_replicas": address.replicas,
            "refresh_interval": "1s",  # given, so that an index which is not searched is refreshed too
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": {"memory": _LAYOUT},
            "properties": {
                **{name: {"type": "keyword"} for name in ("version", "application", "object_id")},
                "query": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
                **{name: {"type": "double"} for name in _NUMBERS},
                "updated": {"type": "date"},
                "order": {"type": "long"},
            },
        },
    }
