"""What one first page says of the page that the baseline would have shown in its place."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import Final, Self

import numpy as np

from ltrr.models.plans.plan import PlanRules
from ltrr.models.records.impression import Decision, Impression
from ltrr.models.rewards.credit import SMALLEST_LOOK, counted_share
from ltrr.models.rewards.union import Union
from ltrr.models.statistics.least_squares import Array

MOST_WEIGHT: Final = 150.0
"""For how many pages one may speak: those that know of an arm that exploration alone still runs, once in a hundred, do.
Where more would be needed, pages are not compared at all: left out by that chance, not by the plan drawn, so that both
means are over the same pages. Source: Crump et al. 2009."""

BASELINE, UNLEARNED = "baseline", "unlearned"
"""Pages that stand beside what was shown: of the baseline's plan, with what was learned in ranking and memory; and of
it with nothing learned, as it would be on the first day."""

SIDES: Final = (BASELINE, UNLEARNED)
COLUMNS: Final = (
    "planned",
    *("pages", "seen", "expected", "guessed", "price"),
    *(f"{side}_{column}" for side in SIDES for column in ("weight", "seen", "guessed")),
)
"""Of a row. planned: first pages of a plan; pages: those of them that are compared. seen: value of what was shown, on
the page in the order of its scores; expected: the same by the ranker's estimates; guessed: estimates of what was not
shown and would stand there. price: of the plan and what it fell back on, less the baseline's.
weight: for how many pages this one tells of a page beside it; the rest: as many times that page, as above."""


@dataclass(frozen=True, slots=True)
class BaselinePage:
    """A first page beside those of the baseline, all in the order of their scores, without what chance moved.

    The baseline's page is known where the plan drawn holds all its lists: it is the logged union sorted again as
    credit does it, with what the baseline's arms have within their budgets and with their parts of the scores alone.
    A list that a lower budget did not fill is the baseline's too. Where an arm did not answer, neither page is what it
    would have been, nor is what was logged as the one with nothing learned: such a page says nothing. The page with
    nothing learned is as it was logged; arms that bring what was learned have no part in it.

    seen: entity that was shown -> what a unit of its value counts on the page, and on each of SIDES. guessed: sums of
    estimates on all. weights: for each of SIDES, 1 / P(the plan holds all its lists), 0 where it does not, or nothing
    was logged. most_gain: what the actions on the page count for at most, all together.
    """

    price: float
    weights: tuple[float, ...]
    expected: float
    guessed: tuple[float, ...]
    seen: Mapping[str, tuple[float, ...]]
    most_gain: float

    @classmethod
    def of(
        cls,
        impression: Impression,
        decision: Decision,
        rules: PlanRules,
        most_gain: float = math.inf,
        union: Union | None = None,
    ) -> Self | None:
        """Return what an impression, with its whole union, says of the baseline of the rules; None where nothing.

        union: the impression's, with all arms of the decision, if it was read before.
        """
        if impression.failures:
            return None
        budgets = {arm: budget for arm, budget in rules.budgets(rules.baseline).items() if arm != rules.reserved}
        chances = dict(zip(decision.arms, decision.probabilities, strict=True))
        wanted = {arm: rules.ladder.index(budget) for arm, budget in budgets.items()}
        if not wanted or not wanted.keys() <= chances.keys() or _chance(chances, wanted) * MOST_WEIGHT < 1:
            return None
        drawn = dict(zip(decision.arms, decision.levels, strict=True))
        union = union or Union(impression, decision.arms, rules.reserved)
        found = dict(zip(decision.arms, union.held.sum(axis=0).tolist(), strict=True))
        needed = {arm: _needed(rules.ladder, level, drawn[arm], found[arm]) for arm, level in wanted.items()}
        either = [
            drawn.get(arm.name, 0) if arm.reserved else at for arm, at in zip(rules.arms, rules.baseline, strict=True)
        ]
        pages = _exposures(union, decision.arms, budgets, impression.unlearned)
        shown, estimates = union.shown, union.estimates
        seen = pages.T[shown] / np.maximum(union.looks[shown], SMALLEST_LOOK)[:, None]
        plain = {arm: level for arm, level in needed.items() if arm in rules.unlearned}
        return cls(
            # the reserved arm runs beside any plan
            price=decision.price + _fallback_price(impression, drawn, rules) - rules.price(either),
            weights=(
                _weight(chances, drawn, needed),
                _weight(chances, drawn, plain) if impression.unlearned else 0.0,
            ),
            expected=float(pages[0, shown] @ estimates[shown]),
            guessed=tuple((pages[:, ~shown] @ estimates[~shown]).tolist()),
            seen=dict(zip(np.array(union.ids, dtype=object)[shown].tolist(), map(tuple, seen.tolist()), strict=True)),
            most_gain=most_gain,
        )

    def row(self, values: Mapping[str, float]) -> Array:
        """Return COLUMNS under the actions that are known so far. values: in [0, 1], of entities that were shown."""
        counted = counted_share(sum(values.values()), self.most_gain)
        seen = [
            sum(counted * v * self.seen[object_id][page] for object_id, v in values.items())
            for page in range(len(self.guessed))
        ]
        rows = zip(self.weights, seen[1:], self.guessed[1:], strict=True)
        beside = chain.from_iterable((weight, weight * one, weight * guessed) for weight, one, guessed in rows)
        return np.array([1.0, 1.0, seen[0], self.expected, self.guessed[0], self.price, *beside])


def _needed(ladder: tuple[int, ...], level: int, drawn: int, found: int) -> int:
    """Return the least level that shows the list of a level: one whose budget it does not fill. drawn: 0 shows none."""
    return min(level, bisect_right(ladder, found)) if drawn and found < ladder[drawn] else level


def _chance(chances: Mapping[str, tuple[float, ...]], needed: Mapping[str, int]) -> float:
    """Return the probability that arms, drawn one by one, have their levels or higher ones."""
    return prod(sum(chances[arm][level:]) for arm, level in needed.items())


def _weight(chances: Mapping[str, tuple[float, ...]], drawn: Mapping[str, int], needed: Mapping[str, int]) -> float:
    """Return 1 / the probability that a plan holds what is needed, 0 where the one drawn does not."""
    return 1 / _chance(chances, needed) if all(drawn[arm] >= level for arm, level in needed.items()) else 0.0


def _fallback_price(impression: Impression, drawn: Mapping[str, int], rules: PlanRules) -> float:
    """Return what the arms cost that ran because the plan had brought nothing: at the levels that the baseline uses."""
    if not impression.fallback:
        return 0.0
    plan = [drawn.get(arm, 0) for arm in rules.names]
    rows = zip(rules.names, plan, rules.baseline, strict=True)
    run = [
        max(level, usual or max(rules.baseline)) if arm in impression.fallback else level for arm, level, usual in rows
    ]
    return rules.price(run) - rules.price(plan)


def _exposures(union: Union, arms: tuple[str, ...], budgets: Mapping[str, int], unlearned: Sequence[str]) -> Array:
    """Return P(looked at) of each candidate on the page, on that of the budgets, and on that with nothing learned.

    Shape (3, candidates).

    What the reserved arm alone brought has its own place and is on neither.
    """
    held = union.ranks <= [budgets.get(arm, 0) for arm in arms]
    scores = np.where(union.ranked, union.scores, -np.inf)
    alone = np.where(held.any(axis=1), scores - np.where(held, 0.0, union.parts).sum(axis=1), -np.inf)
    at = {object_id: place for place, object_id in enumerate(unlearned)}
    first_day = np.array([-float(at.get(object_id, math.inf)) for object_id in union.ids])
    return union.exposures(np.array([scores, alone, first_day]))
