"""Join actions with the impressions that they answer; every outcome is a fact of the log.

The two topics may be read in any interleaving. Whether an action counts depends only on event times and on record
timestamps, never on what happened to be read first; reading progress decides no more than when something is
forgotten or given up. With W = window_s and L = late_s:

- an impression is *late* when it was recorded more than W + L after its own time, from the *future* when it was
  recorded more than L before it, and a *duplicate* when the same page of its query was recorded before: at most W + 2L
  before, as holds for all that is said here of pages of one query;
- documents of one query that are not numbered are its pages, in the order of the log: one with the same response and
  hits as an earlier one is a duplicate, and one without hits is *empty*: it lends its words to those that have none. A
  single object is a page of its own, and a duplicate where an earlier page shows it. Where there is a numbered page,
  all others are duplicates;
- an action and an impression of its query id are *related* when the action was recorded at most L before and at most
  W + 2L after the impression. The first related page that shows the action's object decides: the action is *late* when
  it happened more than W after the impression or was recorded more than W + L after it, a *duplicate* when its object
  and name were accepted on that page before, else *accepted*;
- what would be accepted is *not learned* where the impression says so;
- an action for which no such page is recorded until L after it is *unshown* where a related page exists, else
  *dangling*.

So a page can be forgotten once both topics were read past its record timestamp + W + 3L: no impression that repeats it
and no related action can come any more.
"""

from collections import deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ltrr.models.baseline.page import BaselinePage
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression, PageKind
from ltrr.models.rewards.credit import PageCredit
from ltrr.models.statistics.least_squares import Array


class Outcome(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    NOT_LEARNED = "not_learned"
    DUPLICATE = "duplicate"
    EMPTY = "empty"
    LATE = "late"
    FUTURE = "future"
    UNSHOWN = "unshown"
    DANGLING = "dangling"


@dataclass(slots=True)
class Page:
    """A shown page whose actions are still expected.

    key: tells it from others of its query. accepted: (object id, action name), in log order.
    expected: arm -> credit that was expected of it; empty where
    nobody asked. called: calls that are in the history, arm -> what was logged of them. beside: the baseline's page;
    None where nothing is known. engaged: whether its query was acted on.
    """

    impression: Impression
    recorded_s: float
    looks: dict[str, float]
    key: Hashable = None
    accepted: dict[tuple[str, str], float] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    credit: PageCredit | None = None
    expected: Mapping[str, float] = field(default_factory=dict)
    beside: BaselinePage | None = None
    called: Mapping[str, Array] = field(default_factory=dict)
    engaged: bool = False

    @property
    def weight(self) -> float:
        """Return how much the page counts as of now, in [0, 1]."""
        return 1.0 if self.engaged else self.impression.engagement

    def answer(self, object_id: str, value: float, look: float) -> bool:
        """Take note of an action on a page of the query; return whether that changed the credit of the page."""
        self.engaged = self.engaged or value > 0
        return self.credit is not None and self.credit.observe(object_id, value, look)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An action on a page that shows its object."""

    page: Page
    action: Action
    recorded_s: float

    @property
    def key(self) -> tuple[str, str]:
        """Return what is accepted once on a page: object id and action name."""
        return self.action.object_id, self.action.action_name


@dataclass(slots=True)
class _Waiting:
    action: Action
    recorded_s: float
    related: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """What an impression or an action set off. page: the new one, if it is learned; outcomes: of actions."""

    page: Page | None = None
    accepted: tuple[Accepted, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


class Join:
    """The open pages and waiting actions of one partition.

    closed: pages that no action can answer any more, in log order; to be cleared by who has seen them.
    """

    def __init__(self, window_s: float, late_s: float) -> None:
        self._window_s = window_s
        self._late_s = late_s
        self._pages: dict[str, list[Page]] = {}
        self._by_age: deque[Page] = deque()
        self._waiting: dict[str, list[_Waiting]] = {}
        self._waiting_by_age: deque[_Waiting] = deque()
        self.closed: list[Page] = []
        self.impressions_s = -float("inf")
        self.actions_s = -float("inf")

    @property
    def reach_s(self) -> float:
        """Return how long before the recorded progress a restart has to read both topics again."""
        return 2 * (self._window_s + 4 * self._late_s)

    @property
    def open_pages(self) -> int:
        """Return how many pages may still get actions."""
        return len(self._by_age)

    def pages(self, query_id: str) -> list[Page]:
        """Return the open pages of a query in log order."""
        return list(self._pages.get(query_id, ()))

    def related(self, page: Page, recorded_s: float) -> bool:
        """Tell whether an action recorded then can have to do with a page."""
        return -self._late_s <= recorded_s - page.recorded_s <= self._window_s + 2 * self._late_s

    def add_impression(self, impression: Impression, recorded_s: float) -> tuple[Outcome, Arrival]:
        """Take an impression, and the actions that waited for it."""
        given_up = self.read_past(impressions_s=recorded_s)
        age = recorded_s - impression.time_s
        if age > self._window_s + self._late_s:
            return Outcome.LATE, Arrival(outcomes=given_up)
        if age < -self._late_s:
            return Outcome.FUTURE, Arrival(outcomes=given_up)
        others = [page for page in self.pages(impression.query_id) if self.related(page, recorded_s)]
        if _repeats(impression, others):
            return Outcome.DUPLICATE, Arrival(outcomes=given_up)
        key, impression = impression.key, _completed(impression, others)
        page = Page(impression if impression.learn else impression.shown(), recorded_s, impression.looks(), key)
        self._pages.setdefault(impression.query_id, []).append(page)
        self._by_age.append(page)
        settled = list(self._settle(page))
        accepted = tuple(a for a, outcome in settled if outcome is Outcome.ACCEPTED)
        outcomes = (*given_up, *(outcome for _, outcome in settled))
        if impression.kind is PageKind.DOCUMENT and not page.looks:
            return Outcome.EMPTY, Arrival(outcomes=outcomes)
        return _kept(page), Arrival(page if impression.learn else None, accepted, outcomes)

    def add_action(self, action: Action, recorded_s: float) -> Arrival:
        """Take an action; it is decided now or waits for its impression."""
        given_up = self.read_past(actions_s=recorded_s)
        waiting = _Waiting(action, recorded_s)
        for page in self.pages(action.query_id):
            if self.related(page, recorded_s):
                waiting.related = True
                if action.object_id in page.looks:
                    accepted, outcome = self._decide(page, waiting)
                    return Arrival(None, (accepted,) if outcome is Outcome.ACCEPTED else (), (*given_up, outcome))
        if recorded_s + self._late_s < self.impressions_s:
            return Arrival(outcomes=(*given_up, _given_up(waiting)))
        self._waiting.setdefault(action.query_id, []).append(waiting)
        self._waiting_by_age.append(waiting)
        return Arrival(outcomes=given_up)

    def waits_for(self, action: Action) -> Outcome | None:
        """Return what becomes of the action that was read last if no page comes any more; None where it is decided."""
        pages = [page for page in self.pages(action.query_id) if self.related(page, self.actions_s)]
        if any(action.object_id in page.looks for page in pages):
            return None
        return Outcome.UNSHOWN if pages else Outcome.DANGLING

    def read_past(self, impressions_s: float | None = None, actions_s: float | None = None) -> tuple[Outcome, ...]:
        """Take note that all records of a topic before a time were read; return the actions given up."""
        self.impressions_s = max(self.impressions_s, self.impressions_s if impressions_s is None else impressions_s)
        self.actions_s = max(self.actions_s, self.actions_s if actions_s is None else actions_s)
        given_up = []
        while self._waiting_by_age and self._waiting_by_age[0].recorded_s + self._late_s < self.impressions_s:
            waiting = self._waiting_by_age.popleft()
            peers = self._waiting.get(waiting.action.query_id, [])
            if any(peer is waiting for peer in peers):
                given_up.append(_given_up(waiting))
                self._keep(waiting.action.query_id, [peer for peer in peers if peer is not waiting])
        read = min(self.impressions_s, self.actions_s)
        while self._by_age and self._by_age[0].recorded_s + self._window_s + 3 * self._late_s < read:
            page = self._by_age.popleft()
            self.closed.append(page)
            query_id = page.impression.query_id
            left = [other for other in self._pages[query_id] if other is not page]
            if left:
                self._pages[query_id] = left
            else:
                del self._pages[query_id]
        return tuple(given_up)

    def _settle(self, page: Page) -> Iterator[tuple[Accepted, Outcome]]:
        """Decide the waiting actions that a new page settles, in log order."""
        query_id = page.impression.query_id
        left = []
        for waiting in self._waiting.get(query_id, []):
            related = self.related(page, waiting.recorded_s)
            waiting.related |= related
            if related and waiting.action.object_id in page.looks:
                yield self._decide(page, waiting)
            else:
                left.append(waiting)
        self._keep(query_id, left)

    def _decide(self, page: Page, waiting: _Waiting) -> tuple[Accepted, Outcome]:
        action = waiting.action
        accepted = Accepted(page, action, waiting.recorded_s)
        happened_late = action.time_s - page.impression.time_s > self._window_s
        if happened_late or waiting.recorded_s - page.recorded_s > self._window_s + self._late_s:
            return accepted, Outcome.LATE
        if accepted.key in page.accepted:
            return accepted, Outcome.DUPLICATE
        page.accepted[accepted.key] = waiting.recorded_s
        return accepted, _kept(page)

    def _keep(self, query_id: str, left: list[_Waiting]) -> None:
        if left:
            self._waiting[query_id] = left
        else:
            self._waiting.pop(query_id, None)


def _repeats(impression: Impression, others: Sequence[Page]) -> bool:
    """Tell whether pages of the query that were recorded before say the same."""
    if any(other.impression.kind is impression.kind and other.key == impression.key for other in others):
        return True
    if impression.kind is PageKind.PAGE:
        return False
    numbered = any(other.impression.kind is PageKind.PAGE for other in others)
    shown = [c.object_id for c in impression.candidates] if impression.kind is PageKind.OBJECT else []
    return numbered or any(object_id in other.looks for other in others for object_id in shown)


def _completed(impression: Impression, others: Sequence[Page]) -> Impression:
    """Return a page with the words of its query, and its number among documents."""
    if impression.kind is PageKind.PAGE:
        return impression
    told = next((other.impression for other in others if other.impression.normalised_query), None)
    if told is not None and not impression.normalised_query:
        impression = replace(impression, user_query=told.user_query, normalised_query=told.normalised_query)
    before = sum(other.impression.kind is PageKind.DOCUMENT and bool(other.looks) for other in others)
    return impression.numbered(1 + before) if before and impression.kind is PageKind.DOCUMENT else impression


def _kept(page: Page) -> Outcome:
    return Outcome.ACCEPTED if page.impression.learn else Outcome.NOT_LEARNED


def _given_up(waiting: _Waiting) -> Outcome:
    return Outcome.UNSHOWN if waiting.related else Outcome.DANGLING
