"""Bounds that queries set to numbers and dates: what they are of, and what else is asked for."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ltrr.models.records.query import Bounded, Range
from ltrr.retrievers.bounds.bounds import read_bounds

SHOP = {
    **{
        name: {"number"}
        for name in ("price", "rating", "min_players", "max_players", "power_w", "ram_gb", "weight_lbs")
    },
    **{name: {"number"} for name in ("cooking_time_min", "molecular weight", "Miles_per_Gallon", "Horsepower")},
    "released": {"date"},
    "brand": {"text"},
}


WORDS = ("cars", "phones", "movies", "films", "filme", "albums")


def year(number: int) -> float:
    """Return when a year begins."""
    return datetime(number, 1, 1, tzinfo=UTC).timestamp()


def read(text: str, kinds: dict[str, set[str]] = SHOP, said: Sequence[str] = (), values: Sequence[str] = ()) -> Bounded:
    """Read a query. said: what names and values say; values: words of values."""
    return read_bounds(text, kinds, lambda words: " ".join(words) in said, values.__contains__, "english")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "rest", "name", "bounds"),
    [
        ("cars with more than 200 horsepower", "cars with", "Horsepower", {"gt": 200.0}),
        ("horsepower over 200", "", "Horsepower", {"gt": 200.0}),
        ("ford over 150 hp", "ford", "Horsepower", {"gt": 150.0}),
        ("100-150 hp", "", "Horsepower", {"gte": 100.0, "lte": 150.0}),
        ("over 40 mpg", "", "Miles_per_Gallon", {"gt": 40.0}),
        ("acids with a molecular weight of under 60", "acids with a", "molecular weight", {"lt": 60.0}),
        ("lamp over 1 kW", "lamp", "power_w", {"gt": 1000.0}),
        ("pasta in less than 1 hour", "pasta in", "cooking_time_min", {"lt": 60.0}),
        ("16GB or more laptop", "laptop", "ram_gb", {"gte": 16.0}),
        ("laptop 16+ gb ram", "laptop", "ram_gb", {"gte": 16.0}),
        ("laptop 16gb ram under 1000", "laptop 16gb ram", "price", {"lt": 1000.0}),
        ("iphone 13 pro max under 800 euros", "iphone 13 pro max", "price", {"lt": 800.0}),
        ("rating > 4.5/5", "", "rating", {"gt": 4.5}),
        ("rating of at least 4.5", "", "rating", {"gte": 4.5}),
        ("phones above rating 4", "phones", "rating", {"gt": 4.0}),
        ("phones under $300", "phones", "price", {"lt": 300.0}),
        ("phones under 300", "phones", "price", {"lt": 300.0}),
        ("lamp under 20 with a shade", "lamp with a shade", "price", {"lt": 20.0}),
        ("laptop max 1,500 usd", "laptop", "price", {"lte": 1500.0}),
        ("laptop unter 1.500 €", "laptop", "price", {"lt": 1500.0}),
        ("price<=20", "", "price", {"lte": 20.0}),
        ("flats up to 1.2 million euros", "flats", "price", {"lte": 1_200_000.0}),
        ("$100-$200 headphones", "headphones", "price", {"gte": 100.0, "lte": 200.0}),
        ("price between $10 and $20", "", "price", {"gte": 10.0, "lte": 20.0}),
        ("téléphone à moins de 300 €", "téléphone à", "price", {"lt": 300.0}),
        ("auriculares entre 20 y 50 euros", "auriculares", "price", {"gte": 20.0, "lte": 50.0}),
        ("телефон до 20000", "телефон", "price", {"lte": 20_000.0}),
        ("телефон от 20 000 рублей", "телефон", "price", {"gte": 20_000.0}),
        ("laptop do 2000 zł", "laptop", "price", {"lte": 2000.0}),
        ("lampor under 300 kr", "lampor", "price", {"lt": 300.0}),
    ],
)
def test_numbers_are_bounded(query: str, rest: str, name: str, bounds: dict[str, float]):
    """By what is named before or behind them, by their unit or one of its kind, or by the price that there is."""
    assert read(query, values=WORDS) == Bounded(rest, {name: Range(**bounds)})


@pytest.mark.parametrize(
    ("query", "rest", "bounds"),
    [
        ("movies before 1980", "movies", {"lt": year(1980)}),
        ("released after 1980", "", {"gte": year(1981)}),
        ("albums since 1976", "albums", {"gte": year(1976)}),
        ("movies from 1976", "movies", {"gte": year(1976), "lt": year(1977)}),
        ("poets born in 1976", "poets", {"gte": year(1976), "lt": year(1977)}),
        ("hits in 1976", "hits", {"gte": year(1976), "lt": year(1977)}),
        ("until 1980", "", {"lt": year(1981)}),
        ("1980 or later comedies", "comedies", {"gte": year(1980)}),
        ("films from 1970 to 1972", "films", {"gte": year(1970), "lt": year(1973)}),
        ("80's movies", "movies", {"gte": year(1980), "lt": year(1990)}),
        ("movies of the 1970s", "movies of the", {"gte": year(1970), "lt": year(1980)}),
        ("novels of the 1800s", "novels of the", {"gte": year(1800), "lt": year(1900)}),
        ("films années 60", "films", {"gte": year(1960), "lt": year(1970)}),
        ("filme der 90er jahre", "filme der", {"gte": year(1990), "lt": year(2000)}),
    ],
)
def test_dates_are_bounded_by_years(query: str, rest: str, bounds: dict[str, float]):
    """After a year begins with the next one; a decade has ten."""
    assert read(query, values=WORDS) == Bounded(rest, {"released": Range(**bounds)})


@pytest.mark.parametrize("query", ["movies before 1980", "cars from the 80s", "phones under 20", "under 20"])
def test_what_a_catalogue_is_of_is_no_word(query: str):
    """All that is within the bounds is asked for; where a value has the word it is one like others."""
    assert read(query).text == ""
    assert read(f"red {query}").text.startswith("red")


def test_a_year_that_is_a_number_is_one():
    """As a catalogue has it that writes years alone; when things were made counts where there is nothing else."""
    assert read("before 1980", {"year": {"number"}}).ranges == {"year": Range(lt=1980.0)}
    assert read("80s", {"Baujahr": {"text"}, "created_s": {"date"}}).ranges.keys() == {"created_s"}
    assert read("before 1980", {"born": {"date"}, "died": {"date"}}).ranges == {}


def test_inhabitants_are_a_population():
    """Where there is one; else they are none of what is known."""
    assert read("cities over 2 million people", {"population": {"number"}}).ranges == {"population": Range(gt=2e6)}
    assert read("games for more than 4 people").ranges == {}


def test_a_bound_may_begin_what_is_asked():
    """Before a word that the catalogue has; what it has not may be a unit."""
    assert read("under 100 headphones", said=["headphones"]) == Bounded("headphones", {"price": Range(lt=100.0)})
    assert read("between 20 and 50 lamps", said=["lamps"]).ranges == {"price": Range(gte=20.0, lte=50.0)}
    assert read("under 3 moons", said=["headphones"]).ranges == {}
    assert read("lamps not over 20").ranges == {"price": Range(lte=20.0)}


def test_ages_are_bounded_where_people_are_named():
    """By the one attribute that is an age."""
    toys = {"age_from": {"number"}, "price": {"number"}}
    assert read("games for kids under 8", toys) == Bounded("games for kids", {"age_from": Range(lt=8.0)})
    assert read("phones under $300", {"price_eur": {"number"}}).ranges == {"price_eur": Range(lt=300.0)}


def test_money_may_be_of_something_else_where_nothing_has_a_price():
    """As of what a film has cost and earned."""
    film = {"Production Budget": {"number"}, "Gross": {"number"}}
    assert read("a budget over 200 million dollars", film).ranges == {"Production Budget": Range(gt=2e8)}
    assert read("rating over 20 dollars").ranges == {"price": Range(gt=20.0)}


def test_several_bounds_are_read():
    """Of one number or of several."""
    found = read("toyota over 100 hp, under 30 mpg, since 1980")
    assert found.ranges.keys() == {"Horsepower", "Miles_per_Gallon", "released"}
    assert read("price over 10 under 20").ranges == {"price": Range(gt=10.0, lt=20.0)}
    assert read("price over 20 under 10") == Bounded("price over 20 under 10")


@pytest.mark.parametrize(
    "query",
    [
        *(
            "mad max 2",
            "iphone 12 max",
            "2001 on ice",
            "the 39 steps",
            "64-17-5",
            "canon 70-200",
            "die 7 oder mehr zwerge",
        ),
        *("toys for kids under 5", "vitamins for women over 40", "toys under 3 years", "up to 4 players"),
        *(
            "weight over 2 tonnes",
            "movies 1976",
            "hits 1976 live",
            "over the top",
            "under",
            "route 66",
            "brand over 20",
            "3.5.7 up",
        ),
    ],
)
def test_what_is_not_plain_is_left_as_it_was_typed(query: str):
    """A number without what it is of, of several, of an age, or in a unit that is not that of the number."""
    assert read(query) == Bounded(query)


_WORDS = (
    "under",
    "over",
    "between",
    "and",
    "from",
    "to",
    "-",
    "or",
    "more",
    "20",
    "1980",
    "80s",
    "$",
    "€",
    "hp",
    "price",
    "+",
)


@given(st.lists(st.sampled_from(_WORDS) | st.text(max_size=5), max_size=12).map(" ".join))
@example("under " + "9" * 400)
def test_any_text_is_read(text: str):
    """It is left as it is, or there are bounds that hold something; what is left is no longer."""
    found = read(text)
    assert found.ranges or found.text == text
    assert not any(one.is_empty for one in found.ranges.values())
    assert len(found.text) <= len(text)


def test_what_a_name_says_is_no_bound():
    """A catalogue may have all of it in a name or value."""
    assert read("under 21", said=["under 21"]) == Bounded("under 21")
    assert read("80s", said=["80s"]) == Bounded("80s")
    assert read("80s comedown machine", said=["80s", "80s comedown"]) == Bounded("80s comedown machine")
    assert read("80s pop", values=["80s"]) == Bounded("80s pop")
    assert read("pop of the 80s", said=["80s", "the 80s"]).ranges.keys() == {"released"}
    assert read("ram over 8", said=["over 8"]).ranges == {}
    assert read("anything under 20", {}) == Bounded("anything under 20")


@pytest.mark.parametrize(
    ("query", "name", "bounds"),
    [
        ("taller than 2.1", "height", {"gt": 2.1}),
        ("players heavier than 100", "weight_kg", {"gt": 100.0}),
        ("leichter als 500 g", "weight_kg", {"lt": 0.5}),
        ("taller than 2 m", "height", {"gt": 2.0}),
        ("older than 30", "age", {"gt": 30.0}),
        ("older than 1990", "age", {"gt": 1990.0}),
    ],
)
def test_comparatives_tell_what_a_number_is_of(query: str, name: str, bounds: dict[str, float]):
    """Where one attribute is that."""
    kinds: dict[str, set[str]] = {one: {"number"} for one in ("height", "weight_kg", "age")}
    assert read(query, kinds).ranges == {name: Range(**bounds)}
    assert read("older than 30", {"born": {"date"}}) == Bounded("older than 30")


def test_fields_within_objects_are_called_as_they_are_there():
    """What else has the word is not meant; of numbers some may be texts."""
    kinds = {"of.Level": {"number", "text"}, "of.filter-Level": {"number"}, "of.slot level dice": {"number"}}
    assert read("level under 3", kinds).ranges == {"of.Level": Range(lt=3.0)}


def test_a_year_that_a_name_has_is_none():
    """Nor one beside the words of a name; a year as a number is that year."""
    assert read("live in 1976", said=["in 1976"]) == Bounded("live in 1976")
    assert read("cars from 1976", {"year": {"number"}}).ranges == {"year": Range(gte=1976.0, lte=1976.0)}


@pytest.mark.parametrize(
    ("kinds", "bounds"),
    [
        ("age_from", {"lte": 6.0}),
        ("Min. age", {"lte": 6.0}),
        ("max_age", {"gte": 6.0}),
        ("age", {"gte": 6.0, "lte": 6.0}),
    ],
)
def test_an_age_is_that_of_whom_something_is_for(kinds: str, bounds: dict[str, float]):
    """What is from an age on is for whoever is older."""
    for query in ("toys for 6 year olds", "toys 6 years old"):
        assert read(query, {kinds: {"number"}}).ranges == {kinds: Range(**bounds)}
    assert read("6 year old toys") == Bounded("6 year old toys")
    assert read("6 years old", {kinds: {"number"}}, ["6 years old"]) == Bounded("6 years old")


def test_stars_are_a_rating():
    """Where there is one."""
    assert read("4 stars or more").ranges == {"rating": Range(gte=4.0)}
    assert read("4 stars or more", {"price": {"number"}}) == Bounded("4 stars or more")
