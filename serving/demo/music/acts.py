"""The artists of the synthetic catalogue before their songs exist."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ltrr.serving.demo.music import names
from ltrr.serving.demo.music.draws import weighted, zipf
from ltrr.serving.demo.music.vocabulary import DECADES, GENRES, MOODS

ARTISTS_PER_BANNER: Final = 50

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Act:
    """An artist. genres: the main one first. era: index into DECADES. songs, albums: numbers in the catalogue."""

    name: str
    genres: Weights
    moods: Weights
    era: int
    fame: float
    songs: range
    albums: range

    @property
    def main_genre(self) -> str:
        """The genre that weighs most."""
        return next(iter(self.genres))

    def album_of(self, song: int) -> int:
        """Return the number of the album that one of its songs is on."""
        return self.albums[(song - self.songs.start) % len(self.albums)]


def banners(artists: int) -> tuple[str, ...]:
    """Return the genre and mood words that name an artist, a song and a playlist at once; artist:i has the i-th."""
    words = tuple(word for pair in zip(MOODS, reversed(tuple(GENRES)), strict=False) for word in pair)
    return words[: artists // ARTISTS_PER_BANNER]


def lineup(rng: np.random.Generator, count: int) -> list[Act]:
    """Return `count` artists with a heavy-tailed fame, and room for 3 to 12 songs on 1 to 3 albums each."""
    words = tuple(word.capitalize() for word in banners(count))
    found: list[Act] = []
    song = album = 0
    for name in (*words, *names.artists(rng, count - len(words), words)):
        songs, albums = int(rng.integers(3, 13)), int(rng.integers(1, 4))
        found.append(
            Act(
                name=name,
                genres=_genres(rng),
                moods=moods(rng, int(rng.integers(1, 4))),
                era=int(rng.integers(len(DECADES))),
                fame=float(rng.pareto(1.2)) + 0.05,
                songs=range(song, song + songs),
                albums=range(album, album + albums),
            )
        )
        song, album = song + songs, album + albums
    return found


def moods(rng: np.random.Generator, count: int) -> Weights:
    """Return `count` moods; the first weighs most."""
    drawn = [tuple(MOODS)[n] for n in rng.permutation(len(MOODS))[:count]]
    return {drawn[0]: _weight(rng, 0.7, 1.0)} | {mood: _weight(rng, 0.1, 0.6) for mood in drawn[1:]}


def _genres(rng: np.random.Generator) -> Weights:
    """Return a main genre and up to two more that sound alike."""
    ring = tuple(GENRES)
    main = weighted(rng, zipf(len(ring), 0.3))
    near = rng.permutation((main + np.array([-2, -1, 1, 2])) % len(ring))[: int(rng.integers(0, 3))]
    return {ring[main]: _weight(rng, 0.7, 1.0)} | {ring[other]: _weight(rng, 0.15, 0.6) for other in near}


def _weight(rng: np.random.Generator, low: float, high: float) -> float:
    return round(float(rng.uniform(low, high)), 2)
