"""Simulated listeners: who asks what, and when."""

from collections.abc import Mapping, Sequence
from math import cos, pi
from types import MappingProxyType
from typing import Final

import numpy as np

from ltrr.models.records.entity import Entity
from ltrr.serving.demo.music.draws import weighted, zipf
from ltrr.serving.demo.music.folklore import sayings
from ltrr.serving.demo.music.shelf import Shelf
from ltrr.serving.demo.music.vocabulary import GENRES
from ltrr.serving.demo.people.epoch import DAY_S, HOUR_S, START_S
from ltrr.serving.demo.people.intents import Intents, Listener
from ltrr.serving.demo.people.request import Request

MIX: Final[Mapping[str, float]] = MappingProxyType(
    {
        "artist": 0.06,
        "artist_typo": 0.08,
        "artist_partial": 0.06,
        "song": 0.06,
        "song_partial": 0.05,
        "song_artist": 0.07,
        "topic": 0.11,
        "phrase": 0.12,
        "artist_mood": 0.05,
        "ambiguous": 0.06,
        "related": 0.06,
        "new": 0.05,
        "hits": 0.05,
        "saying": 0.12,
    }
)
BUSIEST_HOUR: Final = 20.0
RHYTHM: Final = 0.7
ACTIVITY_SKEW: Final = 0.5
TASTE_SPREAD: Final = 0.15
ARTISTS_PER_SAYING: Final = 10


class Listeners:
    """An endless, seeded stream of requests.

    entities: a synthetic catalogue. users: how many listeners; some are more active than others. gap_s: mean
    seconds between requests. mix: kind of intent -> share; need not sum to 1.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        entities: Sequence[Entity],
        users: int = 200,
        gap_s: float = 30.0,
        mix: Mapping[str, float] = MIX,
    ) -> None:
        shelf = Shelf.of(entities)
        self._rng = rng
        self._gap_s = gap_s
        self._time_s = START_S
        self._intents = Intents(shelf, sayings(rng, shelf, len(shelf.of_type["artist"]) // ARTISTS_PER_SAYING))
        self._kinds = tuple(mix)
        self._shares = np.array([mix[kind] for kind in self._kinds])
        tastes = rng.dirichlet(np.full(len(GENRES), TASTE_SPREAD), size=users)
        self._users = [Listener.with_taste(f"user:{n}", taste / taste.max(), shelf) for n, taste in enumerate(tastes)]
        self._activity = zipf(users, ACTIVITY_SKEW)

    def next(self) -> Request:
        """Return the next request; its time is later than the one before."""
        self._time_s += self._rng.exponential(self._gap_s) / rhythm(self._time_s)
        listener = self._users[weighted(self._rng, self._activity)]
        kind = self._kinds[weighted(self._rng, self._shares)]
        text, relevance = self._intents.kinds[kind](self._rng, listener)
        return Request(text, listener.user_id, kind, relevance, self._time_s)


def rhythm(time_s: float) -> float:
    """Return how busy an hour is, 1 on the average of a day (UTC)."""
    hour = time_s % DAY_S / HOUR_S
    return 1.0 + RHYTHM * cos(2.0 * pi * (hour - BUSIEST_HOUR) / 24.0)
