"""The measures of ranked lists, on lists that can be worked out by hand."""

import math

import pytest

from ltrr.models.evaluation.relevance import graded_ndcg, ndcg, recall, reciprocal_rank

PEERS = [
    (
        ["d1", "d4", "d5", "d12", "d7", "d11", "d2", "d3"],
        {"d4": 0, "d0": 0, "d5": 2, "d6": 2, "d2": -1, "d9": 2, "d13": 3, "d12": 3},
        (0.304473426783, 0.304473426783, 0.333333333333),
    ),
    (
        ["d0", "d11", "d2", "d9", "d3", "d1", "d10", "d6", "d7", "d12"],
        {"d7": 1, "d11": -1, "d2": 2, "d0": 1, "d4": 0, "d10": 1, "d5": 2, "d6": -1},
        (0.436739498589, 0.575265259704, 1.0),
    ),
    (
        ["d2", "d5", "d4", "d8", "d1", "d11", "d12", "d13"],
        {"d8": 0, "d5": -1, "d13": 1, "d4": -1, "d7": 0, "d1": 0, "d12": 2, "d6": 2},
        (0.0, 0.26107608261, 0.142857142857),
    ),
    (
        ["d5", "d4", "d7", "d10", "d6", "d2", "d0", "d13", "d11", "d3", "d8", "d9"],
        {"d2": 3, "d12": -1, "d1": -1, "d10": 2, "d13": 2, "d4": 1, "d7": -1, "d11": 0},
        (0.262147284202, 0.560705131781, 0.5),
    ),
]
"""Ranked lists and grades with ndcg_cut.5, ndcg_cut.10 and recip_rank of trec_eval, by pytrec_eval-terrier 0.5.11."""


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


@pytest.mark.parametrize(("ranked", "grades", "theirs"), PEERS)
def test_measures_are_those_of_trec_eval(ranked: list[str], grades: dict[str, float], theirs: tuple[float, ...]):
    """Graded nDCG at two depths and the reciprocal rank are its own, where grades below 0 gain nothing."""
    relevant = {document for document, grade in grades.items() if grade >= 1}
    ours = (graded_ndcg(ranked, grades, 5), graded_ndcg(ranked, grades, 10), reciprocal_rank(ranked, relevant))
    assert ours == pytest.approx(theirs, abs=1e-11)
