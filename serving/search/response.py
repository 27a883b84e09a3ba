"""A page of an answer as it is sent."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from ltrr.models.batch_ranking.log import ONLINE
from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Candidate, Decision, Impression, Shadow
from ltrr.models.records.query import RELEVANCE, Slot
from ltrr.retrievers.phrases.phrase import also_called, as_written
from ltrr.serving.search.answering import BROWSED, Answer
from ltrr.serving.search.conditions import carried, read_order, said_bounds, said_order, unknown_names
from ltrr.serving.search.facets import count_facets
from ltrr.serving.search.messages import (
    Bounds,
    InterpretationOut,
    Item,
    PlannedArm,
    SearchRequest,
    SearchResponse,
    ShadowOut,
    SlotOut,
    SourceOut,
    UnderstandingOut,
)

LOG: Final = "log"
_DECIMALS: Final = 6


def respond(answer: Answer, impression: Impression, request: SearchRequest) -> SearchResponse:
    """Return the response to a request that shows a page of an answer; how long that took is not known yet."""
    decision = impression.decision
    version, revision = answer.served
    shown = sorted((c.position, c) for c in impression.candidates if c.position is not None)
    names = impression.feature_names if request.explain else None
    items = [_item(position, c, answer.cards[c.object_id], names, request.fields) for position, c in shown]
    if request.explain:
        _group(items, answer)
    return SearchResponse(
        query_id=impression.query_id,
        page=impression.page,
        policy_version=decision.policy_version if decision else version,
        revision=decision.revision if decision else revision,
        took_ms=0.0,
        sort=_sorted_by(answer, request),
        learned=impression.learn,
        retrieved=answer.union.ranked,
        items=items,
        plan=_planned(decision) if decision else [],
        shadow=_shadowed(decision, impression.shadow) if decision and request.explain else None,
        understanding=_understood(answer),
        facets=count_facets(answer.ranked_cards, request.facets, answer.kinds),
        degraded=list(answer.engines_failed),
        fallback=list(impression.fallback),
        hints=[*unknown_names(request, answer.kinds), *answer.hints, *_behind(answer, impression, items)],
        ranker=(impression.ranker or ONLINE) if request.explain else None,
    )


def _sorted_by(answer: Answer, request: SearchRequest) -> str:
    """Return what a page is ordered by: what was asked, else what the words of the query ask for."""
    if request.sort != RELEVANCE and read_order(request, answer.kinds) is not None:
        return request.sort
    return said_order(answer.order) if answer.order else RELEVANCE


def _behind(answer: Answer, impression: Impression, items: Sequence[Item]) -> Iterator[str]:
    """Yield what to say of a page behind all results of a plan, where somebody may think that there are no more."""
    if impression.decision is not None and answer.union.ranked and not items:
        yield (
            f"page {impression.page} is behind all {answer.union.ranked} results: by relevance there are those that the"
            f" plan's strategies brought, not all that match; in another order up to {BROWSED:,}"
        )


def _item(
    position: int, candidate: Candidate, card: Entity, explain: tuple[str, ...] | None, fields: Sequence[str]
) -> Item:
    """Return a result. explain: the names of the candidate's features, or None where they are not sent."""
    shown = Item(
        object_id=candidate.object_id,
        position=position,
        type=card.type,
        name=card.name,
        score=candidate.score,
        sources=[SourceOut(arm=s.arm, rank=s.rank, score=s.score) for s in candidate.sources],
        explored=candidate.explored,
    )
    if fields:
        shown.attributes = carried(card, fields)
    if explain is not None:
        shown.estimate = candidate.estimate
        shown.contributions = dict(candidate.contributions)
        pairs = zip(explain, candidate.features, strict=True)
        shown.features = {name: value for name, value in pairs if value is not None}
    return shown


def _group(items: Sequence[Item], answer: Answer) -> None:
    """Add what features that cost no call added to the scores of ranked items; it is not logged."""
    union = answer.union
    rows = {candidate.object_id: row for row, candidate in enumerate(union.candidates[: union.ranked])}
    for item in items if union.groups else ():
        if (row := rows.get(item.object_id)) is not None:
            item.groups = {group: round(float(parts[row]), _DECIMALS) for group, parts in union.groups.items()}


def _planned(decision: Decision, plan: Decision | Shadow | None = None) -> list[PlannedArm]:
    """Return what the decision's plan gave each arm, or what another plan of the same arms and ladder did."""
    plan = plan or decision
    rows = zip(decision.arms, plan.levels, plan.probabilities, strict=True)
    return [
        PlannedArm(arm=arm, level=level, budget=decision.ladder[level], propensity=round(row[level], _DECIMALS))
        for arm, level, row in rows
    ]


def _shadowed(decision: Decision, shadow: Shadow | None) -> ShadowOut | None:
    """Return what the policy in the shadow would have run."""
    if shadow is None:
        return None
    return ShadowOut(
        policy=shadow.policy,
        policy_version=shadow.policy_version,
        revision=shadow.revision,
        plan=_planned(decision, shadow),
    )


def _understood(answer: Answer) -> UnderstandingOut:
    """Return what the query was understood as; what it is read as is written as in the first result that has it."""
    query, understanding, cards = answer.query, answer.query.understanding, answer.ranked_cards
    words = understanding.respaced or query.normalised.split()
    slots = {slot for reading in understanding.interpretations for slot in reading.slots}
    written = {slot: _written(slot, cards) for slot in slots}
    return UnderstandingOut(
        intent=understanding.intent,
        language=query.language,
        ambiguity=round(understanding.features.get("ambiguity", 0.0), _DECIMALS),
        interpretations=[
            InterpretationOut(
                likelihood=round(reading.likelihood, _DECIMALS),
                slots=[
                    SlotOut(text=" ".join(words[slot.start : slot.end]), category=slot.category, value=written[slot])
                    for slot in reading.slots
                ],
            )
            for reading in understanding.interpretations
        ],
        without=list(map(" ".join, understanding.without)),
        ranges={name: Bounds(**said_bounds(name, one, answer.kinds)) for name, one in answer.ranges.items()},
    )


def _written(slot: Slot, cards: Sequence[Entity]) -> str:
    """Return what a slot stands for as an entity writes it, as it is normalised where none of them has it."""
    held = (
        (card.name, *also_called(card)) if slot.category == "name" else card.attributes.get(slot.category, ())
        for card in cards
    )
    return as_written(slot.value, chain.from_iterable(held))
