"""Profiles: what each user, or each session, took; decayed sums of action values by entity."""

from dataclasses import dataclass, field
from typing import ClassVar, Final

from ltrr.models.memory.visits import Visits, VisitTable
from ltrr.models.records.query import Hit
from ltrr.models.statistics.decay import Decay

LARGEST: Final = 256
"""Entities that one partition keeps of a profile: beyond, the one of least weight is forgotten."""

FADED: Final = 32
"""Half-lives after which a profile is forgotten: what is left of it then lies below 1e-9 of what it was."""


@dataclass(slots=True)
class Profile(Visits):
    """One user or session. weights: entity -> decayed sum of gained values, at `epoch` (see Decay)."""

    weights: dict[str, float] = field(default_factory=dict)

    def act(self, object_id: str, value: float, time_s: float, decay: Decay) -> None:
        """Add what an entity gained on a page of that time."""
        weight = self.reach(decay, time_s)
        self.weights[object_id] = self.weights.get(object_id, 0.0) + value * weight
        if len(self.weights) > LARGEST:
            del self.weights[min(self.weights, key=lambda entity: (self.weights[entity], entity))]

    def _absorb_more(self, other: "Profile", factor: float) -> None:
        for object_id, weight in other.weights.items():
            self.weights[object_id] = self.weights.get(object_id, 0.0) + factor * weight

    def _scale_more(self, factor: float) -> None:
        self.weights = {object_id: factor * weight for object_id, weight in self.weights.items()}


class Profiles(VisitTable[Profile]):
    """The profiles of all users, or all sessions, of one application.

    Nothing but what the log says decides: weights fade by the time of their page, and who has no room among those who
    were shown pages has no profile.
    """

    faded: ClassVar[float] = 2.0**-FADED

    def _new(self, born: int = 0) -> Profile:
        return Profile(born=born)

    def act(self, name: str, object_id: str, value: float, time_s: float, stretch: int = 0) -> bool:
        """Learn that somebody gave a shown entity `value` in actions, at the time of its impression.

        stretch: of the log, in which that was recorded. Returns whether that was learned.
        """
        held = self.counted(name, stretch)
        if held is not None:
            held.act(object_id, value, time_s, self.decay)
        return held is not None

    def strongest(self, name: str | None, time_s: float, count: int) -> tuple[Hit, ...]:
        """Return the entities of most weight as of a time, best first, ties by id; none of an unknown name."""
        whole = self.whole(name)
        fade = 2.0 ** min(0.0, whole.epoch - self.decay.age(time_s))
        best = sorted(whole.weights.items(), key=lambda item: (-item[1], item[0]))[:count]
        return tuple(Hit(object_id, fade * weight) for object_id, weight in best if fade * weight > 0)
