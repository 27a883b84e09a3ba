"""Ranges, orders, fields, and pages for which no plan is drawn."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ltrr.models.records.entity import Entity
from ltrr.streams.events.timestamps import read_date
from tests.serving.shop import Shop


def catalogue() -> list[Entity]:
    """Return lamps and chairs, of which the last has no price."""
    return [
        Entity(
            f"p{number}",
            "product",
            f"{('Lamp', 'Chair')[number % 2]} {number}",
            attributes={"colour": {("red", "blue", "green")[number % 3]: 1.0}, "maker": {"Ann": 0.5, "Ben": 1.0}},
            description="a thing",
            popularity=float(20 - number),
            created_s=1.6e9 + number,
            numbers={"size": (float(number), 100.0)} | ({} if number == 19 else {"price": (float(number * 10),)}),
            dates={"since": (read_date(f"20{number:02}-01-01"),)},
        )
        for number in range(20)
    ]


@pytest.fixture(scope="module")
def store() -> Iterator[Shop]:
    """Return a shop of such things."""
    with Shop(entities=catalogue()) as store:
        yield store


def ids(answer: dict[str, Any]) -> list[str]:
    """Return the ids of a page."""
    return [item["object_id"] for item in answer["items"]]


def numbered(*numbers: int) -> Sequence[str]:
    """Return the ids of things."""
    return [f"p{number}" for number in numbers]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"price": {"gte": 30, "lt": 60}}, (3, 4, 5)),
        ({"price": {"gt": 30, "lte": "60"}}, (4, 5, 6)),
        ({"price": [30, "40", 1]}, (3, 4)),
        ({"price": 30}, (3,)),
        ({"size": {"gte": 17, "lt": 99}}, (17, 18, 19)),
        ({"since": {"gte": "2017-06-01"}}, (18, 19)),
        ({"since": "2003-01-01"}, (3,)),
        ({"popularity": {"gte": 18}}, (0, 1, 2)),
        ({"colour": "RED", "price": {"lt": 50}}, (0, 3)),
        ({"colour": ["red", "blue"], "price": {"lt": 30}}, (0, 1)),
    ],
)
def test_filters_are_ranges_or_values(store: Shop, filters: dict[str, Any], found: Sequence[int]):
    """Numbers and dates are kept by range or one by one, texts by value; the most popular stand first."""
    answer = store.search("", filters=filters, size=50)
    assert ids(answer) == numbered(*found)
    assert (answer["plan"], answer["learned"], answer["degraded"]) == ([], False, [])
    assert sorted(ids(store.search("thing", filters=filters, size=50))) == sorted(numbered(*found))


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("price", (0, 1, 2), (18, 19)),
        ("-price", (18, 17, 16), (0, 19)),
        ("newest", (19, 18), (1, 0)),
        ("since", (0,), (19,)),
    ],
)
def test_pages_are_ordered_by_a_number(store: Shop, sort: str, first: Sequence[int], last: Sequence[int]):
    """The smallest stand first, with - the largest; what has no number stands last, with and without words."""
    answer = store.search("", sort=sort, size=20)
    assert (ids(answer)[: len(first)], ids(answer)[-len(last) :]) == (numbered(*first), numbered(*last))
    assert (answer["sort"], answer["learned"], answer["plan"]) == (sort, False, [])
    lamps = store.search("lamp", sort=sort, size=20)
    assert ids(lamps) == [one for one in ids(answer) if int(one[1:]) % 2 == 0]
    assert {item["name"].split()[0] for item in lamps["items"]} == {"Lamp"}


def test_newest_needs_dates():
    """Where no entity has `created_s`, that is told of an order by it, of filters and of facets."""
    with Shop(entities=[Entity("p1", "product", "Lamp")]) as undated:
        for asked in ({"sort": "newest"}, {"filters": {"created_s": {"gte": 0}}}, {"sort": "-created_s"}):
            [told] = undated.search("lamp", **asked)["hints"]
            assert "no entity has" in told
            assert "created_s" in told


def test_an_ordered_page_needs_all_words_or_one(store: Shop):
    """Where nothing has every word, what has one is ordered."""
    assert ids(store.search("lamp 4", sort="price")) == numbered(4)
    assert ids(store.search("lamp zebra", sort="price"))[:2] == numbered(0, 2)


def test_further_pages_go_on_in_the_order(store: Shop):
    """Positions count on, nothing comes twice, another order is another search."""
    first = store.search("", sort="price", size=4)
    further = store.search("", sort="price", size=4, query_id=first["query_id"], page=2)
    assert ids(first) + ids(further) == numbered(*range(8))
    assert [item["position"] for item in further["items"]] == [5, 6, 7, 8]
    assert first["retrieved"] == further["retrieved"] == 20
    answer = store.post("/v1/search", {"query": "", "size": 4, "query_id": first["query_id"], "page": 2})
    assert answer.status_code == 409
    assert "a search with another sort: send the same query" in answer.json()["detail"]
    asked = {"query": "lamp", "sort": "price", "size": 5, "query_id": first["query_id"], "page": 2}
    assert "another query and size:" in store.post("/v1/search", asked).json()["detail"]


def test_of_an_ordered_page_nothing_is_learned():
    """It is logged with what was shown, without a plan; a click on it is taken and teaches nothing."""
    with Shop(entities=catalogue()) as store:
        answer = store.search("lamp", sort="-price", size=3)
        [logged] = store.impressions()
        assert (logged.decision, logged.learn) == (None, False)
        assert [one.object_id for one in logged.candidates] == ids(answer)
        before = store.get("/v1/memory", query="lamp")["pairs"]
        store.click(answer["query_id"], ids(answer)[0])
        assert store.get("/v1/memory", query="lamp")["pairs"] == before
        assert store.get("/v1/policy")["decisions"] == 0
        assert store.search("lamp")["learned"] is True


def test_items_carry_the_fields_that_are_asked(store: Shop):
    """Texts with the heaviest first, numbers, dates, and what stands beside attributes; what is not there is absent."""
    fields = ["maker", "price", "since", "size", "description", "popularity", "created_s", "aliases"]
    item = store.search("", sort="-size", filters={"size": 3}, fields=fields)["items"][0]
    assert item["attributes"] == {
        "maker": ["Ben", "Ann"],
        "price": [30.0],
        "since": ["2003-01-01"],
        "size": [3.0, 100.0],
        "description": ["a thing"],
        "popularity": [17.0],
        "created_s": ["2020-09-13T12:26:43Z"],
    }
    assert store.search("")["items"][0].keys().isdisjoint({"attributes", "features"})


def test_facets_count_by_range(store: Shop):
    """Ranges are counted in their order; numbers and dates without ranges by value."""
    ranges = [{"lt": 50}, {"gte": 50, "lt": 100}, {"gte": 100}]
    answer = store.search("", facets=["colour", "since", {"field": "price", "ranges": ranges}], size=1)
    assert [one["count"] for one in answer["facets"]["price"]] == [5, 5, 9]
    assert answer["facets"]["price"][1]["value"] == "gte 50, lt 100"
    assert answer["facets"]["price"][1]["range"] == {"gte": 50.0, "lt": 100.0}
    assert {"value": "2003-01-01", "count": 1} in answer["facets"]["since"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"filters": {"colour": {"gte": 1}}}, "filters: colour has texts, no numbers"),
        ({"filters": {"price": {"gte": "much"}}}, "filters: price: 'much' is no number"),
        ({"filters": {"since": {"gte": "soon"}}}, "filters: since: is no date"),
        ({"facets": [{"field": "colour", "ranges": [{"gte": 1}]}]}, "facets: colour has texts, no numbers"),
        (
            {"sort": "colour"},
            "sort: colour has texts, which give no order; there are: created_s, newest, popularity, price",
        ),
        ({"filters": {"price": {"gte": 10, "lte": 1}}}, "filters: price: nothing is gte 10 and lte 1"),
        ({"filters": {"price": {"gt": 10, "lte": 10}}}, "filters: price: nothing is gt 10 and lte 10"),
        (
            {"filters": {"since": {"gte": "2020-01-01", "lt": "2019-01-01"}}},
            "nothing is gte 2020-01-01 and lt 2019-01-01",
        ),
        ({"facets": [{"field": "price", "ranges": [{"gt": 3, "lt": 3}]}]}, "facets: price: nothing is gt 3"),
        ({"filters": {"price": ["much"]}}, "filters: price: 'much' is no number"),
        ({"filters": {"price": [True]}}, "filters: price: 'true' is no number"),
        ({"filters": {"price": {"gte": "nan"}}}, "filters: price: 'nan' is no number"),
        ({"filters": {"colour": []}}, "filters: colour accepts nothing: name values"),
    ],
)
def test_what_cannot_hold_is_refused(store: Shop, asked: dict[str, Any], said: str):
    """Whatever the catalogue may come to have, and what a field that is there is not."""
    answer = store.post("/v1/search", {"query": "lamp", **asked})
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"filters": {"color": ["red"]}}, "filters: no entity has 'color'; did you mean 'colour'?"),
        ({"filters": {"zzz": 1}}, "there are: colour, created_s, maker, popularity, price, quality, since, size"),
        ({"filters": {"sold_from": {"gte": "2024-01-01"}}}, "filters: no entity has 'sold_from'; there are: "),
        ({"facets": ["prize"]}, "facets: no entity has 'prize'; did you mean 'price'"),
        ({"facets": [{"field": "sale", "ranges": [{"lt": "2024-01-01"}]}]}, "facets: no entity has 'sale'; there are"),
        ({"fields": ["Unit Price"]}, "fields: no entity has 'Unit Price'; did you mean 'price'?"),
        ({"fields": ["zzz"]}, "created_s, description, maker, popularity, price, quality, related, since"),
        ({"fields": ["descripton"]}, "did you mean 'description'"),
        ({"sort": "prices"}, "sort: no entity has 'prices'; did you mean 'price'?"),
        ({"sort": "-sale"}, "sort: no entity has 'sale'; there are: "),
        ({"sort": "-name"}, "sort: every entity has a name, but that gives no order; there are: created_s, newest"),
    ],
)
def test_names_that_no_entity_has_are_told_and_break_nothing(store: Shop, asked: dict[str, Any], told: str):
    """The last that had it may just have gone: a filter by it passes nothing, an order by it is one by relevance."""
    for answer in (found := store.search("lamp", **asked), store.search("", **asked)):
        assert [told in one for one in answer["hints"]] == [True]
        assert bool(answer["items"]) == ("filters" not in asked)
        assert answer["sort"] == "relevance"
        assert not any(count["count"] for counts in answer["facets"].values() for count in counts)
    assert found["learned"] == bool(found["plan"]) is True
    assert store.search("lamp", **asked, query_id=found["query_id"], page=2)["hints"][:1] == found["hints"]


def test_a_field_that_goes_with_its_last_entity_breaks_no_search():
    """A site that asks for the price of a sale goes on when the sale ends."""
    asked: dict[str, Any] = {"fields": ["sale"], "facets": ["sale"], "sort": "sale"}
    lamps = [Entity("p1", "product", "Lamp"), Entity("p2", "product", "Lamp", numbers={"sale": (5.0,)})]
    with Shop(entities=lamps) as shop:
        before = shop.search("lamp", **asked)
        assert (ids(before), before["sort"], before["hints"]) == (["p2", "p1"], "sale", [])
        shop.request("PUT", "/v1/entities", json={"object_id": "p2", "type": "product", "name": "Lamp"})
        after = shop.search("lamp", **asked)
        assert (sorted(ids(after)), after["sort"], len(after["hints"])) == (["p1", "p2"], "relevance", 3)
        assert shop.search("lamp", filters={"sale": {"lt": 9}})["items"] == []


def test_of_very_many_names_those_that_lie_least_deep_are_listed():
    """Fields of objects within come last, and how many are left out is said."""
    deep = {f"parts.n{n:02}": {"x": 1.0} for n in range(30)}
    with Shop(entities=[Entity("a", "thing", "Lamp", {**deep, "room": {"hall": 1.0}})]) as wide:
        [told] = wide.search("lamp", filters={"zzz": ["a"]})["hints"]
    assert "there are: popularity, quality, room, type, parts.n00, " in told
    assert told.endswith("parts.n15, and 14 more")


def test_a_page_behind_all_results_says_so(store: Shop):
    """By relevance there are fewer than match; the first page, and one in another order, has nothing to say."""
    first = store.search("lamp")
    behind = store.search("lamp", query_id=first["query_id"], page=9)
    assert (first["hints"], behind["items"]) == ([], [])
    [told] = behind["hints"]
    assert told.startswith(f"page 9 is behind all {first['retrieved']} results: by relevance there are those")
    ordered = store.search("lamp", sort="price")
    assert store.search("lamp", sort="price", query_id=ordered["query_id"], page=9)["hints"] == []


def test_a_range_has_a_bound(store: Shop):
    """An empty range, one with other names, or with two bounds on a side, does not fit."""
    for bounds in ({}, {"min": 3}, {"gte": 1, "gt": 2}):
        assert store.post("/v1/search", {"query": "lamp", "filters": {"price": bounds}}).status_code == 422


def test_an_empty_catalogue_refuses_no_name():
    """Where nothing is known yet every name may come."""
    with Shop(entities=[]) as store:
        assert ids(store.search("lamp", filters={"colour": ["red"]}, facets=["size"])) == []


def test_an_order_takes_words_in_any_number(store: Shop):
    """What is put in an order has each word or its stem, as where the ranking has the order."""
    assert ids(store.search("lamps things", sort="price", size=50)) == list(numbered(*range(0, 20, 2)))


def test_a_filter_only_takes_away(store: Shop):
    """Where something has all words but does not pass the filter, nothing with fewer words takes its place."""
    assert ids(store.search("lamp 4", sort="price", filters={"colour": "red"})) == []
    assert ids(store.search("lamp 4", sort="price")) == ["p4"]


def test_an_order_asks_for_all_words_but_one_and_for_no_small_ones(store: Shop):
    """Of three words that say something two are enough where nothing has all; "for" and "the" are not needed."""
    assert ids(store.search("the lamp for things", sort="price", size=50)) == list(numbered(*range(0, 20, 2)))
    assert ids(store.search("lamp 4 granite", sort="price", size=50)) == ["p4"]


@pytest.mark.parametrize("query", ["chai", "chairr", "chiar", "lapm chairr"])
def test_half_typed_and_misspelt_words_are_understood(store: Shop, query: str):
    """Where nothing has a word as it is, an order shows what has it nearly, and facets count that."""
    answer = store.search(query, sort="-price", size=3, facets=["colour"])
    assert ids(answer)[:1] == ["p17" if query != "lapm chairr" else "p18"]
    assert sum(count["count"] for count in answer["facets"]["colour"]) >= 10


def test_what_is_near_nothing_finds_nothing(store: Shop):
    """A word that no entity has nearly."""
    assert ids(store.search("zebracrossing", sort="price")) == []
