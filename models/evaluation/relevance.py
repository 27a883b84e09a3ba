"""How good a ranked list is, by what is relevant or by grades of relevance."""

import math
from collections.abc import Collection, Mapping, Sequence


def recall(ranked: Sequence[str], relevant: Collection[str], depth: int) -> float:
    """Return the share of the relevant (at least one) among the first `depth`, of as many as fit there."""
    return sum(object_id in relevant for object_id in ranked[:depth]) / min(depth, len(relevant))


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """Return 1 / the rank of the first that is relevant, 0 where none is."""
    return next((1.0 / rank for rank, object_id in enumerate(ranked, start=1) if object_id in relevant), 0.0)


def ndcg(ranked: Sequence[str], relevant: Collection[str], depth: int) -> float:
    """Return the normalised discounted cumulative gain of the first `depth`, in [0, 1]; at least one is relevant.

    Source: Järvelin and Kekäläinen 2002, with binary gains and the discount log2(1 + rank).
    """
    return graded_ndcg(ranked, dict.fromkeys(relevant, 1.0), depth)


def graded_ndcg(ranked: Sequence[str], grades: Mapping[str, float], depth: int) -> float:
    """Return the normalised discounted cumulative gain of the first `depth`, in [0, 1]; at least one grade is above 0.

    A grade is its gain, one below 0 is 0, and the discount is log2(1 + rank), as `ndcg_cut` of trec_eval has it.
    Source: Järvelin and Kekäläinen 2002.
    """
    ideal = sorted(grades.values(), reverse=True)[:depth]
    return _discounted([grades.get(object_id, 0.0) for object_id in ranked[:depth]]) / _discounted(ideal)


def _discounted(gains: Sequence[float]) -> float:
    return sum(max(0.0, gain) / math.log2(1.0 + rank) for rank, gain in enumerate(gains, start=1))
