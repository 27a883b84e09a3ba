"""Pages with actions as a listwise ranker learns from them, and how good an order of them is.

What an entity gained is divided by the probability that its position was looked at, so that an action far down counts
for those that were lost there. The discounted cumulative gain (DCG) of an order of these is, in the mean, that of an
order judged by people who look at everything. DCG divided by the best DCG (NDCG) would lose that again, since on a page
with one action the division takes out what it was multiplied with; so each page weighs by its best DCG.

What learns pairs from the top of an order (LambdaMART with a truncation) takes rows whose scores are equal, as all are
at first, in the order in which they come. So rows of a page come by a hash, which says nothing: ids may tell age or
family, and the order of the log tells what was shown first.

Source: Joachims et al. 2017 (inverse propensity weights for DCG-like metrics), Burges 2010 (LambdaMART).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ltrr.models.batch_ranking.log import ActedPage
from ltrr.models.statistics.intervals import Interval, bootstrap
from ltrr.models.statistics.least_squares import Array

DEPTH = 10
_MOST_GAIN = 10.0  # bounds what one action can weigh
_STEPS = 20  # labels are whole numbers: 20 of them make a gain of 1
LABEL_GAINS = tuple(label / _STEPS for label in range(int(_MOST_GAIN * _STEPS) + 1))
"""Gain of each label."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Entities page by page, those of a page in an order of no meaning, the same each time.

    labels: places in LABEL_GAINS; weights: of the page; sizes: entities of each page.
    """

    features: Array
    labels: NDArray[np.intp]
    weights: Array
    sizes: NDArray[np.intp]

    @classmethod
    def of(cls, pages: Sequence[ActedPage]) -> "Groups":
        """Return the groups of one page or more."""
        orders = [_hashed(page) for page in pages]
        return cls(
            features=np.concatenate([page.features[order] for page, order in zip(pages, orders, strict=True)]),
            labels=np.concatenate([_labels(page)[order] for page, order in zip(pages, orders, strict=True)]),
            weights=np.concatenate([np.full(len(page.values), best_dcg(page)) for page in pages]),
            sizes=np.array([len(page.values) for page in pages], dtype=np.intp),
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """NDCG of an order of held-out pages, of the logged order, and the difference with its 95% interval."""

    pages: int
    ndcg: float
    logged: float
    interval: Interval

    @property
    def better(self) -> bool:
        """Tell whether the order is better than the logged one, as far as that can be told."""
        return self.interval.low > 0


def compare(pages: Sequence[ActedPage], scores: Array, seed: int = 0) -> Comparison:
    """Compare an order of pages with the one that was logged, by a bootstrap that draws pages, both orders together.

    scores: of the entities page by page, shape (entities,). What was explored stands where its score would have put it.
    """
    ends = np.cumsum([len(page.values) for page in pages])[:-1]
    ours = np.array([_dcg(_gains(page), part) for page, part in zip(pages, np.split(scores, ends), strict=True)])
    logged = np.array([_dcg(_gains(page), page.scores) for page in pages])
    best = np.array([best_dcg(page) for page in pages])
    total = float(best.sum())
    return Comparison(
        len(pages), float(ours.sum()) / total, float(logged.sum()) / total, bootstrap(ours - logged, seed, best)
    )


def best_dcg(page: ActedPage) -> float:
    """Return the DCG of a page's best order."""
    gains = _gains(page)
    return _dcg(gains, gains)


def _hashed(page: ActedPage) -> list[int]:
    """Return a page's rows, which are sorted by the ids of entities, by a hash of the page's key and their place."""
    name = f"{page.key[0]}/{page.key[1]}".encode()
    return sorted(range(len(page.values)), key=lambda row: hashlib.blake2b(name, salt=row.to_bytes(8)).digest())


def _labels(page: ActedPage) -> NDArray[np.intp]:
    """Return the debiased gains as labels; an action, however small, is worth more than none."""
    gains = np.minimum(page.values / page.looks, _MOST_GAIN)
    return np.asarray(np.maximum(np.rint(gains * _STEPS), gains > 0), dtype=np.intp)


def _gains(page: ActedPage) -> Array:
    return np.asarray(_labels(page) / _STEPS)


def _dcg(gains: Array, scores: Array) -> float:
    """Return the DCG of an order; equal scores keep the order of the rows."""
    ordered = gains[np.argsort(-scores, kind="stable")][:DEPTH]
    return float(ordered @ (1 / np.log2(2 + np.arange(len(ordered)))))
