"""Cards that were read lately."""

import threading
from collections.abc import Iterable, Sequence

from ltrr.models.records.entity import Entity

Held = dict[tuple[str, str], tuple[Entity, int]]


class Recent:
    """Entities by application and object id, those that were asked for lately, in any thread.

    most: characters of the cards that are kept. When half of that has been asked for, what was not asked for since half
    of it had been the last time goes: that costs less than to know the order of all.
    """

    def __init__(self, most: int) -> None:
        self._half = most // 2
        self._lock = threading.Lock()
        self._lately: Held = {}
        self._before: Held = {}
        self._characters = 0
        self._changes = 0

    def get(self, application: str, object_ids: Iterable[str]) -> dict[str, Entity]:
        """Return those of the cards that are here."""
        found = {}
        with self._lock:
            lately = self._lately
            for object_id in object_ids:
                place = application, object_id
                held = lately.get(place)
                if held is None and (held := self._before.pop(place, None)) is not None:
                    self._add(place, *held)
                    lately = self._lately
                if held is not None:
                    found[object_id] = held[0]
        return found

    def reading(self) -> int:
        """Return what `keep` is to be told of a reading that begins now."""
        return self._changes

    def keep(self, cards: Sequence[tuple[Entity, int]], reading: int) -> None:
        """Keep what was read, with its characters, unless something has changed since: it may be old."""
        with self._lock:
            if reading == self._changes:
                for card, characters in cards:
                    self._add((card.application, card.object_id), card, characters)

    def forget(self, places: Iterable[tuple[str, str]]) -> None:
        """Let go of cards that have changed."""
        with self._lock:
            self._changes += 1
            for place in places:
                self._before.pop(place, None)
                self._characters -= self._lately.pop(place, (None, 0))[1]

    def _add(self, place: tuple[str, str], card: Entity, characters: int) -> None:
        if place in self._lately or characters > self._half:
            return
        if self._characters + characters > self._half:
            self._before, self._lately, self._characters = self._lately, {}, 0
        self._characters += characters
        self._lately[place] = card, characters
