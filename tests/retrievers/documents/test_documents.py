"""What engines keep of an entity."""

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.text import tokenise
from ltrr.retrievers.documents import documents
from ltrr.retrievers.requests.requests import SEPARATOR


def test_terms_hold_steps_of_weights() -> None:
    """A weight is kept in tenths, and no value that an entity carries is lost."""
    entity = Entity("x", "song", "X", {"genre": {"Soul": 0.84, "pop": 0.001}})
    weights = [term.split(SEPARATOR) for term in documents.terms(entity)["weights"]]
    assert weights == [["type", "song", "10"], ["genre", "soul", "8"], ["genre", "pop", "1"]]


def test_terms_hold_values_by_words_and_whole() -> None:
    """Words of values and values without spaces, folded, each once; the type is no value."""
    entity = Entity("x", "song", "X", {"artist": {"AC/DC": 1.0, "Guns N' Roses": 1.0}, "label": {"AC": 1.0}})
    terms = documents.terms(entity)
    assert terms["values"] == ("ac", "dc", "guns", "n", "roses")
    assert terms["joined_values"] == ("acdc", "gunsnroses", "ac")


def test_forms_hold_what_else_words_are_asked_for_by() -> None:
    """The id, neighbours as one word, words without marks and parts of codes, of names and values, each once."""
    entity = Entity("SKU 1-B", "book", "C# on TN-2420", {"brand": {"Blue Tooth": 1.0}}, aliases=("305XL",))
    assert documents.words(entity)["forms"].split() == [
        *("=sku1b", "ontn", "ontn2420", "tn2420", "c"),
        *("305", "xl", "bluetooth"),
    ]


def test_shingles_hold_neighbours_of_one_text() -> None:
    """Two neighbouring words of a name, a value or the description, by their stems, each once; none over two texts."""
    entity = Entity("x", "package", "file manager", {"use": {"File managers": 1.0}}, "manages <b>two files</b>")
    assert documents.words(entity)["shingles"].split() == ["file~manag", "manag~2", "2~file"]


@pytest.mark.parametrize(("low", "high"), [(0.0, 1e-30), (1e-6, 2e-6), (1.0, 2.0), (1e9, 2e9)])
def test_popularity_levels_grow(low: float, high: float) -> None:
    """Twice the popularity is two levels more, in any unit; none at all is below everything."""
    difference = documents.popularity_level(high) - documents.popularity_level(low)
    assert difference == (1 if low == 0 else 2)


def test_embedded_text_is_bounded() -> None:
    """Name, strongest values, description; cut."""
    entity = Entity("x", "song", "Vow", {"genre": {"pop": 0.1, "Soul": 0.9}}, "wedding " * 500)
    text = documents.embedded_text(entity)
    assert text.startswith("vow soul pop wedding")
    assert len(text) <= 400


def test_draws_depend_on_the_id_alone() -> None:
    """An update does not change an entity's lots, another id does."""
    lots = [documents.terms(Entity(i, "song", n))["draw"] for i, n in (("a", "A"), ("a", "B"), ("b", "A"))]
    assert lots[0] == lots[1] != lots[2]


def test_values_without_the_numbers_that_count_their_parts():
    """Whoever types moves without numbers means the same ones."""
    entity = Entity("1", "opening", "Scandinavian", {"moves": {"1.e4 d5 2.exd5": 1.0}})
    assert documents.terms(entity)["joined_values"] == ("1e4d52exd5", "e4d5exd5")


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("soc 43-2021", {"soc", "soc43", "soc432021", "43-2021"}),
        ("43-2021", {"432021", "43-2021"}),
        ("47-5071.00", {"475071.00", "47-5071.00", "47-5071", "5071.00"}),
        ("zoom 24 70", {"zoom", "zoom24", "zoom2470"}),
        ("town 054022", {"town", "town054022", "town54022", "054022", "54022"}),
        ("k70.3.1", {"k7031", "k703", "k70"}),
    ],
)
def test_neighbours_that_may_be_an_id(typed: str, ids: set[str]) -> None:
    """Long numbers, others where nothing else is asked or marks hold them together; beginnings of what goes on."""
    found = {one for _, _, one in documents.possible_ids(tokenise(typed), typed.split())}
    assert found == ids


def test_an_id_of_numbers_is_kept_as_it_is_written_too() -> None:
    """Its digits alone may be another id, and a point within a number holds nothing together."""
    assert list(documents.codes(Entity("43-2021", "job", "X"))) == ["432021", "43-2021"]
    assert list(documents.codes(Entity("43.2021", "job", "X"))) == ["43.2021"]


def test_numbers_are_kept_without_leading_zeros_too() -> None:
    """Of ids, names and values: a catalogue pads what nobody types so."""
    entity = Entity("ESO097-013", "galaxy", "NGC0087", {"other": {"UGC 08024": 1.0}})
    assert list(documents.codes(entity)) == ["eso097013", "eso9713"]
    assert {"=eso9713", "ngc87", "8024", "ugc8024"} <= set(documents.words(entity)["forms"].split())
