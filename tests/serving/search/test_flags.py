"""What is true of an entity is found by its name, as a shop's flags are."""

from collections.abc import Iterator

import pytest

from ltrr.models.records.entity import Entity
from tests.serving.shop import Shop, hits

KINDS = ("Burger", "Soup", "Salad", "Pizza")
MEALS = [
    Entity(
        f"m{n}",
        "meal",
        f"{way} {kind}",
        {"is_vegan": {str(n % 3 == 0).lower(): 1.0}, "gluten_free": {str(n % 4 == 1).lower(): 1.0}},
    )
    for n, (way, kind) in enumerate((way, kind) for way in ("Classic", "Smoky", "Double", "Royal") for kind in KINDS)
]


@pytest.fixture(scope="module")
def kitchen() -> Iterator[Shop]:
    """Return a service of meals."""
    with Shop(entities=MEALS, swap_share=0.0, explore_share=0.0) as shop:
        yield shop


def _having(attribute: str) -> set[str]:
    return {meal.object_id for meal in MEALS if "true" in meal.attributes[attribute]}


def test_what_has_a_flag_is_found_by_its_name(kitchen: Shop):
    """Alone nothing else is found so well; beside a kind both count."""
    vegan, free = _having("is_vegan"), _having("gluten_free")
    assert set(hits(kitchen.search("vegan", size=len(vegan)))) == vegan
    for query in ("gluten free", "gluten-free", "glutenfree"):
        assert set(hits(kitchen.search(query, size=len(free)))) == free, query
    soups = {meal.object_id for meal in MEALS if meal.name.endswith("Soup")}
    assert set(hits(kitchen.search("vegan soup", size=len(vegan & soups)))) == vegan & soups


def test_filters_and_facets_see_a_flag_as_it_is(kitchen: Shop):
    """Both of its values can be chosen."""
    answer = kitchen.search("soup", size=10, filters={"is_vegan": ["true"]})
    assert set(hits(answer)) <= _having("is_vegan")
    assert hits(answer)
