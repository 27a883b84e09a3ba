"""Reading queries with a catalogue."""

import math

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Understanding
from ltrr.models.rewards.context import CONTEXT_NAMES
from ltrr.retrievers.understanding.dictionary import Dictionary
from ltrr.retrievers.understanding.features import FEATURES


@pytest.fixture
def dictionary(catalogue: tuple[Entity, ...]) -> Dictionary:
    """Return the dictionary of the catalogue."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(catalogue), catalogue)
    return dictionary


def slots(understanding: Understanding) -> set[tuple[str, str]]:
    """Return category and value of all slots."""
    return {(slot.category, slot.value) for read in understanding.interpretations for slot in read.slots}


def test_several_interpretations(dictionary: Dictionary) -> None:
    """A vague, misspelt query is read as artist, title and genre; likelihoods sum to 1, largest first."""
    understanding = dictionary.understand("tayler love", "default")
    assert slots(understanding) >= {
        ("name", "taylor swift"),
        ("name", "love story"),
        ("genre", "love"),
        ("genre", "love songs"),
    }
    likelihoods = [read.likelihood for read in understanding.interpretations]
    assert sum(likelihoods) == pytest.approx(1.0)
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert 3 <= len(likelihoods) <= 8
    first = understanding.interpretations[0].slots[0]
    assert (first.value, first.types, first.object_ids) == ("taylor swift", ("artist",), ("taylor",))


def test_slots_do_not_overlap(dictionary: Dictionary) -> None:
    """The slots of a reading lie side by side, inside the query."""
    for read in dictionary.understand("taylor swift love story pop the swifts", "default").interpretations:
        places = [place for slot in read.slots for place in range(slot.start, slot.end)]
        assert places == sorted(set(places))
        assert set(places) <= set(range(7))
        assert all(0 < slot.weight <= 1 for slot in read.slots)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Taylor Swift", {"name_exact": 1.0, "coverage": 1.0, "unknown_share": 0.0, "name_fuzzy": 0.0}),
        ("blank space", {"alias_exact": 1.0, "name_exact": 0.0}),
        ("love", {"attribute_exact": 1.0, "name_exact": 0.0, "name_and_attribute": 0.0}),
        ("disco", {"name_exact": 1.0, "attribute_exact": 1.0, "name_and_attribute": 1.0}),
        ("tayler swift", {"name_exact": 0.0, "name_fuzzy": 10 / 11 + 1 / 1100}),
        ("pop abba", {"attribute_part": 0.5, "name_part": 0.5, "coverage": 1.0, "name_exact": 0.0}),
        ("zzyzx abba", {"unknown_share": 0.5, "coverage": 0.5, "top_likelihood": 1.0, "ambiguity": 0.0}),
        ("", dict.fromkeys(FEATURES, 0.0)),
        ("zzyzx", {**dict.fromkeys(FEATURES, 0.0), "unknown_share": 1.0, "latin": 1.0}),
        ("taylor swift", {"name_mass": 0.87, "topic_mass": 0.0, "ambiguous": 0.0, "readings": 4 / 8}),
        ("love", {"topic_mass": 0.73, "name_mass": 0.27, "ambiguous": 0.0}),
        ("swift love", {"ambiguous": 1.0, "name_mass": 0.44}),
        ("東京", {"latin": 0.0}),
    ],
)
def test_features(dictionary: Dictionary, text: str, expected: dict[str, float]) -> None:
    """Features say what the query is."""
    features = dictionary.understand(text, "default").features
    assert {name: features[name] for name in expected} == pytest.approx(expected, abs=0.01)


def test_features_are_seen_by_the_policy() -> None:
    """Each feature has a place in the context, in the same order."""
    assert CONTEXT_NAMES[1 : 1 + len(FEATURES)] == FEATURES


@pytest.mark.parametrize(
    "text", ["taylor", "the love of pop", "\u202e" * 50, "a" * 10_000, "love " * 3_000, "tayler 東京"]
)
def test_features_are_bounded(dictionary: Dictionary, text: str) -> None:
    """All features are there, finite and in [0, 1], for any text."""
    features = dictionary.understand(text, "default").features
    assert tuple(features) == FEATURES
    assert all(math.isfinite(value) and 0 <= value <= 1 for value in features.values())


def test_part_of_a_name(dictionary: Dictionary) -> None:
    """One word of a name leads to the most popular that has it."""
    understanding = dictionary.understand("taylor", "default")
    assert understanding.interpretations[0].slots[0].value == "taylor swift"
    assert 0 < understanding.features["name_prefix"] < 1


def test_endings_say_little() -> None:
    """A tenth; half of what they say an ideograph, and this with what inflects it, where the catalogue has both."""
    dictionary = Dictionary()
    dictionary.replace([None] * 2, [Entity("e", "word", "食べる"), Entity("d", "word", "犬")])
    assert dictionary.understand("食べません", "default").shares == {
        "食": 0.5,
        "食べ": 0.5,
        **dict.fromkeys(("べま", "ませ", "せん"), 0.1),
    }
    understanding = dictionary.understand("犬です", "default")
    assert understanding.shares == {"犬で": 0.1, "です": 0.1}
    assert understanding.frequencies == {"犬": 1}
    assert understanding.rarities(["犬", "犬で", "です"]) == pytest.approx([1.0, 0.1, 0.1])
    assert dictionary.understand("です", "default").shares == {}


def test_small_words_name_nothing_among_others() -> None:
    """Who asks "how" to do something means no song that has it in its name; who asks for nothing else may."""
    dictionary = Dictionary()
    dictionary.replace([None] * 2, [Entity("h", "song", "How to disappear"), Entity("p", "song", "Paint")])
    assert slots(dictionary.understand("how paint", "default")) == {("name", "paint")}
    assert slots(dictionary.understand("how", "default")) == {("name", "how to disappear")}
    assert slots(dictionary.understand("how to disappear", "default")) == {("name", "how to disappear")}


def test_small_words_are_neither_misspelt_nor_typed_apart() -> None:
    """Beside a word that says something "the a" is no "thead" and "how" no "show"; "how to" alone may be "howto"."""
    dictionary = Dictionary()
    names = ("thead", "show", "howto", "rotate")
    dictionary.replace([None] * len(names), [Entity(name, "element", name) for name in names])
    assert slots(dictionary.understand("the a rotate", "default")) == {("name", "rotate")}
    assert slots(dictionary.understand("how rotate", "default")) == {("name", "rotate")}
    assert ("name", "howto") in slots(dictionary.understand("how to", "default"))


def test_follows_the_catalogue(dictionary: Dictionary, catalogue: tuple[Entity, ...]) -> None:
    """What is gone is not read any more, and applications do not know of each other."""
    dictionary.replace([catalogue[0]], [None])
    assert dictionary.understand("taylor swift", "default").features["name_exact"] == 0
    assert dictionary.understand("abba", "other") == dictionary.understand("zzyzx", "other")


def test_a_query_is_read_once_until_the_catalogue_changes(
    dictionary: Dictionary, catalogue: tuple[Entity, ...]
) -> None:
    """What a query was read as is kept, and forgotten when an entity comes or goes."""
    read = dictionary.understand("taylor swift", "default")
    assert dictionary.understand("taylor swift", "default") is read
    dictionary.replace([catalogue[0]], [None])
    gone = dictionary.understand("taylor swift", "default")
    dictionary.replace([None], [catalogue[0]])
    assert gone != read == dictionary.understand("taylor swift", "default")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("taylor swift", "spearfishing"),
        ("beyonse", "spearfishing"),
        ("pop", "topic"),
        ("love pop", "topic"),
        ("swift love", "ambiguous"),
        ("zzyzx", "unknown"),
        ("", "unknown"),
    ],
)
def test_intent(dictionary: Dictionary, text: str, intent: str) -> None:
    """One entity, a topic, or several things; with the number of entities that the reading is of."""
    understanding = dictionary.understand(text, "default")
    assert understanding.intent == intent
    assert understanding.catalogue_size == 8
    assert dictionary.understand(text, "other").catalogue_size == 0


def test_language(dictionary: Dictionary) -> None:
    """The words tell the language where they can."""
    assert dictionary.understand("songs for the night", "default").language == "en"
    assert dictionary.understand("taylor swift", "default").language is None


def test_how_many_entities_have_a_word() -> None:
    """In a name, in a value that many carry, whole or in part, or in a description; what nobody has has no count."""
    metal = [Entity(f"m{n}", "artist", f"Band {n}", attributes={"genre": {"death metal": 1.0}}) for n in range(30)]
    others = [
        Entity("o", "artist", "Obscura", description="a metal band"),
        Entity("d", "artist", "Death", attributes={"genre": {"metal": 1.0}}),
    ]
    dictionary = Dictionary()
    dictionary.replace([None] * 32, [*metal, *others])
    understood = dictionary.understand("obscura death metal nothing", "default")
    assert understood.catalogue_size == 32
    assert understood.frequencies == {"obscura": 1, "death": 32, "metal": 32}
    dictionary.replace(metal[:29], [None] * 29)
    left = dictionary.understand("obscura death metal", "default").frequencies
    assert left == {"obscura": 1, "death": 3, "metal": 3}
