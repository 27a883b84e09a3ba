"""What a search retrieves: the wave of its plan, and where that has nothing to show the baseline's."""

from collections.abc import Mapping
from dataclasses import dataclass

from ltrr.models.plans.plan import PlanRules
from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Decision
from ltrr.models.records.query import Query
from ltrr.models.retrieval import Retrieval, Retriever
from ltrr.serving.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Found:
    """What was retrieved for a search.

    planned: what the plan brought; whole: that and what the fallback brought. cards: of the hits that can be shown.
    fallback: the baseline's arms that ran because the plan brought nothing.
    """

    planned: Retrieval
    whole: Retrieval
    cards: Mapping[str, Entity]
    fallback: tuple[str, ...] = ()

    @property
    def engines_failed(self) -> tuple[str, ...]:
        """Return the engines that did not answer."""
        return tuple(sorted(set(self.whole.failures.values())))


class Waves:
    """Runs plans. No page stays empty for which an arm of the baseline finds something."""

    def __init__(self, retriever: Retriever, metrics: Metrics) -> None:
        self._retriever = retriever
        self._metrics = metrics

    async def run(self, query: Query, decision: Decision, rules: PlanRules) -> Found:
        """Return what a plan brings, or what the baseline does where the plan brings nothing that can be shown."""
        budgets = decision.budgets()
        planned = whole = await self._retrieve(query, budgets)
        cards = self._cards(query, planned)
        ranked = (hit for arm, hits in planned.lists.items() if arm != rules.reserved for hit in hits)
        found_some = any(hit.object_id in cards for hit in ranked)
        missed = {} if found_some else _missed(rules, budgets, planned)
        if missed:
            whole = planned.then(await self._retrieve(query, missed))
            cards = self._cards(query, whole)
            self._metrics.fallback.inc()
        found = Found(planned, whole, cards, tuple(missed))
        for engine in found.engines_failed:
            self._metrics.degraded.labels(engine).inc()
        return found

    async def _retrieve(self, query: Query, budgets: Mapping[str, int]) -> Retrieval:
        retrieval = await self._retriever.retrieve(query, budgets)
        for engine, milliseconds in retrieval.latencies_ms.items():
            self._metrics.retrieve_seconds.labels(engine).observe(milliseconds / 1000)
        return retrieval

    def _cards(self, query: Query, retrieval: Retrieval) -> dict[str, Entity]:
        object_ids = list(dict.fromkeys(hit.object_id for hits in retrieval.lists.values() for hit in hits))
        found = zip(object_ids, self._retriever.entities(query.application, object_ids), strict=True)
        return {object_id: card for object_id, card in found if card is not None}


def _missed(rules: PlanRules, budgets: Mapping[str, int], planned: Retrieval) -> dict[str, int]:
    """Return what the baseline draws to be ranked beyond a plan; an engine that did not answer is not asked again."""
    away = set(planned.failures.values())
    levels = zip(rules.arms, rules.baseline, strict=True) if rules.baseline else ()
    return {
        arm.name: rules.ladder[level]
        for arm, level in levels
        if rules.ladder[level] > budgets.get(arm.name, 0) and not arm.reserved and not arm.engines & away
    }
