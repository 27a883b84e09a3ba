"""`bench learn` on a few feedbacks; what is fast decides nothing here."""

import numpy as np
import pytest

from ltrr.bench.learn import TEXTBOOK, run
from tests.bench.documents import check

pytestmark = pytest.mark.whole


def test_all_are_timed():
    """Every learner has a rate, and ratios are those of the rates."""
    document = run(feedbacks=100, peers=5, decisions=12)
    check(document, "learn")
    value = {name: figure.value for name, figure in document.figures.items()}
    assert min(value.values()) > 0
    for peer in ("River LinUCBDisjoint", "Vowpal Wabbit", TEXTBOOK):
        assert value[f"ltrr over {peer}"] == pytest.approx(value["ltrr, in batches of 100"] / value[peer])
    assert np.isfinite(list(value.values())).all()
