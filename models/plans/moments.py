"""Second moments of distributions over plans, and the vector by which the pseudo-inverse estimator weighs a plan.

phi(b) is the indicator vector of a plan: one entry for each arm and level, shape (arms, levels). Gamma = E[phi phi'] of
the distribution that the plan was drawn from, g(b) = pinv(Gamma) phi(b). Then <E_target[phi], g(b)> is the weight of
the pseudo-inverse estimator for any target. It has a closed form where arms are drawn independently, also where the one
plan left out is that which runs nothing. Under caps Gamma is summed exactly over all feasible plans.

Source: Swaminathan et al. 2017 (arXiv 1605.04812).
"""

import itertools
import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ltrr.models.plans.plan import PlanRules
from ltrr.models.plans.space import PlanSpace
from ltrr.models.statistics.least_squares import Array

_BLOCK = 128
_STEPS = 60
_LONGEST_STEP = 3.0  # in logarithms of factors
_CONVERGED = 1e-12
_EXACT = 1e-16
_RIDGE = 1e-11  # levels of an arm sum to 1, so that covariances have no inverse
_RANK = 1e-9
_SAME = 1e-6  # a logged joint probability fits


def product_inverses(levels: NDArray[np.intp], marginals: Array) -> Array:
    """Return g of plans whose arms were drawn independently; shape (n, arms, levels).

    <q, g> = 1 - A + sum over arms of q(b_a) / p(b_a). levels: shape (n, arms); marginals: shape (n, arms, levels).
    """
    count, arms, _ = marginals.shape
    chosen = np.take_along_axis(marginals, levels[:, :, None], axis=2)
    inverses = np.full(marginals.shape, (1 - arms) / arms)
    np.put_along_axis(inverses, levels[:, :, None], (1 - arms) / arms + 1 / chosen, axis=2)
    return inverses if count else np.zeros(marginals.shape)


class PlanMoments:
    """Finds the distributions that logged plans were drawn from again, and their g.

    A policy's distribution is proportional to a product of factors over the feasible plans, mostly mixed with a uniform
    feasible plan. Its marginals determine it: factors are solved for until the marginals are met, and the logged joint
    probability, which the solution never saw, must come out. exploration: the uniform plan's share where a policy mixes
    it in; a policy over another policy may do so twice.
    """

    def __init__(self, space: PlanSpace, exploration: float) -> None:
        self._space = space
        capped = space.rules.max_calls is not None or space.rules.max_candidates is not None
        self._mixes = (exploration, 1 - (1 - exploration) ** 2, *([0.0] if capped else []))
        self._product = not capped
        self._pairs = self._ranked_pairs = _PairSums(space.rules)
        if space.reserved is not None:
            ranked = tuple(arm for arm in space.rules.arms if not arm.reserved)
            self._ranked_pairs = _PairSums(replace(space.rules, arms=ranked, baseline=()))
        self._uniform = self._pairs.moments(space.uniform.factors[None])[0][0]

    def inverses(self, levels: NDArray[np.intp], marginals: Array, joints: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Return g, shape (n, arms, levels), and which plans' joint probabilities fit their marginals; shape (n,).

        levels: shape (n, arms). marginals: shape (n, arms, levels). joints: P(plan), shape (n,).
        """
        inverses = np.zeros(marginals.shape)
        fits = np.zeros(len(levels), dtype=bool)
        certain = joints > 1 - _CONVERGED
        fits[certain] = np.take_along_axis(marginals[certain], levels[certain][:, :, None], axis=2).min(
            axis=(1, 2), initial=1.0
        ) > (1 - _SAME)
        inverses[certain] = _indicators(levels[certain], self._space.shape) / self._space.shape[0]
        if self._product:
            left = np.flatnonzero(~certain)
            inverses[left], found = self._of_product(levels[left], marginals[left])
            fits[left] = _same(found, joints[left])
        for mix in self._mixes:
            left = np.flatnonzero(~fits & ~certain)
            for at in range(0, len(left), _BLOCK):
                rows = left[at : at + _BLOCK]
                inverses[rows], found = self._of_mixture(levels[rows], marginals[rows], mix)
                fits[rows] = _same(found, joints[rows])
        return inverses, fits

    def _of_product(self, levels: NDArray[np.intp], marginals: Array) -> tuple[Array, Array]:
        """Return g and P(plan) of a product over arms from which plans that run nothing that is ranked are left out."""
        reserved = self._space.reserved
        if reserved is None:
            return self._of_ranked(levels, marginals)
        # two independent parts: the weights of both, less 1
        inverses = np.full(marginals.shape, -1.0)
        ranked = [arm for arm in range(marginals.shape[1]) if arm != reserved]
        inverses[:, ranked], joints = self._of_ranked(levels[:, ranked], marginals[:, ranked])
        rows = np.arange(len(levels))
        chosen = marginals[rows, reserved, levels[:, reserved]]
        inverses[rows, reserved, levels[:, reserved]] += 1 / chosen
        return inverses, joints * chosen

    def _of_ranked(self, levels: NDArray[np.intp], marginals: Array) -> tuple[Array, Array]:
        """Return g and P(plan) of a product over arms from which the plan that runs nothing is left out."""
        off = marginals[:, :, 0]
        nothing = np.zeros(len(levels))
        for _step in range(_STEPS):  # Newton on a convex function, from its left: never too far
            each = nothing[:, None] + (1 - nothing[:, None]) * off
            product = each.prod(axis=1)
            slope = 1 - (product[:, None] / np.maximum(each, _RIDGE) * (1 - off)).sum(axis=1)
            step = (product - nothing) / np.where(slope > _RIDGE, slope, 1.0)
            nothing = np.clip(nothing + step, 0.0, 1 - _RANK)
            if np.abs(step).max(initial=0.0) < _EXACT:
                break
        kept = 1 - nothing
        factors = kept[:, None, None] * marginals
        factors[:, :, 0] += nothing[:, None]
        joints = np.take_along_axis(factors, levels[:, :, None], axis=2).prod(axis=(1, 2)) / kept
        # Gamma is that of the product, less what the plan that runs nothing had of it: a change of rank one
        inverses = product_inverses(levels, np.maximum(factors, _RIDGE * _RIDGE))
        empty = product_inverses(np.zeros_like(levels), np.maximum(factors, _RIDGE * _RIDGE))
        two_or_more = 1 - nothing * empty[:, :, 0].sum(axis=1)
        gain = nothing * inverses[:, :, 0].sum(axis=1) / np.where(two_or_more > _RANK, two_or_more, 1.0)
        inverses = kept[:, None, None] * (inverses + gain[:, None, None] * empty)
        singular = two_or_more <= _RANK
        if singular.any():
            moments = self._ranked_pairs.moments(factors[singular])[0]
            inverses[singular] = _solved(moments, levels[singular], marginals.shape[1:])
        return inverses, joints

    def _of_mixture(self, levels: NDArray[np.intp], marginals: Array, mix: float) -> tuple[Array, Array]:
        """Return g and P(plan) of a product over the feasible plans, mixed with a uniform one."""
        uniform = np.diagonal(self._uniform).reshape(self._space.shape)
        wanted = np.maximum((marginals - mix * uniform) / (1 - mix), 0.0)
        factors = np.where(wanted > _CONVERGED, wanted, 0.0)
        for _step in range(_STEPS):  # Newton on the log-likelihood of an exponential family
            moments, totals = self._pairs.moments(factors)
            means = np.diagonal(moments, axis1=1, axis2=2)
            gaps = wanted.reshape(means.shape) - means
            if np.abs(gaps).max() < _CONVERGED:
                break
            covariances = moments - means[:, :, None] * means[:, None, :]
            eye = _RIDGE * np.eye(covariances.shape[1])
            steps = np.linalg.solve(covariances + eye, gaps[:, :, None])[:, :, 0]
            steps = np.where(factors.reshape(means.shape) > 0, steps, 0.0)
            steps -= steps.max(axis=1, keepdims=True)
            factors = factors * np.exp(np.maximum(steps, -_LONGEST_STEP)).reshape(factors.shape)
            factors = factors / factors.max(axis=2, keepdims=True)
        learned = np.take_along_axis(factors, levels[:, :, None], axis=2).prod(axis=(1, 2)) / totals
        by_chance = np.array([self._space.uniform.joint(plan) for plan in levels.tolist()])
        mixed = (1 - mix) * moments + mix * self._uniform
        return _solved(mixed, levels, self._space.shape), (1 - mix) * learned + mix * by_chance


def _same(found: Array, logged: Array) -> NDArray[np.bool_]:
    return np.abs(found - logged) <= _SAME * logged


def _indicators(levels: NDArray[np.intp], shape: tuple[int, int]) -> Array:
    indicators = np.zeros((len(levels), *shape))
    np.put_along_axis(indicators, levels[:, :, None], 1.0, axis=2)
    return indicators


def _solved(moments: Array, levels: NDArray[np.intp], shape: tuple[int, int]) -> Array:
    """Return pinv(moments) phi(levels); moments: shape (n, arms x levels, arms x levels)."""
    indicators = _indicators(levels, shape).reshape(len(levels), -1, 1)
    inverses = np.linalg.pinv(moments, rcond=_RANK, hermitian=True) @ indicators
    return np.asarray(inverses[:, :, 0].reshape(len(levels), *shape))


class _Group:
    """Arms that share sub-requests under a cap on calls, with all their level combinations that keep the caps.

    levels: shape (n, m). costs: the distinct (calls, candidate units) of them. cost_of: shape (n,), index into costs.
    """

    def __init__(self, rules: PlanRules, arms: list[int], unit: int) -> None:
        self.arms = arms
        kept = []
        for combination in itertools.product(range(len(rules.ladder)), repeat=len(arms)):
            plan = [0] * len(rules.arms)
            for arm, level in zip(arms, combination, strict=True):
                plan[arm] = level
            if rules.within_caps(plan):
                calls = rules.calls(plan) if rules.max_calls is not None else 0
                units = sum(rules.ladder[level] for level in plan) // unit if rules.max_candidates is not None else 0
                kept.append(((calls, units), combination))
        self.costs = sorted({cost for cost, _ in kept})
        self.levels = np.array([combination for _, combination in kept], dtype=np.intp)
        self.cost_of = np.array([self.costs.index(cost) for cost, _ in kept], dtype=np.intp)
        self.by_cost = np.eye(len(self.costs))[:, self.cost_of]
        self.by_level = [np.eye(len(rules.ladder))[:, column] for column in self.levels.T]


class _PairSums:
    """Sums over all feasible plans, by pairs of (arm, level), of many products of factors at once.

    The dynamic programme of models/plans/space.py, with the batch as the last axis.
    """

    def __init__(self, rules: PlanRules) -> None:
        self._shape = (len(rules.arms), len(rules.ladder))
        reserved = np.array([arm.reserved for arm in rules.arms], dtype=np.intp)
        alone = [reserved * level for level in range(len(rules.ladder) if reserved.any() else 1)]
        self._left_out = [plan for plan in alone if rules.within_caps(plan.tolist())]
        unit = math.gcd(*rules.ladder)
        most_calls = len({call for arm in rules.arms for call in arm.calls})
        most_units = len(rules.arms) * rules.ladder[-1] // unit
        self._caps = (min(rules.max_calls or 0, most_calls), min((rules.max_candidates or 0) // unit, most_units))
        self._groups = [_Group(rules, arms, unit) for arms in _sharing(rules)]

    def moments(self, factors: Array) -> tuple[Array, Array]:
        """Return E[phi phi'], shape (n, arms x levels, arms x levels), and the sums that normalise, shape (n,).

        factors: shape (n, arms, levels). Plans that run nothing that is ranked are left out.
        """
        arms, levels = self._shape
        count, size = len(factors), arms * levels
        clamped = np.repeat(factors[:, None], size, axis=1).reshape(count, arms, levels, arms, levels)
        for arm in range(arms):
            clamped[:, arm, :, arm, :] *= np.eye(levels)
        flat = np.moveaxis(clamped.reshape(count * size, arms, levels), 0, 2)
        pairs = np.moveaxis(self._by_level(np.ascontiguousarray(flat)), 2, 0).reshape(count, arms, levels, arms, levels)
        pairs = pairs.reshape(count, size, size)
        for plan in self._left_out:
            cells = np.arange(arms) * levels + plan
            pairs[:, cells[:, None], cells] -= factors[:, range(arms), plan].prod(axis=1)[:, None, None]
        totals = np.diagonal(pairs, axis1=1, axis2=2)[:, :levels].sum(axis=1)
        return pairs / totals[:, None, None], totals

    def _by_level(self, values: Array) -> Array:
        """Return the sum over the feasible plans that have a level of an arm. values: shape (arms, levels, n)."""
        size = (self._caps[0] + 1, self._caps[1] + 1, values.shape[2])
        combos, pooled = [], []
        for group in self._groups:
            worth = values[group.arms[0], group.levels[:, 0]]
            for arm, column in zip(group.arms[1:], group.levels.T[1:], strict=True):
                worth = worth * values[arm, column]
            combos.append(worth)
            pooled.append(group.by_cost @ worth)
        after = [np.ones(size)]
        for group, masses in zip(reversed(self._groups), reversed(pooled), strict=True):
            after.append(_spend(after[-1], group.costs, masses))
        after.reverse()
        before = np.zeros(size)
        before[0, 0] = 1.0
        result = np.empty(values.shape)
        for index, group in enumerate(self._groups):
            around = np.empty(pooled[index].shape)
            for at, (calls, units) in enumerate(group.costs):
                left = (slice(0, size[0] - calls), slice(0, size[1] - units))
                around[at] = (before[left] * after[index + 1][left][::-1, ::-1]).sum(axis=(0, 1))
            worth = combos[index] * around[group.cost_of]
            for arm, by_level in zip(group.arms, group.by_level, strict=True):
                result[arm] = by_level @ worth
            before = _spend(before, group.costs, pooled[index])
        return result


def _spend(table: Array, costs: list[tuple[int, int]], masses: Array) -> Array:
    """Carry a table over one more group. masses: the group's sum at each of its costs, shape (costs, n)."""
    result = np.zeros_like(table)
    for (calls, units), mass in zip(costs, masses, strict=True):
        result[calls:, units:] += table[: len(table) - calls, : table.shape[1] - units] * mass
    return result


def _sharing(rules: PlanRules) -> list[list[int]]:
    """Return the arms in groups that share no sub-request; each by itself where calls are not capped."""
    if rules.max_calls is None:
        return [[index] for index in range(len(rules.arms))]
    groups: list[tuple[set[str], list[int]]] = []
    for index, arm in enumerate(rules.arms):
        touched = [group for group in groups if group[0] & set(arm.calls)]
        calls = set(arm.calls).union(*(group[0] for group in touched))
        members = [member for group in touched for member in group[1]]
        groups = [group for group in groups if group not in touched] + [(calls, [*members, index])]
    return [members for _, members in groups]
