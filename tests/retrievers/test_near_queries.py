"""Near queries: misspelt and re-worded ones are found, what is gone is not, and following takes a bit at a time."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltrr.retrievers import encoders
from ltrr.retrievers.near_queries import NearQueries

QUERIES = ("taylor swift", "love songs", "wedding march", "diesel engine", "jazz")
TYPED = st.builds(
    " ".join, st.lists(st.sampled_from(["love", "lvoe", "night", "nigth", "songs", "jazz"]), min_size=1, max_size=3)
)


def settle(near: NearQueries, parts: Sequence[dict[str, None]]) -> None:
    """Follow parts until all of it was looked at."""
    for _ in range(3 + sum(map(len, parts)) // 64 + len(near) // 64):
        near.follow(parts)


@pytest.fixture
def near() -> NearQueries:
    """Return near queries over a few."""
    found = NearQueries(encoders.load_dense("wordllama"))
    found.follow([dict.fromkeys(QUERIES)])
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


@pytest.mark.parametrize(
    ("query", "other", "are_near"),
    [
        ("ken griffey jr", "ken griffey sr", False),
        ("iphone 12 case", "iphone 13 case", False),
        ("lm358", "lm359", False),
        ("iphone case", "iphone 12 case", True),  # one says more
        ("ken griffey", "ken griffey sr", True),
        ("teh white album", "the white album", True),  # "the" says next to nothing
        ("27 inch monitor", "monitor 27 inch", True),
        ("server", "mail server", False),  # nothing like "mail"
        ("mail server", "server", False),
        ("window", "window manager", False),
        ("board", "board game", False),
        ("browser", "web browser", False),
        ("audio editor", "video editor", False),
        ("mail client", "mail server", False),
        ("ibus table wubi", "ibus table", False),
        ("mail sever", "mail server", True),
        ("mail servers", "mail server", True),
        ("mail serv", "mail server", True),
        ("server for mail", "mail server", True),
        ("mailserver", "mail server", True),
        ("the beatles", "thebeatles", True),
        ("movie player", "film player", True),  # what is left means the same
    ],
)
def test_what_asks_for_another_thing_is_no_neighbour(query: str, other: str, *, are_near: bool):
    """What was clicked for one is borrowed where the other says the same word by word, but for a few letters."""
    found = NearQueries(encoders.load_dense("wordllama"))
    found.follow([dict.fromkeys((other,))])
    assert (other in found.near(query)) == are_near


def test_a_query_is_not_its_own_neighbour(near: NearQueries):
    """What is remembered of the query itself is no loan."""
    assert "taylor swift" not in near.near("taylor swift")


def test_closer_neighbours_weigh_more(near: NearQueries):
    """The discount grows with the distance."""
    assert near.near("taylr swift")["taylor swift"] > near.near("taylr swyft")["taylor swift"]


def test_queries_come_and_go(near: NearQueries):
    """A query that is gone is found no more, and the others still are."""
    left = dict.fromkeys([query for query in QUERIES if query != "taylor swift"] + ["night river"])
    near.follow([left])
    assert len(near) == len(left)
    assert near.near("tayler swift") == {}
    assert "night river" in near.near("nigth river")
    assert "jazz" in near.near("jazzz")
    near.follow([{}])
    assert (len(near), near.near("jazzz")) == (0, {})


def test_following_takes_some_at_a_time():
    """Thousands of queries are taken in, and forgotten, over many calls; the newest at once, and none gone is found."""
    near = NearQueries(encoders.load_dense("wordllama"))
    queries = {f"query number {number}": None for number in range(5_000)}
    near.follow([queries])
    assert len(near) == 128
    assert "query number 4999" in near.near("query numbr 4999")
    settle(near, [queries])
    assert len(near) == len(queries)
    queries["a new one"] = None
    near.follow([queries])
    assert "a new one" in near.near("the new one")
    left = {query: None for query in queries if query.endswith("7")}
    near.follow([left])
    assert len(near) > len(queries) - 130
    assert set(near.near("query number 1236")) <= set(left)
    settle(near, [left])
    assert len(near) == len(left)


@given(steps=st.lists(st.tuples(st.integers(0, 1), st.sets(TYPED, max_size=12)), max_size=6), asked=TYPED)
@settings(max_examples=40)
def test_what_is_found_depends_on_what_there_is_alone(steps: list[tuple[int, set[str]]], asked: str):
    """Whatever came and went before, in whichever order and part, the same queries are found with the same weights."""
    near, parts = NearQueries(encoders.load_dense("wordllama")), [dict[str, None](), dict[str, None]()]
    for part, turned in steps:
        for query in sorted(turned):
            parts[part].pop(query) if query in parts[part] else parts[part].setdefault(query)
        near.follow(parts)
    settle(near, parts)
    there = sorted(parts[0].keys() | parts[1].keys())
    fresh = NearQueries(encoders.load_dense("wordllama"))
    settle(fresh, [dict.fromkeys(there)])
    assert (len(near), near.near(asked)) == (len(there), fresh.near(asked))


def test_one_that_went_and_came_again_hides_none():
    """A query that was dropped and came back after others hides none of these for long."""
    near, queries = NearQueries(encoders.load_dense("wordllama")), dict.fromkeys(QUERIES)
    settle(near, [queries])
    del queries["jazz"]
    queries |= {"night river": None, "jazz": None}
    settle(near, [queries])
    assert "night river" in near.near("nigth river")


def test_any_text_is_bounded(near: NearQueries):
    """Long queries, other scripts and signs alone find what they find, and never fail."""
    texts = ["x" * 1_000, "קפה שחור", "!!!", "😀", "love " * 200]
    near.follow([dict.fromkeys([*QUERIES, *texts])])
    for text in texts:
        assert text not in near.near(text)


def test_signs_pick_the_true_neighbours():
    """The few whose cosines are taken are those that a full comparison would find."""
    encoder = encoders.load_dense("wordllama")
    words = ["love", "night", "river", "fire", "blue", "moon", "gold", "rain", "jazz", "soul"]
    queries = [f"{a} {b} {c}" for a in words for b in words for c in words if a < b]
    near = NearQueries(encoder)
    settle(near, [dict.fromkeys(queries)])
    vectors = encoder.encode(queries)
    for query in ("golden moon jazz", "blue rain tonight", "soulful river love"):
        cosines = vectors @ encoder.encode([query])[0]
        best = float(np.max(cosines))
        found = near._meant_alike(query)
        assert max(found.values()) == pytest.approx(0.8 * ((best - 0.6) / 0.4) ** 2, abs=0.01)
