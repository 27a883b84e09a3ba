"""The walk of a search: answered, shown, logged, sent."""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from ltrr.models.errors import EngineFailed, StorageFailed
from ltrr.models.plans.placement import Placement
from ltrr.models.records.impression import Impression
from ltrr.models.retrieval import Retriever
from ltrr.serving.decisions.modes import PolicyState
from ltrr.serving.decisions.served_state import ImpressionSink
from ltrr.serving.decisions.voices import Voices
from ltrr.serving.metrics import Laps, Metrics
from ltrr.serving.retrieval.recall import Recall
from ltrr.serving.search.draws import Drawn, Draws
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.search.paging import KEPT_ANSWERS, Page, Paging
from ltrr.serving.search.query_ids import QueryIds
from ltrr.serving.search.response import LOG
from ltrr.serving.tables import Table
from ltrr.serving.turns import Turns

_LOG = logging.getLogger(__name__)


class Elsewhere(Protocol):
    """Other processes that make pages. table: the answers that they keep for further pages."""

    @property
    def table(self) -> Table:
        """Return how many there are."""
        ...

    async def page(self, request: SearchRequest, now_s: float, drawn: Drawn | None) -> Page | None:
        """Return what `Paging.page` does; None where it has to be made here."""
        ...


_PLACEMENT = Placement(slot_share=0.05, swap_share=0.03)


class QueryWorker:
    """Answers searches with the newest policy state, and logs each shown page before it answers.

    recall: reads the memory. placement: how often a first page departs from the ranking. kept_answers: how many answers
    wait for their further pages. stable_s: how long a visitor's seed for a query is kept. voices: of visitors, not
    bounded where absent. watch: takes note of logged pages that people see, tests of the search are none.
    turns: of all that has much to do. elsewhere: other processes that make pages.
    """

    def __init__(
        self,
        retriever: Retriever,
        state: PolicyState,
        sink: ImpressionSink,
        query_ids: QueryIds,
        metrics: Metrics,
        *,
        applications: Sequence[str] = ("default",),
        placement: Placement = _PLACEMENT,
        kept_answers: int = KEPT_ANSWERS,
        recall: Recall | None = None,
        stable_s: float = 0.0,
        voices: Voices | None = None,
        watch: Callable[[Sequence[Impression]], None] | None = None,
        turns: Turns | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._sink = sink
        self._watch = watch
        self._trouble = ""
        self._metrics = metrics
        self._elsewhere = elsewhere
        self._draws = Draws(query_ids, applications, stable_s, voices or Voices())
        self._paging = Paging(
            retriever,
            state,
            metrics,
            applications=applications,
            placement=placement,
            ours=query_ids.ours,
            kept_answers=kept_answers,
            recall=recall,
            turns=turns,
        )

    def tables(self) -> list[Table]:
        """Return what is kept of searches."""
        kept, *others = self._paging.tables()
        if self._elsewhere is not None:
            more = self._elsewhere.table
            kept = Table(kept.name, kept.entries + more.entries, kept.most + more.most)
        return [kept, *others, *self._draws.tables()]

    async def search(self, request: SearchRequest, now_s: float, address: str | None = None) -> SearchResponse:
        """Answer a search. address: of the visitor. Raises InvalidInput for what cannot be asked."""
        laps = Laps(self._metrics)
        further = request.query_id is not None or request.page > 1
        drawn = None if further else self._draws.draw(request, now_s, address)
        try:
            impression, response = await self._made(request, now_s, drawn, laps)
        except BaseException:
            if drawn is not None:
                self._draws.give_back(request, drawn, address)
            raise
        unlogged = request.plan is not None or not request.log
        logged = unlogged or self._log(impression, now_s)
        if logged and request.learn and self._watch is not None:  # what is sorted teaches nothing, whoever asked for it
            self._watch([impression])
        laps("log")
        if not logged:
            response.degraded.append(LOG)
        response.took_ms = round(1000 * laps.total_s, 3)
        self._metrics.search_seconds.observe(laps.total_s)
        return response

    async def _made(self, request: SearchRequest, now_s: float, drawn: Drawn | None, laps: Laps) -> Page:
        if self._elsewhere is not None:
            page = await self._elsewhere.page(request, now_s, drawn)
            laps("process")
            if page is not None:
                return page
        return await self._paging.page(request, now_s, drawn, laps)

    def _log(self, impression: Impression, now_s: float) -> bool:
        """Tell whether an impression could be kept: where it cannot, that costs no search."""
        try:
            self._sink.append(impression, now_s)
        except (StorageFailed, EngineFailed) as error:
            if str(error) != self._trouble:
                _LOG.warning("searches are answered, not logged: %s", error)
            self._trouble = str(error)
            self._metrics.degraded.labels(LOG).inc()
            return False
        self._trouble = ""
        return True
