"""The demo's planted collisions, misspelt: what names an artist, titles, a genre and a playlist is read as each."""

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query
from ltrr.models.text import tokenise
from ltrr.retrievers import strategies
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from ltrr.retrievers.understanding.dictionary import Dictionary
from ltrr.serving.demo.music.acts import banners
from ltrr.serving.demo.music.catalogue import catalogue
from ltrr.serving.demo.people.misspelling import misspelt

ARTISTS = 100
SEEDS = range(20)
THEMES = {"genre", "mood"}


def typed(artists: int) -> list[tuple[str, str]]:
    """Return (word, what was typed for it) for each planted word that the seeds misspell."""
    pairs = [(word, misspelt(np.random.default_rng(seed), word)) for word in banners(artists) for seed in SEEDS]
    return [(word, text) for word, text in dict.fromkeys(pairs) if text != word]


def test_readings_name_artist_title_and_theme() -> None:
    """Each slip of each planted word is read as an artist's name, as a title, and as the genre or mood."""
    entities = catalogue(np.random.default_rng(7), ARTISTS)
    dictionary = Dictionary()
    dictionary.replace([None] * len(entities), entities)
    cases = typed(ARTISTS)
    assert len(cases) > 20
    for word, text in cases:
        slots = [slot for read in dictionary.understand(text, "default").interpretations for slot in read.slots]
        meant = [slot for slot in slots if slot.value == word]
        assert {"artist", "song", "playlist"} <= {kind for slot in meant for kind in slot.types}, text
        assert {slot.category for slot in meant} & THEMES, text


@pytest.fixture(scope="module")
def planted() -> Iterator[tuple[Index, tuple[Entity, ...]]]:
    """Return a demo catalogue and an index of it."""
    entities = catalogue(np.random.default_rng(7), ARTISTS)
    index = open_index(deadlines_s={"text": 30.0, "vector": 30.0})
    asyncio.run(index.index(entities))
    yield index, entities
    index.close()


@pytest.mark.whole
def test_union_holds_every_reading(planted: tuple[Index, tuple[Entity, ...]]) -> None:
    """The union of all arms at 20 candidates has the artist, a song of that title, and something of the theme."""
    index, entities = planted
    cards = {entity.object_id: entity for entity in entities}
    cases = typed(ARTISTS)
    assert len(cases) > 20
    for number, (word, text) in enumerate(cases):
        query = Query(text, text, tokenise(text), 1.7e9, number, understanding=index.understand(text))
        budgets = {arm.name: 20 for arm in strategies.discover()}
        retrieval = asyncio.run(index.retrieve(query, budgets))
        union = [cards[hit.object_id] for hits in retrieval.lists.values() for hit in hits]
        named = {entity.type for entity in union if entity.name.lower() == word}
        assert {"artist", "song"} <= named, text
        assert any(word in entity.attributes.get(theme, {}) for entity in union for theme in THEMES), text
