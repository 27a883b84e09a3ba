"""Join actions with the impressions that they answer; every outcome is a fact of the log.

The two topics may be read in any interleaving. Whether an action counts depends only on event times and on record
timestamps, never on what happened to be read first; reading progress decides no more than when something is
forgotten or given up. With L = late_s, C = L but at most MOST_SKEW_S (by which clocks may differ), W = window_s, and V
the window of the action's name, which is W for most:

- an impression is from the *future* when it was recorded more than C before its own time, a *duplicate* when the same
  page of its query was recorded before (at most W + 2L before, as holds for all that is said here of pages of one
  query), and *late* when it was recorded more than W + L after its own time; one that says that it is of a *history* is
  late only where it is no newer than what the log has told of before (see Newest);
- documents of one query that are not numbered are its pages, in the order of the log: one with the same response and
  hits as an earlier one is a duplicate, and one without hits is *empty*: it lends its words to those that have none. A
  single object is a page of its own, and a duplicate where an earlier page shows it. Where there is a numbered page,
  all others are duplicates;
- an action and an impression of its query id are *related* when the action was recorded at most L before and at most
  W + 2L after the impression; up to V + 2L they still are where an action on its object was accepted on that page
  before, and the page is learned. The first related page that shows the action's object decides: the action is *early*
  when it happened more than C before the impression, *late* when it happened more than V + C, or was recorded more than
  V + L, after it, a *duplicate* when its object and name were accepted on that page before, else *accepted*;
- that page decides, too, that an action is of an *other application*, before all else, where it names one that is not
  the page's: who sells elsewhere teaches nothing here;
- an action that no page recorded until then decides is *crowded* when it is behind the first 2,000 such actions of its
  minute of the log: made-up query ids would fill the memory;
- an impression is *beyond* when 100 pages of its query are there already, of those that it could repeat: whoever looks
  for the page of an action, or for what a page repeats, looks at all of them;
- what would be accepted is *not learned* where the impression says so;
- an action for which no such page is recorded until L after it is *unshown* where a related page exists, else
  *dangling*.

So a page is closed once both topics were read past its record timestamp + W + 3L: no impression that repeats it, and no
action on what was not acted on, can come any more. Where an action has a longer window, what was acted on is kept until
the longest one, + 3L, was read past, too.
"""

import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import chain, takewhile
from typing import Final

from msgspec import Struct

from ltrr.models.learning.newest import Newest
from ltrr.models.learning.packing import Packing, Parts
from ltrr.models.learning.page import Page
from ltrr.models.learning.waiting import MOST_EARLY, Waiting, WaitingActions
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression, PageKind

MOST_PAGES: Final = 100
"""Pages of one query that are open at a time, or kept for longer windows: as many as an answer of ours has."""
MOST_SKEW_S: Final = 300.0
"""Seconds by which clocks may differ at most, however late events may be recorded."""


class Outcome(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    NOT_LEARNED = "not_learned"
    DUPLICATE = "duplicate"
    EMPTY = "empty"
    LATE = "late"
    EARLY = "early"
    FUTURE = "future"
    BEYOND = "beyond"
    OTHER_APPLICATION = "other_application"
    UNSHOWN = "unshown"
    CROWDED = "crowded"
    DANGLING = "dangling"
    ERASURE = "erasure"


class Accepted(Struct, frozen=True):
    """An action on a page that shows its object."""

    page: Page
    action: Action
    recorded_s: float

    @property
    def key(self) -> tuple[str, str]:
        """Return what is accepted once on a page: object id and action name."""
        return self.action.object_id, self.action.action_name


class Arrival(Struct, frozen=True):
    """What an impression or an action set off. page: the new one, if it is learned; outcomes: of actions."""

    page: Page | None = None
    accepted: tuple[Accepted, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


class Join:
    """The open pages and waiting actions of one partition.

    windows_s: of the names of actions that have one of their own. closed: pages that are closed, in log order; to be
    cleared by who has seen them. kept: query id -> those that actions of longer windows may still answer, in log order.
    dropped: queries of which kept pages are forgotten; to be cleared, too. keeping: whether pages are kept that are
    closed; not while the table is filled with what was read before, which has been kept already. packing: of pages
    that are not in use; None packs none. most_early: see WaitingActions.
    """

    def __init__(
        self,
        window_s: float,
        late_s: float,
        windows_s: Mapping[str, float] | None = None,
        packing: Packing | None = None,
        most_early: int = MOST_EARLY,
    ) -> None:
        self._window_s = window_s
        self.packing = packing
        self._windows_s = windows_s or {}
        self._longest_s = max([window_s, *self._windows_s.values()])
        self.kept: dict[str, list[Page]] = {}
        self._kept_by_age: deque[Page] = deque()
        self.dropped: list[str] = []
        self.keeping = True
        self._restored = False
        self._late_s = late_s
        self._skew_s = skew_of(late_s)
        self.newest = Newest(window_s + 2 * late_s)
        self._pages: dict[str, list[Page]] = {}
        self._by_age: deque[Page] = deque()
        self._waiting = WaitingActions(late_s, most_early)
        self.closed: list[Page] = []
        self.impressions_s = -float("inf")
        self.actions_s = -float("inf")

    @property
    def reach_s(self) -> float:
        """Return how long before the recorded progress a restart has to read both topics again."""
        return 2 * (self._window_s + 4 * self._late_s)

    def over_s(self, read_s: float) -> float:
        """Return from before which record timestamp pages are closed once both topics were read past a time."""
        return read_s - self._window_s - 3 * self._late_s

    @property
    def open_pages(self) -> int:
        """Return how many pages may still get actions."""
        return len(self._by_age)

    @property
    def waiting(self) -> int:
        """Return how many actions wait for their page."""
        return len(self._waiting)

    @property
    def undecided(self) -> int:
        """Return how many actions no page has decided yet."""
        return self._waiting.undecided

    def __iter__(self) -> Iterator[Page]:
        """Yield all open pages in log order; those that were looked at wait in few bytes again."""
        for page in self._by_age:
            yield page
            self.settle()

    def pages(self, query_id: str) -> list[Page]:
        """Return the open pages of a query in log order."""
        return list(self._pages.get(query_id, ()))

    def related(self, page: Page, recorded_s: float) -> bool:
        """Tell whether an action recorded then can have to do with a page."""
        return -self._late_s <= recorded_s - page.recorded_s <= self._window_s + 2 * self._late_s

    def answered(self, accepted: Accepted) -> Iterator[Page]:
        """Yield the pages of its query that an accepted action answers, and that may be learned from."""
        for page in self.pages(accepted.action.query_id):
            if page.learns and self.related(page, accepted.recorded_s):
                yield page

    def answers(self, page: Page) -> Iterator[tuple[Page, tuple[str, str]]]:
        """Yield what answers a page of other pages of its query, logged before: the page, object id and action name."""
        for other in self.pages(page.query_id):
            for key, recorded_s in other.accepted.items():
                soon = self.related(page, recorded_s) and self.related(other, recorded_s)
                if other is not page and other.learns and soon:
                    yield other, key

    def add_impression(self, impression: Impression, recorded_s: float) -> tuple[Outcome, Arrival]:
        """Take an impression, and the actions that waited for it."""
        given_up = self.read_past(impressions_s=recorded_s)
        age = recorded_s - impression.time_s
        if age < -self._skew_s:
            return Outcome.FUTURE, Arrival(outcomes=given_up)
        others = [page for page in self.pages(impression.query_id) if self.related(page, recorded_s)]
        if _repeats(impression, others):
            return Outcome.DUPLICATE, Arrival(outcomes=given_up)
        in_order = impression.history and self.newest.exceeded(impression, recorded_s)
        if age > self._window_s + self._late_s and not in_order:
            return Outcome.LATE, Arrival(outcomes=given_up)
        if len(others) >= MOST_PAGES:
            return Outcome.BEYOND, Arrival(outcomes=given_up)
        key, impression = impression.key, _completed(impression, others)
        shown = impression if impression.learn else impression.shown()
        page = Page(Parts(shown, impression.looks()), recorded_s, key, self.packing)
        self._pages.setdefault(impression.query_id, []).append(page)
        self._by_age.append(page)
        self.newest.note(impression, recorded_s)
        settled = self._waiting.settle(
            page.query_id, lambda one: self._decide(page, one) if self._concerns(page, one) else None
        )
        accepted = tuple(a for a, outcome in settled if outcome is Outcome.ACCEPTED)
        outcomes = (*given_up, *(outcome for _, outcome in settled))
        if impression.kind is PageKind.DOCUMENT and not page.looks:
            return Outcome.EMPTY, Arrival(outcomes=outcomes)
        return _kept(page), Arrival(page if impression.learn else None, accepted, outcomes)

    def add_action(self, action: Action, recorded_s: float) -> Arrival:
        """Take an action; it is decided now or waits for its impression."""
        given_up = self.read_past(actions_s=recorded_s)
        waiting = Waiting(action, recorded_s)
        kept = (page for page in self.kept.get(action.query_id, ()) if self._outlasts(page, waiting))
        open_pages = (page for page in self.pages(action.query_id) if self._concerns(page, waiting))
        page = next(chain(kept, open_pages), None)
        early = (page is None or page.recorded_s > recorded_s) and recorded_s < self.impressions_s
        if early and self._waiting.crowds(recorded_s):
            return Arrival(outcomes=(*given_up, Outcome.CROWDED))
        if page is not None:
            accepted, outcome = self._decide(page, waiting)
            return Arrival(None, (accepted,) if outcome is Outcome.ACCEPTED else (), (*given_up, outcome))
        if recorded_s + self._late_s < self.impressions_s:
            return Arrival(outcomes=(*given_up, _given_up(waiting)))
        self._waiting.add(waiting, early=early)
        return Arrival(outcomes=given_up)

    def waits_for(self, action: Action) -> Outcome | None:
        """Return what becomes of the action that was read last if no page comes any more; None where it is decided."""
        pages = [page for page in self.pages(action.query_id) if self.related(page, self.actions_s)]
        kept = self.kept.get(action.query_id, ())
        shown = any(self._outlasts(page, Waiting(action, self.actions_s)) for page in kept)
        shown = shown or any(action.object_id in page.looks for page in pages)
        self.settle()
        return None if shown else Outcome.UNSHOWN if pages else Outcome.DANGLING

    def read_past(self, impressions_s: float | None = None, actions_s: float | None = None) -> tuple[Outcome, ...]:
        """Take note that all records of a topic before a time were read; return the actions given up."""
        return tuple(self.passing(impressions_s, actions_s))

    def passing(self, impressions_s: float | None = None, actions_s: float | None = None) -> Iterator[Outcome]:
        """Do so while what is returned is iterated."""
        before = self.impressions_s, self.actions_s
        self.impressions_s = max(self.impressions_s, self.impressions_s if impressions_s is None else impressions_s)
        self.actions_s = max(self.actions_s, self.actions_s if actions_s is None else actions_s)
        if before == (self.impressions_s, self.actions_s) and not self._restored:
            return
        for waiting, crowded in self._waiting.read_past(self.impressions_s):
            yield Outcome.CROWDED if crowded else _given_up(waiting)
        read = min(self.impressions_s, self.actions_s)
        if math.isfinite(read):
            self.newest.read_past(read - self.reach_s)
        while self._by_age and self._by_age[0].recorded_s < self.over_s(read):
            page = self._by_age.popleft()
            self.closed.append(page)
            if self.keeping and self._longest_s > self._window_s and page.accepted and page.learns:
                self._keep_page(page)
            left = [other for other in self._pages[page.query_id] if other is not page]
            if left:
                self._pages[page.query_id] = left
            else:
                del self._pages[page.query_id]
        if self._restored:
            held = (page for of_query in self.kept.values() for page in of_query)
            self._kept_by_age, self._restored = deque(sorted(held, key=lambda page: page.recorded_s)), False
        while self._kept_by_age and self._kept_by_age[0].recorded_s + self._longest_s + 3 * self._late_s < read:
            page = self._kept_by_age.popleft()
            left = [other for other in self.kept.pop(page.query_id) if other is not page]
            self.dropped.append(page.query_id)
            if left:
                self.kept[page.query_id] = left

    def restore(self, query_id: str, pages: list[Page]) -> None:
        """Take over the kept pages of a query, in place of those that it has."""
        self.kept[query_id] = pages
        self._restored = True

    def settle(self) -> None:
        """Let pages that were looked at wait in few bytes again."""
        if self.packing is not None:
            self.packing.settle()

    def forget(self) -> None:
        """Let pages go when their join does: they refer to each other by what packs them."""
        if self.packing is not None:
            self.packing.loose.clear()

    def keeps(self, page: Page) -> bool:
        """Tell whether a closed page is kept."""
        return any(kept is page for kept in self.kept.get(page.query_id, ()))

    def _keep_page(self, page: Page) -> None:
        kept = self.kept.setdefault(page.query_id, [])
        if self._has_room(kept, page):
            kept.append(page)
            self._kept_by_age.append(page)

    def _has_room(self, kept: Sequence[Page], page: Page) -> bool:
        """Tell whether a page may be kept beside others of its query: those count that are not over by then."""
        over_s = page.recorded_s + self._window_s - self._longest_s
        return sum(other.recorded_s >= over_s for other in kept) < MOST_PAGES

    def _is_kept(self, page: Page) -> bool:
        """Tell whether a page is kept, or is open and will be: when it is closed must not show."""
        kept = self.kept.get(page.query_id, [])
        if any(one is page for one in kept):
            return True
        before = takewhile(lambda one: one is not page, self._pages.get(page.query_id, ()))
        kept = list(kept)
        for one in before:
            if one.accepted and one.learns and self._has_room(kept, one):
                kept.append(one)
        return self._has_room(kept, page)

    def _window_of(self, action: Action) -> float:
        return self._windows_s.get(action.action_name, self._window_s)

    def _concerns(self, page: Page, waiting: Waiting) -> bool:
        """Tell whether an action is decided by an open page, and take note of whether they are related."""
        if self.related(page, waiting.recorded_s):
            waiting.related = True
            return waiting.action.object_id in page.looks
        return self._outlasts(page, waiting)

    def _outlasts(self, page: Page, waiting: Waiting) -> bool:
        """Tell whether an action, after all that is related for being soon, goes on with what was done on a page."""
        after_s = waiting.recorded_s - page.recorded_s - 2 * self._late_s
        late_enough = after_s > self._window_s and not self.related(page, waiting.recorded_s)
        in_time = late_enough and after_s <= self._window_of(waiting.action)
        return in_time and page.learns and waiting.action.object_id in page.acted and self._is_kept(page)

    def _decide(self, page: Page, waiting: Waiting) -> tuple[Accepted, Outcome]:
        action = waiting.action
        accepted = Accepted(page, action, waiting.recorded_s)
        if action.application not in {"", page.application}:
            return accepted, Outcome.OTHER_APPLICATION
        after_s = action.time_s - page.impression.time_s
        if after_s < -self._skew_s:
            return accepted, Outcome.EARLY
        after_window_s = after_s - self._window_of(action)
        recorded_after_s = waiting.recorded_s - page.recorded_s - self._window_of(action)
        if after_window_s > self._skew_s or recorded_after_s > self._late_s:
            ahead_s = action.time_s - waiting.recorded_s
            return accepted, Outcome.FUTURE if ahead_s > self._skew_s else Outcome.LATE
        if accepted.key in page.accepted:
            return accepted, Outcome.DUPLICATE
        page.accepted[accepted.key] = waiting.recorded_s
        return accepted, _kept(page)


def skew_of(late_s: float) -> float:
    """Return by how many seconds clocks may differ where events may be recorded so late."""
    return min(late_s, MOST_SKEW_S)


def _repeats(impression: Impression, others: Sequence[Page]) -> bool:
    """Tell whether pages of the query that were recorded before say the same."""
    key = impression.key
    if any(other.kind is impression.kind and other.key == key for other in others):
        return True
    if impression.kind is PageKind.PAGE:
        return False
    numbered = any(other.kind is PageKind.PAGE for other in others)
    shown = [c.object_id for c in impression.candidates] if impression.kind is PageKind.OBJECT else []
    return numbered or any(object_id in other.looks for other in others for object_id in shown)


def _completed(impression: Impression, others: Sequence[Page]) -> Impression:
    """Return a page with the words of its query, and its number among documents."""
    if impression.kind is PageKind.PAGE:
        return impression
    told = None
    if not impression.normalised_query:
        told = next((other.impression for other in others if other.impression.normalised_query), None)
    if told is not None:
        impression = replace(impression, user_query=told.user_query, normalised_query=told.normalised_query)
    before = sum(other.kind is PageKind.DOCUMENT and other.shown > 0 for other in others)
    return impression.numbered(1 + before) if before and impression.kind is PageKind.DOCUMENT else impression


def _kept(page: Page) -> Outcome:
    return Outcome.ACCEPTED if page.learns else Outcome.NOT_LEARNED


def _given_up(waiting: Waiting) -> Outcome:
    return Outcome.UNSHOWN if waiting.related else Outcome.DANGLING
