"""What the dashboard asks."""

import pytest
from pydantic import JsonValue

from ltrr.models.records.entity import Entity
from ltrr.streams.events.timestamps import write_timestamp
from tests.serving.service.test_intake import ubi_query
from tests.serving.shop import Shop, hits


def test_history_counts_what_passed(shop: Shop):
    """Searches, those without results and actions stand in the step in which they came, arms as plans ran them."""
    answer = shop.search()
    shop.click(answer["query_id"], hits(answer)[0])
    shop.clock.now_s += 20
    shop.search("zzzqqqxxx", filters={"genre": "none"})
    told = shop.get("/v1/dashboard/history", span="15m")
    counts = told["counts"]
    assert (counts["searches"], counts["empty"], counts["actions"], counts["acted"]) == (
        [1, 0, 1],
        [0, 0, 1],
        [1, 0, 0],
        [1, 0, 0],
    )
    for planned in answer["plan"]:
        assert told["arms"][planned["arm"]]["candidates"][0] == planned["budget"]
    assert told["gauges"]["revision"][-1] == 3
    assert shop.get("/v1/dashboard/history")["span"] == "3h"
    assert shop.request("GET", "/v1/dashboard/history", params={"span": "1y"}).status_code == 422


def test_what_is_old_late_or_repeated_is_no_traffic_of_now():
    """Imported pages stand at their own time; repeated, late and early ones are no searches, nor actions on them."""
    with Shop(late_s=3_000.0) as shop:
        ago = {"timestamp": shop.clock.now_s - 605.0}
        late = {"timestamp": shop.clock.now_s - 50_000.0}
        pages = [ubi_query(shop, **ago), ubi_query(shop, "late", **late)]
        for _ in range(2):
            shop.post("/ubi_queries", pages)
        shop.post("/v1/events", [shop.action("theirs", "song-1") | late, shop.action("late", "song-1") | late])
        told = shop.get("/v1/dashboard/live")["history"]
        assert (sum(told["counts"]["searches"]), sum(told["counts"]["acted"])) == (0, 0)  # before this process began
        old = shop.action("late", "song-1") | {"timestamp": shop.clock.now_s - 6_000.0}
        shop.post("/v1/events", [old, shop.action("elsewhere", "song-1")])
        assert shop.metric("ltrr_actions_total", {"application": "default", "action": "click"}) == 1.0
        shop.post("/v1/events", shop.action("theirs", "song-1"))
        assert sum(shop.get("/v1/dashboard/live")["history"]["counts"]["acted"]) == 1
        of = {"application": "default"}
        counted = [shop.metric(f"ltrr_searches{name}_total", of) for name in ("", "_acted")]
        assert counted == [1, 1]


def test_tests_and_browsing_are_told_apart(shop: Shop):
    """What asks not to be learned from is not counted; a page in an order of its own is what somebody saw."""
    shop.search(learn=False)
    shop.search(learn=False, sort="-popularity")
    shop.search("", learn=False)
    shop.search(sort="-popularity", user_id="ann")
    assert shop.post("/v1/privacy/delete", {"user_id": "ann"}).status_code == 200  # its record shows nothing
    assert shop.get("/v1/dashboard/history", span="15m")["counts"]["searches"] == [1]
    assert [row["searches"] for row in shop.get("/v1/dashboard/queries")["queries"]] == [1]


def test_strategies_have_worth_and_cost(shop: Shop):
    """Each arm has a price, and its worth at the levels that ran with an interval; clicks are worth something.

    What all arms find is lost without none of them; what is misspelt few find.
    """
    for _ in range(12):
        answer = shop.search("rivr mon")
        shop.click(answer["query_id"], hits(answer)[0])
    told = shop.get("/v1/dashboard/strategies")
    assert (told["searches"], told["unit"], told["alone"]) == (12, {"action": "click", "reward": 0.5}, False)
    arms = {arm["arm"]: arm for arm in told["arms"]}
    assert set(arms) == {arm["arm"] for arm in shop.get("/v1/policy")["arms"]}
    for arm in arms.values():
        assert sum(arm["shares"]) == pytest.approx(1.0, abs=1e-5)
        assert arm["worth"]["low"] <= arm["worth"]["value"] <= arm["worth"]["high"]
        assert arm["price"] == pytest.approx(0.01 * arm["calls"] * (1 - arm["shares"][0]), abs=1e-5)
    assert max(arm["worth"]["value"] for arm in arms.values()) > 0
    assert "text" in {engine["engine"] for engine in told["engines"]}
    assert told["shadow"] is None


def test_strategies_before_the_first_search(shop: Shop):
    """Shares are those of the policy as it is, and no engine has answered yet."""
    told = shop.get("/v1/dashboard/strategies")
    assert (told["searches"], told["engines"]) == (0, [])
    assert any(arm["shares"][0] < 1 for arm in told["arms"])


def test_shadow_is_compared():
    """With a policy in the shadow, the searches that it has seen are told, and why there is no verdict."""
    with Shop(mode="shadow") as shop:
        shop.search()
        told = shop.get("/v1/dashboard/strategies")["shadow"]
        assert told["pages"] == 1
        assert told["difference"] is None
        assert "not enough searches" in told["doubt"]
        assert shop.get("/v1/versions")["applications"][0]["shadow"] == "v1"


def test_queries_and_their_searches(shop: Shop):
    """A query is listed by what came of it, and has its plans and pages; ids of people are nowhere."""
    answer = shop.search(user_id="ann", session_id="s-9", client_id="c-9")
    shop.clock.now_s += 1
    shop.search("River  FIRE", client_id="c-9")
    shop.click(answer["query_id"], hits(answer)[1])
    rows = shop.get("/v1/dashboard/queries")["queries"]
    assert [(row["query"], row["searches"], row["acted"]) for row in rows] == [
        ("river fire", 1, 0),
        ("love night", 1, 1),
    ]
    assert [row["query"] for row in shop.get("/v1/dashboard/queries", order="unclicked")["queries"]] == ["river fire"]
    assert shop.get("/v1/dashboard/queries", order="empty")["queries"] == []
    told = shop.get("/v1/dashboard/query", query="LOVE night")
    (search,) = told["searches"]
    assert [one["object_id"] for one in search["shown"]] == hits(answer)
    assert [one["taken"] for one in search["shown"]][:3] == [False, True, False]
    assert {one["arm"]: one["budget"] for one in search["plan"]} == {
        one["arm"]: one["budget"] for one in answer["plan"] if one["budget"]
    }
    seen = str([told, rows, shop.get("/v1/dashboard/live")])
    assert not any(one in seen for one in ("ann", "s-9", "c-9", answer["query_id"]))


def test_live_shows_what_came_last(shop: Shop):
    """The newest action and search stand first, with the name of what was acted on."""
    answer = shop.search()
    shop.click(answer["query_id"], hits(answer)[0])
    live = shop.get("/v1/dashboard/live")
    action, search = live["events"]
    assert (action["action_name"], action["name"]) == ("click", answer["items"][0]["name"])
    assert (search["query"], search["results"]) == ("love night", len(answer["items"]))
    assert live["revision"] == 2


def test_pages_of_another_search_are_seen(shop: Shop):
    """What ubi.js tells is counted, with no plan behind it; an action without weight is none."""
    page: dict[str, JsonValue] = {
        "query_id": "theirs",
        "user_query": "blue moon",
        "timestamp": write_timestamp(shop.clock()),
        "query_response_hit_ids": ["song-1", "song-2"],
    }
    assert shop.post("/ubi_queries", page).json()["accepted"] == 1
    shop.click("theirs", "song-2")
    assert shop.post("/v1/events", shop.action("theirs", "song-1", "hover")).json()["accepted"] == 1
    (search,) = shop.get("/v1/dashboard/query", query="blue moon")["searches"]
    assert (search["plan"], search["results"], search["actions"]) == (None, 2, 1)


def test_health_says_what_went_wrong(shop: Shop):
    """Readiness, freshness, what taught nothing and why."""
    answer = shop.search()
    shop.click(answer["query_id"], hits(answer)[0])
    shop.post("/v1/events", shop.action("unknown", "song-1"))
    shop.post("/v1/events", shop.action(answer["query_id"], "song-1", "hover"))
    shop.post("/v1/events", {"action_name": "click"})
    told = shop.get("/v1/dashboard/health")
    assert (told["ready"], told["learns"], told["conditions"]["log"]) == (True, True, "ok")
    assert (told["freshness"]["updates"], told["freshness"]["within_1s"]) == (3, 1.0)
    outcomes = {row["outcome"]: row["count"] for row in told["events"] if row["topic"] == "actions"}
    assert outcomes["accepted"] == 1
    assert told["without_weight"] == [{"name": "hover", "count": 1}]
    assert told["log_bytes"] > 0
    assert (told["dead_letters"], told["degraded"], told["spool_events"]) == ([], [], None)


def test_applications_are_apart():
    """Each tenant has its own searches; one that is not served is refused."""
    entities = [Entity(f"song-{name}", "song", "love night", application=name) for name in ("a", "b")]
    with Shop(entities=entities, applications=("a", "b")) as shop:
        shop.search(application="b")
        assert shop.get("/v1/dashboard/queries")["searches"] == 0
        assert shop.get("/v1/dashboard/queries", application="b")["searches"] == 1
        assert [row["application"] for row in shop.get("/v1/versions")["applications"]] == ["a", "b"]
        for path in ("live", "history", "strategies", "queries"):
            refused = shop.request("GET", f"/v1/dashboard/{path}", params={"application": "c"})
            assert refused.status_code == 404


def test_embedded_has_one_version(shop: Shop):
    """It is listed with its mode, and promoting and rolling back are refused with what to do instead."""
    told = shop.get("/v1/versions")
    assert (told["several"], [row["version"] for row in told["versions"]]) == (False, ["v1"])
    assert told["applications"] == [
        {"application": "default", "active": "v1", "mode": "online", "shadow": None, "trouble": None, "before": None}
    ]
    for path in ("v2/promote", "rollback"):
        refused = shop.post(f"/v1/policy/{path}", {})
        assert (refused.status_code, "on Kafka only" in refused.json()["detail"]) == (409, True)
