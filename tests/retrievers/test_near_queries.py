"""Near queries: misspelt and re-worded ones are found, what is gone is not, and following takes a bit at a time."""

import numpy as np
import pytest

from ltrr.retrievers import encoders
from ltrr.retrievers.near_queries import NearQueries

QUERIES = ("taylor swift", "love songs", "wedding march", "diesel engine", "jazz")


@pytest.fixture
def near() -> NearQueries:
    """Return near queries over a few."""
    found = NearQueries(encoders.load_dense("wordllama"))
    found.follow(QUERIES, 0.0)
    return found


@pytest.mark.parametrize(
    ("query", "neighbour"),
    [
        ("tayler swift", "taylor swift"),
        ("swift taylor", "taylor swift"),
        ("love song", "love songs"),
        ("marriage march", "wedding march"),
        ("ja", None),
        ("quantum chromodynamics", None),
        ("", None),
    ],
)
def test_neighbours_are_found(near: NearQueries, query: str, neighbour: str | None):
    """The nearest one comes first, discounted; a query like no other has none."""
    found = near.near(query)
    assert next(iter(found), None) == neighbour
    assert all(0 < weight <= 0.8 for weight in found.values())


def test_a_query_is_not_its_own_neighbour(near: NearQueries):
    """What is remembered of the query itself is no loan."""
    assert "taylor swift" not in near.near("taylor swift")


def test_closer_neighbours_weigh_more(near: NearQueries):
    """The discount grows with the distance."""
    assert near.near("taylr swift")["taylor swift"] > near.near("taylr swyft")["taylor swift"]


def test_queries_come_and_go(near: NearQueries):
    """A query that is gone is found no more, and the others still are."""
    left = [query for query in QUERIES if query != "taylor swift"] + ["night river"]
    near.follow(left, 10.0)
    assert len(near) == len(left)
    assert near.near("tayler swift") == {}
    assert "night river" in near.near("nigth river")
    assert "jazz" in near.near("jazzz")
    near.follow([], 20.0)
    assert (len(near), near.near("jazzz")) == (0, {})


def test_following_takes_some_at_a_time():
    """Thousands of new queries are taken in over many calls; many are compared once a second."""
    near = NearQueries(encoders.load_dense("wordllama"))
    queries = {f"query number {number}": None for number in range(1_300)}
    near.follow(queries, 0.0)
    assert len(near) == 128
    for _ in range(20):
        near.follow(queries, 0.0)
    assert len(near) == len(queries)
    queries["a new one"] = None
    near.follow(queries, 0.5)
    assert "a new one" not in near.near("the new one")
    near.follow(queries, 1.5)
    assert "a new one" in near.near("the new one")


def test_any_text_is_bounded(near: NearQueries):
    """Long queries, other scripts and signs alone find what they find, and never fail."""
    texts = ["x" * 1_000, "קפה שחור", "!!!", "😀", "love " * 200]
    near.follow([*QUERIES, *texts], 5.0)
    for text in texts:
        assert text not in near.near(text)


def test_signs_pick_the_true_neighbours():
    """The few whose cosines are taken are those that a full comparison would find."""
    encoder = encoders.load_dense("wordllama")
    words = ["love", "night", "river", "fire", "blue", "moon", "gold", "rain", "jazz", "soul"]
    queries = [f"{a} {b} {c}" for a in words for b in words for c in words if a < b]
    near = NearQueries(encoder)
    for _ in range(1 + len(queries) // 128):
        near.follow(queries, 0.0)
    vectors = encoder.encode(queries)
    for query in ("golden moon jazz", "blue rain tonight", "soulful river love"):
        cosines = vectors @ encoder.encode([query])[0]
        best = float(np.max(cosines))
        found = near._meant_alike(query)
        assert max(found.values()) == pytest.approx(0.8 * ((best - 0.6) / 0.4) ** 2, abs=0.01)
