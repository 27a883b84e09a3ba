"""The memory: query-to-entity (Q2E) statistics of what people acted on for a query."""

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ltrr.models.memory.pieces import PIECE, least, pieces
from ltrr.models.memory.query_memory import Pair, QueryMemory, SummedQueries, seconded, visitor_group, visitor_hash
from ltrr.models.statistics.decay import Decay
from ltrr.models.statistics.least_squares import Array

STRETCH_S: Final = 60.0
LONGEST_QUERY: Final = 1_000
NEAR_MOST: Final = 4.0
FADED: Final = 0.01
STRETCHES_OF_A_DAY: Final = 1_440


@dataclass(frozen=True, slots=True)
class MemoryBounds:
    """What a memory holds at most. queries: of an application in a partition; pairs: of a query."""

    queries: int = 100_000
    pairs: int = 200


@dataclass(frozen=True, slots=True)
class RememberedPair:
    """A pair as it is used.

    score = (predicted x prior + near_actions + actions) / (prior + near_examinations + examinations), in [0, 1].
    actions: those that count for who asks, see Pair.heard. examinations: likewise, and silent ones up to the prior.
    near_actions, near_examinations: what near queries lend; near_query: the one that lends most, None where none does.
    groups: all actions of known visitors, by group of these; empty where there are none.
    """

    object_id: str
    score: float
    predicted: float
    actions: float
    examinations: float
    near_actions: float = 0.0
    near_examinations: float = 0.0
    near_query: str | None = None
    groups: tuple[float, ...] = ()

    @property
    def seconded(self) -> float:
        """Return the actions of known visitors without those of the group that took most: of one visitor 0."""
        return seconded(self.groups)


@dataclass(slots=True)
class Memory:
    """The statistics of all queries of one application. prior: weight of the prediction, in examinations.

    Who acts on nothing says little of what is shown, and nothing of what is better than what: silent examinations count
    for all entities of a query alike, and for `prior` in a score at most, so that what people took is forgotten with
    time and gives way to what others take, but not to silence.

    What is over the bounds is not taken in, and makes room at the next `sweep`. What is dropped is decided by
    examinations alone, as they are before any action, and by them at the ends of stretches of the impressions' log
    (STRETCH_S of record timestamps). An action counts for a pair only where its page was logged in the stretch of the
    pair's birth or later: one that was read before the pair was dropped is dropped with it, so one that is read
    afterwards must not count either. The same holds for what an action lets its page weigh more, and for the calls of a
    query, which are dropped with the query. So the order in which impressions and actions are read leaves no trace.
    """

    decay: Decay
    prior: float = 2.0
    queries: dict[str, QueryMemory] | SummedQueries = field(default_factory=dict)
    bounds: MemoryBounds = field(default_factory=MemoryBounds)
    full: set[str] = field(default_factory=set)  # queries of which the next sweep drops pairs
    size: int = 0  # pairs of all queries; of a sum, nothing

    @property
    def parts(self) -> Sequence[dict[str, QueryMemory]]:
        """Return the queries of each memory that this is a sum of; new ones stand at the end of their part."""
        return self.queries.parts if isinstance(self.queries, SummedQueries) else [self.queries]

    def put(self, query: str, memory: QueryMemory) -> None:
        """Take over what was remembered of a query."""
        before = self.queries.get(query)
        self.queries[query] = memory  # where it stood, so that what follows new queries does not see it again
        self.size += len(memory.pairs) - (len(before.pairs) if before else 0)
        if len(memory.pairs) >= max(2, self.bounds.pairs):
            self.full.add(query)

    def drop(self, query: str) -> None:
        """Forget a query, where it is remembered."""
        memory = self.queries.pop(query, None)
        self.size -= len(memory.pairs) if memory else 0

    def examine(
        self, query: str, looks: Mapping[str, float], time_s: float, stretch: int = 0, weight: float = 1.0
    ) -> bool:
        """Learn that entities were shown for a query; return whether any was taken in. looks: entity -> P(looked at).

        stretch: of the log, in which the page was recorded. weight: of the page, in [0, 1].
        """
        memory = self.queries.get(query)
        if memory is None:
            if len(self.queries) >= self.bounds.queries or len(query) > LONGEST_QUERY:
                return False
            memory = self.queries[query] = QueryMemory(born=stretch)
        factor = weight * memory.reach(self.decay, time_s)
        for object_id, look in looks.items():
            pair = memory.pairs.get(object_id)
            if pair is None:
                if len(memory.pairs) >= self.bounds.pairs:
                    continue
                pair = memory.pairs[object_id] = Pair(born=stretch)
                self.size += 1
            pair.examinations += factor * look
            pair.shown += factor * look
        if len(memory.pairs) >= max(2, self.bounds.pairs):
            self.full.add(query)
        return True

    def visit(self, query: str, visitor: str | None) -> None:
        """Learn who made a query that is remembered; who is not known is nobody."""
        memory = self.queries.get(query)
        if memory is not None and visitor is not None:
            memory.visited([visitor_hash(query, visitor)])

    def visitors(self, query: str) -> int:
        """Return how many visitors made a query, as far as they were known; MOST_VISITORS stands for more, too."""
        memory = self.queries.get(query)
        return 0 if memory is None else len(memory.visitors)

    def engage(
        self,
        query: str,
        looks: Mapping[str, float],
        time_s: float,
        stretch: int = 0,
        weight: float = 1.0,
        gained: float = 0.0,
    ) -> bool:
        """Learn that the query of a page that was examined was acted on; return whether that counts.

        weight: of the page from now on. gained: how much of it was not examined as silent.
        """
        memory = self.queries.get(query)
        if memory is None or memory.born > stretch:
            return False
        factor = memory.reach(self.decay, time_s)
        for object_id, look in looks.items():
            pair = memory.pairs.get(object_id)
            if pair is not None and pair.born <= stretch:
                pair.examinations += factor * gained * look
                pair.engaged += factor * weight * look
        return True

    def act(
        self, query: str, object_id: str, value: float, time_s: float, stretch: int = 0, group: int | None = None
    ) -> bool:
        """Learn that a shown entity gained `value` in actions, at the time of its impression; return whether it counts.

        stretch: of the log, in which its page was recorded. group: of who acted, see visitor_group.
        """
        memory = self.queries.get(query)
        pair = memory.pairs.get(object_id) if memory else None
        if memory is None or pair is None or pair.born > stretch:
            return False
        pair.take(memory.reach(self.decay, time_s) * value, group)
        return True

    def call(self, query: str, rows: Mapping[str, Array], time_s: float, stretch: int = 0) -> bool:
        """Learn what arms brought for a query, at the time of its impression; return whether it counts.

        rows: see CallHistory. stretch: of the log, in which its page was recorded; the page is to be examined first.
        """
        memory = self.queries.get(query)
        if memory is None or memory.born > stretch:
            return False
        memory.add_calls(rows, memory.reach(self.decay, time_s))
        return True

    def calls(self, query: str, time_s: float) -> dict[str, Array]:
        """Return arm -> sums over its calls for a query, as of a time."""
        memory = self.queries.get(query, QueryMemory())
        fade = memory.fade(self.decay, time_s)
        return {arm: fade * row for arm, row in memory.calls.items()}

    def sweep(self, before: int, stretch: int) -> Iterator[Sequence[str]]:
        """Drop what is over the bounds, and once a day what has faded; yield the queries that changed or are gone.

        To be exhausted between the last message of the stretch `before` and the first of a later one, before anything
        is written down of it. Between two yields no more than PIECE queries are looked at.
        """
        now_s = stretch * STRETCH_S
        gone: list[str] = []
        if ends_a_day(before, stretch):
            for part in pieces(list(self.queries)):
                faded = [query for query in part if self._drop_faded(self.queries[query], now_s)]
                gone += [query for query in faded if not self.queries[query].pairs]
                yield faded
        room = max(1, 3 * self.bounds.pairs // 4)
        for part in pieces([query for query in sorted(self.full) if query in self.queries], PIECE // 5):
            full = [query for query in part if len(self.queries[query].pairs) >= max(2, self.bounds.pairs)]
            for query in full:
                held = self.queries[query].pairs.items()
                self.size -= len(held) - room
                self.queries[query].pairs = dict(heapq.nsmallest(room, held, key=lambda one: (-one[1].shown, one[0])))
            if full:
                yield full
        self.full.clear()
        if len(self.queries) - len(gone) >= max(2, self.bounds.queries):
            for part in self._least_looked_at(3 * self.bounds.queries // 4, now_s):
                gone += part
                yield []
        while gone:  # piece by piece their texts are let go, too
            part, gone = gone[-PIECE:], gone[:-PIECE]
            for query in part:
                self.drop(query)
            yield part

    def _least_looked_at(self, room: int, now_s: float) -> Iterator[Sequence[str]]:
        """Yield, in pieces, the queries that have to go for others to be no more than `room`."""
        known, looked = list[str](), list[float]()
        for part in pieces(list(self.queries)):
            kept = [query for query in part if self.queries[query].pairs]
            known += kept
            looked += [self._looked_at(query, now_s) for query in kept]
            yield []
        yield from least(known, looked, len(known) - max(1, room))
        del known, looked
        yield []  # to let them go takes a moment, too

    def _drop_faded(self, memory: QueryMemory, now_s: float) -> int:
        least = FADED / memory.fade(self.decay, now_s)
        faded = [object_id for object_id, pair in memory.pairs.items() if pair.shown < least]
        for object_id in faded:
            del memory.pairs[object_id]
        self.size -= len(faded)
        return len(faded)

    def _looked_at(self, query: str, now_s: float) -> float:
        memory = self.queries[query]
        return memory.fade(self.decay, now_s) * math.fsum(pair.shown for pair in memory.pairs.values())

    def scored(
        self,
        query: str,
        time_s: float,
        predicted: Mapping[str, float] | None = None,
        near: Mapping[str, float] | None = None,
        visitor: str | None = None,
    ) -> Iterable[RememberedPair]:
        """Return what is remembered for a query at a time, in no order.

        predicted: entity -> score before any action. near: other query -> weight in (0, 1] that its statistics have
        here; together they count for NEAR_MOST examinations of an entity at most, so that the query's own outweigh
        them. visitor: who asks.
        """
        predicted = predicted or {}
        memory = self.queries.get(query, QueryMemory())
        lent = self._lent(near or {}, time_s, visitor)
        group = visitor_group(query, visitor)
        fade = memory.fade(self.decay, time_s)
        silent = memory.silent(fade, self.prior)
        for object_id in memory.pairs.keys() | predicted.keys() | lent.keys():
            pair = memory.pairs.get(object_id, Pair())
            heard = pair.heard(fade, group) * fade
            actions, examinations = heard * pair.actions, heard * pair.engaged + silent
            near_actions, near_examinations, near_query = lent.get(object_id, (0.0, 0.0, None))
            expected = predicted.get(object_id, 0.0)
            score = (expected * self.prior + near_actions + actions) / (self.prior + near_examinations + examinations)
            yield RememberedPair(
                *(object_id, min(1.0, score), expected, actions, examinations),
                *(near_actions, near_examinations, near_query, tuple(fade * taken for taken in pair.groups)),
            )

    def _lent(
        self, near: Mapping[str, float], time_s: float, visitor: str | None
    ) -> dict[str, tuple[float, float, str | None]]:
        """Return entity -> (actions, examinations, query that lends most) of near queries."""
        sums: dict[str, tuple[float, float, str | None]] = {}
        for query, weight in sorted(near.items(), key=lambda item: (-item[1], item[0])):
            memory = self.queries.get(query)
            if memory is None:
                continue
            fade = memory.fade(self.decay, time_s)
            silent, group = memory.silent(fade, self.prior), visitor_group(query, visitor)
            for object_id, pair in memory.pairs.items():
                actions, examinations, first = sums.get(object_id, (0.0, 0.0, None))
                first = first or (query if pair.actions > 0 else None)
                heard = pair.heard(fade, group) * fade
                looked = heard * pair.engaged + silent
                lent = actions + weight * heard * pair.actions, examinations + weight * looked
                sums[object_id] = *lent, first
        return {object_id: _at_most(*sum_) for object_id, sum_ in sums.items()}

    def __add__(self, other: "Memory") -> "Memory":
        """Return the memory of both, for reading, as they are whenever it is read."""
        return Memory(self.decay, self.prior, SummedQueries(self.queries, other.queries), self.bounds)


def stretch_of(recorded_s: float) -> int:
    """Return the stretch of the log that a record timestamp lies in."""
    return int(recorded_s // STRETCH_S)


def ends_a_day(before: int, stretch: int) -> bool:
    """Tell whether a day of the log has ended between two stretches."""
    return before // STRETCHES_OF_A_DAY != stretch // STRETCHES_OF_A_DAY


def _at_most(actions: float, examinations: float, query: str | None) -> tuple[float, float, str | None]:
    share = min(1.0, NEAR_MOST / examinations) if examinations > 0 else 1.0
    return share * actions, share * examinations, query
