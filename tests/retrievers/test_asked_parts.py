"""Parts of a query that say of what it is: a name that is all there, the name of an attribute, what is not wanted."""

from dataclasses import replace

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query, Understanding
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers.matching.features import match_features


def words(text: str, *cards: Entity, **read: tuple[object, ...]) -> dict[str, float]:
    """Return how much of a query entities have, in a catalogue of a thousand. read: what is known of the query."""
    understanding = replace(Understanding(catalogue_size=1_000), **read)  # type: ignore[arg-type]
    query = Query(text, normalise(text), tokenise(text), 0.0, 0, understanding=understanding)
    return match_features(query, {card.object_id: card for card in cards})["match.words"]


def recipe(name: str, meal: str, protein_g: float = 1.0, *ingredients: str) -> Entity:
    """Return a recipe whose id is its name."""
    held = {"meal": {meal: 1.0}, "ingredients": dict.fromkeys(ingredients, 1.0)}
    return Entity(name, "recipe", name, held, numbers={"protein_g": (protein_g,)})


def test_a_name_that_is_all_there_comes_before_what_shares_some():
    """A value of another kind beside it costs the name little, and what has that value and some of the name less."""
    cards = recipe("Green Dressing Salad", "lunch"), recipe("Green Chicken Salad", "dinner"), recipe("Pie", "dinner")
    found = words("green dressing salad for dinner", *cards, groups=("dinner",))
    assert found["Green Dressing Salad"] > found["Green Chicken Salad"] > found["Pie"]


def test_what_has_a_value_is_meant_before_what_is_called_so_where_only_it_is_of_the_type():
    """Who asks for a kind of thing with something does not mean that something itself."""
    meant, other = recipe("Pie", "dinner", 1.0, "Green Salad"), recipe("Green Salad", "lunch")
    found = words("dinner with green salad", meant, other, groups=("dinner",))
    assert found["Pie"] > found["Green Salad"]


def test_a_type_is_what_a_thing_is_and_not_what_it_has_to_do_with():
    """Somebody who knows spells is none; what is called so may be one. Values and the type are the query together."""
    cures = Entity("cures", "spell", "Cures", {"class": {"Cleric": 1.0}})
    knows = Entity("knows", "monster", "Acolyte", {"class": {"Cleric": 1.0}, "knows": {"spell": 1.0}})
    scroll = Entity("scroll", "item", "Cleric Spell Scroll")
    found = words("cleric spell", cures, knows, scroll, groups=("cleric", "spell"), types=("spell",))
    assert found["cures"] == found["scroll"] == 1.0
    assert found["knows"] < 0.8
    query = Query("cleric spell", "cleric spell", ("cleric", "spell"), 0.0, 0)
    assert match_features(query, {"cures": cures})["match.field"] == {"cures": 1.0}


def test_a_name_that_goes_on_with_words_of_the_query_is_no_part_of_them():
    """What has more of the query in its name is called so rather than what has less."""
    found = words("green salad pie dinner", recipe("Green Salad", "lunch"), recipe("Green Salad Pie", "lunch"))
    assert found["Green Salad Pie"] > found["Green Salad"]


def test_all_of_several_words_say_more_than_some_in_a_long_text():
    """Three words of a long text come before two of a short one; two may be there by chance."""
    others = " ".join(f"word{number}" for number in range(400))
    every = Entity("every", "page", "core", description=f"inspect {others} various {others} state")
    some = Entity("some", "page", "mbrlen", description="inspect state inspect state")
    found = words("inspect various state", every, some)
    assert found["every"] > found["some"]
    assert words("inspect various", every)["every"] < 0.2


@pytest.mark.parametrize("amount", ["14g protein", "protein 14 g", "14 grams of protein", "protein 14"])
def test_a_number_beside_the_name_of_an_attribute_is_one_of_it(amount: str):
    """It is neither another number nor a word of names."""
    cards = recipe("Carrot Soup", "dinner", 14.0), recipe("Protein Bar", "snack", 15.0, "Oats 14 g")
    found = words(f"soup {amount}", *cards)
    assert found["Carrot Soup"] > 0.95
    assert found["Protein Bar"] < 0.1


def test_a_value_beside_the_name_of_its_attribute_is_one_of_it():
    """What is only spelt like that name, or has the value elsewhere, has less; also where the value is a small word."""
    cards = [Entity(name, "company", name, {"ticker": {code: 1.0}}) for name, code in (("Visa", "V"), ("Deere", "DE"))]
    tucker = Entity("Tucker", "company", "Tucker V", {"city": {"De": 1.0}})
    for text, wanted in (("ticker v", "Visa"), ("ticker de", "Deere")):
        found = words(text, *cards, tucker)
        assert found[wanted] == pytest.approx(1.0)
        assert max(share for name, share in found.items() if name != wanted) < 0.9


def test_a_name_that_has_an_attribute_and_a_value_means_itself():
    """Of two that have the words the one of that name comes before what is purple."""
    book, pen = Entity("book", "x", "The Color Purple"), Entity("pen", "x", "Pen", {"color": {"purple": 1.0}})
    found = words("color purple", book, pen)
    assert found["book"] > found["pen"]


def test_what_has_what_is_not_wanted_stands_behind():
    """In a name or value, in any form; what says that it is without it has it not."""
    cards = (
        recipe("Muffins", "snack", 1.0, "Eggs"),
        recipe("Oat Muffins", "snack", 1.0, "Oats"),
        recipe("Egg-Free Muffins", "snack", 1.0, "Flour"),
    )
    found = words("muffins", *cards, without=(("egg",),))
    assert found["Oat Muffins"] > 2 * found["Muffins"] > 0
    assert found["Egg-Free Muffins"] > 2 * found["Muffins"]


def test_what_says_that_it_lacks_what_is_not_wanted_comes_first():
    """Before what does not tell; where nothing says so all that has it not is alike."""
    plain, free = recipe("Oat Muffins", "snack", 1.0, "Oats"), recipe("Flour Muffins", "snack", 1.0, "no eggs")
    rule = Entity("rule", "rule", "Class", {"says": {"Missing docstring in public class": 1.0}})
    assert words("muffins", plain, free, without=(("egg",),)) == pytest.approx(
        {"Oat Muffins": 0.95, "Flour Muffins": 1.0}
    )
    assert words("muffins", plain, without=(("egg",),)) == {"Oat Muffins": 1.0}
    other = Entity("other", "rule", "Class")
    assert words("class", rule, other, without=(("docstring",),)) == pytest.approx({"rule": 1.0, "other": 0.95})
