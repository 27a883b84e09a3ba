"""What the synthetic catalogue gathers from its artists: playlists, stations and podcasts."""

from collections.abc import Mapping

import numpy as np

from ltrr.models.records.entity import Entity
from ltrr.serving.demo.music.acts import Act
from ltrr.serving.demo.music.draws import pick, quality
from ltrr.serving.demo.music.vocabulary import GENRES, MOODS, NOUNS
from ltrr.serving.demo.people.epoch import past_s


def playlists(rng: np.random.Generator, bill: list[Act], songs: list[Entity]) -> list[Entity]:
    """Return one for every genre and mood, and one for every eighth artist and every eighth pair of themes."""
    kinds: list[tuple[str, Mapping[str, str]]] = [(genre.capitalize(), {"genre": genre}) for genre in GENRES]
    kinds += [(mood.capitalize(), {"mood": mood}) for mood in MOODS]
    for _ in range(len(bill) // 8):
        genre, mood, act = pick(rng, tuple(GENRES)), pick(rng, tuple(MOODS)), pick(rng, bill)
        kinds.append((f"{mood.capitalize()} {genre.capitalize()}", {"genre": genre, "mood": mood}))
        kinds.append((f"Best of {act.name}", {"artist": act.name}))
    return [_playlist(rng, number, name, themes, songs) for number, (name, themes) in enumerate(kinds)]


def _playlist(
    rng: np.random.Generator, number: int, name: str, themes: Mapping[str, str], songs: list[Entity]
) -> Entity:
    def fit(song: Entity) -> float:
        return sum(song.attributes[attribute].get(theme, 0.0) for attribute, theme in themes.items())

    tracks = sorted(filter(fit, songs), key=lambda song: (-fit(song), -song.popularity))[:15]
    return Entity(
        f"playlist:{number}",
        "playlist",
        name,
        attributes={attribute: {theme: 1.0} for attribute, theme in themes.items()},
        description=f"{', '.join(track.name for track in tracks[:3])} and more.",
        related=tuple(track.object_id for track in tracks),
        popularity=round(float(rng.pareto(1.2)) * 50.0, 3),
        quality=quality(rng),
        created_s=past_s(rng, 60.0),
    )


def stations(rng: np.random.Generator, bill: list[Act]) -> list[Entity]:
    """Return one for every twentieth artist, which plays the artists of the same main genre."""
    found: list[Entity] = []
    for number, seed in enumerate(rng.permutation(len(bill))[: len(bill) // 20]):
        act = bill[seed]
        alike = [n for n, other in enumerate(bill) if other.main_genre == act.main_genre]
        found.append(
            Entity(
                f"station:{number}",
                "station",
                f"{act.name} Station",
                attributes={"genre": act.genres, "mood": act.moods, "artist": {act.name: 1.0}},
                related=tuple(f"artist:{n}" for n in alike[:12]),
                popularity=round(act.fame * 20.0, 3),
                quality=quality(rng),
                created_s=past_s(rng, 60.0),
            )
        )
    return found


def podcasts(rng: np.random.Generator, bill: list[Act]) -> list[Entity]:
    """Return one for every tenth artist, about an artist of its genre."""
    found: list[Entity] = []
    for number in range(len(bill) // 10):
        artist = int(rng.integers(len(bill)))
        genre = bill[artist].main_genre
        found.append(
            Entity(
                f"podcast:{number}",
                "podcast",
                f"{pick(rng, NOUNS)} and {genre.capitalize()}",
                attributes={"genre": {genre: 1.0}},
                description=f"Conversations on {pick(rng, GENRES[genre])} and on {bill[artist].name}.",
                related=(f"artist:{artist}",),
                popularity=round(float(rng.pareto(1.2)) * 20.0, 3),
                quality=quality(rng),
                created_s=past_s(rng, 1.0),
            )
        )
    return found
