"""Ages under changes of the half-life."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltrr.models.statistics.decay import Change, Decay, DecayedCount, parting_s

half_lives = st.floats(1.0, 1e7) | st.just(math.inf)
times = st.floats(0.0, 4e9)


@st.composite
def decays(draw: st.DrawFn) -> Decay:
    """Return a decay with up to four changes."""
    starts = sorted(draw(st.sets(st.integers(1, 4_000_000_000), max_size=4)))
    return Decay(draw(half_lives), tuple(Change(float(start), draw(half_lives)) for start in starts))


@given(decays(), times, times)
def test_ages_never_fall(decay: Decay, one: float, other: float):
    """Time never makes younger, whatever the changes."""
    assert decay.age(min(one, other)) <= decay.age(max(one, other))


@given(decays(), st.floats(1.0, 1e7), st.floats(0.0, 1.0))
def test_a_change_leaves_what_was_before(decay: Decay, half_life_s: float, part: float):
    """Until it holds, ages are the same to the last bit; from then on they grow by the new half-life."""
    last_s = decay.changes[-1].from_s if decay.changes else 0.0
    from_s = last_s + 1e6
    changed = Decay(decay.half_life_s, (*decay.changes, Change(from_s, half_life_s)))
    before_s = part * from_s
    assert changed.age(before_s) == decay.age(before_s)
    assert changed.age(from_s) == decay.age(from_s)
    assert changed.age(from_s + half_life_s) == pytest.approx(decay.age(from_s) + 1)
    assert (changed.half_life_at(before_s), changed.half_life_at(from_s)) == (
        changed.half_life_at(from_s) if before_s == from_s else decay.half_life_at(before_s),
        half_life_s,
    )


@given(decays(), st.lists(times, min_size=1, max_size=5))
def test_many_weigh_as_each_does(decay: Decay, of_s: list[float]):
    """Weights of several events are those of each."""
    epoch = decay.epoch(max(of_s))
    expected = [decay.weight(time_s, epoch) for time_s in of_s]
    np.testing.assert_allclose(decay.weights(np.array(of_s), epoch), expected, rtol=1e-12)


def test_a_half_life_may_begin_and_end():
    """One that never forgets may begin to, and end it again."""
    decay = Decay(math.inf, (Change(100.0, 10.0), Change(130.0, math.inf)))
    assert [decay.age(time_s) for time_s in (50.0, 100.0, 110.0, 130.0, 1e9)] == [0.0, 0.0, 1.0, 3.0, 3.0]


@pytest.mark.parametrize(
    "changes", [(Change(1.0, 0.0),), (Change(2.0, 1.0), Change(1.0, 1.0)), (Change(1.0, 1.0), Change(1.0, 2.0))]
)
def test_changes_that_cannot_be(changes: tuple[Change, ...]):
    """A half-life is above 0, and changes are in order, one at a time."""
    with pytest.raises(ValueError, match=r"half_life_s must|have to rise"):
        Decay(1.0, changes)


def test_where_two_sets_part():
    """From the first change on that one of them has and the other has not, or has otherwise."""
    both, late = Change(1.0, 5.0), Change(9.0, 5.0)
    assert parting_s({"a": (both,), "b": ()}, {"a": (both,)}) == math.inf
    assert parting_s({"a": (both,)}, {"a": (both, late)}) == 9.0
    assert parting_s({"a": (both, late)}, {"a": (Change(1.0, 6.0), late)}) == 1.0
    assert parting_s({"a": (both,), "b": (late,)}, {"a": (both,)}) == 9.0


def test_a_count_fades_and_adds_up_in_any_order():
    """Of events a half-life apart the older count half, whatever came first and however they were split."""
    times_s = [0.0, 100.0, 200.0, 250.0]
    expected = sum(2.0 ** ((time_s - 250.0) / 100.0) for time_s in times_s)
    for order in itertools.permutations(times_s):
        counts = [DecayedCount(100.0) for _ in range(3)]
        for place, time_s in enumerate(order):
            counts[0].add(time_s)
            counts[1 + place % 2].add(time_s)
        for count in (counts[0], counts[1] + counts[2], DecayedCount(100.0) + counts[0]):
            assert count.events == 4
            assert count.effective == pytest.approx(expected, rel=1e-12)


def test_a_count_comes_back():
    """What is packed is unpacked bit for bit, nothing too."""
    for times_s in ((), (5.0, 1e9)):
        count, again = DecayedCount(3600.0), DecayedCount(3600.0)
        for time_s in times_s:
            count.add(time_s)
        again.unpack(json.loads(json.dumps(count.pack())))
        assert (again.events, again.effective, again.newest_s) == (count.events, count.effective, count.newest_s)
