"""The synthetic catalogue."""

import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.text import normalise, tokenise
from ltrr.serving.demo.music.acts import banners
from ltrr.serving.demo.music.catalogue import NEW_DAYS, NEW_SONGS, SHARED_TITLES, catalogue
from ltrr.serving.demo.music.vocabulary import FILLERS, GENRES, MOODS
from ltrr.serving.demo.people.epoch import DAY_S, START_S

PRINTED = """
import numpy
from ltrr.serving.demo.music.catalogue import catalogue
print(catalogue(numpy.random.default_rng(3), 60))
"""


@pytest.fixture(scope="module")
def entities() -> tuple[Entity, ...]:
    """Generate a catalogue of 200 artists."""
    return catalogue(np.random.default_rng(1), artists=200)


def named(entities: tuple[Entity, ...], kind: str) -> list[str]:
    """Return the normalised names of one type."""
    return [normalise(entity.name) for entity in entities if entity.type == kind]


def test_a_seed_gives_one_world_in_every_process():
    """A process with another string hashing prints the same catalogue, byte for byte."""
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    other = subprocess.run([sys.executable, "-c", PRINTED], env=environment, check=True, capture_output=True).stdout
    assert other.decode().strip() == repr(catalogue(np.random.default_rng(3), 60))


def test_another_seed_gives_another_world():
    """The seed matters."""
    first, second = (catalogue(np.random.default_rng(seed), 50) for seed in (1, 2))
    assert first != second


def test_ids_are_unique_and_relations_exist(entities: tuple[Entity, ...]):
    """Every id occurs once, tells the type, and every relation leads to an entity."""
    ids = {entity.object_id for entity in entities}
    assert len(ids) == len(entities)
    assert all(entity.object_id.split(":")[0] == entity.type for entity in entities)
    assert all(ids.issuperset(entity.related) for entity in entities)


def test_songs_and_artists_name_each_other(entities: tuple[Entity, ...]):
    """A song belongs to the artist to whom it is related, and back."""
    by_id = {entity.object_id: entity for entity in entities}
    for song in (entity for entity in entities if entity.type == "song"):
        artist = by_id[song.related[0]]
        assert song.object_id in artist.related
        assert song.attributes["artist"] == {artist.name: 1.0}


def test_the_size_scales(entities: tuple[Entity, ...]):
    """Counts follow the number of artists."""
    counts = Counter(entity.type for entity in entities)
    assert counts["artist"] == 200
    assert 1300 < counts["song"] < 1700
    assert {"album", "playlist", "station", "podcast"} < counts.keys()


def test_too_small_a_catalogue_is_refused():
    """Below fifty artists there would be no planted collisions."""
    with pytest.raises(ValueError, match="at least 50"):
        catalogue(np.random.default_rng(1), artists=49)


def test_values_are_in_range(entities: tuple[Entity, ...]):
    """Weights in (0, 1], quality in [0, 1], popularity >= 0, nothing created after the start."""
    for entity in entities:
        assert all(0.0 < weight <= 1.0 for values in entity.attributes.values() for weight in values.values())
        assert 0.0 <= entity.quality <= 1.0
        assert entity.popularity >= 0.0
        assert entity.created_s is not None
        assert entity.created_s <= START_S


def test_weights_are_not_binary(entities: tuple[Entity, ...]):
    """Genres weigh differently within one song."""
    songs = [entity for entity in entities if entity.type == "song"]
    assert any(len(set(song.attributes["genre"].values())) > 1 for song in songs)


def test_popularity_has_a_heavy_tail(entities: tuple[Entity, ...]):
    """A tenth of the songs has more than half of the plays."""
    plays = sorted((entity.popularity for entity in entities if entity.type == "song"), reverse=True)
    assert sum(plays[: len(plays) // 10]) > 0.5 * sum(plays)


def test_banners_name_an_artist_a_song_and_a_playlist(entities: tuple[Entity, ...]):
    """Rule 1: each banner word is all three, and a genre or a mood besides."""
    for number, word in enumerate(banners(200)):
        assert entities[number].name == word.capitalize()
        assert word in named(entities, "song")
        assert word in named(entities, "playlist")
        assert word in GENRES or word in MOODS


def test_titles_collide(entities: tuple[Entity, ...]):
    """Rules 2 to 4: titles of theme words, of artists' names, and shared ones, at about their rates."""
    titles = named(entities, "song")
    themes = {*GENRES, *MOODS}
    assert sum(themes.issuperset(title.split()) for title in titles) / len(titles) > 0.02
    assert len(set(titles) & set(named(entities, "artist"))) > 10
    assert 1.0 - len(set(titles)) / len(titles) > SHARED_TITLES * 0.8


def test_albums_can_be_self_titled(entities: tuple[Entity, ...]):
    """Rule 5: about one artist in four has an album of its name."""
    assert 25 < len(set(named(entities, "album")) & set(named(entities, "artist"))) < 80


def test_playlists_are_named_after_themes_and_artists(entities: tuple[Entity, ...]):
    """Rule 6: every genre and mood has its playlist, and some artists theirs."""
    playlists = named(entities, "playlist")
    assert {*GENRES, *MOODS}.issubset(playlists)
    assert {f"best of {name}" for name in named(entities, "artist")} & set(playlists)


def test_some_songs_are_new_and_hardly_played(entities: tuple[Entity, ...]):
    """About 6% of the songs are younger than 45 days; their plays are few."""
    songs = [entity for entity in entities if entity.type == "song"]
    new = [song for song in songs if START_S - (song.created_s or 0.0) <= NEW_DAYS * DAY_S]
    assert len(new) / len(songs) == pytest.approx(NEW_SONGS, abs=0.02)
    assert np.median([song.popularity for song in new]) < 0.01 * np.median([song.popularity for song in songs])


def test_phrases_share_no_word_with_documents(entities: tuple[Entity, ...]):
    """What people type for a mood is said in no document, but for words that mean nothing."""
    told = {
        word
        for entity in entities
        for text in (
            entity.name,
            entity.description,
            *entity.aliases,
            *(v for a in entity.attributes.values() for v in a),
        )
        for word in tokenise(text)
    }
    typed = {word for mood in MOODS.values() for phrase in mood.phrases for word in tokenise(phrase)}
    assert told & typed <= FILLERS
