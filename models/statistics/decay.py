"""Exponential forgetting by event time, so that decayed sums can be added in any order."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray


class Change(NamedTuple):
    """Another half-life for events from a time on."""

    from_s: float
    half_life_s: float


Changes = tuple[Change, ...]
"""In the order of their times, no two of one time."""


@dataclass(frozen=True, slots=True)
class Decay:
    """Weights of events against a reference that lies on a grid of half-lives.

    The *age* of a time is how many half-lives have passed until then: a line, bent where the half-life changes. A
    decayed sum keeps the index of its reference, its *epoch*: a whole age. An event at time t enters with weight
    2 ** (age(t) - epoch), whenever it is read; moving a sum to a later epoch multiplies it by a power of two, which
    floating point does exactly. So the order of events, the moment of the move and the split into partitions leave no
    trace beyond the rounding of sums. A change leaves the ages before it as they were: sums that hold no later event
    stay what they are, whether they were learned with or without it.

    half_life_s: seconds after which an event counts half; infinity never forgets. changes: of the half-life.
    """

    half_life_s: float = math.inf
    changes: Changes = ()

    def __post_init__(self) -> None:
        if not all(half_life_s > 0 for half_life_s in (self.half_life_s, *(c.half_life_s for c in self.changes))):
            raise ValueError(f"half_life_s must be above 0, not {self.half_life_s}, {self.changes}")
        times = [change.from_s for change in self.changes]
        if times != sorted(set(times)):
            raise ValueError(f"changes have to rise in time: {times}")

    def age(self, time_s: float) -> float:
        """Return how many half-lives have passed until a time."""
        if not self.changes:
            return time_s / self.half_life_s
        age, start_s, half_life_s = 0.0, 0.0, self.half_life_s
        for change in self.changes:
            if time_s < change.from_s:
                break
            age += (change.from_s - start_s) / half_life_s
            start_s, half_life_s = change
        return age + (time_s - start_s) / half_life_s

    def epoch(self, time_s: float) -> int:
        """Return the last grid point at or before `time_s`."""
        return math.floor(self.age(time_s))

    def weight(self, time_s: float, epoch: int) -> float:
        """Return the weight of an event at `time_s` in a sum that stands at `epoch`."""
        return float(2.0 ** (self.age(time_s) - epoch))

    def weights(self, times_s: NDArray[np.float64], epoch: int) -> NDArray[np.float64]:
        """Return the weights of events at several times, as `weight` does."""
        if not self.changes:
            return np.asarray(2.0 ** (times_s / self.half_life_s - epoch), dtype=np.float64)
        return np.asarray(2.0 ** (np.array([self.age(time_s) for time_s in times_s]) - epoch), dtype=np.float64)

    def half_life_at(self, time_s: float) -> float:
        """Return the half-life in force at a time."""
        return next((c.half_life_s for c in reversed(self.changes) if c.from_s <= time_s), self.half_life_s)


class DecayedSums(ABC):
    """Sums that stand at one epoch (see Decay). Empty ones stand at none, and take any."""

    __slots__ = ("epoch",)
    epoch: int

    @abstractmethod
    def is_empty(self) -> bool:
        """Tell whether nothing was added yet."""

    @abstractmethod
    def _scale(self, factor: float) -> None:
        """Multiply all that fades by a power of two."""

    def move(self, epoch: int) -> None:
        """Move the reference up to an epoch where it is newer."""
        if self.is_empty():
            self.epoch = epoch
        elif epoch > self.epoch:
            self._scale(shift(self.epoch, epoch))
            self.epoch = epoch

    def reach(self, decay: Decay, time_s: float) -> float:
        """Move the reference up to an event where it is newer, and return the event's weight."""
        age = decay.age(time_s)
        self.move(math.floor(age))
        return float(2.0 ** (age - self.epoch))

    def fade(self, decay: Decay, time_s: float) -> float:
        """Return what the sums have faded to at a time, against their reference; 1 before it."""
        return float(2.0 ** max(-1_000.0, min(0.0, self.epoch - decay.age(time_s))))


Sums = TypeVar("Sums", bound=DecayedSums)


class DecayedCount(DecayedSums):
    """How many events there were: all of them, and what is left of them after forgetting.

    events: all. total: of their weights, faded to `epoch`. newest_s: time of the newest one.
    """

    def __init__(self, half_life_s: float = math.inf) -> None:
        self.decay = Decay(half_life_s)
        self.events = 0
        self.total = 0.0
        self.newest_s = -math.inf
        self.epoch = 0

    @property
    def effective(self) -> float:
        """Return how many there were, faded as of the newest."""
        return self.total / self.decay.weight(self.newest_s, self.epoch) if self.events else 0.0

    def add(self, time_s: float, weight: float = 1.0, events: int = 1) -> None:
        """Count an event; with none of `events`, let one that was counted before weigh more."""
        factor = self.reach(self.decay, time_s)  # moves the total
        self.total += factor * weight
        self.events += events
        self.newest_s = max(self.newest_s, time_s)

    def pack(self) -> list[float]:
        """Return all that was counted, as JSON values; nothing before any event."""
        return [self.events, self.total, self.epoch, self.newest_s] if self.events else []

    def unpack(self, values: Sequence[float]) -> None:
        """Take over what `pack` returned. Raises ValueError or TypeError."""
        events, self.total, epoch, self.newest_s = values or (0, 0.0, 0, -math.inf)
        self.events, self.epoch = int(events), int(epoch)

    def __add__(self, other: "DecayedCount") -> "DecayedCount":
        """Return the count of both."""
        merged = DecayedCount()
        merged.decay = self.decay
        merged.epoch, known = aligned((self, other))
        for factor, one in known:
            merged.total += factor * one.total
            merged.events += one.events
            merged.newest_s = max(merged.newest_s, one.newest_s)
        return merged

    def is_empty(self) -> bool:
        """Tell whether nothing was counted yet."""
        return not self.events

    def _scale(self, factor: float) -> None:
        self.total *= factor


def aligned(parts: Iterable[Sums]) -> tuple[int, list[tuple[float, Sums]]]:
    """Return the latest epoch of those that are not empty, 0 where all are, and each with its factor to get there."""
    known = [part for part in parts if not part.is_empty()]
    epoch = max((part.epoch for part in known), default=0)
    return epoch, [(shift(part.epoch, epoch), part) for part in known]


def shift(epoch: int, to: int) -> float:
    """Return the factor that takes a sum from `epoch` to a later one."""
    return math.ldexp(1.0, epoch - to)


def parting_s(one: Mapping[str, Changes], other: Mapping[str, Changes]) -> float:
    """Return from when on any name's ages may differ under two sets of changes; infinity where they never do."""
    return min(
        (min(one_of ^ other_of).from_s for one_of, other_of in _sets(one, other) if one_of != other_of),
        default=math.inf,
    )


def _sets(
    one: Mapping[str, Changes], other: Mapping[str, Changes]
) -> list[tuple[frozenset[Change], frozenset[Change]]]:
    return [(frozenset(one.get(name, ())), frozenset(other.get(name, ()))) for name in one.keys() | other.keys()]


def write_forgetting(forgetting: Mapping[str, Changes]) -> dict[str, list[list[float | None]]]:
    """Return changes of the half-life as JSON values; a half-life of null never forgets."""
    return {
        name: [[c.from_s, c.half_life_s if math.isfinite(c.half_life_s) else None] for c in changes]
        for name, changes in sorted(forgetting.items())
        if changes
    }


def read_forgetting(values: Mapping[str, Iterable[tuple[float, float | None]]]) -> dict[str, Changes]:
    """Return what `write_forgetting` made JSON of. Raises ValueError or TypeError."""
    return {
        name: tuple(Change(float(from_s), math.inf if h is None else float(h)) for from_s, h in changes)
        for name, changes in values.items()
    }
