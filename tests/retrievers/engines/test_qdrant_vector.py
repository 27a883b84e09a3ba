"""The calls that are made to Qdrant, through its own client in its local mode."""

import asyncio
from collections.abc import Awaitable, Callable
from copy import copy

import pytest
from qdrant_client import AsyncQdrantClient, models

from ltrr.models.errors import EngineFailed, InvalidSettings
from ltrr.models.records.entity import Entity
from ltrr.retrievers.documents.vectors import Encoders, named
from ltrr.retrievers.encoders import load_dense
from ltrr.retrievers.engines.addresses import QdrantAddress
from ltrr.retrievers.engines.qdrant_vector import QdrantVector
from ltrr.retrievers.requests.requests import VectorRequest, facet

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant")
ENCODERS = named("wordllama", "expansion")
MARCH = Entity("march", "song", "Wedding March", version=3)
ENGINE = Entity("engine", "tool", "Diesel Engine", version=3)


def engine(client: AsyncQdrantClient) -> QdrantVector:
    """Return an engine over a client in local mode."""
    return QdrantVector(QdrantAddress("http://unused"), ENCODERS, client=client)


def told(story: Callable[[QdrantVector], Awaitable[None]]) -> None:
    """Tell a story of a new engine."""

    async def tell() -> None:
        client = AsyncQdrantClient(":memory:")
        await story(engine(client))
        await client.close()

    asyncio.run(tell())


async def found(vectors: QdrantVector, text: str, *filters: tuple[str, ...]) -> list[str]:
    """Return the object ids of a search."""
    [hits] = await vectors.search([VectorRequest(text, "default", 5, filters)])
    return [hit.object_id for hit in hits]


def test_finds_within_application_and_filters() -> None:
    """One batch answers in the order asked, best first, within application and filters."""

    async def story(vectors: QdrantVector) -> None:
        await vectors.prepare()
        assert await vectors.index([MARCH, ENGINE, Entity("march", "song", "March", application="other")]) == 3
        assert await found(vectors, "marriage") == ["march", "engine"]
        assert await found(vectors, "marriage", (facet("type", "tool"),)) == ["engine"]
        answers = await vectors.search([VectorRequest("motor", "other", 1), VectorRequest("motor", "default", 1)])
        assert [[hit.object_id for hit in hits] for hits in answers] == [["march"], ["engine"]]
        assert await vectors.health() == "ok"

    told(story)


def test_neighbours_of_a_given_vector() -> None:
    """A vector that is given stands for the text it was made of."""

    async def story(vectors: QdrantVector) -> None:
        await vectors.prepare()
        await vectors.index([MARCH, ENGINE])
        [motor] = ENCODERS.dense.encode(["motor"]).tolist()
        asked = [VectorRequest(near, "default", 2) for near in (tuple(motor), "motor")]
        given, text = await vectors.search(asked)
        assert given == text
        assert [hit.object_id for hit in given] == ["engine", "march"]

    told(story)


def test_both_vectors_in_one_batch() -> None:
    """Sparse finds what shares a term, within filters; an entity that loses its terms is not found by them."""

    async def story(vectors: QdrantVector) -> None:
        await vectors.prepare()
        await vectors.index([MARCH, ENGINE])
        tools = ((facet("type", "tool"),),)
        asked = [
            VectorRequest("diesel song", "default", 5),
            VectorRequest("diesel song", "default", 5, using="sparse"),
            VectorRequest("wedding", "default", 5, tools, "sparse"),
        ]
        answers = await vectors.search(asked)
        assert [[hit.object_id for hit in hits] for hits in answers] == [["engine", "march"], ["engine"], []]
        await vectors.index([Entity("engine", "tool", " ", version=4)], order=1)
        assert await vectors.search(asked[1:2]) == [[]]

    told(story)


def test_exact_is_a_switch() -> None:
    """An address that asks for exact search compares every dense vector."""
    for exact in (False, True):
        vectors = QdrantVector(QdrantAddress("http://unused", exact=exact), ENCODERS)
        asked = vectors._query(VectorRequest("x", "default", 1), [1.0])
        assert bool(asked.params and asked.params.exact) is exact


def test_a_collection_of_another_layout_is_refused() -> None:
    """A collection that lacks sparse vectors says how to have it made again."""

    async def story(vectors: QdrantVector) -> None:
        facts = {"layout": 1, "encoder": "wordllama", "identity": "x"}
        dense = {"dense": models.VectorParams(size=256, distance=models.Distance.DOT)}
        await vectors._client.create_collection(vectors.address.collection, dense, metadata=facts)
        with pytest.raises(InvalidSettings, match=r"'layout': 1, .*run `ltrr index rebuild`"):
            await vectors.prepare()

    told(story)


def test_the_newest_change_is_kept() -> None:
    """An older version, and a change that stands before one that was written, are left out; deletes too."""

    async def story(vectors: QdrantVector) -> None:
        await vectors.prepare()
        await vectors.index([MARCH], order=10)
        older = Entity("march", "song", "Diesel Engine", version=2)
        assert await vectors.index([older], order=11) == 0
        await vectors.index([Entity("march", "song", "Diesel Engine", version=3)], order=9)
        [[hit]] = await vectors.search([VectorRequest("wedding march", "default", 1)])
        assert hit.score == pytest.approx(1.0)
        await vectors.delete("default", ["march"], order=9)
        assert await found(vectors, "march") == ["march"]
        assert await vectors.delete("default", ["march", "unknown"], order=12) == 1
        assert await found(vectors, "march") == []

    told(story)


def test_prepare_knows_its_collection() -> None:
    """What is there is kept under one identity; what was made anew has another, and another encoder is refused."""

    async def story(vectors: QdrantVector) -> None:
        first = await vectors.prepare()
        assert await vectors.prepare() == first
        dense = copy(load_dense("wordllama"))  # a process has one
        dense.name = "another"
        other = Encoders(dense, ENCODERS.sparse)
        with pytest.raises(InvalidSettings, match="`ltrr index rebuild`, or set LTRR_QDRANT_COLLECTION"):
            await QdrantVector(vectors.address, other, client=vectors._client).prepare()
        await vectors.drop()
        assert "ltrr-entities" in await vectors.health()
        assert await vectors.prepare() != first

    told(story)


def test_a_successor_takes_over() -> None:
    """What is written to it is seen from the switch on, under another identity; what was left lying about goes."""

    async def story(vectors: QdrantVector) -> None:
        first = await vectors.prepare()
        await vectors.index([MARCH], order=1)
        await (await vectors.successor()).index([MARCH])  # given up
        successor = await vectors.successor()
        assert successor.address.collection == "ltrr-entities-000002"
        await successor.index([MARCH, ENGINE], order=2)
        assert (await vectors.prepare(), await found(vectors, "march")) == (first, ["march"])
        identity = (await successor.inspect()).identity
        await vectors.switch(successor)
        await vectors.discard()
        assert (await vectors.prepare(), await found(vectors, "march")) == (identity, ["march", "engine"])
        names = [one.name for one in (await vectors._client.get_collections()).collections]
        assert names == ["ltrr-entities-000002"]
        assert (await vectors.successor()).address.collection == "ltrr-entities-000003"

    told(story)


@pytest.mark.parametrize("grpc_port", [None, 1], ids=("http", "grpc"))
def test_a_server_that_is_away_is_the_engines_failure(grpc_port: int | None) -> None:
    """What cannot be reached fails with the engine's name and what to look at."""

    async def story() -> None:
        vectors = QdrantVector(QdrantAddress("http://127.0.0.1:1", grpc_port=grpc_port), ENCODERS)
        with pytest.raises(EngineFailed, match=r"vector: Qdrant: .*LTRR_QDRANT"):
            await vectors.search([VectorRequest("x", "default", 1)])
        assert "LTRR_QDRANT" in await vectors.health()
        await vectors.stop()

    asyncio.run(story())


def test_an_address_that_cannot_be_used() -> None:
    """A wrong address is named before anything is sent."""
    with pytest.raises(InvalidSettings, match="LTRR_QDRANT=ftp://x"):
        QdrantVector(QdrantAddress("ftp://x"), ENCODERS)
