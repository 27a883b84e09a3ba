"""Parts of an answer as they are sent."""

import math
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Candidate, Decision, Shadow
from ltrr.models.records.query import Query
from ltrr.serving.search.messages import (
    InterpretationOut,
    Item,
    PlannedArm,
    ShadowOut,
    SlotOut,
    SourceOut,
    UnderstandingOut,
)

_DECIMALS: Final = 6


def item(position: int, candidate: Candidate, card: Entity, explain: tuple[str, ...] | None) -> Item:
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
    if explain is not None:
        shown.estimate = candidate.estimate
        shown.contributions = dict(candidate.contributions)
        pairs = zip(explain, candidate.features, strict=True)
        shown.features = {name: value for name, value in pairs if not math.isnan(value)}
    return shown


def planned(decision: Decision, plan: Decision | Shadow | None = None) -> list[PlannedArm]:
    """Return what the decision's plan gave each arm, or what another plan of the same arms and ladder did."""
    plan = plan or decision
    rows = zip(decision.arms, plan.levels, plan.probabilities, strict=True)
    return [
        PlannedArm(arm=arm, level=level, budget=decision.ladder[level], propensity=round(row[level], _DECIMALS))
        for arm, level, row in rows
    ]


def shadowed(decision: Decision, shadow: Shadow | None) -> ShadowOut | None:
    """Return what the policy in the shadow would have run."""
    if shadow is None:
        return None
    return ShadowOut(
        policy=shadow.policy,
        policy_version=shadow.policy_version,
        revision=shadow.revision,
        plan=planned(decision, shadow),
    )


def understood(query: Query) -> UnderstandingOut:
    """Return what the query was understood as."""
    understanding = query.understanding
    return UnderstandingOut(
        intent=understanding.intent,
        language=query.language,
        ambiguity=round(understanding.features.get("ambiguity", 0.0), _DECIMALS),
        interpretations=[
            InterpretationOut(
                likelihood=round(reading.likelihood, _DECIMALS),
                slots=[
                    SlotOut(
                        text=" ".join(query.tokens[slot.start : slot.end]), category=slot.category, value=slot.value
                    )
                    for slot in reading.slots
                ],
            )
            for reading in understanding.interpretations
        ],
    )
