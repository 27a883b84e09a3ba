"""`ltrr bench poison`: its document, and that each attack is what it is called."""

import pytest

from ltrr.bench import poison
from ltrr.bench.poisoned.attacks import PLANS
from tests.bench.documents import check

pytestmark = pytest.mark.whole


def test_every_attack_is_compared():
    """Each attack has what it moved of relevance, worth and shares, and targets where it is not for comparison."""
    document = poison.run(seed=3, queries=10)
    check(document, "poison")
    assert document.seeds == [3, 4, 5, 6, 7]
    moved = {f"{what} moved, {name}" for name in PLANS for what in ("relevance@10", "worth", "share")}
    assert set(document.figures) == {"relevance@10, nobody attacks", "cut, listeners", *moved}
    held = {name for name, plan in PLANS.items() if plan.held}
    assert {t.figure.rpartition("moved, ")[2] for t in document.targets} == {"cut, listeners", *held}
    assert document.figures["cut, listeners"].value == 0.0
    assert document.figures["share moved, clicks all"].value > 0.0
