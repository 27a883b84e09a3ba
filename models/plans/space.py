"""Exact distributions over feasible plans.

A plan gives every arm a level of the budget ladder. Under a cap on calls or candidates the feasible plans are no
product of the arms any more. Sums and maxima over all of them are still exact and fast: the arms fall into groups
that share no backend sub-request, and a table indexed by what a group spends is carried from group to group
(dynamic programming). The same pass with (+, x) gives normalisers and marginals, with (max, +) the best plans.
"""

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, Self

import numpy as np

from ltrr.models.errors import InvalidSettings
from ltrr.models.plans.plan import PlanRules
from ltrr.models.statistics.least_squares import Array

Levels = tuple[int, ...]
_MOST_COMBINATIONS = 100_000
_MOST_RESERVED = 1 - 1e-6  # plans that leave no call for the reserved arm stay possible


@dataclass(frozen=True, slots=True)
class _Semiring:
    """How values of plans are put together: `over` alternatives, `along` the arms of one plan."""

    over: np.ufunc
    along: np.ufunc
    zero: float
    one: float


_SUM_PRODUCT = _Semiring(np.add, np.multiply, 0.0, 1.0)
_MAX_PLUS = _Semiring(np.maximum, np.add, -math.inf, 0.0)


@dataclass(frozen=True, slots=True)
class _Group:
    """Arms that share sub-requests, with all their level combinations, cheapest first; the first runs nothing.

    levels: of each combination. costs: the distinct (calls, candidate units) of them. cost_of: index into costs.
    shared: sub-requests that arms on would make again were each alone.
    """

    arms: list[int]
    levels: list[Levels]
    costs: list[tuple[int, int]]
    cost_of: list[int]
    shared: list[int]


class PlanSpace:
    """The feasible plans of some rules, with exact sums and maxima over all of them. reserved: the arm's place."""

    def __init__(self, rules: PlanRules) -> None:
        self.rules = rules
        self.shape = (len(rules.arms), len(rules.ladder))
        self.reserved = None if rules.reserved is None else rules.names.index(rules.reserved)
        self._unit = math.gcd(*rules.ladder)
        most_calls = len({call for arm in rules.arms for call in arm.calls})
        most_units = len(rules.arms) * rules.ladder[-1] // self._unit
        units = 0 if rules.max_candidates is None else min(rules.max_candidates // self._unit, most_units)
        self._caps = (min(rules.max_calls or 0, most_calls), units)
        groups = sorted(self._components(), key=lambda members: self.reserved in members)  # which then comes last
        self.layout = _Layout([self._group(m) for m in groups], self._caps, self.shape, self.reserved)
        if not _Pass(self.layout, np.ones(self.shape), _SUM_PRODUCT).first.any():
            raise InvalidSettings("no plan keeps the caps: raise max_calls or max_candidates, or add a smaller budget")
        self.uniform = Tables(self, self.reserving(np.full(self.shape, 1.0 / self.shape[1])))

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, rules: PlanRules) -> Self:
        """Return the one space of rules, which takes milliseconds to lay out."""
        return cls(rules)

    def best_by_level(self, values: Array, shared_value: float = 0.0) -> Array:
        """Return the value of the best plan in which an arm has a level; shape (arms, levels).

        values: worth of each level of each arm, shape (arms, levels), added along a plan. shared_value: added for
        each sub-request that arms of the plan share. The plan that runs nothing is among those compared. Entries that
        no feasible plan has are -inf.
        """
        return _Pass(self.layout, self._ranked(values), _MAX_PLUS, shared_value).by_level()

    def best(self, values: Array, shared_value: float = 0.0) -> Levels:
        """Return the best feasible plan; it runs at least one arm. values, shared_value: as in best_by_level."""
        found = _Pass(self.layout, self._ranked(values), _MAX_PLUS, shared_value)
        return found.walk(lambda worth: int(worth.argmax()))

    def reserving(self, factors: Array) -> Array:
        """Return factors with the reserved arm's own row, which nothing changes; shape (arms, levels)."""
        if self.reserved is None:
            return factors
        share = min(self.rules.explore_share, _MOST_RESERVED)
        kept = factors.copy()
        kept[self.reserved] = [1 - share, *[share / (self.shape[1] - 1)] * (self.shape[1] - 1)]
        return kept

    def around(self, levels: Levels) -> "Plans":
        """Return the distribution that has one plan, in which the reserved arm's level is drawn as in any other."""
        plan = OnePlan(levels, self.shape)
        return plan if self.reserved is None else Tables(self, self.reserving(plan.marginals))

    def _ranked(self, values: Array) -> Array:
        """Return values under which no plan is better for having the reserved arm on."""
        if self.reserved is None:
            return values
        kept = values.copy()
        kept[self.reserved, 1:] = -math.inf
        return kept

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
        alone = [len(set(self.rules.arms[member].calls)) for member in members]
        found: list[tuple[tuple[int, int], Levels, int]] = []
        for combination in itertools.product(range(self.shape[1]), repeat=len(members)):
            plan = [0] * self.shape[0]
            for member, level in zip(members, combination, strict=True):
                plan[member] = level
            candidates = sum(self.rules.ladder[level] for level in combination)
            calls = self.rules.calls(plan) if self.rules.max_calls is not None else 0
            units = -(-candidates // self._unit) if self.rules.max_candidates is not None else 0
            if calls <= self._caps[0] and units <= self._caps[1]:
                separate = sum(own for own, level in zip(alone, combination, strict=True) if level)
                found.append(((calls, units), combination, separate - self.rules.calls(plan)))
        found.sort()
        costs = sorted({cost for cost, _, _ in found})
        return _Group(
            members, [f[1] for f in found], costs, [costs.index(cost) for cost, _, _ in found], [f[2] for f in found]
        )


class _Layout:
    """Where everything stands in the flat arrays of a pass: groups, their combinations and costs one after the other.

    A state is what may still be spent, (calls, units) as one index; `dead` is the state of having spent too much.
    reserved: the place of the arm that makes no plan by itself, in a group of its own, the last.
    """

    def __init__(
        self, groups: list[_Group], caps: tuple[int, int], shape: tuple[int, int], reserved: int | None
    ) -> None:
        self.groups, self.shape, self.reserved = groups, shape, reserved
        self.states = (caps[0] + 1) * (caps[1] + 1)
        self.dead = self.states
        sizes = np.array([len(group.levels) for group in groups], dtype=np.intp)
        kinds = np.array([len(group.costs) for group in groups], dtype=np.intp)
        self.starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        self.cost_starts = np.concatenate([[0], np.cumsum(kinds)[:-1]])
        self.combos = [slice(at, at + size) for at, size in zip(self.starts, sizes, strict=True)]
        self.costs = [slice(at, at + size) for at, size in zip(self.cost_starts, kinds, strict=True)]
        self.group_of_cost = np.repeat(np.arange(len(groups)), kinds)
        self.cost_of = [np.array(group.cost_of, dtype=np.intp) for group in groups]
        self.cost_of_combo = np.concatenate(
            [of + at for of, at in zip(self.cost_of, self.cost_starts, strict=True)], dtype=np.intp
        )
        self.pooled_starts = np.searchsorted(self.cost_of_combo, np.arange(kinds.sum()))
        self.shared = np.array([s for group in groups for s in group.shared], dtype=np.float64)
        self._index_cells()
        self._index_states(caps)

    def _index_cells(self) -> None:
        """Index the cells (arm, level) of combinations: members by combination, and combinations by cell."""
        outside = self.shape[0] * self.shape[1]
        widest = max(len(group.arms) for group in self.groups)
        self.members = np.full((len(self.cost_of_combo), widest), outside, dtype=np.intp)
        for group, at in zip(self.groups, self.combos, strict=True):
            self.members[at, : len(group.arms)] = np.array(group.arms) * self.shape[1] + np.array(group.levels)
        cells = self.members.ravel()
        order = np.argsort(cells, kind="stable")[: int((cells < outside).sum())]
        self.combo_of_cell = order // widest
        self.cells, self.cell_starts = np.unique(cells[order], return_index=True)

    def _index_states(self, caps: tuple[int, int]) -> None:
        """Index the state after each cost, and for each state spent before a group the one left after it."""
        calls, units = np.divmod(np.arange(self.states), caps[1] + 1)
        steps, left = [], []
        for number, group in enumerate(self.groups):
            for cost in group.costs:
                after = (calls - cost[0], units - cost[1])
                rest = (caps[0] - cost[0] - calls, caps[1] - cost[1] - units)
                steps.append(np.where(np.minimum(*after) < 0, self.dead, after[0] * (caps[1] + 1) + after[1]))
                index = np.where(np.minimum(*rest) < 0, self.dead, rest[0] * (caps[1] + 1) + rest[1])
                left.append(index + (number + 1) * (self.states + 1))
        self.steps = [np.array(steps)[at] for at in self.costs]
        self.left = np.array(left)


class _Pass:
    """One pass over all groups in one semiring, forwards and backwards.

    combos: value of each combination. after: best or total of the groups from one on, by what may be spent at most;
    shape (groups + 1, states + 1). first: of the plans in which a group is the first that runs anything; (groups,).
    """

    def __init__(self, layout: _Layout, values: Array, ring: _Semiring, shared_value: float = 0.0) -> None:
        self.layout, self.ring = layout, ring
        cells = np.append(values, ring.one)
        combos = cells[layout.members[:, 0]]
        for column in range(1, layout.members.shape[1]):
            combos = ring.along(combos, cells[layout.members[:, column]])
        self.combos: Array = combos + shared_value * layout.shared if shared_value else combos
        self._pooled: Array = ring.over.reduceat(self.combos, layout.pooled_starts)
        self.after = np.full((len(layout.groups) + 1, layout.states + 1), ring.zero)
        self.after[-1, : layout.dead] = ring.one
        if layout.states == 1:
            self.after[:-1, 0] = ring.along.accumulate(self._pooled[::-1])[::-1]
        else:
            for number in range(len(layout.groups) - 1, -1, -1):
                self._spend(number, self.after[number + 1], self.after[number])
        self.first = self._first()

    def by_level(self) -> Array:
        """Return what the plans in which an arm has a level come to; shape (arms, levels)."""
        layout, ring = self.layout, self.ring
        before = np.full((len(layout.groups), layout.states + 1), ring.zero)
        before[0, 0] = ring.one
        if layout.states == 1:
            before[1:, 0] = ring.along.accumulate(self._pooled[:-1])
        else:
            for number in range(len(layout.groups) - 1):
                self._spend(number, before[number], before[number + 1])
        rest = self.after.ravel()[layout.left]
        around = ring.over.reduce(ring.along(before[layout.group_of_cost, : layout.dead], rest), axis=1)
        worth = ring.along(self.combos, around[layout.cost_of_combo])
        result = np.full(layout.shape, ring.zero)
        result.ravel()[layout.cells] = ring.over.reduceat(worth[layout.combo_of_cell], layout.cell_starts)
        return result

    def walk(self, pick: Callable[[Array], int]) -> Levels:
        """Build a plan group by group. pick: chooses an index from what each alternative comes to."""
        layout = self.layout
        plan = [0] * layout.shape[0]
        state = layout.states - 1
        first = pick(self.first)
        for number in range(first, len(layout.groups)):
            group, cost_of = layout.groups[number], layout.cost_of[number]
            rest = self.after[number + 1][layout.steps[number][:, state]]
            worth = self.ring.along(self.combos[layout.combos[number]], rest[cost_of])
            if number == first:
                worth[0] = self.ring.zero
            picked = pick(worth)
            for arm, level in zip(group.arms, group.levels[picked], strict=True):
                plan[arm] = level
            state = int(layout.steps[number][cost_of[picked], state])
        return tuple(plan)

    def _spend(self, number: int, table: Array, into: Array) -> None:
        """Carry a table over one more group."""
        layout, ring = self.layout, self.ring
        steps, pooled = layout.steps[number], self._pooled[layout.costs[number]]
        ring.over.reduce(ring.along(table[steps], pooled[:, None]), axis=0, out=into[: layout.dead])

    def _first(self) -> Array:
        """Put together the plans by the first group that runs anything.

        No sum here or in `walk` contains the plan that runs nothing, so that nothing is subtracted or drawn again
        however likely that plan is under the factors.
        """
        layout, ring = self.layout, self.ring
        rest = self.after.ravel()[layout.left[:, 0]]  # nothing was spent before
        worth = ring.along(self.combos, rest[layout.cost_of_combo])
        nothing = ring.along.accumulate(self.combos[layout.starts])
        worth[layout.starts] = ring.zero
        first = ring.over.reduceat(worth, layout.starts)
        first[1:] = ring.along(first[1:], nothing[:-1])
        if layout.reserved is not None:
            first[-1] = ring.zero
        return np.asarray(first)


class Plans(Protocol):
    """A distribution over feasible plans."""

    @property
    def marginals(self) -> Array:
        """Return P(level) of each arm, shape (arms, levels)."""
        ...

    def joint(self, levels: Sequence[int]) -> float:
        """Return P(plan)."""
        ...

    def sample(self, rng: np.random.Generator) -> Levels:
        """Draw a plan."""
        ...


class Tables:
    """The distribution over feasible plans that is proportional to the product of `factors`.

    factors: shape (arms, levels), >= 0. The plan that runs nothing is left out.
    """

    def __init__(self, space: PlanSpace, factors: Array) -> None:
        self._space = space
        self.factors = factors
        self._pass = _Pass(space.layout, factors, _SUM_PRODUCT)
        self._total = float(self._pass.first.sum())
        if not self._total > 0:
            raise InvalidSettings("every feasible plan has probability 0")
        sums = self._pass.by_level()
        if space.reserved is not None:  # alone it is no plan
            others = np.delete(factors[:, 0], space.reserved).prod()
            alone = np.where(sums[space.reserved] > 0, factors[space.reserved] * others, 0.0)
            sums[space.reserved] = np.maximum(sums[space.reserved] - alone, 0.0)
        self.marginals = sums / self._total
        self.marginals[:, 0] = np.maximum(1 - self.marginals[:, 1:].sum(axis=1), 0.0)

    def joint(self, levels: Sequence[int]) -> float:
        """Return P(plan)."""
        if not self._space.rules.feasible(levels):
            return 0.0
        return float(np.prod(self.factors[range(len(levels)), list(levels)])) / self._total

    def sample(self, rng: np.random.Generator) -> Levels:
        """Draw a plan."""
        return self._pass.walk(lambda masses: _pick(masses, rng))


def _pick(masses: Array, rng: np.random.Generator) -> int:
    """Draw an index in proportion to masses."""
    upto = list(itertools.accumulate(masses.tolist()))
    return min(bisect_right(upto, rng.random() * upto[-1]), len(upto) - 1)


class OnePlan:
    """The distribution that has one plan."""

    def __init__(self, levels: Levels, shape: tuple[int, int]) -> None:
        self._levels = levels
        self.marginals = np.zeros(shape)
        self.marginals[np.arange(shape[0]), levels] = 1.0

    def joint(self, levels: Sequence[int]) -> float:
        """Return P(plan)."""
        return float(tuple(levels) == self._levels)

    def sample(self, rng: np.random.Generator) -> Levels:  # noqa: ARG002  # there is nothing to draw
        """Return the plan."""
        return self._levels


@dataclass(frozen=True, slots=True)
class PlanDistribution:
    """An exact distribution over feasible plans: mostly `learned`, with probability `mix` uniform over all.

    marginals: P(level) of each arm, shape (arms, levels); each row sums to 1.
    """

    learned: Plans
    uniform: Plans
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

    def beside(self, levels: Sequence[int], arm: int) -> Array:
        """Return P(level of an arm | the levels that a plan has of all others); shape (levels,)."""
        count = self.marginals.shape[1]
        joints = np.array([self.joint([*levels[:arm], level, *levels[arm + 1 :]]) for level in range(count)])
        return np.asarray(joints / joints.sum())

    def sample(self, rng: np.random.Generator) -> Levels:
        """Draw a plan: the level of each arm."""
        tables = self.uniform if self.mix and rng.random() < self.mix else self.learned
        return tables.sample(rng)
