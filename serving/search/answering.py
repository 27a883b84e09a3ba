"""From a request to its ranked answer: context, plan, retrieval, union, ranking."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from ltrr.models.errors import InvalidInput
from ltrr.models.memory.taste import affinity
from ltrr.models.plans.placement import Reserve
from ltrr.models.records.entity import Entity
from ltrr.models.records.fields import FieldKinds
from ltrr.models.records.impression import Candidate, Impression, sender_of
from ltrr.models.records.query import Bounded, Order, Query, Range
from ltrr.models.retrieval import Retriever
from ltrr.models.rewards.call_history import measure_calls
from ltrr.models.text import typed
from ltrr.models.wording import emphasis
from ltrr.retrievers.bounds.comparisons import PEOPLE
from ltrr.retrievers.phrases.things import THINGS
from ltrr.serving.decisions.modes import PolicyState, Serving
from ltrr.serving.decisions.planning import Planned, Planning
from ltrr.serving.metrics import Laps, Metrics
from ltrr.serving.retrieval.empty_pages import respelt, why_empty
from ltrr.serving.retrieval.recall import Recall, sure_ids
from ltrr.serving.retrieval.waves import Found, Waves, named_ids
from ltrr.serving.search.conditions import out_of_bounds, within_bounds
from ltrr.serving.search.draws import Drawn
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.search.request_reader import Asked, RequestReader
from ltrr.serving.search.union import Union, free_features, ranked_union
from ltrr.serving.settings.applications import application_named
from ltrr.serving.turns import Turns
from ltrr.streams.versions.active import Mode

_DECIMALS = 4
_SAYING_NOTHING: Final = THINGS | PEOPLE
BROWSED: Final = 1_000
"""Results of a page that no plan is drawn for, at most."""
_BASELINES = (Mode.STATIC, Mode.APPRENTICE)  # they show what these retrieve


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranked union, of which pages are shown.

    impression: what all its pages log. reserve: what was drawn for the reserved place of the first. asked: what has to
    be the same for all its pages. still: chance changes none of them. kinds: of the catalogue's fields. served: the
    version and revision that answered. ranges, order: that the words of the query ask for. hints: why nothing was
    found, or not with what was typed.
    """

    impression: Impression
    union: Union
    reserve: Reserve
    cards: Mapping[str, Entity]
    query: Query
    engines_failed: tuple[str, ...]
    asked: tuple[object, ...]
    still: bool
    kinds: FieldKinds
    served: tuple[str, int]
    ranges: Mapping[str, Range] = field(default_factory=dict)
    order: Order | None = None
    hints: tuple[str, ...] = ()

    @property
    def ranked_cards(self) -> list[Entity]:
        """Return the cards of what is ranked."""
        return [self.cards[candidate.object_id] for candidate in self.union.candidates[: self.union.ranked]]


class Answering:
    """Answers requests with the newest policy state.

    recall: reads the memory. turns: of all that has much to do, before and after what is found.
    """

    def __init__(
        self,
        retriever: Retriever,
        state: PolicyState,
        metrics: Metrics,
        *,
        applications: Sequence[str],
        recall: Recall,
        turns: Turns,
    ) -> None:
        self._state = state
        self._applications = applications
        self._turns = turns
        self._reader = RequestReader(retriever, recall)
        self._planning = Planning(metrics)
        self._waves = Waves(retriever, metrics)
        self._retriever = retriever

    async def answer(self, request: SearchRequest, now_s: float, laps: Laps, drawn: Drawn) -> Answer:
        """Return the ranked union for a request, with what was drawn for it.

        Where its words ask for an order, it is of all that has the values that they name. Where nothing is within the
        bounds that they set, what is within them is shown if the other words are not known, or say what the catalogue
        is of, else what has these. Raises InvalidInput for what cannot be asked.
        """
        application = application_named(request.application, self._applications)
        asked = self._retriever.bounded(request.query, application)
        if asked.order and not request.asked_sort:
            found = await self._answer(request, asked, application, now_s, laps, drawn)
            if found.union.ranked:
                return found
        asked = Bounded(asked.text, asked.ranges)
        found = await self._answer(request, asked, application, now_s, laps, drawn)
        if not asked.ranges or found.union.ranked or found.engines_failed:
            return found
        understood = found.query.understanding
        if asked.text and _are_things(understood.frequencies, understood.stemmer):
            found = await self._answer(request, Bounded("", asked.ranges), application, now_s, laps, drawn)
            if found.union.ranked:
                plain = _are_things(typed(asked.text).split(), understood.stemmer)
                return found if plain else replace(found, hints=(within_bounds(asked.text), *found.hints))
        rest = asked.text or request.query
        again = await self._answer(request, Bounded(rest), application, now_s, laps, drawn)
        return replace(again, hints=(out_of_bounds(asked.ranges, found.kinds, rest), *again.hints))

    async def _answer(
        self, request: SearchRequest, bounded: Bounded, application: str, now_s: float, laps: Laps, drawn: Drawn
    ) -> Answer:
        """Answer a request. bounded: how its query is read."""
        await self._turns.take()
        serving = self._state.serving(application)
        if request.plan is not None:
            serving = serving.given(request.plan)
            serving.state.policy(application)  # which says what is wrong with the plan
            if request.learn:
                raise InvalidInput("a page of a given plan teaches nothing: say learn: false beside plan")
        served, learned = serving.state, serving.state.for_searches(application)
        same = request.same(application)
        asked = self._reader.read(request, bounded, application, learned, drawn.seed, now_s)
        query, context = asked.query, asked.context
        laps("context")
        sender = sender_of(request.user_id, request.client_id, request.session_id)
        impression = Impression(
            query_id=drawn.query_id,
            time_s=now_s,
            user_query=request.query,
            normalised_query=typed(request.query),
            application=application,
            client_query_id=request.client_query_id,
            client_id=request.client_id,
            user_id=request.user_id,
            session_id=request.session_id,
            context=context,
            learn=request.learn,
            engagement=round(learned.senders.weight(sender, now_s), _DECIMALS),
            voice=drawn.voice,
        )
        if asked.order is not None or not query.tokens:
            return await self._browsed(asked, bounded, impression, serving, same, laps)
        if request.plan is None:
            planned = self._planning.plan(serving, application, context, query.seed, laps)
        else:  # what was not drawn is not counted
            planned = Planned(*served.decide(application, context, query.seed), shadow=None)
        decision = planned.decision
        sure = () if serving.mode in _BASELINES else (*sure_ids(asked.remembered), *named_ids(query))
        found = await self._waves.run(query, decision, served.learning.rules, sure)
        await self._turns.take()
        retrieval, cards = found.whole, found.cards
        if found.respelt:
            query = replace(query, understanding=found.respelt)
        laps("retrieve")
        free = free_features(query, cards, asked.remembered) | affinity(asked.user, asked.session, cards)
        ranker, rules = served.rankers.over(application, learned.ranker), served.learning.rules
        plain, remembered, reserved = rules.unlearned, asked.remembered, rules.reserved
        of_names = query.understanding.of_names
        union = ranked_union(
            ranker, retrieval, cards, free, context, reserved, found.kept, remembered, plain, of_names=of_names
        )
        laps("rank")
        impression = replace(
            impression,
            decision=decision,
            shadow=planned.shadow,
            feature_names=learned.ranker.layout.names,
            candidates=union.candidates,
            latencies_ms=_rounded(retrieval.latencies_ms),
            failures=tuple(retrieval.failures),
            ranker=served.rankers.name(application),
            brought=measure_calls(found.planned, decision.budgets(), cards, free, now_s),
            fallback=found.fallback,
        )
        reserve = Reserve()
        if request.learn:  # a trial that teaches nothing is a worse page for nothing
            reserve = Reserve(planned.chance, reserved in decision.budgets(), union.brought_by(reserved))
        return Answer(
            impression,
            union,
            reserve,
            cards,
            query,
            found.engines_failed,
            same,
            served.still or not request.learn,
            asked.kinds,
            _of(serving),
            bounded.ranges,
            hints=await self._hints(query, union, found),
        )

    async def _browsed(
        self,
        asked: Asked,
        bounded: Bounded,
        impression: Impression,
        serving: Serving,
        same: tuple[object, ...],
        laps: Laps,
    ) -> Answer:
        """Return what no plan is drawn for, in the order that is asked: nothing of it is learned."""
        found = await self._waves.browse(asked.query, asked.order, BROWSED)
        await self._turns.take()
        laps("retrieve")
        candidates = tuple(Candidate(object_id) for object_id in found.cards)
        union = Union(candidates, np.zeros((len(candidates), 0)), len(candidates))
        latencies_ms = _rounded(found.whole.latencies_ms)
        impression = replace(impression, candidates=candidates, latencies_ms=latencies_ms, learn=False)
        return Answer(
            impression,
            union,
            Reserve(),
            found.cards,
            asked.query,
            found.engines_failed,
            same,
            still=True,
            kinds=asked.kinds,
            served=_of(serving),
            ranges=bounded.ranges,
            order=bounded.order,
            hints=await self._hints(asked.query, union, found),
        )

    async def _hints(self, query: Query, union: Union, found: Found) -> tuple[str, ...]:
        if union.ranked:
            return (respelt(query),) if found.respelt else ()
        return () if found.whole.failures else await why_empty(self._retriever, query)


def _are_things(words: Iterable[str], stemmer: str) -> bool:
    """Tell whether words say nothing but what the catalogue may be of, or for whom that is."""
    return _SAYING_NOTHING.issuperset(word for word in words if emphasis(word, stemmer) == 1)


def _rounded(latencies_ms: Mapping[str, float]) -> dict[str, float]:
    return {engine: round(ms, 3) for engine, ms in latencies_ms.items()}


def _of(serving: Serving) -> tuple[str, int]:
    """Return the version and revision that serve."""
    return serving.state.version, serving.state.revision
