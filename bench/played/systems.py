"""Systems that answer the same queries: the product, and plans that do not learn under the same online ranker."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, Protocol

from ltrr.bench.played.turn import Turn
from ltrr.models.learning.fold import Fold
from ltrr.models.memory.profiles import Profiles
from ltrr.models.plans.placement import Reserve
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Impression, sender_of
from ltrr.models.records.query import Hit
from ltrr.models.state.learning import Learning
from ltrr.models.state.progress import ACTIONS, IMPRESSIONS
from ltrr.models.state.state import ApplicationState
from ltrr.serving.decisions.modes import Serving
from ltrr.serving.decisions.served_state import ServedState
from ltrr.serving.demo.people.clicks import Click
from ltrr.serving.metrics import Metrics
from ltrr.serving.retrieval.recall import Recall, remembered_hits
from ltrr.serving.search.answering import Answer
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.search.query_ids import QueryIds, seed_of
from ltrr.serving.search.query_worker import QueryWorker
from ltrr.serving.search.showing import Showing
from ltrr.serving.search.union import ranked_union
from ltrr.serving.settings.settings import Settings

PAGE: Final = 10
_SECRET: Final = b"bench: query ids, and so all draws, are the same in every run"
_APPLICATION: Final = "default"
_METRICS: Final = Metrics()
Chooser = Callable[[Mapping[str, float], str], Mapping[str, int]]
"""Budgets of arms from a context and the type of the query, which only an oracle may read."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a system showed. query_id: what clicks name. union: all that was ranked, in order."""

    query_id: str
    shown: tuple[str, ...]
    union: tuple[Candidate, ...]
    calls: int


class System(Protocol):
    """Something that answers the query whose turn it is, and takes the clicks on its page."""

    name: str

    async def search(self) -> Page:
        """Answer the query whose turn it is."""
        ...

    def click(self, page: Page, clicks: Sequence[Click]) -> None:
        """Take the clicks on a page."""
        ...


class _Pupil:
    """A fold that learns each page with its clicks, `delay` pages later."""

    def __init__(self, learning: Learning, delay: int) -> None:
        self.fold = Fold(learning)
        self._delay = delay
        self._page: Impression | None = None
        self._waiting: deque[tuple[Impression, list[Action]]] = deque()

    @property
    def shown(self) -> Impression:
        """Return the page that is being shown."""
        if self._page is None:
            raise LookupError("no page is being shown")
        return self._page

    def append(self, impression: Impression, now_s: float) -> None:
        """Take note of a page."""
        del now_s
        self._page = impression

    def click(self, clicks: Iterable[Click]) -> None:
        """Take the clicks on the page that is being shown, and learn what has waited long enough."""
        page = self.shown
        actions = [Action(page.query_id, c.object_id, c.kind, page.time_s, position=c.position) for c in clicks]
        self._waiting.append((page, actions))
        self._page = None
        while len(self._waiting) > self._delay:
            self._learn(*self._waiting.popleft())

    def _learn(self, page: Impression, actions: list[Action]) -> None:
        offsets = self.fold.progress.offsets
        self.fold.absorb_impressions(offsets[IMPRESSIONS], page.time_s, [page])
        if actions:
            self.fold.absorb_actions(offsets[ACTIONS], page.time_s, actions)
        self.fold.read_past(page.time_s, page.time_s)


class _Given(Profiles):
    """The profile of who asks, as the material has it: it is not learned from clicks."""

    def __init__(self, turn: Turn, profiles: Profiles) -> None:
        super().__init__(profiles.decay)
        self._turn = turn

    def strongest(self, name: str | None, time_s: float, count: int) -> tuple[Hit, ...]:
        """Return what the material says of the user who asks."""
        del name, time_s
        return self._turn.asked.wish.profile[:count]


class _Source:
    """A fold's state with the profiles of the material."""

    def __init__(self, fold: Fold, turn: Turn) -> None:
        self._fold = fold
        own = fold.state.application(_APPLICATION)
        self._state = ApplicationState(
            own.reward_model,
            own.ranker,
            own.memory,
            {"user": _Given(turn, own.profiles["user"]), "session": Profiles(own.profiles["session"].decay)},
            own.positions,
            own.calls,
            own.regret,
            own.senders,
        )

    @property
    def revision(self) -> int:
        """Return how many messages were absorbed."""
        return self._fold.state.revision

    def application(self, name: str) -> ApplicationState:
        """Return what was learned."""
        del name
        return self._state


class Learned:
    """The product: the query worker with its policy, ranker, memory and fold."""

    def __init__(
        self, name: str, turn: Turn, settings: Settings, learning: Learning, recall: Recall, seed: int, delay: int = 0
    ) -> None:
        self.name = name
        self._turn = turn
        self._pupil = _Pupil(learning, delay)
        self.rules = learning.rules
        state = ServedState(_Source(self._pupil.fold, turn), learning, settings.policy, settings.policy_options)
        numbers = count()
        self._worker = QueryWorker(
            turn,
            Serving(state),
            self._pupil,
            QueryIds(_SECRET, lambda: f"{name}-{seed}-{next(numbers)}"),
            _METRICS,
            placement=settings.placement,
            kept_answers=0,
            recall=recall,
        )

    async def search(self) -> Page:
        """Answer the query whose turn it is."""
        request = self._turn.asked.wish.request
        asked = SearchRequest(query=request.text, user_id=request.user_id, size=PAGE)
        answer = await self._worker.search(asked, request.time_s)
        impression = self._pupil.shown
        decision = impression.decision
        levels = decision.levels if decision else ()
        return Page(
            answer.query_id,
            tuple(item.object_id for item in answer.items),
            impression.candidates,
            self.rules.calls(self._with_fallback(levels, impression.fallback)),
        )

    def click(self, page: Page, clicks: Sequence[Click]) -> None:
        """Take the clicks on a page."""
        del page
        self._pupil.click(clicks)

    def _with_fallback(self, levels: Sequence[int], fallback: Sequence[str]) -> list[int]:
        """Return the levels of what ran: what a plan that found nothing falls back on is paid too."""
        return [level or int(arm in fallback) for arm, level in zip(self.rules.names, levels, strict=True)]


class Fixed:
    """A plan that does not learn: its union is ranked by an online ranker of its own, beside a memory of its own.

    Its pages are logged without their plan, so that they teach these alone.
    """

    def __init__(
        self,
        name: str,
        turn: Turn,
        settings: Settings,
        learning: Learning,
        choose: Chooser,
        recall: Recall,
        seed: int,
        delay: int = 0,
    ) -> None:
        self.name = name
        self.rules = learning.rules
        self._turn = turn
        self._choose = choose
        self._recall = recall
        self._pupil = _Pupil(learning, delay)
        self._learned = self._pupil.fold.state.application(_APPLICATION)
        state = Serving(ServedState(self._pupil.fold.state, learning, "static", settings.policy_options))
        self._showing = Showing(state, settings.placement)
        self._seed = seed

    async def search(self) -> Page:
        """Answer the query whose turn it is."""
        turn, learned = self._turn, self._learned
        request = turn.asked.wish.request
        query_id = f"{self.name}-{self._seed}-{turn.number}"
        visitor = sender_of(request.user_id, None, None)
        pairs = self._recall.pairs(_APPLICATION, learned.memory, turn.query.normalised, request.time_s, visitor=visitor)
        query = replace(turn.query, remembered=remembered_hits(pairs), seed=seed_of(query_id))
        context = turn.context(query)
        budgets = self._choose(context, request.kind)
        retrieval = turn.drawn(query, budgets)
        ids = list(dict.fromkeys(hit.object_id for hits in retrieval.lists.values() for hit in hits))
        cards = {o: card for o, card in zip(ids, turn.entities(_APPLICATION, ids), strict=True) if card}
        history = {
            "history.rate": {pair.object_id: pair.score for pair in pairs},
            "history.examined": {pair.object_id: math.log1p(pair.examinations) / 5 for pair in pairs},
        }
        union = ranked_union(
            learned.ranker, retrieval, cards, {**turn.free(cards), **history}, context, remembered=pairs
        )
        impression = Impression(
            query_id=query_id,
            time_s=request.time_s,
            user_query=query.text,
            normalised_query=query.normalised,
            user_id=request.user_id,
            context=context,
            feature_names=learned.ranker.layout.names,
            candidates=union.candidates,
            engagement=round(learned.senders.weight(visitor, request.time_s), 4),
        )
        answer = Answer(
            impression, union, Reserve(), cards, query, (), (), still=False, kinds={}, served=(self.name, 0)
        )
        page = self._showing.page(answer, SearchRequest(query=request.text, size=PAGE), request.time_s)
        self._pupil.append(page, request.time_s)
        shown = sorted((c.position, c.object_id) for c in page.candidates if c.position is not None)
        calls = self.rules.calls([int(arm in budgets) for arm in self.rules.names])
        return Page(query_id, tuple(name for _, name in shown), union.candidates, calls)

    def click(self, page: Page, clicks: Sequence[Click]) -> None:
        """Take the clicks on a page."""
        del page
        self._pupil.click(clicks)


class Listed:
    """A list that nobody ranks: clicks change nothing."""

    def __init__(self, name: str, calls: int, read: Callable[[], Sequence[str]]) -> None:
        self.name = name
        self._calls = calls
        self._read = read

    async def search(self) -> Page:
        """Answer the query whose turn it is."""
        ids = tuple(self._read())
        return Page(self.name, ids[:PAGE], tuple(map(Candidate, ids)), self._calls)

    def click(self, page: Page, clicks: Sequence[Click]) -> None:
        """Learn nothing."""
