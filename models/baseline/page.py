"""What one first page says of the page that the baseline would have shown in its place."""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
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

COLUMNS: Final = ("pages", "seen", "expected", "guessed", "price", "weight", "baseline_seen", "baseline_guessed")
"""Of a row. seen: value of what was shown, on the page in the order of its scores; expected: the same by the ranker's
estimates; guessed: estimates of what was not shown and would stand there. price: of the plan and what it
fell back on, less the baseline's.
weight: for how many pages this one tells of the baseline; the rest: as many times its page, as above."""


@dataclass(frozen=True, slots=True)
class BaselinePage:
    """A first page beside that of the baseline, both in the order of their scores, without what chance moved.

    The baseline's page is known where the plan drawn holds all its lists: it is the logged union sorted again as
    credit does it, with what the baseline's arms have within their budgets and with their parts of the scores alone.
    A list that a lower budget did not fill is the baseline's too; so is that of an arm that ran and did not answer.

    seen: entity that was shown -> what a unit of its value counts on the page, and on the baseline's. guessed: sums of
    estimates on both. weight: 1 / P(the plan holds all lists of the baseline), 0 where it does not. most_gain: what the
    actions on the page count for at most, all together.
    """

    price: float
    weight: float
    expected: float
    guessed: tuple[float, float]
    seen: Mapping[str, tuple[float, float]]
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
        budgets = {arm: budget for arm, budget in rules.budgets(rules.baseline).items() if arm != rules.reserved}
        chances = dict(zip(decision.arms, decision.probabilities, strict=True))
        wanted = {arm: rules.ladder.index(budget) for arm, budget in budgets.items()}
        if not wanted or not wanted.keys() <= chances.keys() or _chance(chances, wanted) * MOST_WEIGHT < 1:
            return None
        drawn = dict(zip(decision.arms, decision.levels, strict=True))
        union = union or Union(impression, decision.arms, rules.reserved)
        found = dict(zip(decision.arms, union.held.sum(axis=0).tolist(), strict=True))
        needed = {arm: _needed(rules.ladder, level, drawn[arm], found[arm]) for arm, level in wanted.items()}
        known = all(drawn[arm] >= level for arm, level in needed.items())
        either = [
            drawn.get(arm.name, 0) if arm.reserved else at for arm, at in zip(rules.arms, rules.baseline, strict=True)
        ]
        here, there = _exposures(union, decision.arms, budgets)
        shown, estimates = union.shown, union.estimates
        seen = np.stack([here, there], axis=1)[shown] / np.maximum(union.looks[shown], SMALLEST_LOOK)[:, None]
        return cls(
            # the reserved arm runs beside any plan
            price=decision.price + _fallback_price(impression, drawn, rules) - rules.price(either),
            weight=1 / _chance(chances, needed) if known else 0.0,
            expected=float(here[shown] @ estimates[shown]),
            guessed=(float(here[~shown] @ estimates[~shown]), float(there[~shown] @ estimates[~shown])),
            seen=dict(zip(np.array(union.ids, dtype=object)[shown].tolist(), map(tuple, seen.tolist()), strict=True)),
            most_gain=most_gain,
        )

    def row(self, values: Mapping[str, float]) -> Array:
        """Return COLUMNS under the actions that are known so far. values: in [0, 1], of entities that were shown."""
        counted = counted_share(sum(values.values()), self.most_gain)
        seen = [sum(counted * v * self.seen[object_id][side] for object_id, v in values.items()) for side in (0, 1)]
        here, there = self.guessed
        beside = (self.weight, self.weight * seen[1], self.weight * there)
        return np.array([1.0, seen[0], self.expected, here, self.price, *beside])


def _needed(ladder: tuple[int, ...], level: int, drawn: int, found: int) -> int:
    """Return the least level that shows the list of a level: one whose budget it does not fill. drawn: 0 shows none."""
    return min(level, bisect_right(ladder, found)) if drawn and found < ladder[drawn] else level


def _chance(chances: Mapping[str, tuple[float, ...]], needed: Mapping[str, int]) -> float:
    """Return the probability that arms, drawn one by one, have their levels or higher ones."""
    return prod(sum(chances[arm][level:]) for arm, level in needed.items())


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


def _exposures(union: Union, arms: tuple[str, ...], budgets: Mapping[str, int]) -> Array:
    """Return P(looked at) of each candidate on the page and on that of the budgets; shape (2, candidates).

    What the reserved arm alone brought has its own place and is on neither.
    """
    held = union.ranks <= [budgets.get(arm, 0) for arm in arms]
    scores = np.where(union.ranked, union.scores, -np.inf)
    alone = np.where(held.any(axis=1), scores - np.where(held, 0.0, union.parts).sum(axis=1), -np.inf)
    return union.exposures(np.array([scores, alone]))
