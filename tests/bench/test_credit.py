"""`bench credit` on a few pages."""

import pytest

from ltrr.bench.credit import run
from tests.bench.documents import check

pytestmark = pytest.mark.whole


def test_leave_one_out_is_nearer_to_the_truth_than_full_credit():
    """Even few pages tell credit that is right from credit that counts a clone many times."""
    document = run(visits=150, visitors=10)
    check(document, "credit")
    value = {name: figure.value for name, figure in document.figures.items()}
    for arm in ("names", "meaning", "meaning_again", "memory"):
        assert abs(value[f"leave-one-out: {arm}"] - value[f"truth: {arm}"]) < 0.05
        assert value[f"full: {arm}"] > 3 * value[f"truth: {arm}"]
        assert value[f"session: {arm}"] > value[f"full: {arm}"] > value[f"equal split: {arm}"]


def test_the_learned_position_curve_is_nearer_to_the_truth_than_the_prior():
    """Where people look less far down than the logarithmic curve says, a few thousand visits tell."""
    value = {name: figure.value for name, figure in run(visits=300, visitors=20).figures.items()}
    learned, prior = (value[f"position curve: largest error, {curve}"] for curve in ("learned", "logarithmic"))
    assert learned < 0.8 * prior
