"""A ranker that was trained in batches, in the place of the online one: it orders the union, and nothing else changes.

It reads the features that the online ranker reads, NaN where missing, and what the online ranker crosses them with. The
estimates stay the online ranker's, since they are calibrated and follow the newest actions.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from ltrr.models.ranking.layout import CROSSES, RankerLayout, context_crosses
from ltrr.models.ranking.ranker import RankedUnion, Ranker
from ltrr.models.statistics.least_squares import Array


class UnionRanker(Protocol):
    """Orders a union."""

    @property
    def layout(self) -> RankerLayout:
        """Return the features that it reads."""
        ...

    def rank(self, raw: Array, context: Mapping[str, float]) -> RankedUnion:
        """Sort a union. raw: the layout's features, shape (candidates, features)."""
        ...


class Scorer(Protocol):
    """Weights that were trained in batches."""

    def __call__(self, features: Array) -> Array:
        """Return scores, shape (n,). features: those of `batch_names`, shape (n, names)."""
        ...


def batch_names(layout: RankerLayout) -> tuple[str, ...]:
    """Return the names of the features of a candidate: the layout's, then those of the query."""
    return (*layout.names, *CROSSES)


def batch_features(raw: Array, context: Mapping[str, float]) -> Array:
    """Return features, for training and for serving; shape (candidates, names), NaN where missing."""
    shared = np.broadcast_to(context_crosses(context), (len(raw), len(CROSSES)))
    return np.concatenate([raw, shared], axis=1)


class BatchRanker:
    """Orders unions by a scorer.

    The contribution of an arm to a candidate's score is what the score loses when the arm's features are missing. So
    the score without any one arm, which credit needs, is exact. Contributions need not add up to the score.
    """

    def __init__(self, online: Ranker, score: Scorer) -> None:
        self.layout = online.layout
        self._online = online
        self._score = score

    def rank(self, raw: Array, context: Mapping[str, float]) -> RankedUnion:
        """Sort a union. raw: the layout's features, shape (candidates, features)."""
        arms, count = self.layout.arms, len(raw)
        of_arm = np.array([[name.startswith(f"{arm}.") for name in self.layout.names] for arm in arms], dtype=bool)
        rows, columns = np.nonzero(~np.isnan(raw[:, self.layout.gains]))
        without = np.where(of_arm[columns], np.nan, raw[rows])
        scores = self._score(batch_features(np.concatenate([raw, without]), context))
        parts = np.zeros((count, len(arms)))
        parts[rows, columns] = scores[rows] - scores[count:]
        estimates = self._online.estimates(self.layout.expand(raw, context))
        order = np.argsort(-scores[:count], kind="stable")
        return RankedUnion(
            order=order,
            scores=scores[order],
            estimates=estimates[order],
            contributions={arm: parts[order, column] for column, arm in enumerate(arms)},
        )
