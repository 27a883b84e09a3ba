"""What two arms find both."""

import numpy as np
import pytest

from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.overlap import Overlaps

ARMS = ("a", "b", "c")


def ran(one: float, other: float, common: float, time_s: float = 0.0) -> Credit:
    """Return the credit of a page that `a` and `b` made, `b` at its second level."""
    return Credit(("a", "b", "b"), (1, 1, 2), np.array([one, 0.1, other]), time_s, (("a", "b"),), np.array([common]))


def test_share_is_the_cosine_of_what_both_find():
    """Much that is known outweighs the half that is believed first; arms that never met keep it."""
    overlaps = Overlaps(ARMS)
    for _ in range(2000):
        overlaps.learn_one(ran(0.9, 0.4, 0.3))
    shares = overlaps.shares()
    assert shares[0, 1] == shares[1, 0] == pytest.approx(0.3 / 0.6, abs=0.01)
    assert shares[0, 2] == 0.5


def test_clone_shares_everything():
    """An arm and its twin have all in common."""
    overlaps = Overlaps(ARMS)
    for _ in range(1000):
        overlaps.learn_one(ran(0.5, 0.5, 0.5))
    assert overlaps.shares()[0, 1] > 0.99


def test_later_credit_replaces_the_former():
    """A page that is credited again counts once."""
    once, twice = Overlaps(ARMS), Overlaps(ARMS)
    last = ran(0.5, 0.75, 0.25)
    once.learn_one(last)
    twice.learn_one(ran(0.25, 0.5, 0.125))
    twice.learn_one(last, ran(0.25, 0.5, 0.125))
    assert np.array_equal(once.common, twice.common)
    assert np.array_equal(once.alone, twice.alone)


def test_parts_add_up_whatever_their_epochs():
    """Sums of parts at different epochs are those of one piece, in either order, and survive being taken over."""
    pages = [ran(0.5, 0.25, 0.125, time_s) for time_s in (5.0, 25.0, 42.0, 11.0)]
    whole, parts = Overlaps(ARMS, 10.0), [Overlaps(ARMS, 10.0) for _ in range(2)]
    for number, page in enumerate(pages):
        whole.learn_one(page)
        parts[number % 2].learn_one(page)
    taken = Overlaps(("b", "a"), 10.0)
    for arm in ("a", "b"):
        taken.restore(arm, list(ARMS), whole.row(arm), whole.epoch)
    for merged in (parts[0] + parts[1], parts[1] + parts[0], Overlaps(ARMS, 10.0) + whole):
        assert merged.epoch == whole.epoch == 4
        np.testing.assert_allclose(merged.common, whole.common, rtol=1e-12)
        np.testing.assert_allclose(merged.alone, whole.alone, rtol=1e-12)
    assert taken.epoch == whole.epoch
    assert np.array_equal(taken.alone, whole.alone[[[1], [0]], [1, 0]])


def test_unknown_arms_and_losses_teach_nothing():
    """Pairs with an arm that is no longer there, and credit that says nothing of pairs, change nothing."""
    overlaps = Overlaps(("a", "c"))
    overlaps.learn_one(ran(0.5, 0.5, 0.5))
    overlaps.learn_one(Credit(("a",), (1,), np.array([0.5]), 0.0))
    assert not overlaps.common.any()
    assert not overlaps.alone.any()
