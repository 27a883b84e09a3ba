"""A history of another search, told to a service long after it happened."""

from pathlib import Path
from typing import Any

import pytest

from tests.serving.service.test_intake import ubi_query
from tests.serving.shop import NOON_S, Shop

DAY_S = 86_400.0


def history(shop: Shop, days: int = 20, **more: Any) -> tuple[list[Any], list[Any]]:  # noqa: ANN401  # JSON
    """Return queries and clicks, one of each a day."""
    times = {f"past-{day}": NOON_S - (days - day) * DAY_S for day in range(days)}
    queries = [ubi_query(shop, query_id, timestamp=at, user_query="wool", **more) for query_id, at in times.items()]
    clicks = [shop.action(query_id, "song-1") | {"timestamp": at + 9.0} for query_id, at in times.items()]
    return queries, clicks


def learned(shop: Shop) -> float:
    """Return the actions that are remembered."""
    pairs = shop.get("/v1/memory", query="wool")["pairs"]
    return max((float(pair["actions"]) for pair in pairs), default=0.0)


def test_a_history_is_learned_as_it_comes(tmp_path: Path):
    """Under the settings that are usual; and it stays learned when a setting changes, and when it is told again."""
    with Shop(tmp_path) as shop:
        shop.search()
        queries, clicks = history(shop)
        assert shop.post("/ubi_queries", queries).json()["taught"] == len(queries)
        assert shop.post("/ubi_events", clicks).json()["taught"] == len(clicks)
        before = learned(shop)
    with Shop(tmp_path, late_s=60.0) as shop:
        assert learned(shop) == pytest.approx(before)
        shop.clock.now_s += DAY_S
        again = shop.post("/ubi_queries", queries).json()
        assert (again["taught"], again["not_taught"]) == (0, {"late": len(queries)})
    with Shop(tmp_path, action_weights={"click": 1.0}) as shop:
        assert learned(shop) == pytest.approx(2 * before)


def test_what_was_not_understood_is_learned_anew(tmp_path: Path):
    """A name that had no weight teaches once it has one and the service starts again; nothing is sent twice."""
    with Shop(tmp_path) as shop:
        queries, clicks = history(shop)
        shop.post("/ubi_queries", queries)
        told = shop.post("/ubi_events", [{**click, "action_name": "Item Pressed"} for click in clicks]).json()
        assert "learns the log anew" in told["hints"][0]
    with Shop(tmp_path, action_aliases={"item_pressed": "click"}) as shop:
        assert learned(shop) > 5.0


def test_less_learned_than_before_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Where the log teaches less under a changed setting, the log of the service says how much of what."""
    with Shop(tmp_path) as shop:
        queries, clicks = history(shop)
        shop.post("/ubi_queries", queries)
        shop.post("/ubi_events", clicks)
    with Shop(tmp_path, action_weights={"like": 1.0}):
        pass
    assert "20 of 20 actions that had taught teach no more (20 more without_weight)" in caplog.text
    assert "action_weights, which was" in caplog.text


def test_a_regular_customer_of_a_history_has_a_say_each_day():
    """The allowance of a visitor is that of the day of each search, whenever it is told; on one day it is spent."""
    bounds = {"visitor_searches": 2.0, "visitor_query_searches": 1.0}
    with Shop(**bounds) as shop:
        shop.post("/ubi_queries", history(shop, client_id="regular")[0])
        assert [page.voice for page in shop.impressions()] == [1.0] * 20
    with Shop(**bounds) as shop:
        queries = [{**query, "timestamp": NOON_S - DAY_S} for query in history(shop, client_id="regular")[0]]
        shop.post("/ubi_queries", queries)
        assert sum(page.voice for page in shop.impressions()) == pytest.approx(1.0, abs=0.01)


def test_a_time_to_come_takes_nothing_from_a_visitor():
    """Who tells of searches of next year in another's name leaves him his say of today."""
    with Shop(visitor_searches=2.0, visitor_query_searches=1.0) as shop:
        ahead = ubi_query(shop, "ahead", client_id="victim", timestamp=NOON_S + 400 * DAY_S)
        shop.post("/ubi_queries", ahead)
        shop.clock.now_s += 2 * DAY_S
        shop.post("/ubi_queries", ubi_query(shop, "now", client_id="victim"))
        assert shop.impressions()[-1].voice == 1.0


def test_pages_of_ours_are_no_history():
    """A page that this service has shown is in its log: told again days later it teaches nothing."""
    with Shop() as shop:
        ours = shop.search()["query_id"]
        at = shop.clock.now_s
        shop.clock.now_s += 3 * DAY_S
        told = shop.post("/ubi_queries", ubi_query(shop, ours, timestamp=at)).json()
        assert (told["taught"], told["not_taught"]) == (0, {"late": 1})
        forged = ubi_query(shop, ours, timestamp=at, ltrr_history=True)
        assert shop.post("/ubi_queries", forged).json()["not_taught"] == {"late": 1}


def test_an_action_without_a_query_is_joined_by_its_own_time():
    """However late events may be recorded: not with a search after it, nor with one longer ago than actions count."""
    with Shop(late_s=41 * DAY_S) as shop:
        shop.post("/ubi_queries", ubi_query(shop, "past", timestamp=NOON_S - 30 * DAY_S, client_id="c"))
        event = {name: value for name, value in shop.action("", "song-1").items() if name != "query_id"}
        clicks = [{**event, "client_id": "c", "timestamp": NOON_S - days * DAY_S} for days in (5, 35, 29.999)]
        told = shop.post("/ubi_events", clicks).json()
        assert (told["joined"], told["taught"]) == (1, 1)
        assert [one["index"] for one in told["rejected"]] == [0, 1]
        explicit = shop.action("past", "song-2") | {"timestamp": NOON_S - 35 * DAY_S}
        assert shop.post("/ubi_events", explicit).json()["not_taught"] == {"early": 1}
