"""Profiles: what each user, or each session, took; decayed sums of action values by entity."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ltrr.models.records.query import Hit
from ltrr.models.statistics.decay import Decay, DecayedSums, shift

LARGEST: Final = 256
"""Entities that one partition keeps of a profile: beyond, the one of least weight is forgotten."""

FADED: Final = 32
"""Half-lives after which a profile is forgotten: what is left of it then lies below 1e-9 of what it was."""


@dataclass(slots=True)
class Profile(DecayedSums):
    """One user or session. weights: entity -> decayed sum of gained values, at `epoch` (see Decay)."""

    weights: dict[str, float] = field(default_factory=dict)
    epoch: int = 0

    def act(self, object_id: str, value: float, time_s: float, decay: Decay) -> None:
        """Add what an entity gained on a page of that time."""
        weight = self.reach(decay, time_s)
        self.weights[object_id] = self.weights.get(object_id, 0.0) + value * weight
        if len(self.weights) > LARGEST:
            del self.weights[min(self.weights, key=lambda entity: (self.weights[entity], entity))]

    def absorb(self, other: "Profile") -> None:
        """Add another partition's profile of the same user or session."""
        self.move(other.epoch)
        factor = shift(other.epoch, self.epoch)
        for object_id, weight in other.weights.items():
            self.weights[object_id] = self.weights.get(object_id, 0.0) + factor * weight

    def is_empty(self) -> bool:
        """Tell whether nothing was added yet."""
        return not self.weights

    def _scale(self, factor: float) -> None:
        self.weights = {object_id: factor * weight for object_id, weight in self.weights.items()}


class Profiles:
    """The profiles of all users, or all sessions, of one application; they can be added.

    Nothing but what the log says decides: weights fade by the time of their page, and a profile is forgotten when the
    log has been read FADED half-lives past its newest page. A sum of partitions reads through to them: what is asked
    for is added up then, so that adding copies nothing.
    """

    def __init__(self, decay: Decay, others: tuple[dict[str, Profile], ...] = ()) -> None:
        self.decay = decay
        self.own: dict[str, Profile] = {}
        self._others = others
        self._swept = -math.inf

    def act(self, name: str, object_id: str, value: float, time_s: float) -> None:
        """Learn that a user or session gave a shown entity `value` in actions, at the time of its impression."""
        self.own.setdefault(name, Profile()).act(object_id, value, time_s, self.decay)

    def strongest(self, name: str | None, time_s: float, count: int) -> tuple[Hit, ...]:
        """Return the entities of most weight as of a time, best first, ties by id; none of an unknown name."""
        whole = Profile()
        for profiles in (self.own, *self._others):
            if name in profiles:
                whole.absorb(profiles[name])
        fade = 2.0 ** min(0.0, whole.epoch - self.decay.age(time_s))
        best = sorted(whole.weights.items(), key=lambda item: (-item[1], item[0]))[:count]
        return tuple(Hit(object_id, fade * weight) for object_id, weight in best if fade * weight > 0)

    def expire(self, before_s: float) -> Iterator[str]:
        """Forget what has faded, once for each half-life; yield whose. before_s: nothing older is still to come."""
        epoch = self.decay.epoch(before_s)
        if epoch > self._swept:
            self._swept = epoch
            for name in [name for name, profile in self.own.items() if profile.epoch + FADED < epoch]:
                del self.own[name]
                yield name

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for profiles in (self.own, *self._others) for name in profiles))

    def __add__(self, other: "Profiles") -> "Profiles":
        """Return the profiles of both."""
        parts = (self.own, *self._others, other.own, *other._others)
        return Profiles(self.decay, tuple(part for part in parts if part))
