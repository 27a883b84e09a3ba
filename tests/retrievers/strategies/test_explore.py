"""What is special about `explore`: of what has a word of the query few are drawn from many, the new ones above all."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit, Query, Understanding
from ltrr.models.retrieval import Retrieval
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers.engines.embedded_text import EmbeddedText
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from ltrr.retrievers.index.wave import Wave
from ltrr.retrievers.strategies.explore import Explore

MANY = 4_000
NEW = 100
DAY_S = 86_400.0
NOW_S = 1_700_000_000.0
ASKED = Query("x", "x", ("x",), NOW_S, 1, understanding=Understanding(catalogue_size=MANY, frequencies={"x": MANY}))


@pytest.fixture(scope="module")
def wave() -> Iterator[Wave]:
    """Return a wave of the one arm over many old songs, a quarter of them live, and a few new ones."""
    engine = EmbeddedText()
    engine.index(
        [
            Entity(
                f"{'new' if number < NEW else 'old'}-{number}",
                "song" if number % 4 else "live song",
                "X",
                created_s=NOW_S - (5 if number < NEW else 2_000) * DAY_S,
                popularity=float(number),
            )
            for number in range(MANY)
        ]
    )
    yield Wave([Explore(lambda _, ids: [None] * len(ids))], {"text": engine}, 2_000, {"text": 30.0})
    engine.close()


def drawn(wave: Wave, query: Query) -> list[str]:
    """Return all that a query draws."""
    retrieval: Retrieval = asyncio.run(wave.retrieve(query, {"explore": 2_000}))
    return [hit.object_id for hit in retrieval.lists["explore"]]


def test_few_of_many_are_drawn(wave: Wave) -> None:
    """Some 400 of 4,000 match, other ones for another seed, and most of what is new."""
    first, second = drawn(wave, ASKED), drawn(wave, replace(ASKED, seed=2))
    for found in (first, second):
        assert 200 < len(found) < 700
        assert sum(object_id.startswith("new") for object_id in found) > NEW / 2
    assert len(set(first) & set(second)) < len(first) / 2


def test_new_ones_come_first(wave: Wave) -> None:
    """Among the first twenty there is more of what is new than its share of the catalogue, by far."""
    found = [object_id for seed in range(10) for object_id in drawn(wave, replace(ASKED, seed=seed))[:20]]
    assert sum(object_id.startswith("new") for object_id in found) > 0.25 * len(found)


def test_filters_widen_the_draw(wave: Wave) -> None:
    """Under a filter that a quarter fits there are as many to choose from as without."""
    found = drawn(wave, replace(ASKED, filters={"type": ("live song",)}))
    assert len(found) == MANY / 4


def test_remembered_ones_are_left_out(wave: Wave) -> None:
    """What earlier users took for the query is not uncertain any more."""
    first, *others = drawn(wave, ASKED)
    assert drawn(wave, replace(ASKED, remembered=(Hit(first, 0.5),))) == others


@pytest.fixture(scope="module")
def tools() -> Iterator[Index]:
    """Return an index of three kinds of tools, most of them editors."""
    index: Index = open_index(deadlines_s={"text": 30.0, "vector": 30.0})
    kinds = (("viewer", 4), ("player", 4), ("editor", 60))
    entities = [
        Entity(f"{kind}-{n}", "tool", f"{kind} {n}", description="for all")
        for kind, count in kinds
        for n in range(count)
    ]
    asyncio.run(index.index([*entities, Entity("said", "tool", "Ocular", description="views pages, a viewer")]))
    yield index
    index.close()


def about(index: Index, text: str, seed: int = 1) -> set[str]:
    """Return the kinds of what a query brings to be explored."""
    query = Query(text, normalise(text), tokenise(text), NOW_S, seed, understanding=index.understand(text))
    retrieval = asyncio.run(index.retrieve(query, {"explore": 100}))
    return {hit.object_id.partition("-")[0] for hit in retrieval.lists["explore"]}


def test_it_has_to_do_with_the_query(tools: Index) -> None:
    """In its name or its description, in another form or misspelt; words that say little alone bring nobody."""
    for query in ("viewer", "viewers", "viewr", "the viewer for all"):
        assert about(tools, query) == {"viewer", "said"}, query
    assert about(tools, "viewer player") == {"viewer", "said", "player"}
    assert about(tools, "viewer of a tool for an editor") == {"viewer", "said"}


def test_where_nothing_has_to_do_with_the_query_nothing_is_brought(tools: Index) -> None:
    """Whatever the seed."""
    for seed in range(5):
        assert about(tools, "zzyzx", seed) == set()


def test_who_has_more_of_the_query_comes_earlier() -> None:
    """Of many that have one of its words nearly all that have both are among the first, whatever chance says."""
    engine = EmbeddedText()
    names = [*["red"] * 100, *["blue"] * 100, *["red blue"] * 10]
    engine.index([Entity(f"{name}-{n}", "thing", name) for n, name in enumerate(names)])
    wave = Wave([Explore(lambda _, ids: [None] * len(ids))], {"text": engine}, 2_000, {"text": 30.0})
    known = Understanding(catalogue_size=len(names), frequencies={"red": 110, "blue": 110})
    both = 0
    for seed in range(10):
        found = drawn(wave, Query("red blue", "red blue", ("red", "blue"), NOW_S, seed, understanding=known))
        both += sum(object_id.startswith("red blue") for object_id in found[:20])
    engine.close()
    assert both > 80
