"""A small catalogue of music that the tests of retrieval share."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index

CATALOGUE = (
    Entity(
        *("taylor", "artist", "Taylor Swift", {"genre": {"country": 0.6, "Pop": 0.9}}),
        aliases=("Blank Space", "T-Swift"),
        popularity=5_000.0,
    ),
    Entity("swifts", "artist", "The Swifts", {"genre": {"punk": 0.8}}, popularity=3.0),
    Entity("story", "song", "Love Story", {"genre": {"pop": 0.5}}, related=("taylor",), popularity=900.0),
    Entity("ballad", "song", "Endless", {"genre": {"love songs": 0.9, "love": 0.4}}, popularity=40.0),
    Entity("vow", "song", "Vow", {"genre": {"love": 1.0}}, "a wedding march", popularity=40.0),
    Entity("abba", "artist", "ABBA", {"genre": {"pop": 0.9, "disco": 0.3}}, popularity=4_000.0),
    Entity("disco", "song", "Disco", {"genre": {"disco": 0.2}}, "strings and mirrors", popularity=1.0),
    Entity("beyonce", "artist", "Beyoncé", {"genre": {"soul": 0.7}}, popularity=4_500.0),
)

MakeQuery = Callable[..., Query]


@pytest.fixture
def catalogue() -> tuple[Entity, ...]:
    """Return the entities."""
    return CATALOGUE


@pytest.fixture(scope="session")
def index() -> Iterator[Index]:
    """Return an index of the catalogue, which tests only read."""
    index = open_index(deadlines_s={"text": 10.0, "vector": 10.0})
    asyncio.run(index.index(CATALOGUE))
    yield index
    index.close()


@pytest.fixture(scope="session")
def ask(index: Index) -> MakeQuery:
    """Return what makes a query of a text, understood with the catalogue; keywords are fields of Query."""

    def make(text: str, **fields: object) -> Query:
        values = {"time_s": 1_700_000_000.0, "seed": 1, "understanding": index.understand(text), **fields}
        return Query(text, normalise(text), tokenise(text), **values)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def draw(index: Index, ask: MakeQuery) -> Callable[..., list[str]]:
    """Return what draws the object ids of one arm for a text."""

    def ids(arm: str, text: str, budget: int = 10, **fields: object) -> list[str]:
        retrieval = asyncio.run(index.retrieve(ask(text, **fields), {arm: budget}))
        return [hit.object_id for hit in retrieval.lists[arm]]

    return ids
