"""Predicted queries from structured metadata."""

from dataclasses import replace

import pytest

from ltrr.models.errors import InvalidSettings, UnknownName
from ltrr.models.memory.prediction import MOST_PREDICTED
from ltrr.models.records.entity import Entity
from ltrr.retrievers import generators
from tests.retrievers.conftest import CATALOGUE


def predicted(*entities: Entity, catalogue: tuple[Entity, ...] = CATALOGUE) -> list[dict[str, float]]:
    """Return query -> score of each entity, with a catalogue known."""
    generator = generators.load("structured")
    generator.follow([None] * len(catalogue), catalogue)
    return [{one.query: one.score for one in queries} for queries in generator.predict(entities)]


def test_names_aliases_and_values_are_predicted():
    """An entity is found by what names it first, then by what it is."""
    (taylor,) = predicted(CATALOGUE[0])
    assert {"taylor swift", "blank space", "t swift", "pop", "country", "artist"} <= set(taylor)
    assert taylor["taylor swift"] > taylor["blank space"] > taylor["pop"] > taylor["country"]
    assert list(taylor.values()) == sorted(taylor.values(), reverse=True)
    assert all(0 <= score <= 1 for score in taylor.values())


def test_who_has_many_names_is_expected_for_each():
    """An entity of fifty aliases is no less expected for the last of them than one that has it alone."""
    many = Entity("many", "city", "Frankfurt am Main", aliases=tuple(f"name {n}" for n in range(50)), popularity=9.0)
    few = Entity("few", "city", "Frankfort", aliases=("name 49",), popularity=1.0)
    of_many, of_few = predicted(many, few, catalogue=(many, few))
    assert of_many["name 49"] > of_few["name 49"]


def test_a_famous_name_is_expected_once_it_is_half_typed():
    """From three letters on, by popularity, and less than what is called so; where nothing is popular, nobody is."""
    famous, other = Entity("a", "city", "Shanghai", popularity=9.0), Entity("b", "city", "Shangqiu", popularity=1.0)
    short = Entity("c", "city", "Shang", popularity=1.0)
    of_famous, of_other, of_short = predicted(famous, other, short, catalogue=(famous, other, short))
    assert {"sha", "shan", "shang", "shangha"} <= of_famous.keys()
    assert "sh" not in of_famous
    assert of_short["shang"] > of_famous["shang"] > of_other["shang"]
    (alike,) = predicted(Entity("d", "city", "Shanghai"), catalogue=(Entity("d", "city", "Shanghai"),))
    assert "shang" not in alike


def test_popular_entities_are_expected_more():
    """Of two that share a genre, the popular one is worth more for it."""
    taylor, story = predicted(CATALOGUE[0], CATALOGUE[2])
    assert taylor["pop"] > story["pop"]


def test_values_that_come_together_are_predicted_together():
    """Two values that are found together more often than by chance make a query, in both orders; others do not."""
    genres = {"glad": 1.0, "pop": 0.9}, {"sad": 1.0, "folk": 0.9}
    songs = tuple(Entity(f"s{n}", "song", f"song {n}", {"genre": genres[n % 2]}) for n in range(20))
    odd = Entity("odd", "song", "odd", {"genre": {"sad": 1.0, "pop": 0.9}})
    usual, unusual = predicted(songs[1], odd, catalogue=(*songs, odd))
    assert usual["sad folk"] == usual["folk sad"] > usual["sad"]
    assert not {"sad pop", "pop sad"} & set(unusual)


def test_rare_values_go_with_names():
    """An artist's name goes before and after a title."""
    song = Entity("s", "song", "Love Story", {"artist": {"Taylor Swift": 1.0}, "genre": {"pop": 0.5}})
    (queries,) = predicted(song, catalogue=(*CATALOGUE, song))
    assert queries["love story taylor swift"] == queries["taylor swift love story"] == queries["love story"]


def test_predictions_follow_the_catalogue():
    """What is taken out of the catalogue is counted no more: as if it had never been there."""
    generator, fresh = generators.load("structured"), generators.load("structured")
    extra = [replace(CATALOGUE[0], object_id=f"x{n}", popularity=1.0) for n in range(5)]
    generator.follow([None] * 13, [*CATALOGUE, *extra])
    generator.follow(extra, [None] * 5)
    fresh.follow([None] * 8, CATALOGUE)
    assert generator.predict(CATALOGUE) == fresh.predict(CATALOGUE)


def test_predictions_are_bounded():
    """An entity with very many values and a long name has a bounded number of short queries, each once."""
    values = {f"value {n}": 1.0 for n in range(100)}
    crowded = Entity("e", "song", "x" * 5_000, {f"a{n}": values for n in range(9)}, aliases=tuple(map(str, range(99))))
    for queries in generators.load("structured").predict([crowded, Entity("!", "", "", aliases=("",))]):
        assert len(queries) <= MOST_PREDICTED
        assert len({one.query for one in queries}) == len(queries)
        assert all(one.query and len(one.query) <= 100 for one in queries)


def test_unknown_generator():
    """A name that is none is refused with those that are; one that needs a model says how to name it."""
    with pytest.raises(UnknownName, match="structured"):
        generators.load("oracle")
    with pytest.raises(InvalidSettings, match="write it as doc2query:MODEL"):
        generators.load("doc2query")
    with pytest.raises(InvalidSettings, match="write it as structured"):
        generators.load("structured:model")
