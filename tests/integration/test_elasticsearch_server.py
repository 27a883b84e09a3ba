"""A real Elasticsearch answers the client that ltrr uses."""

import asyncio
import uuid

import pytest
from elasticsearch import AsyncElasticsearch

pytestmark = pytest.mark.servers


def test_document_is_found(elasticsearch: str):
    """The cluster is healthy, and a document is found as soon as its index is refreshed."""
    index = f"test-{uuid.uuid4().hex[:8]}"

    async def play() -> None:
        async with AsyncElasticsearch(elasticsearch) as client:
            health = await client.cluster.health(wait_for_status="yellow")
            assert health["status"] in {"yellow", "green"}
            try:
                await client.index(index=index, id="kora", document={"title": "a kora at night"}, refresh=True)
                answer = await client.search(index=index, query={"match": {"title": "kora"}})
                assert [hit["_id"] for hit in answer["hits"]["hits"]] == ["kora"]
            finally:
                await client.indices.delete(index=index)

    asyncio.run(play())
