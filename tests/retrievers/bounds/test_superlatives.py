"""Superlatives: which attribute is asked the most or the least of, and of what."""

from collections.abc import Sequence

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Bounded, Order
from ltrr.retrievers.bounds.superlatives import read_superlative
from ltrr.retrievers.understanding.dictionary import Dictionary

SHOP = {
    **{name: {"number"} for name in ("price_eur", "weight_kg", "release_year", "rating", "ram_gb", "Running Time min")},
    "brand": {"text"},
}
PLACES = {**{name: {"number"} for name in ("population", "elevation_m", "base elevation")}, "founded": {"date"}}


def read(text: str, kinds: dict[str, set[str]] = SHOP, said: Sequence[str] = ()) -> tuple[str, str, bool] | None:
    """Read a query: what else it asks for, the attribute, and whether the most comes first. said: what names say."""
    found = read_superlative(text, kinds, lambda words: " ".join(words) in said)  # type: ignore[arg-type]
    return found and (found[0], found[1].field, found[1].falling)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Cheapest laptop", ("laptop", "price_eur", False)),
        ("laptops cheapest first", ("laptops", "price_eur", False)),
        ("the most expensive shoes", ("the shoes", "price_eur", True)),
        ("newest", ("", "release_year", True)),
        ("oldest phones", ("phones", "release_year", False)),
        ("lightest laptop", ("laptop", "weight_kg", False)),
        ("laptop with the most ram", ("laptop with the", "ram_gb", True)),
        ("highest rating", ("", "rating", True)),
        ("top rated phones", ("phones", "rating", True)),
        ("longest movies", ("movies", "Running Time min", True)),
        ("shortest running time", ("", "Running Time min", False)),
        ("billigster Laptop", ("laptop", "price_eur", False)),
        ("die neuesten Filme", ("die filme", "release_year", True)),
        ("höchste rating", ("", "rating", True)),
        ("meiste ram laptop", ("laptop", "ram_gb", True)),
        ("portable le moins cher", ("portable le", "price_eur", False)),
        ("el portátil más barato", ("el portatil", "price_eur", False)),
        ("самый дешевый ноутбук", ("ноутбук", "price_eur", False)),
    ],
)
def test_words_of_the_most_and_the_least(query: str, found: tuple[str, str, bool]):
    """Of what is asked the most or the least, and what else is asked."""
    assert read(query) == found


@pytest.mark.parametrize("query", ["laptop", "deepest laptop", "largest laptop", "most wanted", "best laptop", ""])
def test_what_no_attribute_tells_is_not_read(query: str):
    """So all words are searched."""
    assert read(query) is None


def test_of_several_attributes_the_one_without_other_words_counts():
    """Without such a one nothing is read."""
    assert read("highest mountain", PLACES | {"elevation": {"number"}}) == ("mountain", "elevation", True)
    assert read("highest mountain", PLACES) is None


def test_of_the_most_and_a_time_dates_count():
    """And an age is one by itself."""
    assert read("oldest towns", PLACES) == ("towns", "founded", False)
    assert read("oldest towns", PLACES | {"age": {"number"}}) == ("towns", "age", True)


def test_what_has_no_speed_is_fast_where_it_takes_least():
    """As recipes are."""
    recipes = {"total_time_min": {"number"}, "name": {"text"}}
    assert read("quickest recipes", recipes) == ("recipes", "total_time_min", False)
    assert read("fastest cars", recipes | {"top speed": {"number"}}) == ("cars", "top speed", True)


@pytest.mark.parametrize("said", ["longest day", "the longest"])
def test_what_stands_in_a_name_is_none(said: str):
    """Alone, or beside what stands beside it."""
    assert read("the longest day", SHOP, [said]) is None


def test_a_name_that_is_all_of_the_query_is_none():
    """It is looked for."""
    assert read("newest", SHOP, ["newest"]) is None


def _things() -> list[Entity]:
    kinds = ("Laptop", "Phone")
    makes = ("Apple", "Dell")
    return [
        Entity(
            f"e{n}",
            "item",
            f"Thing number {n}",
            {"category": {kinds[n % 2]: 1.0}, "brand": {makes[n // 2 % 2]: 1.0}},
            numbers={"price": (float(n),)},
        )
        for n in range(8)
    ]


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("cheapest laptops", {"category": ("laptop",)}),
        ("the cheapest apple laptop", {"brand": ("apple",), "category": ("laptop",)}),
        ("cheapest", {}),
        ("cheapest products", {}),
    ],
)
def test_it_is_of_all_that_have_the_values(query: str, values: dict[str, tuple[str, ...]]):
    """Of all there is, where nothing else is asked."""
    found = _read(query)
    assert found.order == Order("price")
    assert found.values == values


@pytest.mark.parametrize("query", ["cheapest number", "cheapest gaming laptop", "cheapest laptop without apple"])
def test_where_other_words_say_more_there_is_no_order(query: str):
    """What has such words somewhere is not all that is meant."""
    assert _read(query) == Bounded(query)


def test_what_is_called_so_is_ordered_where_all_that_is_is_of_one_kind():
    """An iPhone is no case for one: where both are called so what fits best comes first."""
    screens = [_screen(n, "Televisions", f"LG TV {n}") for n in range(3)]
    phones = [_screen(n, "Phones", f"iPhone {n}") for n in range(3, 6)]
    case = _screen(9, "Cases", "Case for iPhone 3")
    found = _read("cheapest tv", [*screens, *phones, case])
    assert (found.order, found.values, found.words) == (Order("price"), {"category": ("Televisions",)}, "tv")
    assert _read("cheapest iphones", [*screens, *phones]).values == {"category": ("Phones",)}
    assert _read("cheapest iphone", [*screens, *phones, case]) == Bounded("cheapest iphone")
    assert _read("cheapest radio", [*screens, *phones]) == Bounded("cheapest radio")


def _screen(number: int, category: str, name: str) -> Entity:
    return Entity(f"s{number}", "item", name, {"category": {category: 1.0}}, numbers={"price": (float(number),)})


def _read(query: str, given: Sequence[Entity] = ()) -> Bounded:
    dictionary = Dictionary()
    things = given or _things()
    dictionary.replace([None] * len(things), things)
    cards = {thing.object_id: thing for thing in things}
    kinds = {"price": frozenset(("number",))}
    return dictionary.bounded(query, things[0].application, kinds, lambda ids: [cards.get(one) for one in ids])
