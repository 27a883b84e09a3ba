"""Profiles: sums that fade, add up, stay bounded and are forgotten by what the log says alone."""

import math

import pytest

from ltrr.models.memory.profiles import FADED, LARGEST, Profile, Profiles
from ltrr.models.records.query import Hit
from ltrr.models.statistics.decay import Decay
from tests.models.states import swept


def take(profiles: Profiles, name: str, object_id: str, value: float, time_s: float) -> None:
    """Show somebody a page, of which an entity is taken."""
    assert profiles.count(name, time_s)
    assert profiles.act(name, object_id, value, time_s)


def test_what_was_taken_is_known_strongest_first():
    """Values of one entity add up; ties go by id; nothing is known of a stranger, and asking leaves no trace."""
    profiles = Profiles(Decay())
    for object_id, value in (("b", 0.5), ("a", 0.5), ("c", 0.5), ("c", 0.5)):
        take(profiles, "ann", object_id, value, 10.0)
    assert profiles.strongest("ann", 10.0, 9) == (Hit("c", 1.0), Hit("a", 0.5), Hit("b", 0.5))
    assert profiles.strongest("ann", 10.0, 1) == (Hit("c", 1.0),)
    assert profiles.strongest("bob", 10.0, 9) == profiles.strongest(None, 10.0, 9) == ()
    assert list(profiles) == ["ann"]


def test_what_was_taken_long_ago_counts_less():
    """Weights halve with each half-life, between entities and for all of them when asked later."""
    profiles = Profiles(Decay(100.0))
    take(profiles, "ann", "old", 1.0, 1000.0)
    take(profiles, "ann", "new", 0.5, 1200.0)
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
        take(whole, name, object_id, 0.3, time_s)
        take(parts[at % 2], name, object_id, 0.3, time_s)
    alone = parts[0].strongest("ann", 1000.0, 9)
    backwards = Profiles(decay)
    for name, object_id, time_s in reversed(acts):
        take(backwards, name, object_id, 0.3, time_s)
    for other in (parts[0] + parts[1] + parts[2], parts[2] + (parts[1] + parts[0]), backwards):
        assert sorted(other) == ["ann", "bob"]
        for name in ("ann", "bob"):
            expected, found = whole.strongest(name, 1000.0, 9), other.strongest(name, 1000.0, 9)
            assert [hit.object_id for hit in found] == [hit.object_id for hit in expected]
            assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], rel=1e-12)
        take(other, "ann", "x", 1.0, 1000.0)
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


def test_profiles_are_bounded():
    """A full table takes nobody new in; the sweep drops those of least pages, with what they took, and makes room."""
    profiles = Profiles(Decay(), most=4)
    for name, pages in zip("abcd", (3, 1, 2, 4), strict=True):
        for _ in range(pages):
            take(profiles, name, "x", 1.0, 0.0)
    assert not profiles.count("e", 0.0)
    assert not profiles.act("e", "x", 1.0, 0.0)
    assert swept(profiles.sweep(0, 1)) == ["b"]
    assert profiles.strongest("b", 0.0, 9) == ()
    assert profiles.count("e", 60.0, stretch=1)
    assert set(profiles) == {"a", "c", "d", "e"}


def test_what_was_taken_before_a_profile_was_dropped_does_not_come_back():
    """An action on a page from before its owner's birth counts no more, whenever it is read."""
    profiles = Profiles(Decay(), most=2)
    for name in "abb":
        take(profiles, name, "x", 1.0, 0.0)
    assert swept(profiles.sweep(0, 1)) == ["a"]
    assert profiles.count("a", 60.0, stretch=1)
    assert not profiles.act("a", "x", 1.0, 0.0, stretch=0)
    assert profiles.act("a", "y", 1.0, 60.0, stretch=1)
    assert profiles.strongest("a", 60.0, 9) == (Hit("y", 1.0),)


def test_faded_profiles_are_forgotten_by_the_log_alone():
    """What lies FADED half-lives back goes at the end of a half-life, whichever stretches were looked at before."""
    last = 60 * (FADED + 1)
    for stretches in ([last], [3, 61, 60 * FADED, last]):
        profiles = Profiles(Decay(3_600.0))
        take(profiles, "gone", "x", 1.0, 0.0)
        take(profiles, "kept", "x", 1.0, 7_200.0)
        steps = zip([1, *stretches], stretches, strict=False)
        assert [name for before, stretch in steps for name in swept(profiles.sweep(before, stretch))] == ["gone"]
        assert list(profiles) == ["kept"]
