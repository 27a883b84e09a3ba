"""The memory: query-to-entity (Q2E) statistics of what people acted on for a query."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from models.decay import Decay, shift


@dataclass(slots=True)
class Pair:
    """One query and one entity. actions: weighted actions; examinations: expected looks; both decayed."""

    actions: float = 0.0
    examinations: float = 0.0


@dataclass(slots=True)
class QueryMemory:
    """All pairs of one query, decayed to one epoch (see Decay)."""

    pairs: dict[str, Pair] = field(default_factory=dict)
    epoch: int = 0

    def move(self, epoch: int) -> None:
        """Move the reference to a later epoch."""
        factor = shift(self.epoch, epoch)
        for pair in self.pairs.values():
            pair.actions *= factor
            pair.examinations *= factor
        self.epoch = epoch

    def reach(self, decay: Decay, time_s: float) -> float:
        """Move the reference up to an event where it is newer, and return the event's weight."""
        epoch = decay.epoch(time_s)
        if not self.pairs:
            self.epoch = epoch
        elif epoch > self.epoch:
            self.move(epoch)
        return decay.weight(time_s, self.epoch)

    def absorb(self, other: "QueryMemory") -> None:
        """Add another memory of the same query."""
        if not self.pairs:
            self.epoch = other.epoch
        elif other.epoch > self.epoch:
            self.move(other.epoch)
        factor = shift(other.epoch, self.epoch)
        for object_id, pair in other.pairs.items():
            mine = self.pairs.setdefault(object_id, Pair())
            mine.actions += factor * pair.actions
            mine.examinations += factor * pair.examinations


class QuerySums(Mapping[str, QueryMemory]):
    """The queries of several memories, to look at: each is summed when it is asked for, so that many cost nothing."""

    def __init__(self, parts: Sequence[Mapping[str, QueryMemory]]) -> None:
        self._parts = parts

    def __getitem__(self, query: str) -> QueryMemory:
        found = [part[query] for part in self._parts if query in part]
        if not found:
            raise KeyError(query)
        total = QueryMemory()
        for memory in found:
            total.absorb(memory)
        return total

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(query for part in self._parts for query in part))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class RememberedPair:
    """A pair as it is used. score = (predicted x prior + actions) / (prior + examinations), in [0, 1]."""

    object_id: str
    score: float
    predicted: float
    actions: float
    examinations: float


@dataclass(slots=True)
class Memory:
    """The statistics of all queries of one application. prior: weight of the prediction, in examinations."""

    decay: Decay
    prior: float = 2.0
    queries: dict[str, QueryMemory] = field(default_factory=dict)

    def examine(self, query: str, looks: Mapping[str, float], time_s: float) -> None:
        """Learn that entities were shown for a query. looks: entity -> P(looked at)."""
        memory = self.queries.setdefault(query, QueryMemory())
        weight = memory.reach(self.decay, time_s)
        for object_id, look in looks.items():
            memory.pairs.setdefault(object_id, Pair()).examinations += weight * look

    def act(self, query: str, object_id: str, value: float, time_s: float) -> None:
        """Learn that a shown entity gained `value` in actions, at the time of its impression."""
        memory = self.queries.setdefault(query, QueryMemory())
        weight = memory.reach(self.decay, time_s)
        memory.pairs.setdefault(object_id, Pair()).actions += weight * value

    def scored(
        self, query: str, time_s: float, predicted: Mapping[str, float] | None = None
    ) -> Iterable[RememberedPair]:
        """Return what a query's memory says at a time, in no order. predicted: entity -> score before any action."""
        predicted = predicted or {}
        memory = self.queries.get(query, QueryMemory())
        now = 0.0 if math.isinf(self.decay.half_life_s) else time_s / self.decay.half_life_s
        fade = 2.0 ** min(0.0, memory.epoch - now)
        for object_id in memory.pairs.keys() | predicted.keys():
            pair = memory.pairs.get(object_id, Pair())
            actions, examinations = fade * pair.actions, fade * pair.examinations
            expected = predicted.get(object_id, 0.0)
            score = (expected * self.prior + actions) / (self.prior + examinations)
            yield RememberedPair(object_id, min(1.0, score), expected, actions, examinations)

    def __add__(self, other: "Memory") -> "Memory":
        """Return the memory of both."""
        merged = Memory(self.decay, self.prior)
        for memory in (self, other):
            for query, pairs in memory.queries.items():
                merged.queries.setdefault(query, QueryMemory()).absorb(pairs)
        return merged
