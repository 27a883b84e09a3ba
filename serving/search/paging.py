"""What is computed of a search: its answer, the page of it that is asked for, and how that is sent."""

from collections.abc import Callable, Sequence

from ltrr.models.plans.placement import Placement
from ltrr.models.records.impression import Impression
from ltrr.models.retrieval import Retriever
from ltrr.serving.decisions.modes import PolicyState
from ltrr.serving.metrics import Laps, Metrics
from ltrr.serving.retrieval.recall import Recall
from ltrr.serving.search.answering import Answering
from ltrr.serving.search.conditions import check_ranges
from ltrr.serving.search.draws import Drawn
from ltrr.serving.search.kept_answers import KeptAnswers
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.search.response import respond
from ltrr.serving.search.showing import Showing
from ltrr.serving.tables import Table
from ltrr.serving.turns import Turns

KEPT_ANSWERS = 2_000
Page = tuple[Impression, SearchResponse]
"""What a page logs, and how it is sent, but for what is known once it is logged."""


class Paging:
    """Answers searches with the newest policy state, and keeps the answers for their further pages.

    ours: whether a query id was issued here. recall: reads the memory. placement: how often a first page departs from
    the ranking. kept_answers: how many wait for their further pages. turns: of all that has much to do.
    """

    def __init__(
        self,
        retriever: Retriever,
        state: PolicyState,
        metrics: Metrics,
        *,
        applications: Sequence[str],
        placement: Placement,
        ours: Callable[[str], bool],
        kept_answers: int = KEPT_ANSWERS,
        recall: Recall | None = None,
        turns: Turns | None = None,
    ) -> None:
        recall, turns = recall or Recall(), turns or Turns()
        self._answering = Answering(retriever, state, metrics, applications=applications, recall=recall, turns=turns)
        self._kept = KeptAnswers(ours, applications[0], kept_answers)
        self._showing = Showing(state, placement)
        self._recall = recall

    def tables(self) -> list[Table]:
        """Return what is kept of searches."""
        return [self._kept.table, self._recall.table]

    async def page(self, request: SearchRequest, now_s: float, drawn: Drawn | None, laps: Laps) -> Page:
        """Return the page that a request asks for. drawn: for a new answer, None for a page of one that is kept.

        Raises InvalidInput for what cannot be asked.
        """
        answer = self._kept.find(request)
        if answer is None:
            if drawn is None:
                raise ValueError("nothing was drawn for a new answer")
            answer = await self._answering.answer(request, now_s, laps, drawn)
        check_ranges(request, answer.kinds)
        impression = self._showing.page(answer, request, now_s)
        if request.plan is None:
            self._kept.keep(answer)
        response = respond(answer, impression, request)
        laps("respond")
        return impression, response
