"""The context: known names in a known order, by the user's own clock."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from ltrr.models.memory.taste import Taste
from ltrr.models.records.query import Hit, Interpretation, Query, RememberedHit, Slot, Understanding
from ltrr.models.rewards.context import CONTEXT_NAMES, attribute_features, context_features, context_vector
from ltrr.models.statistics.least_squares import LARGEST_INPUT

SATURDAY_2AM_UTC = datetime(2026, 1, 31, 2, tzinfo=UTC).timestamp()


def query(text: str, time_s: float = SATURDAY_2AM_UTC, remembered: tuple[RememberedHit, ...] = ()) -> Query:
    """Return a query of a text that is normalised already."""
    understanding = Understanding(features={"name_exact": 0.8})
    return Query(text, text, tuple(text.split()), time_s, 1, understanding=understanding, remembered=remembered)


def test_names_are_those_of_the_vector():
    """Each feature that is computed has a place in the vector, and has it once."""
    features = context_features(query("love"))
    assert features.keys() <= set(CONTEXT_NAMES)
    assert len(set(CONTEXT_NAMES)) == len(CONTEXT_NAMES)
    vector = context_vector(features)
    assert vector.shape == (len(CONTEXT_NAMES),)
    assert vector[CONTEXT_NAMES.index("bias")] == 1.0
    assert vector[CONTEXT_NAMES.index("name_exact")] == 0.8
    assert vector[CONTEXT_NAMES.index("alias_exact")] == 0.0


def test_length_is_one_of_three():
    """One token, two, or four and more; an empty query is none of them."""
    names = ("one_token", "two_tokens", "long")
    lengths = [tuple(context_features(query(text))[n] for n in names) for text in ("", "a", "a b", "a b c", "a b c d")]
    assert lengths == [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 0), (0, 0, 1)]


def test_time_is_the_users_own():
    """Night and weekend depend on the user's time zone."""
    here = context_features(query("love"))
    assert (here["weekend"], here["night"]) == (1.0, 1.0)
    there = context_features(query("love"), ZoneInfo("America/New_York"))
    assert (there["weekend"], there["night"]) == (0.0, 0.0)


def test_memory_tells_whether_it_knows_the_query():
    """Nothing remembered is 0 in all; hits count, and the best one's score."""
    assert [context_features(query("x"))[f"memory_{n}"] for n in ("known", "hits", "best")] == [0.0, 0.0, 0.0]
    known = context_features(query("x", remembered=(RememberedHit("a", 0.7), RememberedHit("b", 0.2))))
    assert (known["memory_known"], known["memory_best"], known["memory_near"]) == (1.0, 0.7, 0.0)
    assert 0 < known["memory_hits"] < 1


def test_near_and_predicted_hits_are_told_apart():
    """What others than this query's own users took is no knowledge of the query, and has a feature of its own."""
    borrowed = RememberedHit("a", 0.9, "near"), RememberedHit("b", 0.8, "predicted"), RememberedHit("c", 0.1)
    features = context_features(query("x", remembered=borrowed))
    assert (features["memory_known"], features["memory_best"], features["memory_near"]) == (1.0, 0.1, 0.9)
    unknown = context_features(query("x", remembered=borrowed[:2]))
    assert [unknown[f"memory_{n}"] for n in ("known", "hits", "best", "near")] == [0.0, 0.0, 0.0, 0.9]


def test_vector_takes_any_names():
    """The order is the caller's; what was not logged is 0, and huge numbers are cut."""
    vector = context_vector({"a": 1.0, "b": -1e300, "more": 5.0}, ("b", "absent", "a"))
    assert np.array_equal(vector, [-LARGEST_INPUT, 0.0, 1.0])


def test_every_hour_has_its_part_of_the_day():
    """Night, morning, afternoon and evening have six hours each."""
    parts = ("night", "morning", "afternoon", "evening")
    days = [context_features(query("love", SATURDAY_2AM_UTC + 3600 * (hour - 2))) for hour in range(24)]
    assert [[day[part] for part in parts].index(1.0) for day in days] == [hour // 6 for hour in range(24)]
    assert all(sum(day[part] for part in parts) == 1.0 for day in days)


def test_weekdays_lie_on_a_circle():
    """Seven days have seven places, and a week later it is the same one."""
    days = [context_features(query("love", SATURDAY_2AM_UTC + 86400 * day)) for day in range(8)]
    places = [(round(day["weekday_sine"], 9), round(day["weekday_cosine"], 9)) for day in days]
    assert len(set(places)) == 7
    assert places[7] == places[0]


def test_what_the_core_cannot_know_is_passed_in():
    """Whether it is a holiday, and who asks, is the caller's to say."""
    alone = context_features(query("love"))
    names = [name for name in CONTEXT_NAMES if name.startswith(("profile_", "session_", "holiday"))]
    assert [alone[name] for name in names] == [0.0] * 7
    reading = Interpretation(1.0, (Slot(0, 1, "genre", "love", 1.0),))
    asked = replace(query("love"), understanding=Understanding((reading,)))
    lover = Taste((Hit("x", 3.0),), {("genre", "love"): 0.5})
    known = context_features(asked, holiday=True, user=lover, session=Taste((Hit("y", 1.0),)))
    assert (known["holiday"], known["profile_known"], known["session_known"]) == (1.0, 1.0, 1.0)
    assert known["profile_strength"] > known["session_strength"] > 0.0
    assert (known["profile_match"], known["session_match"]) == (0.5, 0.0)


def test_attributes_are_those_that_are_named():
    """A name is a number, a name and a value a flag; what is not sent, or is no number, leaves no feature."""
    names = (
        "bias",
        "attribute:visits",
        "attribute:plan=Premium",
        "attribute:new=true",
        "attribute:age",
        "attribute:x=1",
    )
    sent = {"visits": 3, "plan": "PREMIUM", "new": True, "age": "forty", "unnamed": 7}
    assert attribute_features(sent, names) == {
        "attribute:visits": 3.0, "attribute:plan=Premium": 1.0, "attribute:new=true": 1.0, "attribute:x=1": 0.0,
    }  # fmt: skip
    assert attribute_features({"visits": float("nan")}, ("attribute:visits",)) == {}
