"""What listeners want, how they put it, and how well each entity would serve them.

Each kind of intent is made so that another retrieval strategy serves it best:

| kind | example | best served by |
|---|---|---|
| artist, song | "mara and the moths" | lexical match |
| artist_typo, artist_partial, song_partial | "mraa adn the moths" | spelling-tolerant and prefix match |
| song_artist | "lunar echo mara" | lexical match over several fields |
| topic | "calm jazz" | structured search, since weights of attributes decide and titles mislead |
| phrase | "sad songs for the night" | dense embeddings, since no word of it is in a document |
| artist_mood | "mara help me relax" | hybrid: the name is lexical, the mood is dense |
| ambiguous | "blue": an artist, titles, a mood, a playlist | understanding and the listener's profile |
| related | "songs by mara and the moths" | related entities |
| new | "new jazz" | exploration of new entities |
| hits | "jazz hits" | lexical match biased by popularity |
| saying | "captain ceho", which no document says | memory of earlier clicks |
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ltrr.models.text import normalise, tokenise
from ltrr.serving.demo.music.acts import banners
from ltrr.serving.demo.music.catalogue import NEW_DAYS
from ltrr.serving.demo.music.draws import pick, weighted, zipf
from ltrr.serving.demo.music.folklore import Saying
from ltrr.serving.demo.music.shelf import GENRE_COLUMNS, Array, Shelf
from ltrr.serving.demo.music.vocabulary import FRAMES, GENRES, MOODS, THEMES
from ltrr.serving.demo.people.misspelling import cut_short, misspelt

KEEP: Final = 50
WIDE: Final = 100
SAYING_SKEW: Final = 1.2

Relevance = dict[str, float]
Wish = tuple[str, Relevance]


@dataclass(frozen=True, slots=True)
class Listener:
    """Someone with a taste. taste: weight of each genre, the greatest 1. affinity: to every row, in [0, 1]."""

    user_id: str
    taste: Array
    affinity: Array

    @classmethod
    def with_taste(cls, user_id: str, taste: Array, shelf: Shelf) -> "Listener":
        """Make a listener; the entity that suits the taste best has affinity 1."""
        liking = shelf.themes[:, GENRE_COLUMNS] @ taste
        return cls(user_id, taste, liking / liking.max())


class Intents:
    """Draws wishes: a text and the relevance that it has to the one who types it."""

    def __init__(self, shelf: Shelf, sayings: tuple[Saying, ...]) -> None:
        self._shelf = shelf
        self._sayings = sayings
        self._saying_weights = zipf(len(sayings), SAYING_SKEW)
        self._banners = banners(len(shelf.of_type["artist"]))
        self._pull = {kind: shelf.fame[rows] ** 4 for kind, rows in shelf.of_type.items()}
        self.kinds: Mapping[str, Callable[[np.random.Generator, Listener], Wish]] = {
            "artist": self._artist,
            "artist_typo": self._artist_typo,
            "artist_partial": self._artist_partial,
            "song": self._song,
            "song_partial": self._song_partial,
            "song_artist": self._song_artist,
            "topic": self._topic,
            "phrase": self._phrase,
            "artist_mood": self._artist_mood,
            "ambiguous": self._ambiguous,
            "related": self._related,
            "new": self._new,
            "hits": self._hits,
            "saying": self._saying,
        }

    def _artist(self, rng: np.random.Generator, listener: Listener) -> Wish:
        row = self._someone(rng, listener, "artist")
        return self._name(row), self._about_artist(row, listener)

    def _artist_typo(self, rng: np.random.Generator, listener: Listener) -> Wish:
        row = self._someone(rng, listener, "artist")
        return misspelt(rng, self._name(row)), self._about_artist(row, listener)

    def _artist_partial(self, rng: np.random.Generator, listener: Listener) -> Wish:
        row = self._someone(rng, listener, "artist")
        return cut_short(rng, self._name(row)), self._about_artist(row, listener)

    def _song(self, rng: np.random.Generator, listener: Listener) -> Wish:
        row = self._someone(rng, listener, "song")
        return self._name(row), self._about_title(row, listener)

    def _song_partial(self, rng: np.random.Generator, listener: Listener) -> Wish:
        row = self._someone(rng, listener, "song")
        return cut_short(rng, self._name(row)), self._about_title(row, listener)

    def _song_artist(self, rng: np.random.Generator, listener: Listener) -> Wish:
        row = self._someone(rng, listener, "song")
        artist, album = self._shelf.related(row, "artist")[0], self._shelf.related(row, "album")[0]
        return f"{self._name(row)} {self._longest_word(artist)}", self._shelf.grades(
            {row: 1.0, artist: 0.2, album: 0.3}
        )

    def _topic(self, rng: np.random.Generator, listener: Listener) -> Wish:
        genre, mood = self._genre(rng, listener), pick(rng, tuple(MOODS))
        match int(rng.integers(3)):
            case 0:
                return genre, self._themed(listener, genre)
            case 1:
                return mood, self._themed(listener, mood)
            case _:
                return f"{mood} {genre}", self._themed(listener, mood, genre)

    def _phrase(self, rng: np.random.Generator, listener: Listener) -> Wish:
        mood = pick(rng, tuple(MOODS))
        return pick(rng, FRAMES).format(pick(rng, MOODS[mood].phrases)), self._themed(listener, mood, keep=WIDE)

    def _artist_mood(self, rng: np.random.Generator, listener: Listener) -> Wish:
        artist = self._someone(rng, listener, "artist")
        songs = self._shelf.related(artist, "song")
        mood = pick(rng, [mood for song in songs for mood in self._shelf.entities[song].attributes["mood"]])
        strength = self._shelf.theme(mood)[songs]
        values = dict(zip(songs, (strength / strength.max()).tolist(), strict=True))
        return f"{self._longest_word(artist)} {pick(rng, MOODS[mood].phrases)}", self._shelf.grades(values)

    def _ambiguous(self, rng: np.random.Generator, listener: Listener) -> Wish:
        word = pick(rng, self._banners)
        named = self._shelf.named[word]
        topic = self._themed(listener, word)
        liking = float(listener.taste[THEMES.index(word)]) if word in GENRES else float(rng.random())
        read_as_name = {row: 0.2 + 0.8 * float(listener.affinity[row]) for row in named}
        read_as_topic = {self._shelf.rows[i]: value * liking for i, value in topic.items()}
        return word, self._shelf.grades(read_as_topic | read_as_name)

    def _related(self, rng: np.random.Generator, listener: Listener) -> Wish:
        artist = self._someone(rng, listener, "artist")
        kind, form = pick(rng, (("song", "songs by {}"), ("song", "{} songs"), ("album", "albums by {}")))
        rows = self._shelf.related(artist, kind)
        return form.format(self._name(artist)), self._shelf.grades({row: 0.4 + 0.6 * self._fame(row) for row in rows})

    def _new(self, rng: np.random.Generator, listener: Listener) -> Wish:
        recent = np.clip(2.0 - self._shelf.age_days / NEW_DAYS, 0.0, 1.0)
        genre = self._genre(rng, listener)
        text = pick(rng, ("new releases", "just released", f"new {genre}", f"latest {genre}"))
        return text, self._liked(listener, recent * self._shelf.theme(genre) if genre in text else recent)

    def _hits(self, rng: np.random.Generator, listener: Listener) -> Wish:
        genre = self._genre(rng, listener)
        form = pick(rng, ("{} hits", "popular {}", "greatest {}"))
        return form.format(genre), self._shelf.best(self._shelf.fame**12 * self._shelf.theme(genre) ** 0.25, KEEP)

    def _saying(self, rng: np.random.Generator, listener: Listener) -> Wish:
        saying = self._sayings[weighted(rng, self._saying_weights)]
        return saying.text, saying.relevance(self._shelf, listener.affinity)

    def _someone(self, rng: np.random.Generator, listener: Listener, kind: str) -> int:
        """Draw a row of a type by fame and the listener's affinity."""
        rows = self._shelf.of_type[kind]
        return int(rows[weighted(rng, self._pull[kind] * (0.1 + listener.affinity[rows]))])

    def _genre(self, rng: np.random.Generator, listener: Listener) -> str:
        return THEMES[weighted(rng, listener.taste + 0.02)]

    def _name(self, row: int) -> str:
        return normalise(self._shelf.entities[row].name)

    def _longest_word(self, row: int) -> str:
        return max(tokenise(self._name(row)), key=len)

    def _fame(self, row: int) -> float:
        return float(self._shelf.fame[row])

    def _about_artist(self, row: int, listener: Listener) -> Relevance:
        """Grade the artist 1, and a little of each song and album by fame and affinity."""
        works = [*self._shelf.related(row, "song"), *self._shelf.related(row, "album")]
        return self._shelf.grades(
            {work: 0.3 * self._fame(work) * float(listener.affinity[work]) for work in works} | {row: 1.0}
        )

    def _about_title(self, row: int, listener: Listener) -> Relevance:
        """Grade the song that was thought of 1, and others of its title by fame and affinity."""
        same = self._shelf.named[self._name(row)]
        values = {other: 0.6 * self._fame(other) * float(listener.affinity[other]) for other in same}
        return self._shelf.grades(values | {row: 1.0})

    def _themed(self, listener: Listener, *themes: str, keep: int = KEEP) -> Relevance:
        fit = np.prod([self._shelf.theme(theme) for theme in themes], axis=0)
        return self._liked(listener, fit, keep)

    def _liked(self, listener: Listener, fit: Array, keep: int = KEEP) -> Relevance:
        """Grade the best by fit and, a little, by taste and fame."""
        return self._shelf.best(fit * (0.6 + 0.2 * listener.affinity + 0.2 * self._shelf.fame), keep)
