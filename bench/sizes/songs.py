"""A made-up catalogue of any size, whose vocabulary grows with it as that of texts does."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ltrr.models.records.entity import Entity

_SYLLABLES: Final = tuple(a + b for a in "bcdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er", "on"))
_WORDS_AT: Final = 50.0  # times the root of the songs, the words that there are (Heaps 1978)
_SONGS_OF_ARTIST: Final = 10
_GENRES: Final = 40
_SKEW: Final = 1.3
_TITLE: Final = (1, 5)
_DESCRIPTION: Final = 12


def songs(rng: np.random.Generator, count: int) -> Iterator[Entity]:
    """Yield songs with an artist, a genre, a year and a description of a dozen words."""
    words = [_word(number) for number in range(int(_WORDS_AT * count**0.5))]
    artists = [" ".join(_pick(rng, words, 2)) for _ in range(max(1, count // _SONGS_OF_ARTIST))]
    for number in range(count):
        yield Entity(
            object_id=f"song-{number}",
            type="song",
            name=" ".join(_pick(rng, words, int(rng.integers(*_TITLE)))),
            attributes={
                "artist": {artists[rng.integers(len(artists))]: 1.0},
                "genre": {f"genre {_word(int(rng.integers(_GENRES)))}": 1.0},
            },
            description=" ".join(_pick(rng, words, _DESCRIPTION)),
            popularity=float(rng.pareto(_SKEW)),
            numbers={"year": (float(rng.integers(1950, 2026)),)},
        )


def _pick(rng: np.random.Generator, words: list[str], count: int) -> list[str]:
    """Return words, some of which are far more frequent than others."""
    return [words[int(place * len(words))] for place in rng.random(count) ** 3]


def _word(number: int) -> str:
    """Return the word of a number: another for each."""
    said = ""
    number += len(_SYLLABLES)
    while number:
        number, place = divmod(number, len(_SYLLABLES))
        said = _SYLLABLES[place] + said
    return said
