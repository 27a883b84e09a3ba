"""Full text on a server: Elasticsearch behind the text requests."""

import asyncio
import logging
import time
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, Self

from elasticsearch import AsyncElasticsearch, BadRequestError
from elasticsearch.helpers import async_streaming_bulk

from ltrr.models.errors import EngineFailed, EngineTimeout
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit
from ltrr.retrievers.documents import documents
from ltrr.retrievers.documents.batches import batches, newest_of
from ltrr.retrievers.engines import elasticsearch_index
from ltrr.retrievers.engines.addresses import ElasticsearchAddress
from ltrr.retrievers.engines.base import HEALTHY, TEXT, Holding, number_of, numbered
from ltrr.retrievers.engines.elasticsearch_client import SERIALIZER, connect, said, translated
from ltrr.retrievers.engines.elasticsearch_query import Ranges, ranges_body, read_ranges, search_body
from ltrr.retrievers.requests.requests import TextRequest

_LOG = logging.getLogger(__name__)
_RANGES_S: Final = 5.0
_WRITE_S: Final = 60.0
_CHUNK: Final = 500
_RETRIES: Final = 8
_CONFLICT: Final = 409
_NOT_FOUND: Final = 404


class ElasticsearchText:
    """A `SharedEngine`: one index behind an alias, one `_msearch` for each search.

    Connects at the first request. deadline_s: of a search; a request that could not be sent is sent once more, within
    the deadline. aliased: whether the address names an alias, not an index itself. The document's version is the
    change's `order`, so Elasticsearch itself keeps the newest.
    """

    kind = "elasticsearch"

    def __init__(
        self,
        address: ElasticsearchAddress,
        deadline_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        *,
        aliased: bool = True,
    ) -> None:
        self.address = address
        self._deadline_s = deadline_s
        self._clock = clock
        self._aliased = aliased
        self._client = connect(address, deadline_s)
        self._ranges: dict[str, Ranges] = {}
        self._ranges_at: dict[str, float] = {}

    async def search(self, requests: Sequence[TextRequest], patience: float = 1.0) -> list[list[Hit]]:
        """Answer requests in one `_msearch`; what takes longer than the deadline is a failure, never a part."""
        applications = {request.application for request in requests}
        unknown = [application for application in applications if application not in self._ranges]
        if unknown:
            await self._read(unknown, [], patience)
        stale = [one for one in applications if self._clock() - self._ranges_at[one] > _RANGES_S]
        return await self._read(stale, requests, patience)

    async def health(self) -> str:
        """Return "ok" where the index can be searched, or what is wrong."""
        try:
            with translated():
                _checked((await self._client.search(index=self.address.index, size=0, terminate_after=1)).body)
        except EngineFailed as error:
            return str(error)
        return HEALTHY

    async def stop(self) -> None:
        """Close connections; the next request opens others, in whatever loop it runs."""
        await self._client.close()
        self._client = connect(self.address, self._deadline_s)

    async def prepare(self) -> str:
        """Make the index where it is missing, and return its identity."""
        address = self.address
        indices = self._patient.indices
        with translated():
            if not await indices.exists(index=address.index):
                with suppress(BadRequestError):  # another process may be faster; what else is wrong is seen next
                    alias = {address.index: {"is_write_index": True}}
                    await indices.create(index=numbered(address.index, 1), aliases=alias, **self._definition)
            ((_, found),) = (await indices.get(index=address.index)).items()
        return self._identity(found)

    async def inspect(self) -> Holding:
        """Return the versions of nodes, and what the index holds."""
        name, patient = self.address.index, self._patient
        with translated():
            nodes = (await patient.nodes.info(metric="os"))["nodes"].values()
            versions = ", ".join(sorted({node["version"] for node in nodes}))
            if not await patient.indices.exists(index=name):
                return Holding(versions, name)
            ((_, found),) = (await patient.indices.get(index=name)).items()
            count = (await patient.count(index=name))["count"]
        return Holding(versions, name, count, self._identity(found))

    async def index(self, entities: Iterable[Entity], order: int = 0) -> int:
        """Add or replace entities with back-pressure; an update older than what is held is left out.

        A portion is looked up and made while the one before it is written, unless they have an entity in common.
        """
        done, writing, written = 0, asyncio.create_task(asyncio.sleep(0, 0)), set[str]()
        try:
            for batch in batches(entities):
                portion = {documents.place(one.application, one.object_id): one for one in newest_of(batch)}
                if written & portion.keys():
                    await asyncio.wait([writing])
                actions = await self._actions(portion, order)
                done += await writing
                writing, written = asyncio.create_task(self._write_portion(actions)), set(portion)
            return done + await writing
        finally:
            await asyncio.gather(writing, return_exceptions=True)  # nothing goes on behind a failure

    async def delete(self, application: str, object_ids: Iterable[str], order: int = 0) -> int:
        """Remove entities. Return how many there were."""
        places = (documents.place(application, object_id) for object_id in set(object_ids))
        return await self._write(_action("delete", place, order) for place in places)

    async def drop(self) -> None:
        """Remove the index behind the alias."""
        with translated():
            for name in await self._patient.indices.get_alias(name=self.address.index):
                await self._patient.indices.delete(index=name)

    async def successor(self) -> Self:
        """Make an index with the next number, without the alias."""
        await self.discard()
        with translated():
            serving = await self._serving()
            name = numbered(self.address.index, 1 + max(map(number_of, serving), default=0))
            await self._patient.indices.create(index=name, **self._definition)
        return type(self)(replace(self.address, index=name), self._deadline_s, self._clock, aliased=False)

    async def switch(self, successor: Self) -> None:
        """Move the alias to the successor in one step."""
        alias, name = self.address.index, successor.address.index
        await successor.refresh()
        add = {"index": name, "alias": alias, "is_write_index": True}
        with translated():
            removed = [{"remove": {"index": one, "alias": alias}} for one in await self._serving()]
            await self._patient.indices.update_aliases(actions=[*removed, {"add": add}])
        self._ranges.clear()

    async def discard(self) -> None:
        """Remove the numbered indexes that the alias does not stand for."""
        with translated():
            serving = await self._serving()
            for name in await self._patient.indices.get(index=f"{self.address.index}-*", features="settings"):
                if number_of(name, self.address.index) and name not in serving:
                    await self._patient.indices.delete(index=name, ignore_unavailable=True)

    async def refresh(self) -> None:
        """Make what was written found at once."""
        with translated():
            await self._patient.indices.refresh(index=self.address.index)
        self._ranges.clear()

    async def _serving(self) -> list[str]:
        """Return the indexes behind the alias: one, or none yet."""
        if not await self._patient.indices.exists_alias(name=self.address.index):
            return []
        return list(await self._patient.indices.get_alias(name=self.address.index))

    @property
    def _definition(self) -> dict[str, Any]:
        return elasticsearch_index.definition(self.address)

    @property
    def _patient(self) -> AsyncElasticsearch:
        """Return the client for what is no search."""
        return self._client.options(request_timeout=_WRITE_S)

    def _identity(self, found: Mapping[str, Any]) -> str:
        elasticsearch_index.check(self.address, found["mappings"])
        return f"elasticsearch-{found['settings']['index']['uuid']}"

    async def _actions(self, portion: Mapping[str, Entity], order: int) -> list[dict[str, Any]]:
        """Return what to send of entities by place; documents are made while the server looks up what it holds."""
        held, made = await asyncio.gather(
            self._held(list(portion)),
            asyncio.to_thread(
                lambda: [
                    SERIALIZER.dumps(elasticsearch_index.document(one, self.address.stemmer))
                    for one in portion.values()
                ]
            ),
        )
        return [
            _action("index", place, order) | {"_source": document}
            for (place, one), document in zip(portion.items(), made, strict=True)
            if one.version >= held.get(place, one.version)
        ]

    async def _write_portion(self, actions: Sequence[dict[str, Any]]) -> int:
        """Send actions, each about another entity, some hundred in a request, and the requests at once."""
        requests = [self._write(actions[start : start + _CHUNK]) for start in range(0, len(actions), _CHUNK)]
        done = await asyncio.gather(*requests, return_exceptions=True)
        for one in done:
            if isinstance(one, BaseException):
                raise one
        return sum(one for one in done if isinstance(one, int))

    async def _write(self, actions: Iterable[dict[str, Any]]) -> int:
        """Send changes; return how many made a difference. What Elasticsearch refuses for good is logged and left."""
        done = 0
        with translated():
            async for ok, item in self._bulk(actions):
                ((_, result),) = item.items()
                if ok:
                    done += 1
                elif (result.get("error") or {}).get("type") == "index_not_found_exception":
                    raise EngineFailed(TEXT, said(result["error"]))
                elif result["status"] not in {_CONFLICT, _NOT_FOUND}:
                    _LOG.error("Elasticsearch refuses entity %s: %s", result["_id"], result.get("error"))
        return done

    def _bulk(self, actions: Iterable[dict[str, Any]]) -> AsyncIterable[tuple[bool, dict[str, Any]]]:
        return async_streaming_bulk(
            self._patient,
            actions,
            chunk_size=_CHUNK,
            index=self.address.index,
            require_alias=self._aliased,  # else Elasticsearch makes an index where there is none, without our mapping
            raise_on_error=False,
            max_retries=_RETRIES,
            initial_backoff=0.5,
            max_backoff=10,
        )

    async def _held(self, places: Sequence[str]) -> dict[str, int]:
        """Return the versions of those entities that the index holds."""
        with translated():
            answer = await self._patient.mget(
                index=self.address.index,
                ids=places,
                source_includes=["version"],
                filter_path=["docs._id", "docs._source.version"],
            )
        return {one["_id"]: one["_source"]["version"] for one in answer.get("docs", ()) if "_source" in one}

    async def _read(
        self, applications: Sequence[str], requests: Sequence[TextRequest], patience: float
    ) -> list[list[Hit]]:
        """Ask for hits, and for the ranges of some applications' levels, in one `_msearch`."""
        deadline_s = patience * self._deadline_s
        deadline_ms = int(1000 * deadline_s)
        bodies = [ranges_body(application) for application in applications]
        bodies += [search_body(request, self._ranges[request.application], deadline_ms) for request in requests]
        client = self._client if patience == 1.0 else self._client.options(request_timeout=deadline_s)
        with translated():
            found = await client.msearch(
                index=self.address.index, searches=[part for body in bodies for part in ({}, body)]
            )
        answers = [_checked(answer) for answer in found["responses"]]
        for application, answer in zip(applications, answers, strict=False):
            self._ranges[application] = read_ranges(answer)
            self._ranges_at[application] = self._clock()
        return [
            _hits(answer["hits"]["hits"], ordered=request.order is not None)
            for request, answer in zip(requests, answers[len(applications) :], strict=True)
        ]


def _hits(found: Sequence[Mapping[str, Any]], *, ordered: bool) -> list[Hit]:
    """Return hits with their scores, or in an order of their own with scores that fall from place to place."""
    if ordered:
        return [Hit(hit["sort"][1], -float(place)) for place, hit in enumerate(found)]
    return [Hit(hit["sort"][1], hit["sort"][0]) for hit in found]


def _action(kind: str, place: str, order: int) -> dict[str, Any]:
    return {
        "_op_type": kind,
        "_id": place,
        "version": order,
        "version_type": "external_gte",
    }


def _checked(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an answer that is whole."""
    if "error" in answer:
        raise EngineFailed(TEXT, said(answer["error"]))
    if answer["timed_out"] or answer["_shards"]["failed"]:
        raise EngineTimeout(TEXT, "Elasticsearch answered a part within the deadline, which is not used")
    return answer
