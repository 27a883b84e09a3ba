"""Groups of visitors: sums add up, and none that says far more than others is heard."""

from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.memory.query_memory import GROUPS
from ltrr.models.ranking.groups import GroupedSums, group_of, shares
from ltrr.models.records.impression import Impression
from ltrr.models.statistics.decay import Decay

PAGE = Impression("q", 0.0, "jeans", "jeans")


def learned(times: list[float], decay: Decay) -> GroupedSums:
    """Return the sums of one page for each time; the page depends on the time alone."""
    sums = GroupedSums(3, 2)
    for time_s in times:
        rng = np.random.default_rng(int(time_s))
        weight, rows = sums.reach(decay, time_s), rng.normal(size=(2, 3))
        sums.add(weight * rows.T @ rows, [int(rng.integers(GROUPS))], weight * rng.random((1, 6)))
    return sums


@pytest.mark.parametrize("split", [0, 1, 5, 12])
def test_sums_add_up(split: int):
    """Sums of parts, at different epochs or empty, add up in either order to the sums of all."""
    decay = Decay(100.0)
    times = np.random.default_rng(1).uniform(0, 2000, 12).tolist()
    left, right, whole = learned(times[:split], decay), learned(times[split:], decay), learned(sorted(times), decay)
    for both in (left + right, right + left, learned(times, decay)):
        assert both.epoch == whole.epoch
        np.testing.assert_allclose(both.moment, whole.moment, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(both.said, whole.said, rtol=1e-9, atol=1e-15)


def test_empty_sums_add_up_to_empty_ones():
    """Nothing plus nothing is nothing, and what it is added to afterwards stays what it is."""
    nothing = GroupedSums(3, 2) + GroupedSums(3, 2)
    assert (nothing.epoch, nothing.said.any()) == (0, False)
    one = learned([5.0], Decay())
    before = one.said.copy()
    both = one + nothing
    both.said += 1.0
    assert np.array_equal(one.said, before)


def test_sums_of_another_shape_are_refused():
    """What does not fit the columns is not taken over."""
    with pytest.raises(ValueError, match=r"\(3, 3\)"):
        GroupedSums(3).restore(np.zeros((2, 2)), np.zeros((GROUPS, 4)), 0)


def test_all_groups_alike_count_in_full():
    """All is heard where none has gained more than three times the median one, and before anything was gained."""
    assert shares(np.linspace(1.0, 4.0, GROUPS)).tolist() == [1.0] * GROUPS
    assert shares(np.zeros(GROUPS)).tolist() == [1.0] * GROUPS


def test_who_says_far_more_than_others_is_not_heard():
    """The more a group has gained beyond three times the median one the less it counts; the others count in full."""
    for gained, share in ((3.0, 1.0), (9.0, 1.0), (13.5, 0.5), (18.0, 0.0), (3e6, 0.0)):
        heard = np.full(GROUPS, 3.0)
        heard[5] = gained
        assert shares(heard).tolist() == pytest.approx([1.0] * 5 + [share] + [1.0] * 10)


def test_few_groups_count_in_full():
    """One visitor alone, or two, are all there is to learn from; groups that gained next to nothing are none."""
    for gained in ([40.0], [40.0, 1.0], [40.0, 0.1, 0.1, 0.1]):
        heard = np.array([*gained, *[0.0] * (GROUPS - len(gained))])
        assert shares(heard).tolist() == [1.0] * GROUPS


def test_who_counts_little_is_heard_of_all_the_same():
    """What is heard of all is weighted by the shares, the moment by what they leave of the weights."""
    sums = GroupedSums(1)
    sums.add(np.array([[8.0]]), [0, 1], np.array([[2.0, 3.0], [4.0, 1.0]]))
    moment, said = sums.heard(np.array([0.5, 1.0, *[1.0] * (GROUPS - 2)]))
    assert moment.tolist() == [[8.0 * 2.5 / 4.0]]
    assert said.tolist() == [5.0, 2.5]


def test_a_visitor_is_in_one_group():
    """All pages of a visitor are of one group, whatever he asks for; without an id each query is another visitor."""
    ann = replace(PAGE, client_id="ann")
    assert len({group_of(replace(ann, query_id=str(n), normalised_query=str(n))) for n in range(100)}) == 1
    unknown = [group_of(replace(PAGE, query_id=str(n))) for n in range(1_000)]
    assert min(np.bincount(unknown, minlength=GROUPS)) > 30
    assert group_of(PAGE) == group_of(replace(PAGE, page=2))
