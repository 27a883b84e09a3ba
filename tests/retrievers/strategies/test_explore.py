"""What is special about `explore`: few are drawn from many, the new ones above all."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit, Query, Understanding
from ltrr.models.retrieval import Retrieval
from ltrr.retrievers.engines.embedded_text import EmbeddedText
from ltrr.retrievers.index.wave import Wave
from ltrr.retrievers.strategies.explore import Explore

MANY = 4_000
NEW = 100
DAY_S = 86_400.0
NOW_S = 1_700_000_000.0
ASKED = Query("x", "x", ("x",), NOW_S, 1, understanding=Understanding(catalogue_size=MANY))


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
