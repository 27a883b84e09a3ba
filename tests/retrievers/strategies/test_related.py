"""What is special about `related`: relations of what is named or remembered, in both directions."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit, Query
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index

Draw = Callable[..., list[str]]
CATALOGUE = (
    Entity("mara", "artist", "Mara", related=("moth", "owl"), popularity=500.0),
    Entity("moth", "song", "Moth", popularity=90.0),
    Entity("owl", "song", "Owl", popularity=10.0),
    Entity("wolf", "song", "Wolf", related=("mara",), popularity=40.0),
    Entity("mix", "playlist", "Evening Mix", related=("moth", "far"), popularity=5.0),
    Entity("far", "song", "Far", popularity=3.0),
    Entity("twin", "artist", "Mara", related=("far",), popularity=1.0),
)


@pytest.fixture(scope="module")
def related() -> Iterator[Draw]:
    """Return what draws the related ones of a text."""
    index: Index = open_index(deadlines_s={"text": 30.0, "vector": 30.0})
    asyncio.run(index.index(CATALOGUE))

    def draw(text: str, **fields: object) -> list[str]:
        understanding = index.understand(text)
        query = Query(text, normalise(text), tokenise(text), 0.0, 1, understanding=understanding, **fields)  # type: ignore[arg-type]
        retrieval = asyncio.run(index.retrieve(query, {"related": 10}))
        return [hit.object_id for hit in retrieval.lists["related"]]

    yield draw
    index.close()


def test_songs_of_an_artist(related: Draw) -> None:
    """Songs that the artist lists and those that list the artist, the popular first; then playlists with them."""
    found = related("mara")
    assert found[:3] == ["moth", "wolf", "owl"]
    assert {"mix", "far"} <= set(found[3:])


def test_artist_and_playlists_of_a_song(related: Draw) -> None:
    """A song's artist and playlist are found, whichever card holds the relation."""
    assert set(related("moth")) >= {"mara", "mix"}
    assert related("wolf")[0] == "mara"


def test_misspelt_name(related: Draw) -> None:
    """What understanding forgives is forgiven here."""
    assert related("wolff")[0] == "mara"


def test_remembered_entities_bring_theirs(related: Draw) -> None:
    """A query without a name brings what is related to what earlier users took for it."""
    assert related("howling") == []
    assert related("howling", remembered=(Hit("wolf", 0.4),))[0] == "mara"
    assert related("howling", remembered=(Hit("gone", 0.4),)) == []


def test_filters_hold(related: Draw) -> None:
    """A filter leaves out relatives of another type."""
    assert related("moth", filters={"type": ("playlist",)}) == ["mix"]
