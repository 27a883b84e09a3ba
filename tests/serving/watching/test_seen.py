"""The last searches, and what they tell."""

from collections.abc import Sequence
from dataclasses import replace

from ltrr.models.records.impression import Candidate, Decision, Impression, Shadow
from ltrr.serving.watching.seen import Seen
from ltrr.serving.watching.summaries import Order, beside_shadow, levels_run, queries, run_lately, searches_for

LADDER = (0, 5, 10)


def page(
    number: int, query: str, shown: int = 2, *, level: int = 2, page: int = 1, imagined: float = 0.5
) -> Impression:
    """Return a page of a plan of one arm, whom a user asked for; the shadow is as sure as `imagined`."""
    rows = ((0.25, 0.25, 0.5),)
    decision = Decision("igw", "v1", 1, ("dense",), LADDER, (level,), rows, rows[0][level], 7, 1.0, 1)
    return Impression(
        query_id=f"q{number}",
        time_s=float(number),
        user_query=query,
        normalised_query=query,
        page=page,
        user_id="ann",
        session_id="her-session",
        client_id="her-client",
        decision=decision,
        shadow=Shadow("igw", "v2", 1, (level,), rows, 0.5, imagined, 1.0, 1),
        candidates=tuple(Candidate(f"song-{at}", position=at) for at in range(10 * page - 9, 10 * page - 9 + shown)),
    )


def names(object_ids: Sequence[str]) -> list[str | None]:
    """Return what entities are called: one is gone."""
    return [None if one == "song-2" else one.title() for one in object_ids]


def test_queries_are_told_apart_by_what_came_of_them():
    """Each order has its own queries first, with how often they were searched and what came of that."""
    seen = Seen(10)
    for number, (query, shown) in enumerate([("moon", 2), ("moon", 2), ("river", 2), ("zzz", 0), ("river", 0)]):
        seen.page(page(number, query, shown))
    assert seen.act("q0", "song-1", "click", 0.5, 9.0) is True
    assert seen.act("q0", "song-2", "like", 1.0, 9.0) is False
    river, moon, other = queries(seen, Order.VOLUME)
    assert moon == {"query": "moon", "searches": 2, "empty": 0, "acted": 1, "actions": 2, "fallback": 0, "last_s": 1.0}
    assert (river["query"], river["searches"], river["empty"], other["query"]) == ("river", 2, 1, "zzz")
    assert [row["query"] for row in queries(seen, Order.EMPTY)] == ["river", "zzz"]
    assert [row["query"] for row in queries(seen, Order.UNCLICKED)] == ["river"]


def test_only_the_last_searches_are_kept():
    """What is counted is what is kept: the oldest goes with its actions."""
    seen = Seen(2)
    for number, query in enumerate(["moon", "moon", "river"]):
        seen.page(page(number, query, level=number))
        seen.act(f"q{number}", "song-1", "click", 0.5, 1.0)
    assert {row["query"]: row["actions"] for row in queries(seen, Order.VOLUME)} == {"moon": 1, "river": 1}
    assert levels_run(seen, LADDER) == {"dense": {0: 0, 1: 1, 2: 1}}
    seen.page(page(3, "river"))
    assert [row["query"] for row in queries(seen, Order.VOLUME)] == ["river"]
    assert seen.act("q0", "song-1", "like", 1.0, 2.0) is None


def test_further_page_is_no_search():
    """It adds what it shows; an action there counts for its search, once for each object and value."""
    seen = Seen(10)
    assert seen.page(page(1, "moon", shown=0)) is not None
    assert seen.page(page(1, "moon", page=2)) is None
    assert seen.act("q1", "song-11", "click", 0.5, 3.0) is True
    assert seen.act("q1", "song-11", "click", 0.5, 3.0) is None
    assert seen.act("q1", "song-99", "click", 0.5, 3.0) is None
    (row,) = queries(seen, Order.VOLUME)
    assert (row["searches"], row["empty"], row["actions"]) == (1, 0, 1)


def test_search_is_shown_without_whose_it_was():
    """A search has its plan, page and actions; users, clients, sessions and query ids are kept nowhere."""
    seen = Seen(10)
    seen.page(page(1, "moon"))
    seen.act("q1", "song-1", "click", 0.5, 3.0)
    (found,) = searches_for(seen, "moon", names)
    assert found == {
        "time_s": 1.0,
        "plan": [{"arm": "dense", "budget": 10, "propensity": 0.5}],
        "fallback": [],
        "results": 2,
        "shown": [
            {"object_id": "song-1", "name": "Song-1", "taken": True},
            {"object_id": "song-2", "name": None, "taken": False},
        ],
        "actions": 1,
    }
    kept = repr([vars(seen)["tallies"], list(seen), list(seen.events)])
    assert not any(name in kept for name in ("ann", "her-session", "her-client", "q1"))


def test_what_ran_is_told_by_kinds_of_query():
    """Of all searches and of those that read alike, as shares of the levels; pages without a plan do not count."""
    seen = Seen(10)
    name, topic = {"name_mass": 0.9, "memory_known": 1.0}, {"topic_mass": 0.6}
    for number, (context, level) in enumerate([(name, 2), (name, 2), (topic, 0), ({}, 1)]):
        seen.page(replace(page(number, "moon", level=level), context=context))
    seen.page(replace(page(9, "moon"), decision=None))
    told = {row["kind"]: (row["searches"], row["shares"]) for row in run_lately(seen, ("dense",), LADDER)}
    assert told == {
        "all": (4, [[0.25, 0.25, 0.5]]),
        "name": (2, [[0.0, 0.0, 1.0]]),
        "topic": (1, [[1.0, 0.0, 0.0]]),
        "other": (1, [[0.0, 1.0, 0.0]]),
        "known": (2, [[0.0, 0.0, 1.0]]),
        "new": (2, [[0.5, 0.5, 0.0]]),
    }
    assert run_lately(Seen(10), ("dense",), LADDER) == []


def test_long_queries_are_cut():
    """A query of any length takes little room."""
    seen = Seen(10)
    seen.page(page(1, "moon " * 4000))
    assert [len(search.query) for search in seen] == [200]


def test_shadow_is_compared_by_how_likely_it_made_the_plans():
    """Where it would have run what paid, it is better, with an interval; few searches in common say nothing."""
    seen = Seen(1000)
    for number in range(400):
        level = number % 2 + 1
        seen.page(page(number, "moon", level=level, imagined=0.45 if level == 2 else 0.05))
        if level == 2 and number % 4 == 1:
            seen.act(f"q{number}", "song-1", "like", 1.0, 1.0)
    told = beside_shadow(seen, 0.01)
    assert told is not None
    assert told["pages"] == 400
    assert told["difference"]["low"] < told["difference"]["value"] < told["difference"]["high"] < 0
    few = Seen(1000)
    assert beside_shadow(few, 0.01) is None
    few.page(page(1, "moon"))
    unsure = beside_shadow(few, 0.01)
    assert unsure is not None
    assert (unsure["difference"], unsure["doubt"]) == (None, "not enough searches that tell of it: 1 of 50")
