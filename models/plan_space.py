"""Exact distributions over feasible plans.

A plan gives every arm a level of the budget ladder. Under a cap on calls or candidates the feasible plans are no
product of the arms any more. Sums and maxima over all of them are still exact and fast: the arms fall into groups
that share no backend sub-request, and a table indexed by what a group spends is carried from group to group
(dynamic programming). The same pass with (+, x) gives normalisers and marginals, with (max, +) the best plans.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidSettings
from models.plan import PlanRules
from models.statistics import Array

Levels = tuple[int, ...]
_MOST_COMBINATIONS = 100_000


@dataclass(frozen=True, slots=True)
class _Semiring:
    """How values of plans are put together: `over` alternatives, `along` the arms of one plan."""

    over: Callable[[Array], float]
    over_many: Callable[[Array, NDArray[np.intp], Array], None]
    merge: Callable[[Array, Array], Array]
    along: Callable[[Array, Array], Array]
    zero: float
    one: float


_SUM_PRODUCT = _Semiring(np.sum, np.add.at, np.add, np.multiply, 0.0, 1.0)
_MAX_PLUS = _Semiring(np.max, np.maximum.at, np.maximum, np.add, -math.inf, 0.0)


@dataclass(frozen=True, slots=True)
class _Group:
    """Arms that share sub-requests, with all their level combinations.

    arms: shape (m,). levels: shape (n, m). costs: the distinct (calls, candidate units) of them. cost_of: shape
    (n,), index into costs. shared: shape (n,), sub-requests that arms on would make again were each alone.
    """

    arms: NDArray[np.intp]
    levels: NDArray[np.intp]
    costs: tuple[tuple[int, int], ...]
    cost_of: NDArray[np.intp]
    shared: NDArray[np.intp]


class PlanSpace:
    """The feasible plans of some rules, with exact sums and maxima over all of them."""

    def __init__(self, rules: PlanRules) -> None:
        self.rules = rules
        self.shape = (len(rules.arms), len(rules.ladder))
        self._unit = math.gcd(*rules.ladder)
        most_calls = len({call for arm in rules.arms for call in arm.calls})
        most_units = len(rules.arms) * rules.ladder[-1] // self._unit
        units = 0 if rules.max_candidates is None else min(rules.max_candidates // self._unit, most_units)
        self._caps = (min(rules.max_calls or 0, most_calls), units)
        self._groups = [self._group(members) for members in self._components()]
        if not self._sums(np.ones(self.shape))[0].sum() > 1:
            raise InvalidSettings("no plan keeps the caps: raise max_calls or max_candidates, or add a smaller budget")
        self.uniform = Tables(self, np.full(self.shape, 1.0 / self.shape[1]))

    def best_by_level(self, values: Array, shared_value: float = 0.0) -> Array:
        """Return the value of the best plan in which an arm has a level; shape (arms, levels).

        values: worth of each level of each arm, shape (arms, levels), added along a plan. shared_value: added for
        each sub-request that arms of the plan share. The plan that runs nothing is among those compared. Entries that
        no feasible plan has are -inf.
        """
        return self._by_level(_MAX_PLUS, *self._passes(values, _MAX_PLUS, shared_value))

    def _components(self) -> list[list[int]]:
        groups: list[tuple[set[str], list[int]]] = []
        for index, arm in enumerate(self.rules.arms):
            calls, members = set(arm.calls), [index]
            for group in [g for g in groups if g[0] & calls]:
                groups.remove(group)
                calls |= group[0]
                members = group[1] + members
            groups.append((calls, sorted(members)))
        return [members for _, members in groups]

    def _group(self, members: list[int]) -> _Group:
        count = self.shape[1] ** len(members)
        if count > _MOST_COMBINATIONS:
            shared = ", ".join(self.rules.arms[m].name for m in members)
            raise InvalidSettings(f"too many arms share backend calls ({shared}): split them or shorten the ladder")
        levels, costs, shared_calls = [], [], []
        alone = [len(set(self.rules.arms[member].calls)) for member in members]
        for combination in itertools.product(range(self.shape[1]), repeat=len(members)):
            plan = [0] * self.shape[0]
            for member, level in zip(members, combination, strict=True):
                plan[member] = level
            candidates = sum(self.rules.ladder[level] for level in combination)
            calls = self.rules.calls(plan) if self.rules.max_calls is not None else 0
            units = -(-candidates // self._unit) if self.rules.max_candidates is not None else 0
            if calls <= self._caps[0] and units <= self._caps[1]:
                levels.append(combination)
                separate = sum(own for own, level in zip(alone, combination, strict=True) if level)
                shared_calls.append(separate - self.rules.calls(plan))
                costs.append((calls, units))
        distinct = tuple(sorted(set(costs)))
        return _Group(
            np.array(members, dtype=np.intp),
            np.array(levels, dtype=np.intp),
            distinct,
            np.array([distinct.index(cost) for cost in costs], dtype=np.intp),
            np.array(shared_calls, dtype=np.intp),
        )

    def _passes(
        self, values: Array, ring: _Semiring, shared_value: float = 0.0
    ) -> tuple[list[Array], list[Array], list[Array]]:
        """Return the values of each group's combinations, and tables of the groups before and from it on.

        `before` is indexed by what is spent exactly, `after` (one entry more) by what is spent at most.
        """
        size = (self._caps[0] + 1, self._caps[1] + 1)
        combos = []
        by_cost = []
        for group in self._groups:
            worth = values[group.arms[0], group.levels[:, 0]]
            for column in range(1, len(group.arms)):
                worth = ring.along(worth, values[group.arms[column], group.levels[:, column]])
            worth = worth + shared_value * group.shared
            pooled = np.full(len(group.costs), ring.zero)
            ring.over_many(pooled, group.cost_of, worth)
            combos.append(worth)
            by_cost.append(pooled)
        after = [np.full(size, ring.one)]
        for group, pooled in zip(reversed(self._groups), reversed(by_cost), strict=True):
            after.append(_spend(after[-1], group, pooled, ring))
        before = [np.full(size, ring.zero)]
        before[0][0, 0] = ring.one
        for group, pooled in zip(self._groups[:-1], by_cost[:-1], strict=True):
            before.append(_spend(before[-1], group, pooled, ring))
        after.reverse()
        return combos, before, after

    def _by_level(self, ring: _Semiring, combos: list[Array], before: list[Array], after: list[Array]) -> Array:
        result = np.full(self.shape, ring.zero)
        for index, group in enumerate(self._groups):
            around = np.empty(len(group.costs))
            for at, (calls, units) in enumerate(group.costs):
                size = (self._caps[0] + 1 - calls, self._caps[1] + 1 - units)
                rest = after[index + 1][: size[0], : size[1]][::-1, ::-1]
                around[at] = ring.over(ring.along(before[index][: size[0], : size[1]], rest))
            worth = ring.along(combos[index], around[group.cost_of])
            for column, arm in enumerate(group.arms):
                ring.over_many(result[arm], group.levels[:, column], worth)
        return result

    def _sums(self, values: Array) -> Array:
        return self._by_level(_SUM_PRODUCT, *self._passes(values, _SUM_PRODUCT))


def _spend(table: Array, group: _Group, pooled: Array, ring: _Semiring) -> Array:
    """Carry a table over one more group. pooled: the group's value at each of its costs."""
    size = table.shape
    result = np.full(size, ring.zero)
    for (calls, units), value in zip(group.costs, pooled, strict=True):
        rest = table[: size[0] - calls, : size[1] - units]
        result[calls:, units:] = ring.merge(result[calls:, units:], ring.along(rest, value))
    return result


class Tables:
    """The distribution over feasible plans that is proportional to the product of `factors`.

    factors: shape (arms, levels), >= 0. The plan that runs nothing is left out.
    """

    def __init__(self, space: PlanSpace, factors: Array) -> None:
        self._space = space
        self._factors = factors
        passes = space._passes(factors, _SUM_PRODUCT)  # noqa: SLF001
        self._combos, _, self._after = passes
        self._first = self._first_masses()
        self._total = float(self._first.sum())
        if not self._total > 0:
            raise InvalidSettings("every feasible plan has probability 0")
        self.marginals = space._by_level(_SUM_PRODUCT, *passes) / self._total  # noqa: SLF001
        self.marginals[:, 0] = np.maximum(1 - self.marginals[:, 1:].sum(axis=1), 0.0)

    def joint(self, levels: Sequence[int]) -> float:
        """Return P(plan)."""
        if not self._space.rules.feasible(levels):
            return 0.0
        return float(np.prod(self._factors[range(len(levels)), list(levels)])) / self._total

    def sample(self, rng: np.random.Generator) -> Levels:
        """Draw a plan."""
        plan = [0] * self._space.shape[0]
        calls_left, units_left = self._space._caps  # noqa: SLF001
        first = _pick(self._first, rng)
        for index, group in enumerate(self._space._groups[first:], first):  # noqa: SLF001
            masses = self._masses(index, calls_left, units_left)
            if index == first:
                masses[0] = 0.0
            drawn = _pick(masses, rng)
            for arm, level in zip(group.arms, group.levels[drawn], strict=True):
                plan[arm] = int(level)
            calls, units = group.costs[group.cost_of[drawn]]
            calls_left, units_left = calls_left - calls, units_left - units
        return tuple(plan)

    def _first_masses(self) -> Array:
        """Return the mass of the plans in which a group is the first that runs anything; shape (groups,).

        No sum here or in `sample` contains the plan that runs nothing, so that nothing is subtracted or drawn again
        however likely that plan is under the factors.
        """
        first, nothing = [], 1.0
        for index, combos in enumerate(self._combos):
            first.append(nothing * self._masses(index, *self._space._caps)[1:].sum())  # noqa: SLF001
            nothing *= combos[0]  # the combination that is off comes first
        return np.array(first)

    def _masses(self, index: int, calls_left: int, units_left: int) -> Array:
        """Return the mass of each combination of a group with all that may follow it."""
        group, after = self._space._groups[index], self._after[index + 1]  # noqa: SLF001
        rest = [
            after[calls_left - calls, units_left - units] if calls <= calls_left and units <= units_left else 0.0
            for calls, units in group.costs
        ]
        return np.asarray(self._combos[index] * np.array(rest)[group.cost_of])


def _pick(masses: Array, rng: np.random.Generator) -> int:
    """Draw an index in proportion to masses."""
    upto = np.cumsum(masses)
    return min(int(np.searchsorted(upto, rng.random() * upto[-1], side="right")), len(upto) - 1)


@dataclass(frozen=True, slots=True)
class PlanDistribution:
    """An exact distribution over feasible plans: mostly `learned`, with probability `mix` uniform over all.

    marginals: P(level) of each arm, shape (arms, levels); each row sums to 1.
    """

    learned: Tables
    uniform: Tables
    mix: float = 0.0

    @property
    def marginals(self) -> Array:
        """Return P(level) of each arm, shape (arms, levels)."""
        if not self.mix:
            return self.learned.marginals
        return (1 - self.mix) * self.learned.marginals + self.mix * self.uniform.marginals

    def joint(self, levels: Sequence[int]) -> float:
        """Return P(plan), 0 for a plan that is not feasible."""
        learned = (1 - self.mix) * self.learned.joint(levels)
        return learned + (self.mix * self.uniform.joint(levels) if self.mix else 0.0)

    def sample(self, rng: np.random.Generator) -> Levels:
        """Draw a plan: the level of each arm."""
        tables = self.uniform if self.mix and rng.random() < self.mix else self.learned
        return tables.sample(rng)
