"""The best plans of the world, under the truth."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ltrr.bench.world.world import World
from ltrr.models.plans.plan import PlanRules
from ltrr.models.statistics.least_squares import Array

Plan = tuple[int, ...]
_MOST_LISTED = 3000
_ROUNDING = 1e-12


class Truth:
    """What plans are truly worth, net of their price; each plan is worked out once."""

    def __init__(self, world: World, rules: PlanRules, price_weight: float) -> None:
        self.world = world
        self.rules = rules
        self._price_weight = price_weight
        self._known: dict[Plan, Array] = {}

    def net(self, plan: Plan) -> Array:
        """Return the net value of a plan for each query; shape (queries,)."""
        if plan not in self._known:
            self._known[plan] = self.world.page_values(plan) - self._price_weight * self.rules.price(plan)
        return self._known[plan]

    def by_type(self, plan: Plan) -> Array:
        """Return the mean net value of a plan over the queries of each type; shape (types,)."""
        totals = np.bincount(self.world.type_of, self.net(plan))
        return np.asarray(totals / np.bincount(self.world.type_of))

    def mean(self, plan: Plan) -> float:
        """Return the mean net value of a plan over all queries, as often as they are asked."""
        return float(self.world.shares @ self.net(plan))


@dataclass(frozen=True, slots=True)
class Best:
    """The best plan of each type, and the best one plan for all."""

    by_type: tuple[Plan, ...]
    fixed: Plan


def best_plans(truth: Truth) -> Best:
    """Return the best plans: among all of them where they are few, else where no change of two arms improves any."""
    types = int(truth.world.type_of.max()) + 1
    few = _few(truth.rules)
    if few is not None:
        tops = [max(few, key=lambda plan, t=t: truth.by_type(plan)[t]) for t in range(types)]  # type: ignore[misc]
        return Best(tuple(tops), max(few, key=truth.mean))
    climbed = [_climb(truth, np.eye(types)[t]) for t in range(types)]
    return Best(tuple(climbed), _climb(truth, np.bincount(truth.world.type_of, truth.world.shares).astype(np.float64)))


def _few(rules: PlanRules) -> list[Plan] | None:
    """Return all feasible plans, the ones with few arms first; None where there are many."""
    found: list[Plan] = []
    for on in range(1, len(rules.arms) + 1):
        before = len(found)
        for arms in itertools.combinations(range(len(rules.arms)), on):
            for levels in itertools.product(range(1, len(rules.ladder)), repeat=on):
                plan = [0] * len(rules.arms)
                for arm, level in zip(arms, levels, strict=True):
                    plan[arm] = level
                if rules.feasible(plan):
                    found.append(tuple(plan))
            if len(found) > _MOST_LISTED:
                return None
        if len(found) == before:  # what breaks a cap breaks it with one arm more too
            break
    return found


def _climb(truth: Truth, weights: Array) -> Plan:
    """Climb from several plans, changing one arm or two at a time, and return the best summit. weights: of types."""
    arms, levels = len(truth.rules.arms), len(truth.rules.ladder)

    def worth(plan: Plan) -> float:
        return float(weights @ truth.by_type(plan)) if truth.rules.feasible(plan) else -np.inf

    singles = [tuple(int(at == arm) for at in range(arms)) for arm in range(arms)]
    summits = []
    for start in (max(singles, key=worth), (1,) * arms, (levels - 1,) * arms):
        plan: Plan | None = start
        while plan is not None:
            summit, height = plan, worth(plan)
            plan = next((p for p in _neighbours(summit, levels) if worth(p) > height + _ROUNDING), None)
        summits.append(summit)
    return max(summits, key=worth)


def _neighbours(plan: Plan, levels: int) -> Iterator[Plan]:
    """Yield the plans in which one arm, then those in which two arms, have another level."""
    for count in (1, 2):
        for places in itertools.combinations(range(len(plan)), count):
            for others in itertools.product(range(levels), repeat=count):
                changed = list(plan)
                for place, level in zip(places, others, strict=True):
                    changed[place] = level
                if all(changed[place] != plan[place] for place in places):
                    yield tuple(changed)
