"""The last searches of an application and what became of them. Whose they were is not kept."""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ltrr.models.records.impression import Impression

LONGEST_QUERY: Final = 200
_MOST_SHOWN: Final = 100
_MOST: Final = 0.5  # of the likelihood
KINDS: Final = ("name", "topic", "other", "known", "new")
"""Queries that read as a name, as a topic, or as neither; that somebody has acted on, or nobody."""


@dataclass(slots=True)
class Search:
    """A search. query: normalised and cut. kinds: of query, see `kinds_of`.

    plan: arm -> candidates, of the arms that were on; chances: arm -> P(its level). None for another search's page.
    price: of the plan, before lambda. imagined: how much likelier the plan in the shadow made this one, None without a
    shadow. taken: object id -> value of what was done with it, in [0, 1].
    """

    time_s: float
    query: str
    shown: list[str]
    plan: Mapping[str, int] | None = None
    chances: Mapping[str, float] = field(default_factory=dict)
    price: float = 0.0
    imagined: float | None = None
    latencies_ms: Mapping[str, float] = field(default_factory=dict)
    failures: int = 0
    fallback: tuple[str, ...] = ()
    taken: dict[str, float] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()

    @classmethod
    def of(cls, page: Impression) -> "Search":
        """Return what is kept of a page."""
        decision, shadow = page.decision, page.shadow
        search = cls(page.time_s, page.normalised_query[:LONGEST_QUERY], _shown(page))
        if decision is not None:
            rows = zip(decision.arms, decision.levels, decision.probabilities, strict=True)
            search.plan = decision.budgets()
            search.chances = {arm: row[level] for arm, level, row in rows}
            search.price = decision.price
            search.imagined = None if shadow is None else shadow.served_joint / decision.joint
        search.latencies_ms = dict(page.latencies_ms)
        search.failures = len(page.failures)
        search.fallback = page.fallback
        search.kinds = kinds_of(page.context)
        return search

    @property
    def gained(self) -> float:
        """Return what was done on its pages, which counts up to 1."""
        return min(1.0, sum(self.taken.values()))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was seen: a search, or an action on an object. shown: results of the search."""

    time_s: float
    query: str
    action_name: str | None = None
    object_id: str | None = None
    shown: int = 0


@dataclass(slots=True)
class Tally:
    """The searches for a query that are kept. empty: that showed nothing; acted: on which somebody acted."""

    searches: int = 0
    empty: int = 0
    acted: int = 0
    actions: int = 0
    fallback: int = 0
    last_s: float = 0.0

    def add(self, search: Search, times: int) -> None:
        """Count a search once more, or with -1 no more."""
        self.searches += times
        self.empty += times * (not search.shown)
        self.acted += times * bool(search.taken)
        self.actions += times * len(search.taken)
        self.fallback += times * bool(search.fallback)
        self.last_s = max(self.last_s, search.time_s)


class Seen:
    """The last searches, by query id, and the last events. most: searches that are kept.

    tallies: of each query; budgets: arm -> candidates -> plans that asked for them, 0 where it was off. What is asked
    often is counted as searches come and go.
    """

    def __init__(self, most: int, events: int = 50) -> None:
        self.events: deque[Event] = deque(maxlen=events)
        self.tallies: dict[str, Tally] = {}
        self.budgets: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._most = most
        self._searches: dict[str, Search] = {}

    def page(self, page: Impression, *, new: bool = True) -> Search | None:
        """Take note of a page. Return the search that began with it; None for a further page, as one not `new` is."""
        known = self._searches.get(page.query_id)
        if known is not None:
            was_empty, more = not known.shown, [one for one in _shown(page) if one not in known.shown]
            known.shown += more[: _MOST_SHOWN - len(known.shown)]
            self.tallies[known.query].empty -= was_empty and bool(known.shown)
            return None
        if not new:
            return None
        search = Search.of(page)
        self._searches[page.query_id] = search
        self._count(search, 1)
        if len(self._searches) > self._most:
            self._count(self._searches.pop(next(iter(self._searches))), -1)
        self.events.append(Event(search.time_s, search.query, shown=len(search.shown)))
        return search

    def act(
        self,
        query_id: str,
        object_id: str,
        action_name: str,
        value: float,
        time_s: float,
        within: tuple[float, float] = (-math.inf, math.inf),
    ) -> bool | None:
        """Take note of an action; tell whether it is the search's first. None where it is not known, or known already.

        value: what it is worth, in [0, 1]. within: how long after its search it counts, in seconds.
        """
        search = self._searches.get(query_id)
        if search is None or object_id not in search.shown or value <= search.taken.get(object_id, 0.0):
            return None
        if not within[0] <= time_s - search.time_s <= within[1]:
            return None
        first = not search.taken
        tally = self.tallies[search.query]
        tally.acted += first
        tally.actions += object_id not in search.taken
        search.taken[object_id] = value
        self.events.append(Event(time_s, search.query, action_name, object_id))
        return first

    def _count(self, search: Search, times: int) -> None:
        tally = self.tallies.setdefault(search.query, Tally())
        tally.add(search, times)
        if not tally.searches:
            del self.tallies[search.query]
        for arm in search.chances:
            self.budgets[arm][(search.plan or {}).get(arm, 0)] += times

    def __iter__(self) -> Iterator[Search]:
        return iter(self._searches.values())

    def __reversed__(self) -> Iterator[Search]:
        return reversed(self._searches.values())

    def __contains__(self, query_id: str) -> bool:
        return query_id in self._searches

    def __len__(self) -> int:
        return len(self._searches)


def kinds_of(context: Mapping[str, float]) -> tuple[str, ...]:
    """Return of which kinds a query is: as what it reads, and whether somebody has acted on this very query before."""
    mass = {kind: context.get(f"{kind}_mass", 0.0) for kind in ("name", "topic")}
    reads = max(mass, key=mass.__getitem__)
    return reads if mass[reads] > _MOST else "other", "known" if context.get("memory_known") else "new"


def _shown(page: Impression) -> list[str]:
    places = sorted((c.position, c.object_id) for c in page.candidates if c.position is not None)
    return [object_id for _, object_id in places[:_MOST_SHOWN]]
