"""An installation of the product whose learned state can be asked without teaching it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final

from ltrr.bench.known_items.items import KnownItem
from ltrr.bench.known_items.visits import Clicks, Visit
from ltrr.models.learning.fold import Fold
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.state.progress import ACTIONS
from ltrr.retrievers.index.index import Index
from ltrr.serving.decisions.modes import Serving
from ltrr.serving.decisions.served_state import DirectSink, ImpressionSink, ServedState
from ltrr.serving.metrics import Metrics
from ltrr.serving.retrieval.opening import open_recall, strategy_arms
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.search.query_ids import QueryIds
from ltrr.serving.search.query_worker import QueryWorker
from ltrr.serving.settings.settings import Settings

PAGE: Final = 10
_SECRET: Final = b"known items: ids, and so all draws, are the same in every run"
_START_S: Final = 1_700_000_000.0
_BETWEEN_S: Final = 30.0
_HESITATION_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Page:
    """What a search was answered. calls: to engines. first_by_chance: another item of the page was ranked first."""

    object_ids: tuple[str, ...]
    calls: int
    first_by_chance: bool


class _Nowhere:
    """Where impressions go that nobody learns from."""

    def append(self, impression: Impression, now_s: float) -> None:
        """Forget an impression."""


class Installation:
    """The product over an index that others may share, with state of its own that begins at nothing.

    seed: of everything that it draws.
    """

    def __init__(self, index: Index, settings: Settings, application: str, seed: int) -> None:
        self._index = index
        self._settings = settings
        self._application = application
        self._seed = seed
        self._learning = settings.learning(strategy_arms())
        self._fold = Fold(self._learning)
        served = ServedState(self._fold.state, self._learning, settings.policy, settings.policy_options)
        self._serving = Serving(served)
        self._recall = open_recall(index.predicted)
        self._live = self._worker(DirectSink(self._fold), "live")
        self._now_s = _START_S

    async def learn(self, visits: Iterable[Visit]) -> None:
        """Serve visits and learn from them, until nothing more can come of them."""
        for visit in visits:
            self._now_s += _BETWEEN_S
            who = {"user_id": visit.sender, "client_id": visit.sender, "session_id": visit.sender}
            request = SearchRequest(query=visit.item.text, size=PAGE, **who)
            answer = await self._live.search(request, self._now_s)
            actions = self._actions(visit, answer)
            if actions:
                self._fold.absorb_actions(self._fold.progress.offsets[ACTIONS], self._now_s + _HESITATION_S, actions)
            self._fold.read_past(self._now_s + _HESITATION_S, self._now_s + _HESITATION_S)
        self._now_s += self._fold.join.reach_s
        self._fold.read_past(self._now_s, self._now_s)

    async def ask(self, items: Iterable[KnownItem], draws: int = 0) -> list[Page]:
        """Return the pages that strangers get; nothing is learned. draws: the same number draws alike for each item."""
        worker = self._worker(_Nowhere(), f"asked-{draws}")
        pages = []
        for item in items:
            answer = await worker.search(SearchRequest(query=item.text, size=PAGE), self._now_s)
            calls = self._learning.rules.calls([arm.level for arm in answer.plan])
            scores = [shown.score for shown in answer.items]
            by_chance = any(score > scores[0] for score in scores)
            pages.append(Page(tuple(shown.object_id for shown in answer.items), calls, by_chance))
        return pages

    def _actions(self, visit: Visit, answer: SearchResponse) -> list[Action]:
        clicked = {
            Clicks.NOTHING: [],
            Clicks.FOUND: [item for item in answer.items if item.object_id == visit.item.object_id],
            Clicks.ANY: answer.items[(one := int(visit.draw * len(answer.items))) : one + 1],
            Clicks.EVERYTHING: answer.items,
        }
        return [
            Action(
                answer.query_id,
                item.object_id,
                "click",
                self._now_s + _HESITATION_S,
                application=self._application,
                client_id=visit.sender,
                user_id=visit.sender,
                session_id=visit.sender,
                position=item.position,
            )
            for item in clicked[visit.clicks]
        ]

    def _worker(self, sink: ImpressionSink, name: str) -> QueryWorker:
        numbers = count()
        return QueryWorker(
            self._index,
            self._serving,
            sink,
            QueryIds(_SECRET, lambda: f"{name}-{self._seed}-{next(numbers)}"),
            Metrics(),
            applications=(self._application,),
            placement=self._settings.placement,
            kept_answers=0,
            recall=self._recall,
        )
