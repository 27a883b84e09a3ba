"""Engines in the process and servers answer alike: ids and order, ties by id; scores within tolerances."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from qdrant_client import AsyncQdrantClient

from ltrr.models.errors import EngineFailed, InvalidSettings
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit, Range
from ltrr.retrievers import strategies
from ltrr.retrievers.documents.vectors import named
from ltrr.retrievers.engines.addresses import ElasticsearchAddress, QdrantAddress
from ltrr.retrievers.engines.base import TEXT, VECTOR
from ltrr.retrievers.engines.elasticsearch_text import ElasticsearchText
from ltrr.retrievers.engines.qdrant_vector import QdrantVector
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from ltrr.retrievers.requests.requests import Request, TextRequest, VectorRequest, Words
from ltrr.retrievers.understanding.synonyms import Synonyms
from ltrr.testing.test_strategies import DEPTH, TEXTS, Filters, catalogue, query
from tests.retrievers.engines import numbered

pytestmark = [
    pytest.mark.servers,
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant"),
]
CASES = (*TEXTS, "", "love river", "blue love story", "soul", "nujazz", "nu jaz", "love nu jzz", "so")
SYNONYMS = Synonyms({("river",): (("river",), ("blue", "story"), ("night",))})
FILTERS: tuple[Filters, ...] = (
    {},
    {"type": ("live song",)},
    {"genre": ("soul",), "type": ("song",)},
    {"price": Range(gte=5.0, lt=20.0), "EU size": (40.0, 41.0)},
)
_RELATIVE = 0.01
_ABSOLUTE = 0.05  # of words that nearly every entity has: Lucene counts the documents that have the field, tantivy all
_PATIENT = {TEXT: 30.0, VECTOR: 30.0}


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    """Return an index of the catalogue with engines in this process."""
    index = open_index(depth=DEPTH, deadlines_s=_PATIENT, synonyms=SYNONYMS)
    asyncio.run(index.index(catalogue()))
    yield index
    index.close()


@asynccontextmanager
async def text_engine(url: str) -> AsyncIterator[ElasticsearchText]:
    """Lend an engine over an Elasticsearch index of its own."""
    name = f"test-{uuid.uuid4().hex}"
    engine = ElasticsearchText(ElasticsearchAddress(url, name), 30.0)
    await engine.prepare()
    try:
        yield engine
    finally:
        await engine.drop()
        await engine.discard()
        await engine.stop()


@asynccontextmanager
async def vector_engine(url: str | None) -> AsyncIterator[QdrantVector]:
    """Lend an engine over a Qdrant collection of its own: on a server, or in the client's local mode."""
    name = f"test-{uuid.uuid4().hex}"
    client = AsyncQdrantClient(url) if url else AsyncQdrantClient(":memory:")
    address = QdrantAddress(url or "http://unused", name, exact=url is not None)
    engine = QdrantVector(address, named("wordllama", "expansion"), 30.0, client)
    await engine.prepare()
    try:
        yield engine
    finally:
        await engine.drop()
        await client.close()


def open_request(word: str) -> TextRequest:
    """Return a request for a word in names."""
    return TextRequest(Words((word,), (("name", 1.0),)), "default", 10)


def requests(index: Index, kind: type[Request]) -> dict[str, Request]:
    """Return every request of a kind that any strategy makes for any case, by what asks it."""
    found: dict[str, Request] = {}
    for text in CASES:
        for filters in FILTERS:
            asked = query(index, text, filters)
            for arm in strategies.discover():
                for call, request in arm(index.entities).requests(asked, DEPTH).items():
                    if isinstance(request, kind):
                        found[f"{call} {text!a} {filters}"] = request
    return found


def batched(asked: Sequence[Request]) -> Iterator[Sequence[Request]]:
    """Yield requests by the hundred: a body of a megabyte is not sent in one piece."""
    return (asked[at : at + 100] for at in range(0, len(asked), 100))


def compare(asked: Sequence[str], here: Sequence[Sequence[Hit]], there: Sequence[Sequence[Hit]]) -> None:
    """Fail where two engines differ in ids or, by more than the tolerances, in scores or order.

    Scores of two entities that are equal but for rounding may stand either way, and either may be the last of a list.
    """
    assert any(here)
    for case, mine, theirs in zip(asked, here, there, strict=True):
        own, other = ({hit.object_id: hit.score for hit in hits} for hits in (mine, theirs))
        assert [hit.score for hit in theirs] == alike([hit.score for hit in mine]), case
        both = own.keys() & other
        assert {one: other[one] for one in both} == alike({one: own[one] for one in both}), case
        for hits, known in ((mine, other), (theirs, own)):
            last = alike(hits[-1].score) if hits else None
            assert all(hit.score == last for hit in hits if hit.object_id not in known), case


def alike(scores: object) -> object:
    """Return what equals scores within the tolerances."""
    return pytest.approx(scores, rel=_RELATIVE, abs=_ABSOLUTE)


def test_elasticsearch_is_congruent(index: Index, elasticsearch: str):
    """Elasticsearch answers each request of each strategy as tantivy does."""
    asked = requests(index, TextRequest)

    async def answers() -> tuple[list[list[Hit]], list[list[Hit]]]:
        async with text_engine(elasticsearch) as server:
            assert await server.index(catalogue(), 1) == 61
            await server.refresh()
            here, there = [], []
            for batch in batched(list(asked.values())):
                here += await index.engines[TEXT].search(batch)
                there += await server.search(batch)
            return here, there

    compare(list(asked), *asyncio.run(answers()))


def test_elasticsearch_ranges_and_orders_are_those_of_a_scan(elasticsearch: str):
    """Of 10,000 entities filters keep, and orders put first, what a look at each of them does."""
    entities = numbered.catalogue(10_000)
    asked = numbered.requests()

    async def answers() -> list[list[Hit]]:
        async with text_engine(elasticsearch) as server:
            assert await server.index(entities, 1) == len(entities)
            await server.refresh()
            return await server.search(asked)

    found = asyncio.run(answers())
    assert [[hit.object_id for hit in hits] for hits in found] == numbered.scanned(entities, asked)


def test_qdrant_is_congruent(index: Index, qdrant: str | None):
    """Qdrant answers each request of each strategy as Qdrant Edge does."""
    asked = requests(index, VectorRequest)

    async def answers() -> tuple[list[list[Hit]], list[list[Hit]]]:
        async with vector_engine(qdrant) as server:
            assert await server.index(catalogue(), 1) == 61
            return await index.engines[VECTOR].search(list(asked.values())), await server.search(list(asked.values()))

    compare(list(asked), *asyncio.run(answers()))


def test_elasticsearch_keeps_the_newest_change(elasticsearch: str):
    """An older version, and a change that stands before one that was written, are left out; deletes too."""
    clause = open_request("morning")

    async def story() -> list[list[str]]:
        seen: list[list[str]] = []
        async with text_engine(elasticsearch) as server:

            async def look() -> None:
                await server.refresh()
                [hits] = await server.search([clause])
                seen.append([hit.object_id for hit in hits])

            await server.index([Entity("x", "song", "Morning", version=3)], 10)
            assert await server.index([Entity("x", "song", "Evening", version=2)], 11) == 0
            assert await server.index([Entity("x", "song", "Evening", version=3)], 9) == 0
            await look()
            assert await server.delete("default", ["x"], 9) == 0
            await look()
            assert await server.delete("default", ["x", "unknown"], 12) == 1
            await look()
            assert await server.index([Entity("x", "song", "Morning", version=1)], 13) == 1
            await look()
        return seen

    assert asyncio.run(story()) == [["x"], ["x"], [], ["x"]]


def test_elasticsearch_index_is_made_once(elasticsearch: str):
    """What is there is kept under one identity; one made for other settings is refused with what to set."""

    async def story() -> None:
        async with text_engine(elasticsearch) as server:
            assert await server.prepare() == await server.prepare()
            address = server.address
            for changed in (replace(address, analyzer="standard"), replace(address, stemmer="german")):
                other = ElasticsearchText(changed, 30.0)
                with pytest.raises(InvalidSettings, match="`ltrr index rebuild`, or set LTRR_ELASTICSEARCH_INDEX"):
                    await other.prepare()
                await other.stop()
            assert await server.health() == "ok"
            absent = ElasticsearchText(ElasticsearchAddress(address.urls, "test-absent"), 30.0)
            with pytest.raises(EngineFailed, match="`ltrr worker` makes it"):
                await absent.search([open_request("x")])
            with pytest.raises(EngineFailed, match="`ltrr worker` makes it"):
                await absent.index([Entity("x", "song", "Morning")], 1)
            assert "test-absent" in await absent.health()
            await absent.stop()

    asyncio.run(story())


def test_elasticsearch_successor_takes_over(elasticsearch: str):
    """What is written to it is seen from the switch on, under another identity; what was left lying about goes."""
    clause = open_request("morning")
    morning = [Entity(one, "song", "Morning", version=1) for one in "xy"]

    async def story() -> None:
        async with text_engine(elasticsearch) as server:
            first = await server.prepare()
            await server.index(morning[:1], 1)
            await server.refresh()
            for number in range(2):  # the first is given up
                successor = await server.successor()
                assert successor.address.index == f"{server.address.index}-000002"
                await successor.index(morning, 2)
                if number == 0:
                    await successor.stop()
            identity = (await successor.inspect()).identity
            [hits] = await server.search([clause])
            assert (await server.prepare(), [hit.object_id for hit in hits]) == (first, ["x"])
            await server.switch(successor)
            await server.discard()
            [hits] = await server.search([clause])
            assert (await server.prepare(), [hit.object_id for hit in hits]) == (identity, ["x", "y"])
            await successor.stop()
            successor = await server.successor()
            assert successor.address.index == f"{server.address.index}-000003"
            await successor.stop()

    asyncio.run(story())


def test_elasticsearch_that_is_away():
    """A server that cannot be reached fails with the engine's name and a hint."""

    async def story() -> None:
        engine = ElasticsearchText(ElasticsearchAddress("http://127.0.0.1:1"), 1.0)
        with pytest.raises(EngineFailed, match=r"text: Elasticsearch does not answer .*is it running"):
            await engine.search([open_request("x")])
        assert "does not answer" in await engine.health()
        await engine.stop()

    asyncio.run(story())
