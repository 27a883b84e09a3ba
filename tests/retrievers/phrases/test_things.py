"""Words for what the catalogue may be of say little at the ends of a query, unless names or values have them."""

import pytest

from ltrr.models.records.entity import Entity
from ltrr.retrievers.phrases.things import things_of
from ltrr.retrievers.understanding.dictionary import Dictionary
from tests.retrievers.phrases.catalogues import held

LANDS = (
    Entity("1", "item", "Norway", {"region": {"Nordic": 1.0}}),
    Entity("2", "item", "Country of Curaçao", {"region": {"Caribbean": 1.0}}),
    Entity("3", "item", "Film Country", {"kind": {"Games": 1.0}}),
    *(Entity(f"g{n}", "item", f"Denmark {n}", {"kind": {"Games": 1.0}}) for n in range(3)),
)


@pytest.mark.parametrize(
    ("query", "things"),
    [
        ("nordic countries", ["countries"]),
        ("countries that are nordic", ["countries"]),
        ("films nordic countries", ["films", "countries"]),
        ("film country nordic", []),  # a name has both beside each other
        ("nordic games", []),  # a value is that
        ("game nordic", []),  # or its plural
        ("countries", []),
        ("unknown countries", []),
    ],
)
def test_what_says_only_what_there_is(query: str, things: list[str]):
    """Beside other words that the catalogue has."""
    assert things_of(held(*LANDS), query.split(), "english") == things


def test_they_count_for_little_where_few_are_called_so():
    """As far as a page is ordered by the words that it has; what many are called says which is meant."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(LANDS), LANDS)
    assert dictionary.understand("nordic country", "default").rarities(["country"]) > [0.1]
    few = [*LANDS[:2], *(Entity(f"n{n}", "item", f"Name {n}") for n in range(60))]
    dictionary = Dictionary()
    dictionary.replace([None] * len(few), few)
    assert dictionary.understand("nordic country", "default").rarities(["country"]) <= [0.1]
