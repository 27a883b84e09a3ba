"""Numbers as they are typed, with what they count or measure."""

import pytest

from ltrr.models.records.entity import Entity
from ltrr.retrievers.phrases.measures import measures


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
    assert said("runtime_minutes", 90.0) == {"90min", "90minute", "90minutes"}


def test_the_next_units_say_the_same():
    """Larger and smaller, by their symbols; what would be rounded away or has none is left out."""
    assert {"2.86kw", "2860w"} < said("power_w", 2860.0)
    assert {"0.3kw", "300w"} < said("power_kw", 0.3)
    assert {"60cm", "0.6m", "600mm"} < said("width_cm", 60.0)
    assert {"0.07kg", "70g", "70000mg"} < said("weight_g", 70.0)
    assert not any("kv" in one for one in said("voltage_v", 12.0))
