"""Bounds and superlatives in the words of a search: what is not within is not shown, and no page is empty for it."""

from collections.abc import Iterator

import pytest

from ltrr.models.records.entity import Entity
from tests.serving.shop import Shop, hits

MAKES = ("Zeta", "Ohmia")
LAMPS = [
    Entity(f"l{n}", "lamp", f"{MAKES[n % 2]} lamp {('red', 'blue')[n % 3 % 2]}", numbers={"price": (10.0 * n,)})
    for n in range(1, 13)
]


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """Return a service of lamps from 10 to 120."""
    with Shop(entities=LAMPS, swap_share=0.0, explore_share=0.0) as service:
        yield service


def _prices(answer: dict) -> list[float]:
    return [10.0 * int(one[1:]) for one in hits(answer)]


def test_what_is_out_of_the_bounds_is_not_shown(shop: Shop):
    """The page says which were read, and pages go on within them."""
    found = shop.search("zeta lamp under 70", size=3)
    assert found["understanding"]["ranges"] == {"price": {"lt": 70.0}}
    more = shop.search("zeta lamp under 70", size=3, page=2, query_id=found["query_id"])
    assert sorted(_prices(found)) == [20.0, 40.0, 60.0]
    assert max(_prices(more)) < 70.0
    assert found["hints"] == []


def test_filters_of_the_request_go_before_them(shop: Shop):
    """Somebody has set them."""
    found = shop.search("lamp under 70", filters={"price": {"lte": 20}}, size=12)
    assert sorted(_prices(found)) == [10.0, 20.0]


def test_bounds_alone_are_a_search(shop: Shop):
    """So they are beside words that the catalogue has not."""
    assert sorted(_prices(shop.search("price over 100"))) == [110.0, 120.0]
    beside = shop.search("gadgets with a price over 100")
    assert sorted(_prices(beside)) == [110.0, 120.0]
    assert beside["hints"] == ["nothing was found for 'gadgets with': these are all within its bounds"]


def test_what_the_catalogue_is_of_is_no_word_beside_bounds():
    """Unless a value is that, or ends with it: in a shop phones are some of what there is."""
    kinds = ("Old Phones", "Works of the Film Company")
    things = [
        Entity(f"t{n}", "item", f"Phone film {n}", {"of": {kinds[n % 2]: 1.0}}, numbers={"price": (float(n),)})
        for n in range(6)
    ]
    things.append(Entity("other", "item", "Chair", numbers={"price": (2.0,)}))
    with Shop(entities=things, swap_share=0.0, explore_share=0.0) as shop:
        assert sorted(hits(shop.search("films under 3"))) == ["other", "t0", "t1", "t2"]
        assert "other" not in hits(shop.search("phones under 3"))


def test_superlatives_order_all_that_has_the_values():
    """The page says by what; nothing of it is learned. Words that are no values find what they did without an order."""
    tools = ("Drill", "Saw")
    things = [
        Entity(f"t{n}", "item", f"Acme {n}", {"of": {tools[n % 2]: 1.0}}, numbers={"price": (float((n * 7) % 10),)})
        for n in range(10)
    ]
    with Shop(entities=things, swap_share=0.0, explore_share=0.0) as shop:
        found = shop.search("cheapest saws")
        assert hits(found) == ["t3", "t9", "t5", "t1", "t7"]
        assert (found["sort"], found["learned"], found["plan"]) == ("price", False, [])
        dear = shop.search("most expensive drill under 7", size=1)
        assert (hits(dear), dear["sort"]) == (["t8"], "-price")
        assert hits(shop.search("most expensive drill under 7", size=1, page=2, query_id=dear["query_id"])) == ["t2"]
        assert shop.search("cheapest acme")["sort"] == "relevance"
        assert shop.search("cheapest saws", sort="relevance")["sort"] == "relevance"
        asked = shop.search("cheapest saws", sort="-price", size=1)
        assert (hits(asked), asked["sort"]) == (["t7"], "-price")


def test_where_nothing_has_all_values_there_is_no_order(shop: Shop):
    """What has some of the words is shown."""
    found = shop.search("cheapest lamp", filters={"price": {"gte": 900}})
    assert (hits(found), found["sort"]) == ([], "relevance")


def test_where_nothing_is_within_the_words_are_searched(shop: Shop):
    """The page says so."""
    found = shop.search("zeta lamp over $900")
    assert hits(found)
    assert found["hints"] == ["nothing that was found has price > 900: these are results of 'zeta lamp'"]
    assert found["understanding"]["ranges"] == {}


def test_the_memory_is_of_what_was_typed(shop: Shop):
    """The impression has the query whole, and what people take for it is remembered for it."""
    page = shop.search("ohmia lamp under 100")
    assert shop.impressions()[-1].normalised_query == "ohmia lamp under 100"
    shop.click(page["query_id"], hits(page)[2])
    taken = shop.get("/v1/memory", query="ohmia lamp under 100")["pairs"]
    assert taken[0]["object_id"] == hits(page)[2]
    assert taken[0]["origin"] == "exact"
