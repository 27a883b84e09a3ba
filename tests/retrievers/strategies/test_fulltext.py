"""Full text where the artist is a value alone; names and descriptions are in test_arms."""

import asyncio

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers.engines.embedded_text import EmbeddedText
from ltrr.retrievers.strategies.fulltext import FullText


def test_title_and_artist_find_the_song() -> None:
    """A song of this title and artist comes before one that has the artist twice, in its name as well."""
    songs = [
        Entity("meant", "song", "Armageddon", {"artist": {"Ying Yang Twins": 1.0}}),
        Entity("other", "song", "The Ying Yang Twins", {"artist": {"Ying Yang Twins": 1.0}}),
        *(Entity(f"{n}", "song", f"Armageddon {n}", {"artist": {f"Artist {n}": 1.0}}) for n in range(10)),
        *(Entity(f"{n}", "song", f"Song {n}", {"artist": {f"Artist {n}": 1.0}}) for n in range(200, 400)),
    ]
    engine = EmbeddedText()
    engine.index(songs)
    text = "armageddon ying yang twins"
    query = Query(text, normalise(text), tokenise(text), 1_700_000_000.0, 1)
    requests = FullText(lambda _, ids: [None for _ in ids]).requests(query, 10)
    [hits] = asyncio.run(engine.search(list(requests.values())))
    assert [hit.object_id for hit in hits][:2] == ["meant", "other"]
    engine.close()


def found(entities: list[Entity], text: str) -> list[str]:
    """Return the ids that full text finds, best first."""
    engine = EmbeddedText()
    engine.index(entities)
    query = Query(text, normalise(text), tokenise(text), 1_700_000_000.0, 1)
    [hits] = asyncio.run(engine.search(list(FullText(lambda _, ids: [None for _ in ids]).requests(query, 10).values())))
    engine.close()
    return [hit.object_id for hit in hits]


def test_of_many_that_fit_alike_popular_ones_are_found() -> None:
    """BM25 alone prefers whom little is said of, who may be anybody of thousands; words still count for more."""
    genre = {"genre": {"rock": 1.0}}
    obscure = [Entity(f"o{n}", "artist", f"Band {n}", genre) for n in range(30)]
    known = Entity("known", "artist", "The Known Ones", {"genre": {"rock": 1.0, "pop": 1.0}}, popularity=900.0)
    named = Entity("named", "artist", "Rock", popularity=1.0)
    assert found([*obscure, known, named], "rock")[:2] == ["named", "known"]


def test_all_words_of_a_description_come_before_one_in_a_name() -> None:
    """Short names that have one of the words stand behind a long description that has all."""
    parsers = [Entity(f"parser-{n}", "package", f"parser {n}", description="reads") for n in range(3)]
    quick = [Entity(f"quick-{n}", "package", f"quick {n}", description="runs") for n in range(3)]
    meant = Entity("meant", "package", "libfoo", description="a library with a parser that is quick and small, for C")
    others = [Entity(f"o{n}", "package", f"thing {n}", description="does other things") for n in range(50)]
    assert found([*parsers, *quick, meant, *others], "quick parser")[0] == "meant"


def test_who_keeps_a_thing_is_not_what_it_is_for() -> None:
    """A word in the address of who keeps it finds nothing; the address itself, typed in full, does."""
    kept = Entity("kept", "package", "tiny", {"maintainer": {"Ann Onym <mail-team@example.org>": 1.0}})
    meant = Entity("meant", "package", "courier", {"maintainer": {"Bob": 1.0}}, description="reads mail")
    assert found([kept, meant], "mail") == ["meant"]
    assert found([kept, meant], "mail-team@example.org")[0] == "kept"


def test_a_plural_finds_what_is_one_and_one_the_plural() -> None:
    """Number does not part a query from a description, and what has all words but for their number has all."""
    meant = Entity("meant", "item", "Vela", description="a chair with brass wheels, for kids and their movies")
    others = [Entity(f"o{n}", "item", f"thing {n}", description="a lamp of brass") for n in range(30)]
    for text in ("chairs", "wheel", "kid", "movie", "brass wheel chairs"):
        assert found([meant, *others], text)[0] == "meant"


def test_neighbours_come_before_words_apart() -> None:
    """What has the words of a query side by side is before what has them apart."""
    meant = Entity("meant", "package", "vfu", description="a quick versatile file manager for terminals")
    apart = [
        Entity(f"a{n}", "package", f"power {n}", description="a manager with a file for terminals") for n in range(3)
    ]
    others = [Entity(f"o{n}", "package", f"thing {n}", description="does other things") for n in range(30)]
    assert found([*apart, meant, *others], "file managers")[0] == "meant"


@pytest.mark.parametrize(
    ("text", "name"),
    [("helmets", "helmet"), ("boxes", "box"), ("movies", "movie"), ("batteries", "battery"), ("knives", "knife")],
)
def test_what_a_plural_names_comes_before_what_mentions_many(text: str, name: str) -> None:
    """A plural that few descriptions have, and no name, finds what is called by its singular first."""
    meant = Entity("meant", "item", name, description="made of many good materials by people who know their trade")
    mentions = [Entity(f"m{n}", "item", f"rack {n}", description=f"holds {text}") for n in range(3)]
    others = [Entity(f"o{n}", "item", f"thing {n}", description="a lamp of brass") for n in range(50)]
    assert found([*mentions, meant, *others], text)[0] == "meant"
