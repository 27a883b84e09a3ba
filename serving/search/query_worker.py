"""The walk of a search: answered, shown, logged, sent."""

import logging
from collections.abc import Callable, Sequence

from ltrr.models.errors import EngineFailed, StorageFailed
from ltrr.models.plans.placement import Placement
from ltrr.models.records.impression import Impression
from ltrr.models.retrieval import Retriever
from ltrr.serving.decisions.modes import PolicyState
from ltrr.serving.decisions.served_state import ImpressionSink
from ltrr.serving.decisions.voices import Voices
from ltrr.serving.metrics import Laps, Metrics
from ltrr.serving.retrieval.recall import Recall
from ltrr.serving.search.answering import Answering
from ltrr.serving.search.conditions import check_shown
from ltrr.serving.search.kept_answers import KeptAnswers
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.search.query_ids import QueryIds
from ltrr.serving.search.response import LOG, respond
from ltrr.serving.search.showing import Showing
from ltrr.serving.tables import Table
from ltrr.serving.turns import Turns

_LOG = logging.getLogger(__name__)
_KEPT_ANSWERS = 2_000
_PLACEMENT = Placement(slot_share=0.05, swap_share=0.03)


class QueryWorker:
    """Answers searches with the newest policy state, and logs each shown page before it answers.

    recall: reads the memory. placement: how often a first page departs from the ranking. kept_answers: how many answers
    wait for their further pages. stable_s: how long a visitor's seed for a query is kept. voices: of visitors, not
    bounded where absent. watch: takes note of logged pages that people see, tests of the search are none.
    turns: of all that has much to do.
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
        kept_answers: int = _KEPT_ANSWERS,
        recall: Recall | None = None,
        stable_s: float = 0.0,
        voices: Voices | None = None,
        watch: Callable[[Sequence[Impression]], None] | None = None,
        turns: Turns | None = None,
    ) -> None:
        self._sink = sink
        self._watch = watch
        self._trouble = ""
        self._metrics = metrics
        self._answering = Answering(
            retriever,
            state,
            query_ids,
            metrics,
            applications=applications,
            recall=recall or Recall(),
            stable_s=stable_s,
            voices=voices or Voices(),
            turns=turns or Turns(),
        )
        self._kept = KeptAnswers(query_ids, applications[0], kept_answers)
        self._showing = Showing(state, placement)

    def tables(self) -> list[Table]:
        """Return what is kept of searches."""
        return [self._kept.table, *self._answering.tables()]

    async def search(self, request: SearchRequest, now_s: float, address: str | None = None) -> SearchResponse:
        """Answer a search. address: of the visitor. Raises InvalidInput for what cannot be asked."""
        laps = Laps(self._metrics)
        answer = self._kept.find(request) or await self._answering.answer(request, now_s, laps, address)
        check_shown(request, answer.kinds)
        impression = self._showing.page(answer, request, now_s)
        logged = request.plan is not None or self._log(impression, now_s)
        if logged and request.learn and self._watch is not None:  # what is sorted teaches nothing, whoever asked for it
            self._watch([impression])
        if request.plan is None:
            self._kept.keep(answer)
        laps("log")
        response = respond(answer, impression, request, laps.total_s, logged=logged)
        laps("respond")
        self._metrics.search_seconds.observe(laps.total_s)
        return response

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
