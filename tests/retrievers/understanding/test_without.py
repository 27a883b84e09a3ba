"""What is not wanted is told, and what is wanted is asked for without it."""

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.text import ENGLISH, normalise
from ltrr.retrievers.understanding.dictionary import Dictionary
from ltrr.retrievers.understanding.without import without
from tests.retrievers.phrases.catalogues import held

THINGS = (
    Entity("muffin", "cake", "Muffins", {"ingredients": {"Egg": 1.0, "Milk": 1.0, "Tomato Sauce": 1.0}}),
    Entity("brownie", "cake", "Brownie", {"ingredients": {"Sugar": 1.0}, "diet": {"gluten-free": 1.0}}),
    Entity("song", "song", "Life Without Music"),
    Entity("gimp", "program", "GIMP Editor"),
    Entity("font", "font", "Open Sans Light"),
    Entity("film", "film", "Sin City"),
)


@pytest.mark.parametrize(
    ("typed", "wanted", "unwanted"),
    [
        ("muffins without egg", "muffins", ["egg"]),
        ("muffins without eggs", "muffins", ["eggs"]),
        ("muffins without any tomato sauce and egg", "muffins", ["tomato sauce", "egg"]),
        ("egg free muffins", "muffins", ["egg"]),
        ("tomato sauce free muffins", "muffins", ["tomato sauce"]),
        ("muffins no milk", "muffins", ["milk"]),
        ("muffins not milk", "muffins", ["milk"]),
        ("Muffins ohne Milk", "muffins", ["milk"]),
        ("muffins sans milk", "muffins", ["milk"]),
        ("muffins zonder milk", "muffins", ["milk"]),
        ("without milk muffins", "muffins", ["milk"]),
    ],
)
def test_what_is_not_wanted_is_told(typed: str, wanted: str, unwanted: list[str]):
    """Before or behind the word that says so, in several languages, one or more of it."""
    ways, found = without(held(*THINGS), normalise(typed).split(), ENGLISH)
    assert [" ".join(way) for way in ways] == [wanted]
    assert [" ".join(words) for words in found] == unwanted


@pytest.mark.parametrize("typed", ["gluten free muffins", "muffins without music"])
def test_what_a_name_or_value_says_so_is_wanted_too(typed: str):
    """All words are asked for before those of the rest."""
    words = normalise(typed).split()
    ways, _ = without(held(*THINGS), words, ENGLISH)
    assert ways == [words, ["muffins"]]


@pytest.mark.parametrize("typed", ["muffins without gluten", "without gluten muffins", "muffins no gluten"])
def test_what_a_value_says_otherwise_is_asked_for_as_it_does(typed: str):
    """What has none of it is called "gluten-free"."""
    ways, unwanted = without(held(*THINGS), typed.split(), ENGLISH)
    assert ways == [["muffins", "gluten", "free"], ["muffins"]]
    assert unwanted == (("gluten",),)


@pytest.mark.parametrize(
    "typed",
    [
        "life without music",
        "without milk",
        "no milk",
        "gimp free",
        "muffins without",
        "muffins",
        "open sans light",
        "fonts like open sans light",
        "sin city editor",
    ],
)
def test_nothing_is_unwanted(typed: str):
    """In a name, where nothing else is asked for, or where the catalogue has no such word, or means something else."""
    words = normalise(typed).split()
    assert without(held(*THINGS), words, ENGLISH) == ([words], ())


def test_a_name_of_what_is_free_is_a_name():
    """In which "free" says nothing of what stands before it, also where it goes on."""
    known = held(*THINGS, Entity("g", "licence", "GNU Free Documentation License v1.1"), Entity("m", "licence", "GNU"))
    words = ["gnu", "free", "documentation"]
    assert without(known, words, ENGLISH) == ([words], ())


def test_what_no_name_has_a_word_of_may_stand_in_descriptions():
    """So nothing is unwanted; what stands before is one more way to say it."""
    words = ["muffins", "without", "windows"]
    assert without(held(*THINGS), words, ENGLISH) == ([words, ["muffins"]], ())


def test_a_catalogue_that_calls_something_so_means_that():
    """Where "free" is a value by itself, no word before it is unwanted."""
    words = ["editor", "free", "muffins"]
    assert without(held(*THINGS, Entity("p", "program", "Paint", {"price": {"free": 1.0}})), words, ENGLISH)[1] == ()


def test_a_query_is_read_without_it():
    """The reading is of the rest; what is typed as one piece is no sentence."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(THINGS), THINGS)
    read = dictionary.understand("muffins without egg", "default")
    assert read.without == (("egg",),)
    assert read.respaced == ("muffins",)
    assert dictionary.understand("muffins-without-egg", "default").without == ()
