"""Codes and compounds that the catalogue has not are read as what it has of them."""

import pytest

from ltrr.models.records.entity import Entity
from ltrr.retrievers.understanding.cores import cores, misspelt, of_doers, respelt
from ltrr.retrievers.understanding.dictionary import Dictionary
from tests.retrievers.phrases.catalogues import held

NAMES = ("LM339", "LM358", "LM3900", "74HC595", "4017", "MAX485E", "STM32F407VGTx", "CD40106", "Fuse 250V")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("lm339dr", "lm339"),
        ("lm358drg4", "lm358"),
        ("lm3900n", "lm3900"),  # the longest
        ("sn74hc595n", "74hc595"),
        ("cd4017be", "4017"),  # not "cd401", which cuts a number
        ("max485cpa+", "max485"),  # begins one
        ("stm32f407vgt6", "stm32f407vgt"),
        ("lm339", "lm339"),
        ("lm17dr", "lm17dr"),
        ("fuse", "fuse"),
        ("2024", "2024"),
        ("order lm339dr today", "order lm339 today"),
    ],
)
def test_what_is_known_of_a_code_is_read(typed: str, read: str) -> None:
    """The longest part of letters and digits that the catalogue has; what it has as it is, and words, stay."""
    phrases = held(*(Entity(name, "part", name) for name in NAMES))
    assert " ".join(cores(phrases, typed.split(), "english")) == read


def test_the_beginning_of_a_code_is_not_taken_apart():
    """Who leaves out its last letter means it, and not what has its number."""
    phrases = held(*(Entity(name, "part", name) for name in ("ME-6200I", "GeForce 6200")))
    assert cores(phrases, ("me6200",), "english") == ("me6200",)
    assert cores(phrases, ("mx6200",), "english") == ("6200",)


def test_a_number_that_many_have_is_no_code():
    """A year within a code that is not known says nothing of it."""
    descriptions = ["4017", *["of 2024, like 2019"] * 9]
    films = (Entity(str(at), "film", f"Film {at}", description=told) for at, told in enumerate(descriptions))
    assert cores(held(*films), ("xyz2024", "xyz4017"), "english") == ("xyz2024", "4017")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("bycicle", "bicycle"),
        ("vedio lamp", "video lamp"),
        ("wajershark", "wireshark"),
        ("folders", "folders"),  # known in another form
        ("ankor", "anchor"),
        ("bike", "bike"),  # of four letters two are half
        ("wlp1", "wlp1"),
        ("trombone", "trombone"),
    ],
)
def test_what_is_spelt_less_alike_is_read(typed: str, read: str) -> None:
    """The word that is fewest edits away, for each that the catalogue has not; what has digits, or is short, stays."""
    names = ("Bicycle", "Video", "Video Lamp", "Wireshark", "Folder", "Anchor", "Anklet", "Kite", "WLP002")
    phrases = held(*(Entity(name, "icon", name) for name in names))
    assert " ".join(respelt(phrases, typed.split(), "english")) == read


def test_a_code_is_looked_for_as_it_is_typed_first() -> None:
    """What is known of it is another way to say the query: an id that no text has may be meant."""
    dictionary = Dictionary()
    dictionary.replace([None], [Entity("1", "part", "LM339")])
    understood = dictionary.understand("LM339DR", "default")
    assert understood.ways == (("lm339dr",), ("lm339",))


def test_a_compound_is_read_as_what_it_ends_with():
    """In languages that write compounds as one word, what the catalogue has not is one of what it has."""
    phrases = held(*(Entity(name, "thing", name) for name in ("Stuhl aus Holz", "Roter Tisch", "Hand")))
    typed = ("gartenstuhl", "couchtische", "stuhl", "schreibtischlampe")
    assert cores(phrases, typed, "german") == ("stuhl", "tisch", "stuhl", "schreibtischlampe")
    assert cores(phrases, typed[:1], "english") == ("stuhl",)  # what it ends with, where nothing else is known
    assert cores(phrases, typed, "english") == typed


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("a7iii", "a7 iii"),
        ("5dmk4", "5d mk 4"),
        ("5dmkiv", "5d mk iv"),
        ("5d mk2", "5d mk 2"),
        ("canon 5dmk24", "canon 5d mk 24"),  # no number is cut
        ("5dxx4", "5dxx4"),  # not known in all its parts
        ("5dmkmark", "5dmkmark"),  # words beside words
        ("a8ii", "a8ii"),
        ("5d", "5d"),
        ("1x4", "1x4"),  # a size
    ],
)
def test_a_code_is_read_as_its_parts(typed: str, read: str) -> None:
    """Letters and numbers that were typed together are those that the catalogue has apart."""
    names = ("Alpha A7 III", "EOS 5D Mark IV", "EOS 5D Mark II", "Canon", "1x zoom")
    phrases = held(*(Entity(name, "camera", name) for name in names))
    assert " ".join(cores(phrases, typed.split(), "english")) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("mediaquery", "media"),
        ("mediaqueries", "media"),
        ("subcontainer", "subcontainer"),  # three letters beside it
        ("mediated", "mediated"),
        ("mediaquerys colour", "mediaquerys colour"),  # the colour is known
        ("containr", "containr"),  # misspelt
        ("mediastream", "mediastream"),  # half typed
    ],
)
def test_a_part_of_joined_words_is_read_where_nothing_is_known(typed: str, read: str) -> None:
    """Of two words typed as one the known one is better than nothing, and no better than another word's meaning."""
    phrases = held(
        *(Entity(name, "rule", name) for name in ("@media", "container", "colour", "mediastreamtrackgenerator"))
    )
    assert " ".join(cores(phrases, typed.split(), "english")) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("truck driving", "truck driver"),
        ("long distance truck driving", "long distance truck driver"),
        ("dog groomer", "dog grooming"),
        ("safe driving", "safe driving"),  # a value has it
        ("bus driving", "bus driving"),  # nobody is called so
        ("driving", "driving"),
    ],
)
def test_what_is_done_is_read_as_who_does_it(typed: str, read: str) -> None:
    """Beside a word where a name has the one form and none has the other, in English."""
    phrases = held(
        *(Entity(name, "job", name) for name in ("Heavy Truck Driver", "Dog Grooming", "Safe Driving School"))
    )
    assert " ".join(of_doers(phrases, typed.split(), "english")) == read
    assert " ".join(of_doers(phrases, typed.split(), "german")) == typed


def test_a_long_word_that_is_nearly_another_is_misspelt() -> None:
    """One that is known, short, a number, half typed or another form of it is as it is."""
    phrases = held(*(Entity(name, "job", name) for name in ("Dentist", "Train", "Generics", "Plantation", "AB12345")))
    words = ("dintist", "tarin", "generic", "plantattion", "ab12355", "dentist")
    assert misspelt(phrases, words, {"dentist"}, "english") == {"dintist": "dentist", "plantattion": "plantation"}
    assert misspelt(phrases, ("plantat",), (), "english") == {}


def test_a_misspelt_word_weighs_as_the_one_that_is_meant() -> None:
    """A rare one more than the common one beside it."""
    dictionary = Dictionary()
    jobs = [Entity(f"{n}", "job", f"Attendant {n}") for n in range(20)]
    jobs.append(Entity("d", "job", "Dentist"))
    dictionary.replace([None] * len(jobs), jobs)
    understood = dictionary.understand("dintist attendant", "default")
    misspelt_word, common = understood.rarities(["dintist", "attendant"])
    assert misspelt_word > common
    assert understood.as_meant(["dintist", "attendant"]) == ("dentist", "attendant")
