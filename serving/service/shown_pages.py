"""What was shown to whom not long ago: finds the query of an action that names none."""

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.serving.tables import Table

_MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Shown:
    """One page. skew_s: by how much the clock of who showed it may be ahead of that of who acts on it."""

    query_id: str
    time_s: float
    skew_s: float
    ids: frozenset[str]
    whose: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class ShownPages:
    """The pages of the last while, by client, session and user. All of them are known, or none is found.

    window_s: how long after a page an action may happen; skew_s: by how much clocks may differ. Who tells of a page of
    another search tells of its actions, by one clock: such a page was shown before them. most: pages at once.
    """

    window_s: float
    skew_s: float
    most: int = _MOST
    _pages: deque[_Shown] = field(default_factory=deque)
    _by_whom: defaultdict[tuple[str, ...], deque[_Shown]] = field(default_factory=lambda: defaultdict(deque))
    _lost_s: tuple[float, float] = (math.inf, -math.inf)  # the first and last time of pages that went too soon

    @property
    def table(self) -> Table:
        """Return how many there are."""
        return Table("shown_pages", len(self._pages), self.most)

    def add(self, pages: Iterable[Impression]) -> None:
        """Take note of pages, in the order in which they were shown."""
        for page in pages:
            shown, whose = frozenset(page.looks()), _whose(page)
            if not (shown and whose):
                continue
            one = _Shown(page.query_id, page.time_s, self.skew_s if page.decision else 0.0, shown, whose)
            self._pages.append(one)
            for who in whose:
                self._by_whom[who].append(one)
            while len(self._pages) > self.most or self._is_over(self._pages[0], page.time_s):
                self._drop(page.time_s)

    def query_of(self, actions: Sequence[Action]) -> str | None:
        """Return the one query that showed all that was acted on to who acted; None where there is none, or more.

        actions: of one event. Who acted is the client, else the session, else the user.
        """
        first, ids = actions[0], {action.object_id for action in actions}
        whose = _whose(first)
        from_s, to_s = self._lost_s
        if not whose or (first.time_s - self.window_s - self.skew_s < to_s and from_s <= first.time_s + self.skew_s):
            return None
        showed: defaultdict[str, set[str]] = defaultdict(set)
        for page in self._by_whom.get(whose[0], ()):
            if -page.skew_s <= first.time_s - page.time_s <= self.window_s + self.skew_s:
                showed[page.query_id] |= page.ids
        found = [query_id for query_id, shown in showed.items() if ids <= shown]
        return found[0] if len(found) == 1 else None

    def _is_over(self, page: _Shown, now_s: float) -> bool:
        return page.time_s + self.window_s + 3 * self.skew_s < now_s

    def _drop(self, now_s: float) -> None:
        gone = self._pages.popleft()
        if not self._is_over(gone, now_s):
            self._lost_s = min(self._lost_s[0], gone.time_s), max(self._lost_s[1], gone.time_s)
        for who in gone.whose:
            self._by_whom[who].popleft()
            if not self._by_whom[who]:
                del self._by_whom[who]


def _whose(event: Impression | Action) -> tuple[tuple[str, ...], ...]:
    named = (("client", event.client_id), ("session", event.session_id), ("user", event.user_id))
    return tuple((event.application, kind, name) for kind, name in named if name)
