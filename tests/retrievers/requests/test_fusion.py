"""Ranked lists in order, and merged."""

import math

import pytest

from ltrr.models.records.query import Hit
from ltrr.retrievers.requests.fusion import ranked, reciprocal_rank


def test_ranked_orders_and_cuts() -> None:
    """Best first, ties by object id, each object once with its best score, nothing that is no number."""
    hits = [Hit("b", 1.0), Hit("a", 1.0), Hit("c", 2.0), Hit("b", 3.0), Hit("n", math.nan)]
    assert ranked(hits, 3) == (Hit("b", 3.0), Hit("c", 2.0), Hit("a", 1.0))


def test_reciprocal_rank() -> None:
    """Scores are sums of 1 / (60 + rank)."""
    fused = {h.object_id: h.score for h in reciprocal_rank([[Hit("a", 9.0), Hit("b", 8.0)], [Hit("b", 0.1)]])}
    assert fused == {"a": pytest.approx(1 / 61), "b": pytest.approx(1 / 62 + 1 / 61)}
