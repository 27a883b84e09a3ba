"""The best plans where what arms are worth depends on which others run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ltrr.models.plans.plan import PlanRules
from ltrr.models.statistics.least_squares import Array

_SMALLEST = 1e-9  # worth that can be divided by


@dataclass(frozen=True, slots=True)
class FoundPlans:
    """Plans that a search has found. levels: shape (n, arms). values: net worth, -inf for none; shape (n,)."""

    levels: NDArray[np.intp]
    values: Array

    def best(self) -> tuple[int, ...]:
        """Return the best plan."""
        return tuple(int(level) for level in self.levels[self.values.argmax()])

    def by_level(self, count: int) -> Array:
        """Return the value of the best plan in which an arm has a level, -inf for none; shape (arms, count).

        The plan that runs nothing is among those compared.
        """
        has = self.levels[:, :, None] == np.arange(count)
        best = np.where(has, self.values[:, None, None], -np.inf).max(axis=0)
        best[:, 0] = np.maximum(best[:, 0], 0.0)
        return np.asarray(best)


class PlanSearch:
    """Looks for the best plan with each level of each arm, and without each arm, under pairwise overlaps.

    What an arm adds to a plan is its worth alone, of which each arm before it leaves the share that the two do not
    have in common. From each start arms are added, always the one that adds most after its price, while that is more
    than 0 and the caps allow. With two arms this is exact; with more it is the greedy choice, which for submodular
    worth earns at least 1 - 1/e of the best. The reserved arm is in none of these plans. first_is_paid: of the calls of
    the baseline's arms the first has no price, so that no plan saves the only one that finds what is new.

    Source: Nemhauser, Wolsey and Fisher 1978.
    """

    def __init__(self, rules: PlanRules, *, first_is_paid: bool = False) -> None:
        self._arms, self._count = len(rules.arms), len(rules.ladder)
        names = sorted({call for arm in rules.arms for call in arm.calls})
        self._calls = np.array([[float(name in arm.calls) for name in names] for arm in rules.arms])
        usual = np.array(rules.baseline, dtype=bool) if first_is_paid else np.zeros(self._arms, dtype=bool)
        self._paid = self._calls[usual].any(axis=0).astype(np.float64)
        self._may_be_paid = self._calls @ self._paid > 0
        self._budgets = np.array(rules.ladder, dtype=np.float64)
        self._rules = rules
        self._most_calls = np.inf if rules.max_calls is None else float(rules.max_calls)
        self._most_candidates = np.inf if rules.max_candidates is None else float(rules.max_candidates)
        ranked = np.array([not arm.reserved for arm in rules.arms])
        self._ranked = ranked
        arms, steps = np.flatnonzero(ranked), np.arange(1, self._count)
        own = self._calls.sum(axis=1)
        ways = [(int(arm), int(level)) for arm in arms for level in steps]
        self._starts = np.array(
            [
                (arm, level)
                for arm, level in ways
                if own[arm] <= self._most_calls and self._budgets[level] <= self._most_candidates
            ],
            dtype=np.intp,
        ).reshape(-1, 2)

    def find(self, worth: Array, shares: Array, price_weight: float) -> FoundPlans:
        """Return plans that are worth looking at, the best of them among them.

        worth: of each arm alone at each level, before prices, shape (arms, levels). shares: cosine of what two arms
        find, shape (arms, arms). price_weight: lambda.
        """
        rules, arms, count = self._rules, self._arms, self._count
        left = _left(worth, shares)
        given = len(self._starts)
        rows = np.arange(given + arms)
        levels = np.zeros((len(rows), arms), dtype=np.intp)
        levels[rows[:given], self._starts[:, 0]] = self._starts[:, 1]
        free = np.tile(self._ranked, (len(rows), 1))
        free[rows[:given], self._starts[:, 0]] = False
        free[rows[given:], np.arange(arms)] = False
        kept = np.ones((len(rows), arms, count))
        kept[:given] = left[self._starts[:, 0], self._starts[:, 1]]
        calls = np.zeros((len(rows), self._calls.shape[1]))
        calls[:given] = self._calls[self._starts[:, 0]]
        candidates = np.zeros(len(rows))
        candidates[:given] = self._budgets[self._starts[:, 1]]
        values = np.full(len(rows), -np.inf)
        values[:given] = worth[self._starts[:, 0], self._starts[:, 1]] - price_weight * (
            rules.price_per_call * (calls[:given].sum(axis=1) - (calls[:given] @ self._paid > 0))
            + rules.price_per_candidate * candidates[:given]
        )
        own, budgets = self._calls.sum(axis=1), self._budgets[1:]
        paid = price_weight * rules.price_per_candidate * budgets
        for _ in range(arms):
            more = own - calls @ self._calls.T
            open_ = free & (calls.sum(axis=1)[:, None] + more <= self._most_calls)
            charged = more - (self._may_be_paid & (calls @ self._paid == 0)[:, None])
            gains = worth[:, 1:] * kept[:, :, 1:] - (price_weight * rules.price_per_call) * charged[:, :, None] - paid
            gains[~open_] = -np.inf
            if self._most_candidates < np.inf:
                gains[
                    np.broadcast_to((candidates[:, None, None] + budgets) > self._most_candidates, gains.shape)
                ] = -np.inf
            flat = gains.reshape(len(rows), -1)
            at = flat.argmax(axis=1)
            gain = flat[rows, at]
            going = (gain > 0) | (np.isneginf(values) & (gain > -np.inf))
            if not going.any():
                break
            who = rows[going]
            arm, level = np.divmod(at[going], count - 1)
            level += 1
            values[who] = np.where(np.isneginf(values[who]), 0.0, values[who]) + gain[going]
            levels[who, arm] = level
            free[who, arm] = False
            kept[who] *= left[arm, level]
            calls[who] = np.maximum(calls[who], self._calls[arm])
            candidates[who] += budgets[level - 1]
        return FoundPlans(levels, values)


def _left(worth: Array, shares: Array) -> Array:
    """Return the share of the second's worth that the first leaves it; shape (arms, levels, arms, levels).

    What two have in common is their cosine x the geometric mean of their worths, but never more than either is worth.
    """
    flat = np.maximum(worth, _SMALLEST).ravel()
    ratio = flat[:, None] / flat
    cosine = np.repeat(np.repeat(shares, worth.shape[1], axis=0), worth.shape[1], axis=1)
    common = np.minimum(np.minimum(cosine * np.sqrt(ratio), ratio), 1.0)
    return np.asarray((1 - common).reshape(*worth.shape, *worth.shape))
