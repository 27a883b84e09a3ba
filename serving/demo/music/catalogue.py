"""A synthetic music catalogue: artists, songs, albums, playlists, stations and podcasts, all from one seed.

Names collide by rule, because real ones do:

1. BANNERS: one artist in 50 is named after a genre or a mood ("Soul"), and each such word is also the title of
   another artist's song and the name of a playlist.
2. THEME_TITLES: 3% of the songs have a genre or mood word, or two, as their title ("Blue", "Love Jazz").
3. NAMED_SONGS: 3% of the songs have another artist's name as their title.
4. SHARED_TITLES: 10% of the songs repeat the title of an earlier song.
5. SELF_TITLED: one artist in four has a first album that is named after the artist.
6. Playlists are named after a genre, a mood, both, or an artist; stations after an artist; podcasts after a genre.

Descriptions mislead a little: one in ten names a genre that the song has left.
"""

from typing import Final

import numpy as np

from ltrr.models.records.entity import Entity
from ltrr.serving.demo.music import names
from ltrr.serving.demo.music.acts import ARTISTS_PER_BANNER, Act, Weights, banners, lineup, moods
from ltrr.serving.demo.music.compilations import playlists, podcasts, stations
from ltrr.serving.demo.music.draws import pick, quality
from ltrr.serving.demo.music.vocabulary import DECADES, GENRES, LABELS, MOODS, THEMES
from ltrr.serving.demo.people.epoch import DAY_S, START_S

NEW_DAYS: Final = 45.0
THEME_TITLES: Final = 0.03
NAMED_SONGS: Final = 0.03
SHARED_TITLES: Final = 0.10
SELF_TITLED: Final = 0.25
NEW_SONGS: Final = 0.06
MISLEADING: Final = 0.10
ALIASED: Final = 0.2
OWN_MOOD: Final = 0.5
INTENSE: Final = 0.75


def catalogue(rng: np.random.Generator, artists: int = 400) -> tuple[Entity, ...]:
    """Return the whole catalogue; per artist some 7.5 songs, 2 albums and half a playlist, station or podcast.

    artists: at least 50, so that every planted collision occurs. Raises ValueError below that.
    """
    if artists < ARTISTS_PER_BANNER:
        raise ValueError(f"a catalogue needs at least {ARTISTS_PER_BANNER} artists, not {artists}")
    bill = lineup(rng, artists)
    titles = _titles(rng, bill)
    songs = [_song(rng, act, artist, n, titles[n]) for artist, act in enumerate(bill) for n in act.songs]
    albums = [album for artist, act in enumerate(bill) for album in _albums(rng, act, artist, songs)]
    singers = [_artist(rng, act, artist, songs) for artist, act in enumerate(bill)]
    return (*singers, *songs, *albums, *playlists(rng, bill, songs), *stations(rng, bill), *podcasts(rng, bill))


def _varied(rng: np.random.Generator, weights: Weights) -> Weights:
    """Return weights that stray from an artist's as one song does."""
    return {key: round(float(np.clip(w + rng.normal(0.0, 0.15), 0.05, 1.0)), 2) for key, w in weights.items()}


def _titles(rng: np.random.Generator, bill: list[Act]) -> list[str]:
    """Return the title of every song; the planted collisions that the module names are here."""
    words = tuple(word.capitalize() for word in THEMES)
    planted = {bill[-1 - n].songs[0]: word.capitalize() for n, word in enumerate(banners(len(bill)))}
    titles: list[str] = []
    for number in range(bill[-1].songs.stop):
        draw = rng.random()
        if number in planted:
            titles.append(planted[number])
        elif draw < THEME_TITLES:
            titles.append(" ".join(dict.fromkeys(pick(rng, words) for _ in range(int(rng.integers(1, 3))))))
        elif draw < THEME_TITLES + NAMED_SONGS:
            titles.append(pick(rng, bill).name)
        elif titles and draw < THEME_TITLES + NAMED_SONGS + SHARED_TITLES:
            titles.append(pick(rng, titles))
        else:
            titles.append(names.title(rng))
    return titles


def _song(rng: np.random.Generator, act: Act, artist: int, number: int, title: str) -> Entity:
    new = rng.random() < NEW_SONGS
    genres, feelings = _varied(rng, act.genres), _feelings(rng, act)
    decade = len(DECADES) - 1 if new else min(act.era + int(rng.integers(2)), len(DECADES) - 1)
    lived_s = NEW_DAYS * DAY_S * rng.random() if new else (400.0 + rng.random() * 3000.0) * DAY_S
    return Entity(
        f"song:{number}",
        "song",
        title,
        attributes={"genre": genres, "mood": feelings, "decade": {DECADES[decade]: 1.0}, "artist": {act.name: 1.0}},
        description=_song_text(rng, genres, feelings),
        related=(f"artist:{artist}", f"album:{act.album_of(number)}"),
        popularity=round(act.fame * float(rng.lognormal(0.0, 1.0)) * (0.01 if new else 100.0), 3),
        quality=quality(rng),
        created_s=round(START_S - lived_s, 0),
    )


def _feelings(rng: np.random.Generator, act: Act) -> Weights:
    """Return one main mood, the artist's or any, and at most two faint ones."""
    drawn = {**moods(rng, 2), **act.moods} if rng.random() < OWN_MOOD else moods(rng, 2)
    ranked = sorted(_varied(rng, drawn).items(), key=lambda mood: (-mood[1], mood[0]))[:3]
    return {mood: weight if n == 0 else round(0.6 * weight, 2) for n, (mood, weight) in enumerate(ranked)}


def _song_text(rng: np.random.Generator, genres: Weights, feelings: Weights) -> str:
    """Say it with all the words of an intense mood, and one word of every other mood and genre."""
    feeling = ", ".join(word for mood, weight in feelings.items() for word in _told(rng, MOODS[mood].words, weight))
    sound = " and ".join(pick(rng, GENRES[genre]) for genre in genres)
    text = f"{feeling.capitalize()}, with {sound}."
    if rng.random() < MISLEADING:
        text += f" Leaves {pick(rng, tuple(GENRES))} behind."
    return text


def _told(rng: np.random.Generator, words: tuple[str, ...], weight: float) -> tuple[str, ...]:
    return words if weight >= INTENSE else (pick(rng, words),)


def _albums(rng: np.random.Generator, act: Act, artist: int, songs: list[Entity]) -> list[Entity]:
    self_titled = rng.random() < SELF_TITLED
    found: list[Entity] = []
    for number in act.albums:
        tracks = [songs[n] for n in act.songs if act.album_of(n) == number]
        named = act.name if self_titled and number == act.albums[0] else names.title(rng)
        found.append(
            Entity(
                f"album:{number}",
                "album",
                named,
                attributes={
                    "genre": _varied(rng, act.genres),
                    "mood": tracks[0].attributes["mood"],
                    "decade": tracks[0].attributes["decade"],
                    "artist": {act.name: 1.0},
                },
                description=f"The {pick(rng, LABELS)} of {act.name}, with {pick(rng, GENRES[act.main_genre])}.",
                related=(f"artist:{artist}", *(track.object_id for track in tracks)),
                popularity=round(act.fame * float(rng.lognormal(0.0, 0.7)) * 30.0, 3),
                quality=quality(rng),
                created_s=tracks[0].created_s,
            )
        )
    return found


def _artist(rng: np.random.Generator, act: Act, artist: int, songs: list[Entity]) -> Entity:
    own = [songs[n] for n in act.songs]
    words = act.name.split()
    initials = "".join(word[0] for word in words)
    return Entity(
        f"artist:{artist}",
        "artist",
        act.name,
        attributes={"genre": act.genres, "mood": act.moods, "decade": {DECADES[act.era]: 1.0}},
        description=f"Known since the {DECADES[act.era]} for {pick(rng, GENRES[act.main_genre])}.",
        aliases=(initials,) if len(words) > 1 and rng.random() < ALIASED else (),
        related=(*(song.object_id for song in own), *(f"album:{n}" for n in act.albums)),
        popularity=round(act.fame * 200.0, 3),
        quality=quality(rng),
        created_s=min(song.created_s or START_S for song in own) - DAY_S,
    )
