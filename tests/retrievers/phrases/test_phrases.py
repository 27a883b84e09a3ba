"""The dictionary of one application."""

import pytest

from ltrr.models.records.entity import Entity
from ltrr.retrievers.phrases.phrase import also_called
from ltrr.retrievers.phrases.phrases import Phrases


def test_removing_everything_leaves_nothing(catalogue: tuple[Entity, ...]) -> None:
    """Entities added and removed, in another order, leave an empty dictionary."""
    phrases = Phrases()
    for entity in catalogue:
        phrases.add(entity)
    for entity in reversed(catalogue):
        phrases.remove(entity)
    assert not phrases._changed
    assert not len(phrases._words)
    assert not phrases._joined
    assert not phrases._spelling._buckets
    assert not phrases._words.spelling._buckets


def test_removing_one_keeps_the_others(catalogue: tuple[Entity, ...]) -> None:
    """A value stays while any entity carries it."""
    phrases = Phrases()
    for entity in catalogue:
        phrases.add(entity)
    taylor = catalogue[0]
    phrases.remove(taylor)
    pop = phrases.exact("pop")
    assert pop is not None
    assert pop.attributes == {"genre": 2}
    assert phrases.exact("taylor swift") is None
    assert phrases.containing(["taylor"], 5) == []


def test_a_name_twice_in_one_entity() -> None:
    """A name that is its own alias, twice written, is added and removed like any other."""
    phrases = Phrases()
    entity = Entity("x", "song", "Vow", {"mood": {"vow": 1.0, "VOW": 0.5}}, aliases=("VOW", "vow", "!!!", ""))
    phrases.add(entity)
    vow = phrases.exact("vow")
    assert vow is not None
    assert vow.carriers(5) == ["x"]
    phrases.remove(entity)
    assert not phrases._changed


def test_carriers_are_the_most_popular() -> None:
    """Of many entities of a name the most popular are named; those of that very name go before aliases."""
    phrases = Phrases()
    for number in range(5):
        phrases.add(Entity(f"n{number}", "song", "Vow", popularity=float(number)))
    phrases.add(Entity("alias", "artist", "Other", aliases=("vow",), popularity=99.0))
    vow = phrases.exact("vow")
    assert vow is not None
    assert vow.carriers(2) == ["n4", "n3"]
    assert vow.carriers(9)[-1] == "alias"
    assert vow.types() == ("artist", "song")


def test_parts_follow_the_catalogue() -> None:
    """The strongest names that contain a word change as entities come and go."""
    phrases = Phrases()
    phrases.add(Entity("a", "song", "Love Story", popularity=5.0))
    assert [phrase.text for phrase in phrases.containing(["love"], 1)] == ["love story"]
    hit = Entity("b", "song", "Crazy in Love", popularity=50.0)
    phrases.add(hit)
    assert [phrase.text for phrase in phrases.containing(["love"], 1)] == ["crazy in love"]
    phrases.remove(hit)
    assert [phrase.text for phrase in phrases.containing(["love"], 1)] == ["love story"]


def test_prose_in_an_attribute_is_no_value() -> None:
    """A quotation on a card is read for its words, as a description is: it is nothing to choose, nor a part of one."""
    phrases = Phrases()
    quotation = "Where there were birds there are now only trees, and the river has gone."
    card = Entity("x", "card", "River", {"artist": {"Ann Tree": 1.0}, "quotation": {quotation: 1.0}})
    phrases.add(card)
    assert [phrase.text for phrase in phrases.containing(["tree"], 5)] == ["ann tree"]
    assert phrases.containing(["birds"], 5) == []
    assert phrases.having("birds") == 1
    phrases.remove(card)
    assert phrases.having("birds") == 0


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Limitation of a Pathname ('Path Traversal')", ("Path Traversal",)),
        ('Cast of "Camp Rock 2"', ("Camp Rock 2",)),
        ("Der lange Name [\u201eKurz\u201c]", ("Kurz",)),
        ("Nom long \u00abCourt\u00bb", ("Court",)),
        ("'Quoted'", ()),
        ("The boys' toys'", ()),
        ('Screen 27"', ()),
        ('Board 12" x 15"', ()),
        ("Path: '...'", ()),
        ("Page (Live)", ()),
    ],
)
def test_what_is_in_quotes_at_the_end_of_a_name_is_another_name(name: str, others: tuple[str, ...]) -> None:
    """Beside the aliases; marks of inches and apostrophes are no quotes."""
    assert also_called(Entity("e", "item", name, aliases=("AKA",))) == ("AKA", *others)
