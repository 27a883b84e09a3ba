"""What a catalogue is about."""

from ltrr.models.records.entity import Entity
from ltrr.retrievers.understanding.dictionary import Dictionary
from ltrr.retrievers.understanding.overview import Overview, misspelt

LAMPS = [
    Entity(
        f"lamp-{n}",
        "lamp",
        f"{name} lamp",
        {"room": {"kitchen": 1.0} if n % 2 else {"cellar": 1.0}, "code": {f"c{n}": 1.0}, "all": {"lamps": 1.0}},
        popularity=popularity,
    )
    for n, (name, popularity) in enumerate(
        [("Harbour", 9.0), ("Meadow", 8.0), ("Cloud", 7.0), ("Bell", 6.0), ("Rust", 1.0)]
    )
]


def of(entities: list[Entity]) -> Overview:
    """Return the overview of a catalogue."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(entities), entities)
    return dictionary.overview("default")


def test_examples_are_popular_names_and_shared_values():
    """The most popular names, values that several entities share but not all, and another name, spelt wrongly."""
    found = of(LAMPS)
    assert found.entities == 5
    assert found.examples == ("harbour lamp", "kitchen", "cloud lamp", "bell lamp", "rust lamp", "medaow lamp")
    more = of([*LAMPS, Entity("lamp-6", "lamp", "Lantern lamp")])
    names = ("meadow lamp", "kitchen", "cloud lamp", "bell lamp", "latnern lamp")
    assert more.examples == ("harbour lamp", "cellar", *names)


def test_type_that_all_have_is_told():
    """Where all entities have one type it tells nothing apart."""
    assert of(LAMPS).type == "lamp"
    assert of([*LAMPS, Entity("shade-1", "shade", "Red shade")]).type is None


def test_attributes_are_told_apart():
    """Those that most entities have stand first; what differs everywhere stands last, and narrows nothing down."""
    found = of(LAMPS)
    assert found.shown == ("all", "room", "code")
    assert found.counted == ("room",)


def test_nothing_is_known_of_nothing():
    """An empty catalogue has no examples; one of long names alone has none that are names."""
    assert of([]) == Overview(0)
    long = [Entity("a", "lamp", "the very long name of a lamp that nobody would ever type")]
    assert of(long).examples == ()


def test_what_has_left_is_no_example():
    """The overview follows the catalogue."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(LAMPS), LAMPS)
    dictionary.replace(LAMPS[:1], [None])
    assert "harbour lamp" not in dictionary.overview("default").examples


def test_two_letters_of_the_longest_word_are_swapped():
    """Short words, and codes, are left as they are."""
    assert misspelt("taylor swift") == "talyor swift"
    assert misspelt("abba") == "abba"
    assert misspelt("") == ""
    assert misspelt("x100200300") == "x100200300"
