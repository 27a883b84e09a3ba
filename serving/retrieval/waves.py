"""What a search retrieves: the wave of its plan, and where that has too little the baseline's, or what is left."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final

from ltrr.models.plans.plan import PlanRules
from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Decision
from ltrr.models.records.query import Order, Query, RememberedHit, Understanding
from ltrr.models.retrieval import Retrieval, Retriever
from ltrr.retrievers.documents.documents import ordered, passes
from ltrr.retrievers.matching.features import match_features
from ltrr.retrievers.requests.requests import facets
from ltrr.retrievers.strategies.memory import Memory
from ltrr.serving.metrics import Metrics

PATIENCE: Final = 8.0
"""How many times its deadline an engine may take where the page would stay empty without it."""

_SELDOM: Final = 0.5
_MOST_WORDS: Final = 0.9
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What was retrieved for a search.

    planned: what the plan brought; whole: that and what the fallback brought. cards: of what can be shown. kept: what
    is a candidate whoever brought it.
    fallback: the arms that ran because the plan brought nothing, or too little. late: the engines that did not answer
    in time, and were waited for. respelt: what the query was read as where it had found nothing as it was typed.
    """

    planned: Retrieval
    whole: Retrieval
    cards: Mapping[str, Entity]
    fallback: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    respelt: Understanding | None = None

    @property
    def engines_failed(self) -> tuple[str, ...]:
        """Return the engines that did not answer in time."""
        return tuple(sorted(self.late.union(self.whole.failures.values())))


class Waves:
    """Runs plans.

    No page stays empty for which an arm of the baseline finds something, or where it cannot, any arm; where an engine
    did not answer in time, it is asked once more for longer: a page is late rather than empty; and where nothing has
    the words, or words nearly so, the same arms look for words that are spelt less alike. No trial costs a
    search what it has asked for: where an arm of the baseline is off that would mostly be on, and nothing that the plan
    has found holds most of the query's words, it runs after all. Nor is what people took for a query again and again
    left to whether its plan has the arm of the memory, nor what the query names as a whole to any arm: it is a
    candidate in any case, which no arm is credited with.
    """

    def __init__(self, retriever: Retriever, metrics: Metrics) -> None:
        self._retriever = retriever
        self._metrics = metrics

    async def run(self, query: Query, decision: Decision, rules: PlanRules, sure: Collection[str] = ()) -> Found:
        """Return what a plan brings, and what others do where that is nothing that can be shown, or too little.

        sure: what is a candidate beyond doubt, see `sure_ids` and `named_ids`.
        """
        budgets, fallback = decision.budgets(), dict[str, int]()
        planned = whole = await self._retrieve(query, budgets)
        cards = self._cards(query, planned)
        while lacking := _lacking(query, decision, rules, budgets | fallback, whole, cards):
            whole = whole.then(await self._retrieve(query, lacking))
            cards = self._cards(query, whole)
            fallback |= lacking
        late: frozenset[str] = frozenset()
        if _nothing(rules, whole, cards) and (waited_for := _unanswered(rules, budgets | fallback, whole)):
            late = frozenset(whole.failures.values())
            whole = whole.then(await self._retrieve(query, waited_for, PATIENCE))
            cards = self._cards(query, whole)
            fallback |= waited_for
        respelt = None
        if _nothing(rules, whole, cards) and not whole.failures:
            respelt = self._retriever.respelt(query.text, query.application)
        if respelt:
            query, again = replace(query, understanding=respelt), budgets | fallback
            whole = whole.then(await self._retrieve(query, again))
            cards = self._cards(query, whole)
            fallback = {arm: budget for arm, budget in again.items() if arm != rules.reserved}
        if fallback:
            self._metrics.fallback.inc()
        brought = whole.brought(rules.reserved)
        kept = await self._kept(query, rules, [one for one in dict.fromkeys(sure) if one not in brought])
        found = Found(planned, whole, kept | cards, tuple(fallback), frozenset(kept), late, respelt)
        for engine in found.engines_failed:
            self._metrics.degraded.labels(engine).inc()
        return found

    async def _kept(self, query: Query, rules: PlanRules, sure: Sequence[str]) -> dict[str, Entity]:
        """Return the cards of what passes the filters, as the memory would bring it, which costs no call.

        None without the arm of the memory.
        """
        if not sure or Memory.name not in rules.names:
            return {}
        cards = zip(sure, self._retriever.entities(query.application, sure), strict=True)
        hits = tuple(RememberedHit(object_id, 1.0) for object_id, card in cards if card is not None)
        if not hits:
            return {}
        known = replace(query, remembered=hits)
        return self._cards(query, await self._retriever.retrieve(known, {Memory.name: len(hits)}))

    async def browse(self, query: Query, order: Order | None, limit: int) -> Found:
        """Return what no plan is drawn for: one list, in its order, which is that of the values that are shown."""
        found = self._observed(await self._retriever.browse(query, order, limit))
        late = frozenset(found.failures.values()) if not any(found.lists.values()) else frozenset[str]()
        if late:
            found = found.then(self._observed(await self._retriever.browse(query, order, limit, PATIENCE)))
        cards = self._cards(query, found)
        if order is not None:
            cards = {card.object_id: card for card in ordered(cards.values(), order)}
        browsed = Found(found, found, cards, late=late)
        for engine in browsed.engines_failed:
            self._metrics.degraded.labels(engine).inc()
        return browsed

    async def _retrieve(self, query: Query, budgets: Mapping[str, int], patience: float = 1.0) -> Retrieval:
        return self._observed(await self._retriever.retrieve(query, budgets, patience))

    def _observed(self, retrieval: Retrieval) -> Retrieval:
        for engine, milliseconds in retrieval.latencies_ms.items():
            self._metrics.retrieve_seconds.labels(engine).observe(milliseconds / 1000)
        return retrieval

    def _cards(self, query: Query, retrieval: Retrieval) -> dict[str, Entity]:
        """Return the cards of what was found and can be shown.

        Engines know of a change somewhat sooner or later than cards do: filters have to hold for what is shown.
        """
        wanted = facets(query.filters)
        object_ids = list(dict.fromkeys(hit.object_id for hits in retrieval.lists.values() for hit in hits))
        found = zip(object_ids, self._retriever.entities(query.application, object_ids), strict=True)
        return {object_id: card for object_id, card in found if card is not None and passes(card, wanted)}


def named_ids(query: Query) -> tuple[str, ...]:
    """Return what a query may name as a whole: entities of that name or alias, and what would have it for its id."""
    words = len(query.understanding.respaced or query.normalised.split())
    slots = (slot for reading in query.understanding.interpretations for slot in reading.slots)
    named = (slot for slot in slots if slot.category == "name" and slot.weight == 1.0)
    whole = (slot.object_ids for slot in named if slot.end - slot.start == words)
    return tuple(dict.fromkeys([query.text.strip(), *islice(chain.from_iterable(whole), _NAMED)]))


def _lacking(
    query: Query,
    decision: Decision,
    rules: PlanRules,
    run: Mapping[str, int],
    found: Retrieval,
    cards: Mapping[str, Entity],
) -> dict[str, int]:
    """Return what to draw next, nothing where enough was found. run: what was drawn so far, arm -> candidates."""
    if _nothing(rules, found, cards):
        return _missed(rules, run, found)
    tried = _tried(rules, decision, run, found)
    return tried if tried and _poor(query, cards) else {}


def _nothing(rules: PlanRules, found: Retrieval, cards: Mapping[str, Entity]) -> bool:
    """Tell whether nothing that is ranked can be shown."""
    return found.brought(rules.reserved).isdisjoint(cards)


def _unanswered(rules: PlanRules, run: Mapping[str, int], found: Retrieval) -> dict[str, int]:
    """Return what to draw of arms whose engines did not answer in time: the baseline's, else what has run.

    None where all answered. run: arm -> candidates.
    """
    if not found.failures:
        return {}
    usual = {arm: budget for arm, budget in rules.budgets(rules.baseline).items() if arm not in found.lists}
    return usual or {arm: run[arm] for arm in found.failures if arm in run}


def _tried(rules: PlanRules, decision: Decision, run: Mapping[str, int], found: Retrieval) -> dict[str, int]:
    """Return what the baseline draws of arms that have not run, though they mostly would; arm -> candidates."""
    seldom_off = {
        arm for arm, chances in zip(decision.arms, decision.probabilities, strict=True) if chances[0] < _SELDOM
    }
    wanted = (seldom_off & _able(rules, found)) - run.keys()
    return {arm: budget for arm, budget in rules.budgets(rules.baseline).items() if arm in wanted}


def _able(rules: PlanRules, found: Retrieval) -> set[str]:
    """Return the arms whose engines have not failed."""
    away = set(found.failures.values())
    return {arm.name for arm in rules.arms if not arm.engines & away}


def _poor(query: Query, cards: Mapping[str, Entity]) -> bool:
    """Tell whether no entity holds most of the query's words; never of a query without words."""
    words = match_features(query, cards).get("match.words", {})
    return bool(words) and max(words.values()) < _MOST_WORDS


def _missed(rules: PlanRules, run: Mapping[str, int], found: Retrieval) -> dict[str, int]:
    """Return what to draw next where nothing was found; an engine that did not answer is not asked again.

    What the baseline draws beyond what has run. Where no arm of it has answered all others as far as the caps allow, at
    the most that the baseline draws. run: arm -> candidates.
    """
    if not rules.baseline:
        return {}
    able = _able(rules, found)
    here = [not arm.reserved and arm.name in able for arm in rules.arms]
    rows = zip(rules.names, rules.baseline, here, strict=True)
    usual = {arm: rules.ladder[level] for arm, level, able in rows if able and rules.ladder[level] > run.get(arm, 0)}
    if usual or rules.budgets(rules.baseline).keys() & found.lists.keys():
        return usual
    others = [0] * len(rules.arms)
    for at, arm in enumerate(rules.names):
        others[at] = max(rules.baseline) if here[at] and not run.get(arm) else 0
        if not rules.within_caps(others):
            others[at] = 0
    return rules.budgets(others)
