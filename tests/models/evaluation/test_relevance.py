"""The measures of ranked lists, on lists that can be worked out by hand."""

import math

import pytest

from ltrr.models.evaluation.relevance import ndcg, recall, reciprocal_rank


def test_recall_counts_what_fits():
    """Two of the three wanted are among the first three; at depth 1 only one could be."""
    assert recall(["a", "x", "b"], {"a", "b", "c"}, 3) == pytest.approx(2 / 3)
    assert recall(["a", "b"], {"a", "b", "c"}, 1) == 1.0
    assert recall([], {"a"}, 20) == 0.0


def test_reciprocal_rank_is_of_the_first():
    """Only the first relevant one counts."""
    assert reciprocal_rank(["x", "a", "b"], {"a", "b"}) == 0.5
    assert reciprocal_rank(["x"], {"a"}) == 0.0


def test_ndcg_discounts_and_normalises():
    """An ideal list has 1; one that begins with a miss has the discounts of the places taken."""
    assert ndcg(["a", "b", "x"], {"a", "b"}, 10) == 1.0
    assert ndcg(["x", "a"], {"a"}, 10) == pytest.approx(1 / math.log2(3))
    assert ndcg(["x", "a", "b"], {"a", "b"}, 2) == pytest.approx((1 / math.log2(3)) / (1 + 1 / math.log2(3)))
