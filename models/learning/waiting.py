"""Actions that wait for the page which they are about."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from ltrr.models.memory.memory import stretch_of
from ltrr.models.records.action import Action

MOST_EARLY: Final = 2_000
"""Actions of a minute of the log that may wait: pages are recorded before anybody can act on them, so these are few."""

Decided = TypeVar("Decided")


@dataclass(slots=True)
class Waiting:
    """An action that no page has decided yet. related: whether a page of its query is there that does not show it."""

    action: Action
    recorded_s: float
    related: bool = False


class WaitingActions:
    """The actions that wait, by query and in log order.

    An action is *early* when no page that was recorded up to its own record timestamp decides it, which is known once
    the impressions were read past that. The first `most` early ones of each stretch of the actions' log may wait until
    the impressions were read `late_s` past them; the others are *crowded*. Which ones these are is a fact of the log:
    however the topics are read, early actions become known in the order of the log.
    """

    def __init__(self, late_s: float, most: int = MOST_EARLY) -> None:
        self._late_s = late_s
        self._most = most
        self._unknown = _Line()
        self._early = _Line()
        self._stretch = -1
        self._counted = 0

    def __len__(self) -> int:
        """Return how many there are, with those that were decided while they waited."""
        return len(self._unknown.by_age) + len(self._early.by_age)

    @property
    def undecided(self) -> int:
        """Return how many no page has decided."""
        return sum(len(peers) for line in (self._unknown, self._early) for peers in line.by_query.values())

    def crowds(self, recorded_s: float) -> bool:
        """Count an action that is known to be early; tell whether there were too many before it."""
        stretch = stretch_of(recorded_s)
        if stretch != self._stretch:
            self._stretch, self._counted = stretch, 0
        self._counted += 1
        return self._counted > self._most

    def add(self, waiting: Waiting, *, early: bool) -> None:
        """Take an action that waits. early: whether it is known that it is, and was counted."""
        (self._early if early else self._unknown).append(waiting)

    def settle(self, query_id: str, decide: Callable[[Waiting], Decided | None]) -> list[Decided]:
        """Let actions of a query be decided one after the other, in log order; what is None goes on waiting."""
        return [*self._early.settle(query_id, decide), *self._unknown.settle(query_id, decide)]

    def read_past(self, impressions_s: float) -> Iterator[tuple[Waiting, bool]]:
        """Let go what waits no longer once impressions before a time were read; yield it, and whether it is crowded."""
        for waiting in self._unknown.leave(lambda one: one.recorded_s < impressions_s):
            if self.crowds(waiting.recorded_s):
                yield waiting, True
            else:
                self._early.append(waiting)
        for waiting in self._early.leave(lambda one: one.recorded_s + self._late_s < impressions_s):
            yield waiting, False


class _Line:
    """Actions in log order. by_age: all, with those that were taken; by_query: those that are there."""

    def __init__(self) -> None:
        self.by_age: deque[Waiting] = deque()
        self.by_query: dict[str, deque[Waiting]] = {}

    def append(self, waiting: Waiting) -> None:
        """Put one at the end."""
        self.by_age.append(waiting)
        self.by_query.setdefault(waiting.action.query_id, deque()).append(waiting)

    def leave(self, over: Callable[[Waiting], bool]) -> Iterator[Waiting]:
        """Yield the first ones, while their time is over, and let them go."""
        while self.by_age and over(self.by_age[0]):
            waiting = self.by_age.popleft()
            query_id = waiting.action.query_id
            peers = self.by_query.get(query_id)
            if peers and peers[0] is waiting:  # else it was taken: both are in the order of the log
                peers.popleft()
                if not peers:
                    del self.by_query[query_id]
                yield waiting

    def settle(self, query_id: str, decide: Callable[[Waiting], Decided | None]) -> list[Decided]:
        """Take out those of a query that are decided."""
        decided, left = [], deque[Waiting]()
        for waiting in self.by_query.pop(query_id, ()):
            one = decide(waiting)
            if one is None:
                left.append(waiting)
            else:
                decided.append(one)
        if left:
            self.by_query[query_id] = left
        return decided
