"""Words are found in the forms in which people type them, on Elasticsearch as in this process."""

import asyncio
from collections.abc import Iterator

import pytest

from ltrr.retrievers import strategies
from ltrr.retrievers.engines.addresses import ElasticsearchAddress
from ltrr.retrievers.engines.base import TEXT
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from ltrr.retrievers.requests.requests import TextRequest
from ltrr.testing.test_strategies import query
from tests.integration.test_congruence import batched, compare, text_engine
from tests.retrievers.word_forms import CASES, NONSENSE, SHOP, pages

pytestmark = pytest.mark.servers
_PATIENT = {"text": 30.0, "vector": 30.0}


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    """Return an index of the shop with engines in this process."""
    index = open_index(depth=20, deadlines_s=_PATIENT)
    asyncio.run(index.index(SHOP))
    yield index
    index.close()


def test_engines_agree_on_every_form(index: Index, elasticsearch: str):
    """Elasticsearch answers each request for each form as tantivy does."""
    asked = {
        f"{call} {text!a}": request
        for text in (*(text for text, _ in CASES), *NONSENSE)
        for arm in strategies.discover()
        for call, request in arm(index.entities).requests(query(index, text), 20).items()
        if isinstance(request, TextRequest)
    }

    async def answers() -> None:
        async with text_engine(elasticsearch) as server:
            await server.index(SHOP, 1)
            await server.refresh()
            here, there = [], []
            for requests in batched(list(asked.values())):
                here += await index.engines[TEXT].search(requests)
                there += await server.search(requests)
            compare(list(asked), here, there)

    asyncio.run(answers())


def test_each_form_finds_its_thing_first(elasticsearch: str):
    """Over Elasticsearch, too, the page of each form begins with what it means, and nonsense has no page."""

    async def write() -> ElasticsearchAddress:
        async with text_engine(elasticsearch) as server:
            await server.index(SHOP, 1)
            await server.refresh()
            address = server.address
            texts = [text for text, _ in CASES]
            first = [page[0] if page else None for page in await asyncio.to_thread(_pages, address, texts)]
            assert list(zip(texts, first, strict=True)) == list(CASES)
            assert await asyncio.to_thread(_pages, address, list(NONSENSE)) == [()] * len(NONSENSE)
            return address

    asyncio.run(write())


def _pages(address: ElasticsearchAddress, texts: list[str]) -> list[tuple[str, ...]]:
    index = open_index(deadlines_s=_PATIENT, elasticsearch=address)
    try:
        asyncio.run(index.index(SHOP))
        return pages(index, texts)
    finally:
        index.close()
