"""What is remembered of one query: its entities, and what arms brought for it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from ltrr.models.statistics.decay import DecayedSums, shift
from ltrr.models.statistics.least_squares import Array

MOST_VISITORS: Final = 8
"""Visitors of a query that are told apart: there are so many, or more."""
GROUPS: Final = 16
"""Groups of visitors, of a query or of an application, by their hashes."""
MAJORITY: Final = 10
"""Groups that make a majority: so many visitors at least, and some fifteen where they are anybody."""
_ALONE: Final = 0.5  # a click
_CLEARLY: Final = 0.25  # a click that has half faded
NO_GROUPS: Final = (0.0,) * GROUPS


class Pair(Struct, gc=False):
    """One query and one entity. actions: weighted actions; examinations: expected looks; both decayed.

    born: the stretch of the log in which it came into the memory. shown: examinations before any action was known.
    engaged: those of the examinations whose query was acted on; the others were silent. groups: of the actions those of
    known visitors, by group of these; empty where there are none.
    """

    actions: float = 0.0
    examinations: float = 0.0
    born: int = 0
    shown: float = 0.0
    engaged: float = 0.0
    groups: tuple[float, ...] = ()

    def heard(self, fade: float, group: int | None) -> float:
        """Return the share of actions, and of looks, that counts for who is in a group, None for others.

        The group that took most counts no more than a click beyond what all other groups did: what one visitor does
        again and again is for himself, until somebody else takes it, too. fade: of the sums, at the time in question.
        """
        if not self.groups or (group is not None and self.groups[group] == max(self.groups)):
            return 1.0
        beyond = fade * (max(self.groups) - seconded(self.groups)) - _ALONE
        return 1.0 - max(0.0, beyond) / (fade * self.actions) if self.actions > 0 else 1.0

    def take(self, value: float, group: int | None) -> None:
        """Add to the actions. group: of who acted, None where nobody knows."""
        self.actions += value
        if group is not None:
            taken = list(self.groups or NO_GROUPS)
            taken[group] += value
            self.groups = tuple(taken)

    def add(self, other: "Pair", factor: float) -> None:
        """Add the sums of another part of the memory."""
        self.actions += factor * other.actions
        self.examinations += factor * other.examinations
        self.shown += factor * other.shown
        self.engaged += factor * other.engaged
        if other.groups:
            mine = self.groups or NO_GROUPS
            self.groups = tuple(one + factor * theirs for one, theirs in zip(mine, other.groups, strict=True))

    def scale(self, factor: float) -> None:
        """Let all sums fade."""
        self.actions *= factor
        self.examinations *= factor
        self.shown *= factor
        self.engaged *= factor
        self.groups = tuple(factor * taken for taken in self.groups)

    @property
    def silent(self) -> float:
        """Return the examinations whose query was not acted on."""
        return max(0.0, self.examinations - self.engaged)  # of equal sums rounding is left


@dataclass(slots=True)
class QueryMemory(DecayedSums):
    """All pairs of one query and what arms brought for it, decayed to one epoch (see Decay).

    calls: arm -> sums over its calls, see CallHistory. born: the stretch of the log in which the query came into the
    memory. visitors: the smallest MOST_VISITORS hashes of who made it, each of this query alone, in order.
    """

    pairs: dict[str, Pair] = field(default_factory=dict)
    epoch: int = 0
    calls: dict[str, Array] = field(default_factory=dict)
    born: int = 0
    visitors: tuple[int, ...] = ()

    def silent(self, fade: float, most: float) -> float:
        """Return the silent examinations of each entity that count at a time, `most` at most: those of the first place.

        Who took nothing says nothing of what should have stood before what.
        """
        return min(most, fade * max((pair.silent for pair in self.pairs.values()), default=0.0))

    def visited(self, visitors: Iterable[int]) -> None:
        """Take note of visitors by their hashes."""
        self.visitors = tuple(sorted({*self.visitors, *visitors})[:MOST_VISITORS])

    def add_calls(self, rows: Mapping[str, Array], factor: float) -> None:
        """Add to the sums over calls."""
        for arm, row in rows.items():
            held = self.calls.get(arm)
            self.calls[arm] = factor * row if held is None else held + factor * row

    def absorb(self, other: "QueryMemory") -> None:
        """Add another memory of the same query."""
        self.move(other.epoch)
        factor = shift(other.epoch, self.epoch)
        for object_id, pair in other.pairs.items():
            self.pairs.setdefault(object_id, Pair()).add(pair, factor)
        self.add_calls(other.calls, factor)
        self.visited(other.visitors)

    def is_empty(self) -> bool:
        """Tell whether nothing was added yet."""
        return not self.pairs

    def _scale(self, factor: float) -> None:
        for pair in self.pairs.values():
            pair.scale(factor)
        self.calls = {arm: factor * row for arm, row in self.calls.items()}


class SummedQueries(MutableMapping[str, QueryMemory]):
    """The queries of several memories, added up when they are asked for: making it costs nothing."""

    def __init__(self, *parts: "dict[str, QueryMemory] | SummedQueries") -> None:
        self.parts: list[dict[str, QueryMemory]] = []
        for part in parts:
            self.parts += part.parts if isinstance(part, SummedQueries) else [part]

    def __getitem__(self, query: str) -> QueryMemory:
        summed = QueryMemory()
        for part in self.parts:
            if query in part:
                summed.absorb(part[query])
        if not summed.pairs and query not in self:
            raise KeyError(query)
        return summed

    def __contains__(self, query: object) -> bool:
        return any(query in part for part in self.parts)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(query for part in self.parts for query in part))

    def __len__(self) -> int:
        return len(set().union(*self.parts))

    def __setitem__(self, query: str, memory: QueryMemory) -> None:
        raise TypeError("a sum is for reading: change one of its parts")

    def __delitem__(self, query: str) -> None:
        raise TypeError("a sum is for reading: change one of its parts")


def seconded(groups: Sequence[float]) -> float:
    """Return the actions of known visitors without those of the group that took most: of one visitor 0."""
    return sum(groups) - max(groups) if groups else 0.0


def is_preferred(groups: Sequence[float], others: Sequence[float]) -> bool:
    """Tell whether a majority of all groups of visitors took one entity clearly more than another.

    groups, others: what each took of either, shape (GROUPS,), empty where nobody is known to have taken any.
    """
    beside = zip(groups, others or NO_GROUPS, strict=True)
    return sum(taken - other >= _CLEARLY for taken, other in beside) >= MAJORITY if groups else False


def visitor_hash(query: str, visitor: str) -> int:
    """Return 32 bits that tell visitors of a query apart, and say nothing of their other queries."""
    return hashed(f"{query}\0{visitor}")


def hashed(said: str) -> int:
    """Return 32 bits of a hash of what tells visitors apart."""
    return int.from_bytes(hashlib.blake2b(said.encode(errors="surrogatepass"), digest_size=4).digest())


def visitor_group(query: str, visitor: str | None) -> int | None:
    """Return which of GROUPS a visitor of a query is in; None where nobody knows who it is."""
    return None if visitor is None else visitor_hash(query, visitor) % GROUPS
