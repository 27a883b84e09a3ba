"""The eras of a Last.fm folder: a month each, with the tags and the users' own events of all months before it."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from ltrr.bench.played.material import Era, Wish
from ltrr.models.errors import InvalidInput
from ltrr.models.memory.profiles import Profiles
from ltrr.models.records.entity import Entity, Place
from ltrr.models.records.query import Hit
from ltrr.models.statistics.decay import Decay
from ltrr.serving.demo.people.lastfm import START_MONTH, month_of, month_s, read_entities, read_requests, read_taggings
from ltrr.serving.demo.people.request import Request

DRIFTS: Final = ("outage", "mix", "catalogue")
OUT: Final = "fuzzy"
"""The arm that brings nothing any more under the drift `outage`: hand rules lean on it most."""
_LIKED: Final = 64  # of a profile, as a search reads it
_RARER: Final = 0.25
_REPLACED: Final = 0.1
_RECENT: Final = 100
_LAST_MONTH: Final = "9999-12"


def requests_of(folder: Path, queries: int | None, drift: str | None, seed: int) -> list[Request]:
    """Return what is asked, in file order. Raises InvalidInput.

    Under the drift `mix` one in four topics and ambiguous strings of the first half stay, and of the second half one in
    four of all others.
    """
    requests = list(read_requests(folder, queries))
    if not requests:
        raise InvalidInput(f"{folder / 'queries.jsonl'} holds no queries")
    if drift != "mix":
        return requests
    draws = np.random.default_rng(seed).random(len(requests))
    first = np.arange(len(requests)) < len(requests) // 2
    topics = np.array([is_topic(request.kind) for request in requests])
    return [requests[at] for at in np.flatnonzero((first != topics) | (draws < _RARER)).tolist()]


def is_topic(kind: str) -> bool:
    """Tell whether a type of query asks for many artists."""
    return kind.startswith("topic") or kind == "ambig"


def eras(
    folder: Path, requests: Sequence[Request], half_life_s: float, *, frozen: bool, drift: str | None, seed: int
) -> Iterator[Era]:
    """Yield the eras of some requests. half_life_s: after which an event counts half in a profile.

    frozen: the index stays as of before the log. Under the drift `catalogue` a tenth of the artists has other ids from
    the middle on, which nobody has seen before.
    """
    tastes = _Tastes(folder, half_life_s)
    held: Mapping[str, Entity] = {}
    replaced = _replaced(folder, seed) if drift == "catalogue" else {}
    turn = len(requests) // 2
    was_late = False
    changes: list[Entity | Place]
    recent: defaultdict[str, OrderedDict[str, None]] = defaultdict(OrderedDict)
    for (month, late), asked in groupby(
        enumerate(requests), key=lambda one: (month_of(one[1].time_s), bool(replaced) and one[0] >= turn)
    ):
        ids = replaced if late else {}
        if not (frozen and held) or late != was_late:
            now = _catalogue(folder, START_MONTH if frozen else month, ids)
            gone = [Place("default", name) for name in sorted(held.keys() - now.keys())]
            changes = [*gone, *(entity for name, entity in now.items() if held.get(name) != entity)]
            held, was_late = now, late
        else:
            changes = []
        tastes.read_until(month)
        wishes = []
        for _, request in asked:
            relevance = {ids.get(name, name): value for name, value in request.relevance.items()}
            own = recent[request.user_id]
            profile = tastes.of(request)
            wishes.append(Wish(replace(request, relevance=relevance), profile, tuple(reversed(own))[:_RECENT]))
            for name in relevance:
                own.pop(name, None)
                own[name] = None
        yield Era(changes, wishes)


def _catalogue(folder: Path, before: str, ids: Mapping[str, str]) -> dict[str, Entity]:
    """Return the entities as of a month, by id. ids: other ones of some."""
    named = ((ids.get(entity.object_id, entity.object_id), entity) for entity in read_entities(folder, before))
    return {name: replace(entity, object_id=name) for name, entity in named}


class _Tastes:
    """The profiles of all users, of their own tag events before a month, each in the middle of its own."""

    def __init__(self, folder: Path, half_life_s: float) -> None:
        self._events = sorted(read_taggings(folder, _LAST_MONTH))
        self._read = 0
        self._profiles = Profiles(Decay(half_life_s))

    def read_until(self, month: str) -> None:
        """Take in the events before a month."""
        while self._read < len(self._events) and self._events[self._read].month < month:
            event = self._events[self._read]
            time_s = sum(month_s(event.month)) / 2
            user = f"user:{event.user}"
            self._profiles.count(user, time_s)
            self._profiles.act(user, f"artist:{event.artist}", 1.0, time_s)
            self._read += 1

    def of(self, request: Request) -> tuple[Hit, ...]:
        """Return the profile of who asks."""
        return self._profiles.strongest(request.user_id, request.time_s, _LIKED)


def _replaced(folder: Path, seed: int) -> dict[str, str]:
    """Return other ids for a tenth of the artists."""
    names = [entity.object_id for entity in read_entities(folder)]
    chosen = np.random.default_rng(seed).permutation(len(names))[: round(_REPLACED * len(names))]
    return {names[at]: f"{names[at]}:new" for at in chosen.tolist()}
