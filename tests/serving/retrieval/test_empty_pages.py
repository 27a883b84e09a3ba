"""What is said of a page without results."""

from collections.abc import Iterator
from typing import Any

import pytest

from ltrr.models.records.entity import Entity
from tests.serving.shop import Shop


@pytest.fixture(scope="module")
def store() -> Iterator[Shop]:
    """Return a shop of a red lamp and a blue chair, with prices."""
    lamp = Entity("p1", "product", "Lamp", attributes={"colour": {"red": 1.0}}, numbers={"price": (10.0,)})
    chair = Entity("p2", "product", "Chair", attributes={"colour": {"blue": 1.0}}, numbers={"price": (50.0,)})
    with Shop(entities=[lamp, chair]) as store:
        yield store


@pytest.fixture(scope="module")
def packages() -> Iterator[Shop]:
    """Return packages with sections and tags, of which some are spelt nearly like one another."""
    sections = ("Games", "Science", "Admin::Backup")
    values = [{"section": {section: 1.0}, "tag": {"game": 1.0}, "genre": {"Comedy": 1.0}} for section in sections]
    entities = [
        Entity(f"p{at}", "package", f"Pack {at}", attributes=held, numbers={"size": (10.0,)})
        for at, held in enumerate(values)
    ]
    with Shop(entities=entities) as packages:
        yield packages


@pytest.mark.parametrize("query", ["lamp", ""])
@pytest.mark.parametrize(
    ("filters", "hints"),
    [
        ({"colour": ["green"]}, ["filters: no entity has what colour asks for"]),
        ({"price": {"gt": 50}}, ["filters: no entity has what price asks for"]),
        ({"colour": ["red"], "price": {"gt": 50}}, ["filters: no entity has what price asks for"]),
        ({"colour": ["red"], "price": {"gt": 20}}, ["filters: no entity has all that colour, price ask for"]),
        ({"colour": ["red", "green"]}, []),
    ],
)
def test_filters_that_nothing_passes_are_named(store: Shop, query: str, filters: dict[str, Any], hints: list[str]):
    """Those that no entity passes alone, else that none passes all; nothing where something is found."""
    answer = store.search(query, filters=filters)
    assert answer["hints"] == hints
    assert bool(answer["items"]) == (not hints)


@pytest.mark.parametrize(
    ("filters", "meant"),
    [
        ({"section": "gmaes"}, "'Games'"),
        ({"section": "Game"}, "'Games'"),
        ({"section": "Debian:games"}, "'Games'"),
        ({"section": ["sience", "admin"]}, "'Science' or 'Admin::Backup'"),
        ({"type": "packages"}, "'package'"),
        ({"tag": "games"}, "'game'"),
        ({"section": "sciences"}, "'Science'"),
        ({"genre": "comedies"}, "'Comedy'"),
        ({"section": "zebra"}, None),
        ({"section": "!?"}, None),
        ({"size": [11]}, None),
    ],
)
def test_near_values_of_a_filter_are_named(packages: Shop, filters: dict[str, Any], meant: str | None):
    """Misspelt, plural, with more words or fewer: what that attribute has is told, as it is written."""
    (name,) = filters
    told = f"filters: no entity has what {name} asks for" + (f": did you mean {meant}?" if meant else "")
    assert packages.search("", filters=filters)["hints"] == [told]


def test_signs_without_a_word_are_told(store: Shop):
    """Where a query has no letter and no digit, the page says so, with filters too."""
    told = ["no letter or digit is in '?!': ask for a name, or for what it is about"]
    assert store.search("?!")["hints"] == told
    assert store.search("?!", filters={"colour": ["red"]})["hints"] == told


@pytest.mark.parametrize("filters", [{}, {"colour": ["red"]}])
def test_words_that_find_nothing_are_told(store: Shop, filters: dict[str, Any]):
    """Where there are no filters, or entities pass them, it is the words that find nothing."""
    answer = store.search("zebra", filters=filters, plan={"fulltext": 20}, learn=False)
    told = "nothing was found for 'zebra': ask in other words, or fewer"
    assert (answer["items"], answer["hints"]) == ([], [told])


def test_an_empty_catalogue_is_told():
    """A search where nothing is indexed says so, and the command to run; on further pages, too."""
    with Shop(entities=[]) as empty:
        for query in ("lamp", ""):
            first = empty.search(query)
            assert first["hints"] == ["nothing is indexed: load a catalogue with `ltrr index FILE`"]
            assert empty.search(query, query_id=first["query_id"], page=2)["hints"] == first["hints"]
