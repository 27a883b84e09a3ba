"""Second moments of distributions over plans, and the vector by which the pseudo-inverse estimator weighs a plan.

phi(b) is the indicator vector of a plan: one entry for each arm and level, shape (arms, levels). Gamma = E[phi phi'] of
the distribution that the plan was drawn from, g(b) = pinv(Gamma) phi(b). Then <E_target[phi], g(b)> is the weight of
the pseudo-inverse estimator for any target. It has a closed form where arms are drawn independently, also where the one
plan left out is that which runs nothing. Under caps Gamma is summed exactly over all feasible plans.

Source: Swaminathan et al. 2017 (arXiv 1605.04812).
"""

import numpy as np
from numpy.typing import NDArray

from models.plan_space import PlanSpace
from models.statistics import Array

_BLOCK = 128
_STEPS = 60
_LONGEST_STEP = 3.0  # in logarithms of factors
_CONVERGED = 1e-12
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

    A policy's distribution is proportional to a product of factors over the feasible plans, mixed with a uniform
    feasible plan under caps. Its marginals determine it: factors are solved for until the marginals are met, and the
    logged joint probability, which the solution never saw, must come out. exploration: the uniform plan's share where
    there are caps.
    """

    def __init__(self, space: PlanSpace, exploration: float) -> None:
        rules = space.rules
        self._space = space
        self._capped = rules.max_calls is not None or rules.max_candidates is not None
        self._mixes = (exploration, 0.0) if self._capped else (0.0,)
        self._pairs = _PairSums(space)
        self._uniform = self._pairs.moments(np.ones((1, *space.shape)))[0][0] if self._capped else np.zeros(0)

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
        solve = self._under_caps if self._capped else self._without_caps
        for mix in self._mixes:
            left = np.flatnonzero(~fits & ~certain)
            for at in range(0, len(left), _BLOCK):
                rows = left[at : at + _BLOCK]
                inverses[rows], found = solve(levels[rows], marginals[rows], mix)
                fits[rows] = np.abs(found - joints[rows]) <= _SAME * joints[rows]
        return inverses, fits

    def _without_caps(self, levels: NDArray[np.intp], marginals: Array, _: float) -> tuple[Array, Array]:
        """Return g and P(plan) of a product over arms from which the plan that runs nothing is left out."""
        off = marginals[:, :, 0]
        nothing = np.zeros(len(levels))
        for _step in range(_STEPS):  # Newton on a convex function, from its left: never too far
            each = nothing[:, None] + (1 - nothing[:, None]) * off
            product = each.prod(axis=1)
            slope = 1 - (product[:, None] / np.maximum(each, _RIDGE) * (1 - off)).sum(axis=1)
            nothing = np.clip(nothing + (product - nothing) / np.where(slope > _RIDGE, slope, 1.0), 0.0, 1 - _RANK)
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
            moments = self._pairs.moments(factors[singular])[0]
            inverses[singular] = _solved(moments, levels[singular], self._space.shape)
        return inverses, joints

    def _under_caps(self, levels: NDArray[np.intp], marginals: Array, mix: float) -> tuple[Array, Array]:
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


def _indicators(levels: NDArray[np.intp], shape: tuple[int, int]) -> Array:
    indicators = np.zeros((len(levels), *shape))
    np.put_along_axis(indicators, levels[:, :, None], 1.0, axis=2)
    return indicators


def _solved(moments: Array, levels: NDArray[np.intp], shape: tuple[int, int]) -> Array:
    """Return pinv(moments) phi(levels); moments: shape (n, arms x levels, arms x levels)."""
    indicators = _indicators(levels, shape).reshape(len(levels), -1, 1)
    inverses = np.linalg.pinv(moments, rcond=_RANK, hermitian=True) @ indicators
    return np.asarray(inverses[:, :, 0].reshape(len(levels), *shape))


class _PairSums:
    """Sums over all feasible plans, by pairs of (arm, level), of many products of factors at once.

    The dynamic programme of PlanSpace, with the batch as the last axis.
    """

    def __init__(self, space: PlanSpace) -> None:
        self._space = space
        self._costs = [np.eye(len(g.costs))[:, g.cost_of] for g in space._groups]  # noqa: SLF001  # its other half
        self._levels = [
            [np.eye(space.shape[1])[:, g.levels[:, column]] for column in range(len(g.arms))]
            for g in space._groups  # noqa: SLF001
        ]

    def moments(self, factors: Array) -> tuple[Array, Array]:
        """Return E[phi phi'], shape (n, arms x levels, arms x levels), and the sums that normalise, shape (n,).

        factors: shape (n, arms, levels). The plan that runs nothing is left out.
        """
        arms, levels = self._space.shape
        count, size = len(factors), arms * levels
        clamped = np.repeat(factors[:, None], size, axis=1).reshape(count, arms, levels, arms, levels)
        for arm in range(arms):
            clamped[:, arm, :, arm, :] *= np.eye(levels)
        flat = np.moveaxis(clamped.reshape(count * size, arms, levels), 0, 2)
        pairs = np.moveaxis(self._by_level(np.ascontiguousarray(flat)), 2, 0).reshape(count, arms, levels, arms, levels)
        pairs[:, :, 0, :, 0] -= factors[:, :, 0].prod(axis=1)[:, None, None]
        pairs = pairs.reshape(count, size, size)
        totals = np.diagonal(pairs, axis1=1, axis2=2)[:, :levels].sum(axis=1)
        return pairs / totals[:, None, None], totals

    def _by_level(self, values: Array) -> Array:
        """Return the sum over the feasible plans that have a level of an arm. values: shape (arms, levels, n)."""
        calls_cap, units_cap = self._space._caps  # noqa: SLF001
        groups = self._space._groups  # noqa: SLF001
        size = (calls_cap + 1, units_cap + 1, values.shape[2])
        combos, pooled = [], []
        for group, costs in zip(groups, self._costs, strict=True):
            worth = values[group.arms[0], group.levels[:, 0]]
            for column in range(1, len(group.arms)):
                worth = worth * values[group.arms[column], group.levels[:, column]]
            combos.append(worth)
            pooled.append(costs @ worth)
        after = [np.ones(size)]
        for group, masses in zip(reversed(groups), reversed(pooled), strict=True):
            after.append(_spend(after[-1], group.costs, masses))
        after.reverse()
        before = np.zeros(size)
        before[0, 0] = 1.0
        result = np.empty(values.shape)
        for index, group in enumerate(groups):
            around = np.empty(pooled[index].shape)
            for at, (calls, units) in enumerate(group.costs):
                left = (slice(0, size[0] - calls), slice(0, size[1] - units))
                around[at] = (before[left] * after[index + 1][left][::-1, ::-1]).sum(axis=(0, 1))
            worth = combos[index] * around[group.cost_of]
            for arm, chosen in zip(group.arms, self._levels[index], strict=True):
                result[arm] = chosen @ worth
            before = _spend(before, group.costs, pooled[index])
        return result


def _spend(table: Array, costs: tuple[tuple[int, int], ...], masses: Array) -> Array:
    """Carry a table over one more group. masses: the group's sum at each of its costs, shape (costs, n)."""
    result = np.zeros_like(table)
    for (calls, units), mass in zip(costs, masses, strict=True):
        result[calls:, units:] += table[: len(table) - calls, : table.shape[1] - units] * mass
    return result
