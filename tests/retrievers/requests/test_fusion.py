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


@pytest.mark.parametrize("weight", [0.0, 0.01, 0.1, 0.5])
def test_a_light_list_never_orders_the_page(weight: float) -> None:
    """What it alone has is not on the page, however it orders it."""
    heavy, light = ([Hit(f"{name}{at:03}", 100.0 - at) for at in range(100)] for name in ("heavy", "light"))
    fused = ranked(reciprocal_rank([light, heavy], weights=[weight, 1.0]), 20)
    assert [hit.object_id for hit in fused] == [hit.object_id for hit in heavy[:20]]


def test_a_light_list_counts() -> None:
    """Of what the others have alike it decides, and weights of 1 are none."""
    lists = [[Hit("a", 2.0), Hit("b", 1.0)], [Hit("b", 2.0), Hit("a", 1.0)]]
    [first, _] = ranked(reciprocal_rank([*lists, [Hit("b", 1.0)]], weights=[1.0, 1.0, 0.01]), 2)
    assert first.object_id == "b"
    assert reciprocal_rank(lists, weights=[1.0, 1.0]) == reciprocal_rank(lists)


def test_each_list_has_a_weight() -> None:
    """Another number of weights is an error."""
    with pytest.raises(ValueError, match="shorter"):
        reciprocal_rank([[Hit("a", 1.0)]] * 2, weights=[1.0])
