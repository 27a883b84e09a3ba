"""How good a ranked list is, where each wanted entity counts the same."""

import math
from collections.abc import Collection, Sequence


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
    found = sum(_gain(rank) for rank, object_id in enumerate(ranked[:depth], start=1) if object_id in relevant)
    return found / sum(_gain(rank) for rank in range(1, min(depth, len(relevant)) + 1))


def _gain(rank: int) -> float:
    return 1.0 / math.log2(1.0 + rank)
