"""Answers searches: context, plan, retrieval, union, ranking, impression."""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from ltrr.models.batch_ranking.log import ONLINE
from ltrr.models.errors import InvalidInput
from ltrr.models.memory.taste import affinity
from ltrr.models.plans.placement import Placement, Reserve
from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Decision, Impression, Shadow, sender_of
from ltrr.models.records.query import Query
from ltrr.models.retrieval import Retriever
from ltrr.models.rewards.call_history import measure_calls
from ltrr.serving.decisions.modes import PolicyState
from ltrr.serving.decisions.served_state import ImpressionSink, ServedState
from ltrr.serving.metrics import Metrics
from ltrr.serving.retrieval.recall import Recall
from ltrr.serving.retrieval.waves import Waves
from ltrr.serving.search.answer import item, planned, shadowed, understood
from ltrr.serving.search.facets import count_facets
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.search.query_ids import QueryIds, seed_of
from ltrr.serving.search.request_reader import RequestReader
from ltrr.serving.search.stable_seeds import StableSeeds
from ltrr.serving.search.union import Union, free_features, ranked_union

_KEPT_ANSWERS = 2_000
_DECIMALS = 4
_PLACEMENT = Placement(slot_share=0.05, swap_share=0.03)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A ranked union, kept for further pages. reserve: what was drawn for the reserved place of the first."""

    impression: Impression
    union: Union
    reserve: Reserve
    cards: Mapping[str, Entity]
    query: Query
    engines_failed: tuple[str, ...]
    asked: tuple[object, ...]

    @property
    def ranked_cards(self) -> list[Entity]:
        """Return the cards of what is ranked."""
        return [self.cards[candidate.object_id] for candidate in self.union.candidates[: self.union.ranked]]


class _Laps:
    """Observes how long each part of a search took."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._began_s = self._at_s = perf_counter()

    def __call__(self, phase: str) -> None:
        """Note that a part has ended."""
        now_s = perf_counter()
        self._metrics.phase_seconds.labels(phase).observe(now_s - self._at_s)
        self._at_s = now_s

    @property
    def total_s(self) -> float:
        """Return the seconds from the start to the end of the last part."""
        return self._at_s - self._began_s


class QueryWorker:
    """Answers searches with the newest policy state, and logs each shown page before it answers.

    recall: reads the memory.
    placement: how often a first page departs from the ranking. kept_answers: how many answers wait for their further
    pages. stable_s: how long a visitor's seed for a query is kept.
    """

    def __init__(
        self,
        retriever: Retriever,
        state: PolicyState,
        sink: ImpressionSink,
        query_ids: QueryIds,
        metrics: Metrics,
        *,
        applications: tuple[str, ...] = ("default",),
        placement: Placement = _PLACEMENT,
        kept_answers: int = _KEPT_ANSWERS,
        recall: Recall | None = None,
        stable_s: float = 0.0,
    ) -> None:
        self._waves = Waves(retriever, metrics)
        self._state = state
        self._sink = sink
        self._query_ids = query_ids
        self._metrics = metrics
        self._applications = applications
        self._placement = placement
        self._kept_answers = kept_answers
        self._reader = RequestReader(retriever, recall or Recall())
        self._seeds = StableSeeds(stable_s)
        self._kept: OrderedDict[str, _Answer] = OrderedDict()

    async def search(self, request: SearchRequest, now_s: float) -> SearchResponse:
        """Answer a search. Raises InvalidInput for what cannot be asked."""
        laps = _Laps(self._metrics)
        if request.page > 1 and request.query_id is None:
            raise InvalidInput("a further page needs the query_id of the first")
        answer = self._kept.get(request.query_id or "")
        if answer is not None and not self._continues(request, answer):
            raise InvalidInput(
                "query_id belongs to another query: send the same query, application, filters and size, or no id"
            )
        if answer is None and request.query_id is not None:
            raise InvalidInput(self._lost(request.query_id))
        if answer is None:
            answer = await self._answer(request, now_s, laps)
        impression = self._show(answer, request, now_s)
        self._sink.append(impression, now_s)
        self._keep(answer)
        laps("log")
        response = self._respond(answer, impression, laps.total_s, request)
        laps("respond")
        self._metrics.search_seconds.observe(laps.total_s)
        return response

    async def _answer(self, request: SearchRequest, now_s: float, laps: "_Laps") -> _Answer:
        query_id = self._query_ids.issue()
        application = request.application or self._applications[0]
        if application not in self._applications:
            raise InvalidInput(f"application {application!r} is not served here; add it to LTRR_APPLICATIONS")
        serving = self._state.serving(application)
        served = serving.state
        learned = served.application(application)
        seed = self._seeds.seed(request, self._asked(request), seed_of(query_id), now_s)
        asked = self._reader.read(request, application, learned, seed, now_s)
        query, context = asked.query, asked.context
        laps("context")
        decision, chance = served.decide(application, context, query.seed)
        laps("plan")
        shadow = None if serving.shadow is None else self._imagine(serving.shadow, application, context, decision)
        if serving.shadow is not None:
            laps("shadow")
        self._observe(decision)
        found = await self._waves.run(query, decision, served.learning.rules)
        retrieval, cards = found.whole, found.cards
        laps("retrieve")
        free = free_features(query, cards, asked.remembered) | affinity(asked.user, asked.session, cards)
        ranker, reserved = served.rankers.over(application, learned.ranker), served.learning.rules.reserved
        union = ranked_union(ranker, retrieval, cards, free, context, reserved)
        laps("rank")
        sender = sender_of(request.user_id, request.client_id, request.session_id)
        impression = Impression(
            query_id=query_id,
            time_s=now_s,
            user_query=request.query,
            normalised_query=query.normalised,
            application=query.application,
            client_query_id=request.client_query_id,
            client_id=request.client_id,
            user_id=request.user_id,
            session_id=request.session_id,
            context=context,
            decision=decision,
            shadow=shadow,
            feature_names=learned.ranker.layout.names,
            candidates=union.candidates,
            latencies_ms={engine: round(ms, 3) for engine, ms in retrieval.latencies_ms.items()},
            failures=tuple(retrieval.failures),
            ranker=served.rankers.name(application),
            brought=measure_calls(found.planned, decision.budgets(), cards, free, now_s),
            fallback=found.fallback,
            learn=request.learn,
            engagement=round(learned.senders.weight(sender, now_s), _DECIMALS),
        )
        reserve = Reserve(chance, reserved in decision.budgets(), len(union.candidates) - union.ranked)
        return _Answer(impression, union, reserve, cards, query, found.engines_failed, self._asked(request))

    def _imagine(
        self, shadow: ServedState, application: str, context: Mapping[str, float], decision: Decision
    ) -> Shadow | None:
        """Return what the policy in the shadow would have done; None where it fails, which costs no search."""
        try:
            imagined = shadow.imagine(application, context, decision)
        except Exception:  # noqa: BLE001  # whatever it is: searches do not depend on it
            _LOG.exception("version %s found no plan in the shadow", shadow.version)
            self._metrics.shadow_failed.inc()
            return None
        for arm, level, run in zip(decision.arms, imagined.levels, decision.levels, strict=True):
            self._metrics.shadow_level.labels(arm, str(level), "yes" if level == run else "no").inc()
        return imagined

    def _show(self, answer: _Answer, request: SearchRequest, now_s: float) -> Impression:
        """Return the impression of one page of an answer."""
        whole, page, size = answer.impression, request.page, request.size
        first, count = (page - 1) * size, answer.union.ranked
        placement = self._placement.possible(count, size, answer.reserve)
        order = placement.order(count, size, np.random.default_rng([answer.query.seed, 1]), answer.reserve)
        shown = {row: first + place + 1 for place, row in enumerate(order[first : first + size])}
        candidates = tuple(
            replace(
                candidate,
                position=shown.get(row),
                explored=row in shown and page == 1 and row >= min(count, size),
                features=tuple(answer.union.raw[row].tolist()) if row in shown else (),
            )
            for row, candidate in enumerate(whole.candidates)
        )
        learned = self._state.serving(whole.application).state.application(whole.application)
        return replace(
            whole,
            page=page,
            page_size=size,
            time_s=now_s,
            candidates=candidates,
            curve=learned.positions.curve.places(first, size),
            slot_share=placement.slot_share,
            swap_share=placement.swap_share,
            learn=whole.learn and request.learn,
        )

    def _observe(self, decision: Decision) -> None:
        for arm, level, row in zip(decision.arms, decision.levels, decision.probabilities, strict=True):
            self._metrics.arm_level.labels(arm, str(level)).inc()
            self._metrics.propensity.observe(row[level])

    def _lost(self, query_id: str) -> str:
        """Say why an id has no pages here: made again, its ranking would be another one and could repeat results."""
        if self._query_ids.ours(query_id):
            return "the answer of query_id is not kept here any more: search again without query_id"
        return "query_id was not issued here: leave it out, or send your own as client_query_id"

    def _continues(self, request: SearchRequest, answer: _Answer) -> bool:
        return self._asked(request) == answer.asked

    def _asked(self, request: SearchRequest) -> tuple[object, ...]:
        """Return what has to be the same for all pages of a query id."""
        filters = sorted((name, tuple(values)) for name, values in request.filters.items())
        return request.query, request.application or self._applications[0], tuple(filters), request.size

    def _keep(self, answer: _Answer) -> None:
        self._kept[answer.impression.query_id] = answer
        self._kept.move_to_end(answer.impression.query_id)
        while len(self._kept) > self._kept_answers:
            self._kept.popitem(last=False)

    def _respond(
        self, answer: _Answer, impression: Impression, took_s: float, request: SearchRequest
    ) -> SearchResponse:
        decision = impression.decision
        assert decision is not None  # noqa: S101  # every answer of ours was planned
        shown = sorted((c.position, c) for c in impression.candidates if c.position is not None)
        names = impression.feature_names if request.explain else None
        return SearchResponse(
            query_id=impression.query_id,
            page=impression.page,
            policy_version=decision.policy_version,
            revision=decision.revision,
            took_ms=round(1000 * took_s, 3),
            items=[item(position, c, answer.cards[c.object_id], names) for position, c in shown],
            plan=planned(decision),
            shadow=shadowed(decision, impression.shadow) if request.explain else None,
            understanding=understood(answer.query),
            facets=count_facets(answer.ranked_cards, request.facets),
            degraded=list(answer.engines_failed),
            fallback=list(impression.fallback),
            ranker=(impression.ranker or ONLINE) if request.explain else None,
        )
