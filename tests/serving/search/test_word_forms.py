"""Words are found in the forms in which people type them; on a real Elasticsearch in tests/integration."""

import asyncio
from collections.abc import Iterator

import pytest

from ltrr.models.records.entity import Entity
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from tests.retrievers.word_forms import CASES, NONSENSE, SHOP, pages


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    """Return an index of the shop."""
    index = open_index(deadlines_s={"text": 30.0, "vector": 30.0})
    asyncio.run(index.index(SHOP))
    yield index
    index.close()


def test_each_form_finds_its_thing_first(index: Index) -> None:
    """Ids, codes, marks, scripts without spaces, half typed, split and joined words: first on the page."""
    texts = [text for text, _ in CASES]
    first = [page[0] if page else None for page in pages(index, texts)]
    assert list(zip(texts, first, strict=True)) == list(CASES)


def test_the_plain_form_is_behind_the_exact_one(index: Index) -> None:
    """Who asks for "c#" finds "C" too, behind; and "c" finds "C" before what has a mark."""
    sharp, plain = pages(index, ["c#", "c"])
    assert sharp[0] == "sharp"
    assert "plain" in sharp
    assert set(plain[:2]) == {"plain", "serum"}
    assert {"sharp", "plus"} <= set(plain)


def test_nonsense_finds_nothing(index: Index) -> None:
    """Words like none of the catalogue bring no page of what is nearly alike by chance."""
    assert pages(index, NONSENSE) == [()] * len(NONSENSE)


def test_what_is_told_of_a_thing_is_found_in_its_forms() -> None:
    """By a word of its family, and by two words that are one there, before names that hold one of these."""
    awl = Entity(
        "awl", "product", "Awl", {"brand": {"Oak": 1.0}}, "for bookbinding, with a grip of driftwood", popularity=1.0
    )
    index = open_index(deadlines_s={"text": 30.0, "vector": 30.0})
    asyncio.run(index.index([*SHOP, awl, Entity("table", "product", "Wood table", popularity=90.0)]))
    try:
        found = pages(index, ["leather bookbinders", "drift wood", "drift wood grip"])
        assert "awl" in found[0]
        assert [page[0] for page in found[1:]] == ["awl", "awl"]
    finally:
        index.close()
