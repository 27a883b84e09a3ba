"""The context: known names in a known order, by the user's own clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from models.context import CONTEXT_NAMES, context_features, context_vector
from models.query import Query, RememberedHit, Understanding
from models.statistics import LARGEST_INPUT

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
