"""The memory's pairs on a real Elasticsearch, from a real Kafka: sums over partitions, idempotent, one writer."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from elasticsearch import AsyncElasticsearch

from ltrr.models.errors import InvalidSettings
from ltrr.models.learning.fold import Fold
from ltrr.models.memory.memory import RememberedPair
from ltrr.models.records.impression import Impression
from ltrr.models.retrieval import IndexedPair
from ltrr.models.state.records import RecordKey
from ltrr.retrievers.engines.addresses import ElasticsearchAddress
from ltrr.retrievers.engines.elasticsearch_memory import ElasticsearchMemory
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.leadership import lead
from ltrr.streams.state.memory_follower import MemoryFollower, keep_memory_index
from ltrr.streams.state.partition_store import PartitionStore
from tests.integration import traffic

pytestmark = pytest.mark.servers
_PATIENCE_S = 40.0


@pytest.fixture
def alias() -> str:
    """Return a name that no other test uses."""
    return f"test-memory-{uuid.uuid4().hex[:8]}"


@asynccontextmanager
async def memory_index(url: str, alias: str) -> AsyncIterator[tuple[ElasticsearchMemory, AsyncElasticsearch]]:
    """Yield an index of pairs and a client of the same server; the index is removed afterwards."""
    index = ElasticsearchMemory(ElasticsearchAddress(url, alias))
    async with AsyncElasticsearch(url) as client:
        try:
            yield index, client
        finally:
            await index.stop()
            await client.indices.delete(index=f"{alias}-000001", ignore_unavailable=True)


async def documents(client: AsyncElasticsearch, alias: str) -> dict[tuple[str, str], dict[str, object]]:
    """Return the documents by query and entity."""
    await client.indices.refresh(index=alias, ignore_unavailable=True)
    answer = await client.search(index=alias, size=1_000, ignore_unavailable=True)
    sources = [hit["_source"] for hit in answer["hits"]["hits"]]
    return {(one["query"], one["object_id"]): one for one in sources}


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait for a condition, and fail saying what was waited for."""
    began_s = time.monotonic()
    while not await condition():
        assert time.monotonic() - began_s < _PATIENCE_S, f"waited for {what}"
        await asyncio.sleep(0.2)


def pair(query: str, object_id: str, score: float) -> IndexedPair:
    """Return a pair as it is indexed."""
    remembered = RememberedPair(object_id, score, 0.25, 1.0, 3.0)
    return IndexedPair("v1", "default", query, remembered, 2.0, 1_767_225_600.0)


def test_pairs_are_written_once(elasticsearch: str, alias: str):
    """Writing again changes nothing, an older order neither; people find pairs by words and by the whole query."""

    async def story() -> None:
        async with memory_index(elasticsearch, alias) as (index, client):
            assert await index.prepare() == await index.prepare()
            assert await index.write([pair("sad love songs", "x", 0.5), pair("love", "x", 0.4)], 10) == 2
            await index.write([pair("love", "x", 0.4)], 10)
            assert await index.write([pair("love", "x", 0.1)], 9) == 0
            found = await documents(client, alias)
            assert {key: one["score"] for key, one in found.items()} == {
                ("sad love songs", "x"): 0.5,
                ("love", "x"): 0.4,
            }
            assert found["love", "x"] == {
                "version": "v1",
                "application": "default",
                "query": "love",
                "object_id": "x",
                "order": 10,
                "score": 0.4,
                "predicted": 0.25,
                "prior": 2.0,
                "actions": 1.0,
                "examinations": 3.0,
                "updated": "2026-01-01T00:00:00.000+00:00",
            }
            words = await client.count(index=alias, query={"match": {"query": "love"}})
            whole = await client.count(index=alias, query={"term": {"query.keyword": "love"}})
            assert (words["count"], whole["count"]) == (2, 1)
            assert await index.delete("v1", "default", "love", ["x", "never"], 11) == 1
            await index.write([pair("new", "y", 0.9)], 12)
            assert await index.prune("v1", 12) == 1
            assert list(await documents(client, alias)) == [("new", "y")]
            assert await index.prune("other", 99) == 0

    asyncio.run(story())


def test_another_index_is_not_touched(elasticsearch: str, alias: str):
    """A name that stands for something else is refused."""

    async def story() -> None:
        async with memory_index(elasticsearch, alias) as (index, client):
            await client.indices.create(index=f"{alias}-000001", aliases={alias: {}})
            with pytest.raises(InvalidSettings, match="LTRR_ELASTICSEARCH_MEMORY_INDEX"):
                await index.prepare()

    asyncio.run(story())


async def commit(bootstrap: Brokers, version: str, partition: int, fold: Fold) -> None:
    """Write what changed in the state of a partition, as its worker does."""
    store = PartitionStore(bootstrap, version, partition)
    await store.open()
    try:
        await store.write({key: fold.write(key) if fold.holds(key) else None for key in fold.changed}, [])
        fold.changed.clear()
    finally:
        await store.close()


def shown(query: str, looks: dict[str, float], fold: Fold) -> None:
    """Let a fold learn that entities were shown and taken."""
    memory = fold.state.application("default").memory
    memory.examine(query, looks, time.time())
    memory.act(query, next(iter(looks)), 1.0, time.time())
    fold.absorb_impressions(fold.progress.offsets["impressions"], time.time(), no_impressions())
    fold.changed |= {RecordKey("query", "default", query), RecordKey("progress")}


def no_impressions() -> list[Impression]:
    """Return a message without impressions."""
    return []


def test_the_index_follows_all_partitions(topics: Brokers, elasticsearch: str, alias: str):
    """A query with pairs in two partitions is one sum; what is dropped goes; a new leader clears what is left."""
    version = f"v-{uuid.uuid4().hex[:8]}"
    folds = [Fold(traffic.learning()) for _ in range(2)]

    async def story() -> None:
        async with memory_index(elasticsearch, alias) as (index, client):

            def agent() -> MemoryFollower:
                own = ElasticsearchMemory(ElasticsearchAddress(elasticsearch, alias))
                return MemoryFollower(topics, own, traffic.learning(), version, traffic.PARTITIONS, time.time)

            async def known() -> dict[tuple[str, str], float]:
                found = await documents(client, alias)
                return {key: round(float(str(one["actions"])), 2) for key, one in found.items()}

            shown("love", {"x": 1.0, "y": 0.5}, folds[0])
            shown("love", {"x": 1.0}, folds[1])
            shown("jazz", {"z": 1.0}, folds[1])
            for partition, fold in enumerate(folds):
                await commit(topics, version, partition, fold)
            await index.prepare()
            stray = pair("gone", "q", 0.5)
            await index.write([IndexedPair(version, *(getattr(stray, n) for n in stray.__slots__[1:]))], 1)
            running = asyncio.create_task(agent().run())
            sums = {("love", "x"): 2.0, ("love", "y"): 0.0, ("jazz", "z"): 1.0}
            await until(lambda: is_equal(known, sums), "the first pairs, and nothing else")
            del folds[1].state.application("default").memory.queries["jazz"]
            shown("soul", {"z": 1.0}, folds[1])
            folds[1].changed.add(RecordKey("query", "default", "jazz"))
            await commit(topics, version, 1, folds[1])
            later = {("love", "x"): 2.0, ("love", "y"): 0.0, ("soul", "z"): 1.0}
            await until(lambda: is_equal(known, later), "a dropped and a new query")
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())


async def is_equal(known: Callable[[], Awaitable[object]], expected: object) -> bool:
    """Tell whether something is known as expected."""
    return await known() == expected


def test_one_leads_at_a_time(topics: Brokers):
    """Of two members one works; when it leaves, the other one does."""
    group, working = f"test-{uuid.uuid4().hex[:8]}", []

    async def story() -> None:
        async def work(name: str) -> None:
            working.append(name)
            try:
                await asyncio.Event().wait()
            finally:
                working.remove(name)

        members = {name: asyncio.create_task(lead(topics, group, lambda n=name: work(n))) for name in ("a", "b")}

        async def one() -> bool:
            return len(working) == 1

        await until(one, "a leader")
        await asyncio.sleep(2.0)  # the second member joins
        await until(one, "one leader of two members")
        (first,) = working
        members[first].cancel()
        await asyncio.gather(members[first], return_exceptions=True)
        assert first not in working
        await until(one, "a successor")
        assert working != [first]
        for member in members.values():
            member.cancel()
        await asyncio.gather(*members.values(), return_exceptions=True)
        assert working == []

    asyncio.run(story())


def test_an_absent_index_is_waited_for(topics: Brokers, alias: str):
    """Without Elasticsearch the follower waits, and ends when it is told to."""

    async def story() -> None:
        index = ElasticsearchMemory(ElasticsearchAddress("http://127.0.0.1:9", alias))
        work = keep_memory_index(
            topics,
            "v1",
            lambda: MemoryFollower(topics, index, traffic.learning(), "v1", traffic.PARTITIONS, time.time),
        )
        keeping = asyncio.create_task(work)
        await asyncio.sleep(4.0)
        assert not keeping.done()
        keeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await keeping

    asyncio.run(story())
