"""Spaces that were left out are put in where the catalogue knows what is between them."""

import pytest

from ltrr.models.records.entity import Entity
from ltrr.retrievers.understanding.dictionary import Dictionary
from ltrr.retrievers.understanding.synonyms import Synonyms

SONGS = (
    Entity("hello", "song", "Hello", {"artist": {"Adele": 1.0}}),
    Entity("shape", "song", "Shape of You", {"artist": {"Ed Sheeran": 1.0}}, aliases=("Sunflower",)),
    Entity("sun", "song", "Here Comes the Sun", {"artist": {"Foo": 1.0}}, "a wallflower"),
    Entity("flower", "song", "A Flower on the Wall", {"artist": {"Bar": 1.0}}),
    Entity("gunjo", "song", "群青日和", {"artist": {"東京事変": 1.0}}),
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("helloadele", ("hello", "adele")),
        ("adelehello live", ("adele", "hello", "live")),
        ("shapeofyouedsheeran", ("shape", "of", "you", "ed", "sheeran")),
        ("東京事変群青日和", ("東京事変", "群青日和")),
        ("hello adele", ()),
        ("helloo", ()),  # misspelt
        ("sunflower", ()),  # an alias
        ("wallflower", ()),  # of a description
        ("foobar", ()),  # scraps
        ("qwertzuiop", ()),
    ],
)
def test_words_are_split_where_nothing_is_like_them(text: str, words: tuple[str, ...]) -> None:
    """Names and values run together are told apart; what is known, misspelt or made of scraps stays as it is."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(SONGS), SONGS)
    assert dictionary.understand(text, "default").respaced == words


def test_slots_are_of_the_split_words() -> None:
    """Title and artist that were run together are understood as both."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(SONGS), SONGS)
    (slots, *_) = (reading.slots for reading in dictionary.understand("helloadele", "default").interpretations)
    assert [(slot.start, slot.end, slot.category, slot.value) for slot in slots] == [
        (0, 1, "name", "hello"),
        (1, 2, "artist", "adele"),
    ]


def test_forgotten_words_are_unknown_again() -> None:
    """A word of a description stops a split for as long as an entity has it."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(SONGS), SONGS)
    dictionary.replace([SONGS[2]], [Entity("sun", "song", "The Wall and the Sun")])
    assert dictionary.understand("wallflower", "default").respaced == ("wall", "flower")


def test_what_is_half_typed_is_completed_and_not_split() -> None:
    """Short names that happen to make up the beginning of a longer one are not meant; two long words are."""
    named = ("Clearwater", "Cle", "Arwa", "Hello", "Adele", "Helloadelephant", "Sleep", "Make", "Sleepmakeswaves")
    cities = [Entity(name, "city", name) for name in named]
    dictionary = Dictionary()
    dictionary.replace([None] * len(cities), cities)
    assert dictionary.understand("clearwa", "default").respaced == ()
    assert dictionary.understand("clearwa adele", "default").respaced == ("cle", "arwa", "adele")  # no last word
    assert dictionary.understand("helloadele", "default").respaced == ("hello", "adele")
    assert dictionary.understand("sleepmake", "default").respaced == ()
    dictionary.replace([cities[0]], [None])
    assert dictionary.understand("clearwa", "default").respaced == ("cle", "arwa")


def test_a_name_without_its_spaces_is_that_name_whatever_else_is_spelt_so() -> None:
    """Of two that read so without spaces the more popular one is meant; what somebody is called stays as it is."""
    called = {"San Jose": 9.0, "Sanjo se": 1.0, "Sanhose": 9.0, "Newyork": 1.0, "New York": 9.0}
    cities = [Entity(name, "city", name, popularity=popularity) for name, popularity in called.items()]
    dictionary = Dictionary()
    dictionary.replace([None] * len(cities), cities)
    assert dictionary.understand("sanjose", "default").respaced == ("san", "jose")
    assert dictionary.understand("sanhose", "default").respaced == ()
    assert dictionary.understand("newyork", "default").respaced == ()


def test_compounds_typed_apart_and_without_umlauts_are_read_as_the_catalogue_writes_them() -> None:
    """Two neighbours are the compound that a name has, unless a name has them so; a word gets the umlauts it lacks."""
    named = (
        "Inhaltsverzeichnis erstellen",
        "Druckbereiche bearbeiten",
        "Zellen im Währungsformat",
        "Format",
        "Rot Wein",
        "Rotwein",
    )
    entities = [Entity(name, "page", name, description="ein Spaltenlayout") for name in named]
    german, english = Dictionary(synonyms=Synonyms({}, "german")), Dictionary()
    for dictionary in (german, english):
        dictionary.replace([None] * len(entities), entities)
    for typed, read in {
        "inhalts verzeichnis": ("inhaltsverzeichnis",),
        "druck bereich format": ("druckbereich", "format"),
        "waehrungsformat": ("wahrungsformat",),
        "spalten layout": (),  # of a description alone
        "rot wein": (),  # a name has it so
    }.items():
        assert german.understand(typed, "default").respaced == read
        if typed != "waehrungsformat":
            assert english.understand(typed, "default").respaced == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("zener 5.1 volt", ("zener", "5.1v")),
        ("zener 5.1volts", ("zener", "5.1v")),
        ("5v1 zener", ("5.1v", "zener")),
        ("1500 mm rail", ("150cm", "rail")),
        ("rail 24 volt", ()),  # a text has it so
        ("zener 5.1 v", ()),  # one has it so as one word
        ("5.2 volt", ()),
        ("10 in 1", ()),
        ("zener 5", ()),
    ],
)
def test_numbers_with_units_are_written_as_texts_have_them(text: str, words: tuple[str, ...]) -> None:
    """By the unit's symbol, in the next units, or with the unit where the point is; what a text has so stays."""
    parts = (
        Entity("z", "part", "BZV55B", description="5.1V zener"),
        Entity("r", "part", "Rail", description="150cm", attributes={"for": {"24 volt": 1.0}}),
    )
    dictionary = Dictionary()
    dictionary.replace([None] * len(parts), parts)
    assert dictionary.understand(text, "default").respaced == words


FILMS = (
    Entity("1", "film", "Die Another Day", {"genre": {"Comedy": 1.0}}),
    Entity("2", "film", "Kingdom Come", {"genre": {"Comedy": 1.0}}),
    Entity("3", "film", "Tomorrow Never Dies", {"genre": {"Drama": 1.0}}),
    Entity("4", "card", "Radeon HD 7970 GHz Edition"),
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("comedies", ()),
        ("comedys", ()),
        ("comedayy", ()),
        ("comeanother", ("come", "another")),
        ("hd7970ghzedition", ("hd", "7970", "ghz", "edition")),
    ],
)
def test_what_is_known_in_another_form_is_not_split(text: str, words: tuple[str, ...]) -> None:
    """A plural of a value is that value, whatever words it is spelt with; beside a number two letters are a word."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(FILMS), FILMS)
    assert dictionary.understand(text, "default").respaced == words


STOPS = (
    Entity("turm", "stop", "Turmstr. (Berlin)"),
    Entity("bernau", "stop", "Bernauer Str."),
    Entity("louise", "stop", "Av. Louise"),
    Entity("way", "stop", "Straße am Turm", {}, "a house. a mark."),
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("turmstraße", ("turmstr",)),
        ("turm straße berlin", ("turmstr", "berlin")),
        ("bernauer strasse", ("bernauer", "str")),
        ("avenue louise", ("av", "louise")),
        ("strasse am turm", ()),  # as it is written
        ("strasse", ()),
        ("housewife", ()),  # a sentence ends
    ],
)
def test_what_names_end_with_a_point_is_found_by_what_it_abbreviates(text: str, words: tuple[str, ...]) -> None:
    """Glued, apart, or as a word beside its neighbour; a point of a description abbreviates nothing."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(STOPS), STOPS)
    understanding = dictionary.understand(text, "default")
    assert words in (understanding.respaced, *understanding.ways)
    dictionary.replace(STOPS, [None] * len(STOPS))
    assert dictionary.understand(text, "default").respaced == ()


def test_beginnings_of_the_words_of_a_value_are_read_as_it() -> None:
    """Where the catalogue has none of them: of several values the one of most entities, never a name."""
    genres = ("Science Fiction", "Science Fiction", "Science Fights", "Romantic Comedy", "Hip Hop")
    films = [Entity(str(n), "film", f"Rock Bottle {n}", {"genre": {one: 1.0}}) for n, one in enumerate(genres)]
    dictionary = Dictionary()
    dictionary.replace([None] * len(films), films)
    for typed, read in {
        "sci fi": ("science", "fiction"),
        "old sci fi": ("old", "science", "fiction"),
        "rom com": ("romantic", "comedy"),
        "romcom": ("romantic", "comedy"),
        "hip hop": None,
        "roc bot": None,
        "science fi": None,
    }.items():
        understanding = dictionary.understand(typed, "default")
        said = (understanding.respaced, *understanding.ways)
        assert read in said if read else len(said) == 1


def test_what_is_there_in_the_plural_alone_is_read_as_that() -> None:
    """The most common one, where neither another form nor a description has the word; in English."""
    names = ("Dry shampoos", "Cameras", "Camera bag", "Berries", "Boxes of one", "Fritos")
    entities = [Entity(name, "item", name, description="a box") for name in names]
    english, german = Dictionary(), Dictionary(synonyms=Synonyms({}, "german"))
    for dictionary in (english, german):
        dictionary.replace([None] * len(entities), entities)
    for typed, read in {
        "baby shampoo": ("baby", "shampoos"),
        "berry": ("berries",),
        "camera": (),
        "box": (),
        "sham": (),
        "frito": ("fritos",),
    }.items():
        assert english.understand(typed, "default").respaced == read
        assert german.understand(typed, "default").respaced == ()
