"""Profiles: sums that fade, add up, stay bounded and are forgotten by what the log says alone."""

import math

import pytest

from ltrr.models.memory.profiles import FADED, LARGEST, Profile, Profiles
from ltrr.models.records.query import Hit
from ltrr.models.statistics.decay import Decay


def test_what_was_taken_is_known_strongest_first():
    """Values of one entity add up; ties go by id; nothing is known of a stranger, and asking leaves no trace."""
    profiles = Profiles(Decay())
    for object_id, value in (("b", 0.5), ("a", 0.5), ("c", 0.5), ("c", 0.5)):
        profiles.act("ann", object_id, value, 10.0)
    assert profiles.strongest("ann", 10.0, 9) == (Hit("c", 1.0), Hit("a", 0.5), Hit("b", 0.5))
    assert profiles.strongest("ann", 10.0, 1) == (Hit("c", 1.0),)
    assert profiles.strongest("bob", 10.0, 9) == profiles.strongest(None, 10.0, 9) == ()
    assert list(profiles) == ["ann"]


def test_what_was_taken_long_ago_counts_less():
    """Weights halve with each half-life, between entities and for all of them when asked later."""
    profiles = Profiles(Decay(100.0))
    profiles.act("ann", "old", 1.0, 1000.0)
    profiles.act("ann", "new", 0.5, 1200.0)
    assert profiles.strongest("ann", 1200.0, 9) == (Hit("new", 0.5), Hit("old", 0.25))
    assert profiles.strongest("ann", 1300.0, 9) == (Hit("new", 0.25), Hit("old", 0.125))
    assert profiles.strongest("ann", 1e9, 9) == ()


@pytest.mark.parametrize("half_life_s", [math.inf, 100.0])
def test_order_and_split_change_nothing(half_life_s: float):
    """Actions in any order and split over partitions give one profile; a sum that learns leaves its parts alone."""
    decay = Decay(half_life_s)
    acts = [("ann", "x", 5.0), ("ann", "y", 950.0), ("bob", "x", 120.0), ("ann", "x", 400.0), ("ann", "z", 2.0)]
    whole = Profiles(decay)
    parts = [Profiles(decay) for _ in range(3)]
    for at, (name, object_id, time_s) in enumerate(acts):
        whole.act(name, object_id, 0.3, time_s)
        parts[at % 2].act(*(name, object_id), 0.3, time_s)
    alone = parts[0].strongest("ann", 1000.0, 9)
    backwards = Profiles(decay)
    for name, object_id, time_s in reversed(acts):
        backwards.act(name, object_id, 0.3, time_s)
    for other in (parts[0] + parts[1] + parts[2], parts[2] + (parts[1] + parts[0]), backwards):
        assert sorted(other) == ["ann", "bob"]
        for name in ("ann", "bob"):
            expected, found = whole.strongest(name, 1000.0, 9), other.strongest(name, 1000.0, 9)
            assert [hit.object_id for hit in found] == [hit.object_id for hit in expected]
            assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], rel=1e-12)
        other.act("ann", "x", 1.0, 1000.0)
    assert parts[0].strongest("ann", 1000.0, 9) == alone


def test_profile_is_bounded():
    """Of more entities than LARGEST the weakest are forgotten, by id where they tie."""
    profile = Profile()
    for number in range(LARGEST + 10):
        profile.act(f"{number:04}", 1.0 if number % 2 else 0.5, 0.0, Decay())
    assert len(profile.weights) == LARGEST
    assert sorted(set(map("{:04}".format, range(LARGEST + 10))) - set(profile.weights)) == [
        f"{number:04}" for number in range(0, 20, 2)
    ]


def test_faded_profiles_are_forgotten_by_the_log_alone():
    """What lies FADED half-lives back goes, whichever way the log was read up to there; the rest stays."""
    decay = Decay(100.0)
    reads = [[1e4], [150.0, 3000.0, 9999.0, 1e4], [1e4, 1e4, 50.0]]
    for before_s in reads:
        profiles = Profiles(decay)
        profiles.act("gone", "x", 1.0, 6000.0)
        profiles.act("kept", "x", 1.0, 1e4 - 100.0 * FADED)
        assert [name for read_s in before_s for name in profiles.expire(read_s)] == ["gone"]
        assert list(profiles) == ["kept"]
    assert list(Profiles(Decay()).expire(1e9)) == []
