"""Taste: what a profile says of queries and candidates, and what it does not know."""

import math

import pytest

from ltrr.models.memory.taste import Taste, affinity
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit, Interpretation, Slot, Understanding

SOUL = Entity("soul", "song", "One", {"genre": {"Soul": 0.8, "pop": 0.4}})
JAZZ = Entity("jazz", "song", "Two", {"genre": {"nu jazz": 0.5}})
LOUD = Entity("loud", "song", "Three", {"mood": {"pop": 1.0}})
PLAIN = Entity("plain", "song", "Four")


def understood(*readings: tuple[float, str, str]) -> Understanding:
    """Return an understanding of readings of one slot each: likelihood, attribute, value."""
    return Understanding(
        tuple(Interpretation(p, (Slot(0, 1, attribute, value, 1.0),)) for p, attribute, value in readings)
    )


TASTE = Taste.of((Hit("soul", 2.0), Hit("jazz", 1.0), Hit("gone", 9.0)), [SOUL, JAZZ, None])


def test_shares_are_relative_to_the_strongest_value():
    """Weights of profile and entity multiply; values are compared normalised; what is gone tells nothing."""
    assert TASTE.shares == {
        ("genre", "soul"): pytest.approx(1.0),
        ("genre", "pop"): pytest.approx(0.8 / 1.6),
        ("genre", "nu jazz"): pytest.approx(0.5 / 1.6),
    }


def test_query_matches_by_its_readings():
    """Each reading counts by its likelihood, with the best of its slots; other attributes are others."""
    assert TASTE.match(understood((1.0, "genre", "soul"))) == pytest.approx(1.0)
    assert TASTE.match(
        understood((0.5, "genre", "soul"), (0.3, "genre", "pop"), (0.2, "name", "soul"))
    ) == pytest.approx(0.65)
    assert TASTE.match(understood((1.0, "mood", "soul"))) == TASTE.match(Understanding()) == 0.0


def test_entity_is_liked_by_the_mean_of_its_values():
    """Values count by the entity's weight for them; without attributes there is nothing to like."""
    assert TASTE.like(SOUL) == pytest.approx((0.8 * 1.0 + 0.4 * 0.5) / 1.2)
    assert TASTE.like(LOUD) == TASTE.like(PLAIN) == 0.0


def test_strength_grows_from_nothing_to_one():
    """Nothing known is 0; the more was taken the stronger, up to 1."""
    strengths = [Taste((Hit("x", weight),)).strength for weight in (0.5, 3.0, 50.0, 1e9)]
    assert Taste().strength == 0.0
    assert strengths == sorted(strengths)
    assert strengths[2:] == [1.0, 1.0]


def test_affinity_is_missing_where_nobody_is_known():
    """Without any profile there is no feature; with one of either kind what it does not hold is 0, not missing."""
    cards = {card.object_id: card for card in (SOUL, LOUD)}
    assert affinity(Taste(), Taste(), cards) == {}
    features = affinity(TASTE, Taste(), cards)
    assert features["affinity.user"] == {"soul": pytest.approx(math.log(3)), "loud": 0.0}
    assert features["affinity.session"] == {"soul": 0.0, "loud": 0.0}
    assert features["affinity.attributes"]["soul"] > features["affinity.attributes"]["loud"] == 0.0
    assert affinity(Taste(), TASTE, cards)["affinity.session"] == features["affinity.user"]
