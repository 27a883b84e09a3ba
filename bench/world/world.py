"""The world: queries of hidden types, what arms bring for them, and what every plan is truly worth."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ltrr.bench.world.arms import LADDER, SHARES, SKILLS, TYPES, found
from ltrr.models.ranking.position import log_curve
from ltrr.models.statistics.least_squares import Array

PAGE = 10
TARGETS, FILLERS, JUNK = 4, 40, 24
POOL = TARGETS + FILLERS + JUNK
CURVE = np.array(log_curve(PAGE))


class World:
    """A seeded world of `queries` different queries of each type; which one is asked, and its type, are hidden.

    For each query there is a pool of entities. A few are relevant; the arms find them with the skills of the phase,
    overlapping, and fill their lists with entities that hardly anyone wants. An entity is acted on with probability
    `appeal` once it is looked at; the ranker knows `estimate`, the appeal's expectation. The ranker's score is the
    estimate plus a contribution of every arm that brought the entity. Everything that follows is exact: the value of
    a plan for a query is a sum over its page.

    type_of: (queries,). estimate, appeal: (queries, pool). ranks: of each entity in each arm's list, inf where it is
    not on it, (arms, queries, pool). phase: how often the world has switched.
    """

    def __init__(self, seed: int, phase: int = 0, queries: int = 60) -> None:
        rng = np.random.default_rng([seed, 1])  # queries and entities stay, whatever the phase
        self.type_of = np.repeat(np.arange(len(TYPES)), queries)
        count = len(self.type_of)
        self.estimate = np.concatenate(
            [
                rng.uniform(0.2, 0.8, (count, TARGETS)),
                rng.uniform(0.005, 0.03, (count, FILLERS)),
                rng.uniform(0.0, 0.005, (count, JUNK)),
            ],
            axis=1,
        )
        self.appeal = rng.beta(8 * self.estimate, 8 * (1 - self.estimate))
        self.ranks = _ranks(np.random.default_rng([seed, 2, phase]), self.type_of, found(phase))
        self.contributions = np.where(np.isfinite(self.ranks), 0.1 / (2 + np.minimum(self.ranks, 1e6)), 0.0)
        self.shares = np.array(SHARES)[self.type_of] / queries

    def scores(self, plan: Sequence[int], queries: NDArray[np.intp] | slice = slice(None)) -> Array:
        """Return the score of each entity in the union, -inf for the others; shape (queries, pool)."""
        brought = self.ranks[:, queries] <= np.array(LADDER)[list(plan), None, None]
        scores = self.estimate[queries] + (self.contributions[:, queries] * brought).sum(axis=0)
        return np.where(brought.any(axis=0), scores, -np.inf)

    def page_values(self, plan: Sequence[int]) -> Array:
        """Return the expected actions on the page of each query, exact, before prices; shape (queries,)."""
        scores = self.scores(plan)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :PAGE]
        shown = np.take_along_axis(scores, order, axis=1) > -np.inf
        return np.asarray((np.take_along_axis(self.appeal, order, axis=1) * shown) @ CURVE)


def _ranks(rng: np.random.Generator, type_of: NDArray[np.intp], skills: Array) -> Array:
    """Return each arm's lists as the 1-based ranks of entities, inf for those that are not listed."""
    count, longest = len(type_of), LADDER[-1]
    ranks = np.full((len(SKILLS), count, POOL), np.inf)
    easy = rng.normal(size=(count, TARGETS))  # what one arm finds, others find more often too
    usual = rng.normal(size=(count, FILLERS))
    limits = _normal_quantiles(rng, skills)
    for arm, skill in enumerate(SKILLS):
        ease = 0.6 * easy + 0.8 * rng.normal(size=easy.shape)
        places = np.minimum(rng.exponential(skill.depth, ease.shape), longest - 1)
        places[ease > limits[arm, type_of][:, None]] = np.inf
        fill = rng.permuted(np.tile(np.arange(float(JUNK)), (count, 1)), axis=1)
        if not skill.junk:
            fill = np.argsort(np.argsort(-(usual + rng.normal(size=usual.shape)), axis=1), axis=1) + 0.5
        first = TARGETS + FILLERS if skill.junk else TARGETS
        keys = np.full((count, POOL), np.inf)
        keys[:, :TARGETS], keys[:, first : first + fill.shape[1]] = places, fill
        listed = np.argsort(np.argsort(keys, axis=1, kind="stable"), axis=1) + 1.0
        ranks[arm] = np.where(np.isfinite(keys) & (listed <= longest), listed, np.inf)
    names = [skill.name for skill in SKILLS]
    for arm, skill in enumerate(SKILLS):
        if skill.clone_of is not None:
            ranks[arm] = ranks[names.index(skill.clone_of)]
    return ranks


def _normal_quantiles(rng: np.random.Generator, shares: Array) -> Array:
    """Return the standard normal quantiles of shares, from a sample of their own."""
    return np.where(shares > 0, np.quantile(rng.normal(size=20_000), shares), -np.inf)
