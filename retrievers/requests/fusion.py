"""Order and merge ranked lists."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ltrr.models.records.query import Hit


def ranked(hits: Iterable[Hit], depth: int) -> tuple[Hit, ...]:
    """Return the best `depth` hits: each object once with its best score, ties by object id; NaN is left out."""
    best: dict[str, Hit] = {}
    for hit in hits:
        held = best.get(hit.object_id)
        if not math.isnan(hit.score) and (held is None or hit.score > held.score):
            best[hit.object_id] = hit
    return tuple(sorted(best.values(), key=lambda hit: (-hit.score, hit.object_id))[:depth])


def reciprocal_rank(
    lists: Iterable[Sequence[Hit]], constant: float = 60.0, weights: Iterable[float] | None = None
) -> list[Hit]:
    """Fuse lists by the sum of weight / (constant + rank), rank from 1.

    weights: one of each list, at least 0; 1 each where absent. Weights are for here, not for an engine: Qdrant divides
    the rank by them, so that with this constant a list of half the weight has a third of the page. Raises ValueError
    where there are not as many weights as lists. Source: Cormack, Clarke and Buettcher 2009.
    """
    scores = defaultdict[str, float](float)
    weighed = ((hits, 1.0) for hits in lists) if weights is None else zip(lists, weights, strict=True)
    for hits, weight in weighed:
        for rank, hit in enumerate(hits, start=1):
            scores[hit.object_id] += weight / (constant + rank)
    return [Hit(object_id, score) for object_id, score in scores.items()]
