"""Numbers as they are typed, with what they count or measure."""

import pytest

from ltrr.models.records.entity import Entity
from ltrr.retrievers.phrases.measures import measure, measures, signs_said


def said(name: str, *numbers: float) -> set[str]:
    """Return what an entity's numbers are typed as."""
    return set(measures(Entity("e", "thing", "Thing", numbers={name: numbers})))


@pytest.mark.parametrize("name", ["power_w", "powerW", "Power (W)", "power w", "watts", "power_watts", "Watt"])
def test_a_unit_ends_the_name_of_an_attribute(name: str):
    """Its symbol behind a word, or its name; what is measured may have a fraction."""
    assert {"50w", "50watt", "50watts", "2.5w"} < said(name, 50.0, 2.5)


@pytest.mark.parametrize("name", ["price", "price_min", "min", "w", "m", "rating", "", "year"])
def test_other_numbers_are_no_measures(name: str):
    """A letter alone is no unit, and the least of a price no minute."""
    assert said(name, 50.0) == set()


def test_what_is_counted_is_several_things():
    """Each by one of them and by several; a fraction counts none, nor does what no one types."""
    assert said("max_players", 4.0, 2.5, 1e300) == {"4players", "4player"}
    assert said("memory_bits", 64.0) == {"64bit", "64bits"}


def test_the_next_units_say_the_same():
    """Larger and smaller, by their symbols; what nobody would say so, or what has none, is left out."""
    assert {"2.86kw", "2860w"} < said("power_w", 2860.0)
    assert {"0.3kw", "300w"} < said("power_kw", 0.3)
    assert {"60cm", "0.6m", "600mm"} < said("width_cm", 60.0)
    assert {"0.07kg", "70g", "70000mg"} < said("weight_g", 70.0)
    assert {"1.5h", "5400s"} < said("runtime_minutes", 90.0)
    assert not any(one.endswith("h") for one in said("runtime_minutes", 95.0))
    assert {"0.25gb", "250mb", "256mb"} < said("memory_gb", 0.25)
    assert said("speed_rpm", 7200.0) == {"7200rpm"}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        *(("process_size_nm", "5nm"), ("gap_um", "5μm"), ("speed_kmh", "5kmh"), ("Speed (km/h)", "5kmh")),
        *(("current_ma", "5ma"), ("price_eur", "5euro"), ("Price (€)", "5eur"), ("cost_usd", "5dollars")),
        *(("abv_pct", "5percent"), ("ABV (%)", "5pct"), ("angle_deg", "5degrees"), ("temp_c", "5deg")),
        *(("Temperature (°C)", "5celsius"), ("running_time_min", "5minutes"), ("duration_min", "5min")),
        *(("screen_in", "5inch"), ("resistance_ohm", "5ohm"), ("torque_n_m", "5nm"), ("bus_bits", "5bit")),
    ],
)
def test_the_usual_units_are_known(name: str, typed: str):
    """Of lengths, speeds, currents, money, shares, temperatures and times; minutes behind a word for what lasts."""
    assert typed in said(name, 5.0)


def test_what_is_typed_is_said_by_the_symbol():
    """A number with a unit as one word; what has no unit is left as it is."""
    typed = ("1.5hours", "50watts", "5μm", "12inches", "4players", "hours", "x5")
    assert [*map(measure, typed)] == ["1.5h", "50w", "5um", "12in", "4players", "hours", "x5"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('27" monitor', "27 in monitor"),
        ('27" x 15"', "27 in x 15 in"),
        ('the "route 66" sign', "the route 66 sign"),
        ("$5 lamp", "5 usd lamp"),
        ("lamp 5 €", "lamp 5 eur"),
        ("50% off", "50 pct off"),
        ("at 20°C", "at 20 deg C"),
        ("c# at 5th & main", "c# at 5th & main"),
        ("100", "100"),
        ("%", "%"),
    ],
)
def test_signs_of_units_are_words_beside_a_number(text: str, words: str):
    """Before or behind it; a quotation that ends with a number is no length."""
    assert " ".join(signs_said(text).split()) == words


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("16 OZ", {"16oz", "1lb"}),
        (".75 L", {"0.75l", "75cl", "750ml"}),
        ("1500ML", {"1500ml", "150cl", "1.5l"}),
        ("0,5 litres", {"0.5l", "50cl", "500ml"}),
        ("1,500 ml", set()),
        ("12 players", set()),
    ],
)
def test_a_value_that_is_a_number_and_its_unit_is_measured(value: str, typed: set[str]):
    """A comma before three digits says two things, and so none; a size among several values is a word of them."""
    assert set(measures(Entity("e", "x", "X", {"size": {value: 1.0}}))) == typed
    assert set(measures(Entity("e", "x", "X", {"size": {value: 1.0, "large": 1.0}}))) == set()
