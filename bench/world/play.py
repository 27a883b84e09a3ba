"""Play a policy in the world: pages are served at once, actions come late."""

import heapq
from bisect import bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ltrr.bench.world.arms import LADDER
from ltrr.bench.world.visits import CONTEXT_NAMES, LATEST, Visits
from ltrr.bench.world.world import CURVE, PAGE, World
from ltrr.models.records.impression import Candidate, Decision, Impression, Source
from ltrr.models.statistics.least_squares import Array

Plan = tuple[int, ...]


@dataclass(slots=True)
class Visit:
    """One visit: what was seen, decided and shown. clicked: 0-based positions whose actions have come."""

    number: int
    query: int
    vector: Array
    plan: Plan
    order: NDArray[np.intp]
    world: World
    clicked: list[int] = field(default_factory=list)

    @property
    def context(self) -> Mapping[str, float]:
        """Return the features by name."""
        return dict(zip(CONTEXT_NAMES, self.vector.tolist(), strict=True))

    @property
    def value(self) -> float:
        """Return the expected actions on the page, exact, before the plan's price."""
        return float(self.world.appeal[self.query, self.order] @ CURVE[: len(self.order)])

    def sources(self, arm: int) -> NDArray[np.bool_]:
        """Return which of the entities shown an arm of the plan brought."""
        return np.asarray(self.world.ranks[arm, self.query, self.order] <= LADDER[self.plan[arm]])


class Player(Protocol):
    """What learns in the world."""

    def choose(self, vector: Array, visit: int) -> Plan:
        """Return a plan. vector: in the order of CONTEXT_NAMES."""
        ...

    def serve(self, visit: Visit) -> None:
        """Take note of a page that is shown."""
        ...

    def act(self, visit: Visit, place: int) -> None:
        """Take note of an action on the entity at a 0-based position of a page."""
        ...

    def settle(self, visit: Visit) -> None:
        """Take note that no action on a page comes any more."""
        ...


def page(world: World, query: int, plan: Plan) -> NDArray[np.intp]:
    """Return the entities that a plan shows for a query, in order."""
    scores = world.scores(plan, np.array([query]))[0]
    order = np.argsort(-scores, kind="stable")[:PAGE]
    return np.asarray(order[scores[order] > -np.inf])


def page_value(world: World, query: int, plan: Plan) -> float:
    """Return the expected actions on the page of one query, exact, before prices."""
    order = page(world, query, plan)
    return float(world.appeal[query, order] @ CURVE[: len(order)])


def play(worlds: Sequence[World], visits: Visits, player: Player, switches: Sequence[int] = ()) -> list[Visit]:
    """Play all visits and return them. switches: the visits at which each world but the first begins."""
    played: list[Visit] = []
    waiting: deque[Visit] = deque()
    coming: list[tuple[int, int, int, Visit]] = []
    count = len(visits.queries)
    for number in range(count + LATEST):
        while coming and coming[0][0] <= number:
            _, _, place, visit = heapq.heappop(coming)
            visit.clicked.append(place)
            player.act(visit, place)
        while waiting and waiting[0].number + LATEST <= number:
            player.settle(waiting.popleft())
        if number >= count:
            continue
        world = worlds[bisect_right(switches, number)]
        query, vector = int(visits.queries[number]), visits.contexts[number]
        plan = player.choose(vector, number)
        visit = Visit(number, query, vector, plan, page(world, query, plan), world)
        played.append(visit)
        player.serve(visit)
        waiting.append(visit)
        for place in visits.acted(number, world, visit.order):
            heapq.heappush(coming, (number + int(visits.delays[number, place]), number, place, visit))
    return played


def impression(visit: Visit, decision: Decision) -> Impression:
    """Return what is logged of a visit's page."""
    world, query = visit.world, visit.query
    scores = world.scores(visit.plan, np.array([query]))[0]
    brought = world.ranks[:, query] <= np.array(LADDER)[list(visit.plan), None]
    union = np.argsort(-scores, kind="stable")[: int(np.isfinite(scores).sum())]
    candidates = []
    for place, entity in enumerate(union.tolist()):
        by = np.flatnonzero(brought[:, entity]).tolist()
        candidates.append(
            Candidate(
                object_id=str(entity),
                sources=tuple(Source(decision.arms[arm], int(world.ranks[arm, query, entity]), 1.0) for arm in by),
                score=float(scores[entity]),
                contributions={decision.arms[arm]: float(world.contributions[arm, query, entity]) for arm in by},
                estimate=float(world.estimate[query, entity]),
                position=place + 1 if place < PAGE else None,
            )
        )
    return Impression(
        query_id=str(visit.number),
        time_s=float(visit.number),
        user_query="",
        normalised_query=str(query),
        context=visit.context,
        decision=decision,
        candidates=tuple(candidates),
        curve=tuple(CURVE.tolist()),
    )
