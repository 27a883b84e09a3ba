"""Decay and least-squares sums: whatever the order, the split and the moment of moving, the same numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltrr.models.statistics.decay import Decay, shift
from ltrr.models.statistics.least_squares import LinearStatistics


def test_weight_halves_with_each_half_life():
    """An event one half-life older weighs half, against any reference."""
    decay = Decay(100.0)
    assert decay.weight(250.0, 3) / decay.weight(350.0, 3) == pytest.approx(0.5)
    assert decay.weight(300.0, 3) == 1.0
    assert (decay.epoch(299.9), decay.epoch(300.0), decay.epoch(-0.1)) == (2, 3, -1)


@pytest.mark.whole
@given(st.floats(0, 1e10), st.floats(1, 1e8), st.integers(0, 60))
def test_moving_the_reference_is_exact(time_s: float, half_life_s: float, later: int):
    """A weight moved to a later epoch is the weight at that epoch, to the last bits."""
    decay = Decay(half_life_s)
    epoch = decay.epoch(time_s)
    assert 1 <= decay.weight(time_s, epoch) <= 2
    moved = decay.weight(time_s, epoch) * shift(epoch, epoch + later)
    assert moved == pytest.approx(decay.weight(time_s, epoch + later), rel=1e-6)


def test_infinite_half_life_never_forgets():
    """All events weigh 1 and there is one epoch."""
    assert Decay().weight(5e9, 0) == 1.0
    assert Decay().epoch(5e9) == 0


@pytest.mark.parametrize("half_life_s", [0.0, -1.0, math.nan])
def test_half_life_must_be_above_zero(half_life_s: float):
    """A half-life that is no duration is refused."""
    with pytest.raises(ValueError, match="half_life_s"):
        Decay(half_life_s)


def learned(times: list[float], decay: Decay) -> LinearStatistics:
    """Return the sums of one row for each time; the row depends on the time alone."""
    statistics = LinearStatistics.empty(3)
    for time_s in times:
        rng = np.random.default_rng(int(time_s))
        factor = statistics.reach(decay, time_s)
        statistics.add(rng.normal(size=(2, 3)), rng.normal(size=2), np.full(2, factor))
    return statistics


def assert_same(one: LinearStatistics, other: LinearStatistics) -> None:
    """Compare sums at their common epoch."""
    assert one.epoch == other.epoch
    np.testing.assert_allclose(one.moment, other.moment, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(one.response, other.response, rtol=1e-9, atol=1e-15)
    assert one.weight == pytest.approx(other.weight, rel=1e-12)


@pytest.mark.parametrize("split", [0, 1, 5, 12])
def test_sums_add_up(split: int):
    """Sums of parts, at different epochs or empty, add up in either order to the sums of all."""
    decay = Decay(100.0)
    times = np.random.default_rng(1).uniform(0, 2000, 12).tolist()
    left, right = learned(times[:split], decay), learned(times[split:], decay)
    whole = learned(sorted(times), decay)
    assert_same(left + right, whole)
    assert_same(right + left, whole)
    assert_same(learned(times, decay), whole)


def test_nothing_plus_nothing_is_nothing():
    """Two empty sums add up to an empty one."""
    both = LinearStatistics.empty(3) + LinearStatistics.empty(3)
    assert (both.weight, both.epoch) == (0.0, 0)
    assert not both.moment.any()


def test_adding_leaves_its_parts_alone():
    """The sum shares no array with its parts."""
    part = learned([5.0], Decay())
    before = part.moment.copy()
    both = part + LinearStatistics.empty(3)
    both.moment += 1.0
    assert np.array_equal(part.moment, before)


def test_moments_stay_exactly_symmetric():
    """The upper triangle is all there is to keep."""
    moment = learned(np.random.default_rng(2).uniform(0, 2000, 30).tolist(), Decay(100.0)).moment
    assert np.array_equal(moment, moment.T)


def test_solution_is_the_posterior_mean():
    """The solution is ridge regression towards the prior mean."""
    rng = np.random.default_rng(3)
    rows, targets, weights = rng.normal(size=(20, 3)), rng.normal(size=20), rng.uniform(0.5, 2, 20)
    statistics = LinearStatistics.empty(3)
    statistics.add(rows, targets, weights)
    prior = np.array([1.0, -1.0, 0.5])
    stacked = np.concatenate([rows * np.sqrt(weights)[:, None], math.sqrt(2.0) * np.eye(3)])
    wanted = np.concatenate([targets * np.sqrt(weights), math.sqrt(2.0) * prior])
    expected = np.linalg.lstsq(stacked, wanted, rcond=None)[0]
    np.testing.assert_allclose(statistics.solve(2.0, prior), expected, rtol=1e-9)
    np.testing.assert_allclose(LinearStatistics.empty(3).solve(2.0, prior), prior)


def test_the_sum_of_many_is_what_adding_gives():
    """Parts of different ages, empty ones among them, give the sum of one after the other; nothing gives None."""
    decay = Decay(100.0)
    parts = [learned(times, decay) for times in ([5.0, 250.0], [], [900.0], [30.0])]
    total, expected = LinearStatistics.sum(parts), parts[0] + parts[1] + parts[2] + parts[3]
    assert total is not None
    assert (total.epoch, total.weight) == (expected.epoch, pytest.approx(expected.weight, rel=1e-12))
    np.testing.assert_allclose(total.moment, expected.moment, rtol=1e-12)
    np.testing.assert_allclose(total.response, expected.response, rtol=1e-12)
    assert LinearStatistics.sum([parts[1]]) is None
    assert LinearStatistics.sum([]) is None
