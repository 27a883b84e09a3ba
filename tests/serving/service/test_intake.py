"""POST /v1/events, /ubi_events, /ubi_queries: what is taken, what it teaches, and what is refused."""

import json
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from ltrr.streams.events.codec import MAX_BYTES, MAX_EVENTS
from ltrr.streams.events.topics import Topic
from tests.serving.shop import Shop, hits

BOTH_PATHS = pytest.mark.parametrize("path", ["/v1/events", "/ubi_events"])


def ubi_js(event: Mapping[str, JsonValue]) -> list[JsonValue]:
    """Return an event as ubi.js posts it."""
    attributes = event["event_attributes"]
    assert isinstance(attributes, dict)
    sent = {**event, "user_id": "", "session_id": "s", "client_id": "c", "message_type": "INFO", "message": "clicked"}
    position: JsonValue = {"ordinal": {"index": 3}, "xy": {"x": 1.5, "y": 2}}
    return [{**sent, "event_attributes": {**attributes, "position": position}}]


@BOTH_PATHS
def test_a_click_teaches_policy_and_memory(shop: Shop, path: str):
    """A click is in the log, raises the revision, is remembered, and changes the next plan."""
    first = shop.search("rivr mon", size=40)
    clicked = next(
        item["object_id"]
        for item in first["items"]
        if len(item["sources"]) == 1 and not item["explored"]  # the merit of one arm
    )
    policy = shop.get("/v1/policy")
    event = shop.action(first["query_id"], clicked)
    response = shop.post(path, event if path == "/v1/events" else ubi_js(event))
    assert (response.status_code, response.json()) == (202, {"accepted": 1, "rejected": [], "taught": 1})
    (record,) = shop.records(Topic.ACTIONS)
    assert (record.key, json.loads(record.value)["query_id"]) == (first["query_id"], first["query_id"])
    after = shop.get("/v1/policy")
    assert after["revision"] == policy["revision"] + 1
    assert [arm["net_value"] for arm in after["arms"]] != [arm["net_value"] for arm in policy["arms"]]
    assert [arm["probabilities"] for arm in after["arms"]] != [arm["probabilities"] for arm in policy["arms"]]
    best = shop.get("/v1/memory", query="Rivr  MON")["pairs"][0]
    assert (best["object_id"], best["actions"]) == (clicked, 0.5)
    assert 0 < best["score"] < 1
    assert shop.metric("ltrr_events_total", {"topic": "actions", "outcome": "accepted"}) == 1
    assert shop.metric("ltrr_freshness_seconds_count") == 1


def test_a_click_changes_the_next_ranking():
    """Under the same plan, what was clicked has a memory and scores more, so it moves up."""
    budgets = {"fulltext": 10, "dense": 10}
    with Shop(arms=list(budgets), policy="static", baseline=budgets, swap_share=0.0, explore_share=0.0) as shop:
        first = shop.search(size=5)
        clicked = hits(first)[-1]
        shop.post("/v1/events", shop.action(first["query_id"], clicked))
        again = shop.search(size=5, explain=True)
        score = {item["object_id"]: item["score"] for item in first["items"]}
        found = next(item for item in again["items"] if item["object_id"] == clicked)
        assert found["features"]["history.rate"] > 0
        assert found["score"] > score[clicked]
        assert found["position"] < first["items"][-1]["position"]


def test_likes_are_worth_more_and_count_once(shop: Shop):
    """An entity is worth the largest of its actions; repeats and unweighted names teach nothing."""
    answer = shop.search()
    taken = hits(answer)[0]
    for name in ("click", "like", "click", "hover"):
        assert shop.post("/v1/events", shop.action(answer["query_id"], taken, name)).json()["accepted"] == 1
    assert shop.get("/v1/memory", query="love night")["pairs"][0]["actions"] == 1.0
    outcomes = {"accepted": 2, "duplicate": 1, "without_weight": 1}
    for outcome, count in outcomes.items():
        assert shop.metric("ltrr_events_total", {"topic": "actions", "outcome": outcome}) == count


def test_an_action_on_nothing_dangles(shop: Shop):
    """An action of an unknown query waits for late_s and is then counted as dangling; it teaches nothing."""
    shop.click("unknown", "song-1")
    shop.click(shop.search()["query_id"], "never shown")
    shop.clock.now_s += shop.service.settings.late_s - 1
    shop.search()
    assert shop.metric("ltrr_events_total", {"topic": "actions", "outcome": "dangling"}) == 0
    shop.clock.now_s += 2
    shop.search()
    assert shop.metric("ltrr_events_total", {"topic": "actions", "outcome": "dangling"}) == 1
    assert shop.metric("ltrr_events_total", {"topic": "actions", "outcome": "unshown"}) == 1
    assert all(pair["actions"] == 0 for pair in shop.get("/v1/memory", query="love night")["pairs"])


def test_a_late_action_is_counted_and_not_learned(shop: Shop):
    """What happens after the join window, and what clocks may differ by, is late."""
    answer = shop.search()
    shop.clock.now_s += shop.service.settings.join_window_s + shop.service.settings.late_s + 1
    shop.click(answer["query_id"], hits(answer)[0])
    assert shop.metric("ltrr_events_total", {"topic": "actions", "outcome": "late"}) == 1
    assert shop.get("/v1/memory", query="love night")["pairs"][0]["actions"] == 0


def test_a_list_is_taken_in_part(shop: Shop):
    """Bad events of a list are rejected by their place and reason; the others are in the log and learned."""
    answer = shop.search()
    good = [shop.action(answer["query_id"], object_id) for object_id in hits(answer)[:2]]
    no_query = {name: value for name, value in good[0].items() if name != "query_id"}
    no_object = {**good[0], "event_attributes": {}}
    other_version = {**good[0], "event_attributes": {"ltrr": {"schema_version": 2}, "object": {"object_id": "x"}}}
    no_time = {**good[0], "timestamp": "yesterday"}
    large = {**good[0], "session_id": "s" * 257}
    bad = [no_query, no_object, other_version, no_time, large, 7, None, [good[0]], {}]
    response = shop.post("/v1/events", [good[0], *bad, good[1]])
    assert response.status_code == 202
    answered = response.json()
    assert answered["accepted"] == 2
    assert [refused["index"] for refused in answered["rejected"]] == list(range(1, 10))
    assert [refused["reason"] for refused in answered["rejected"]] == [
        *("missing_query_id", "missing_object_id", "unknown_schema_version", "bad_timestamp", "bad_field"),
        *("not_an_event", "not_an_event", "not_an_event", "bad_timestamp"),
    ]
    assert all(refused["message"] for refused in answered["rejected"])
    assert len(shop.records(Topic.ACTIONS)) == 2
    assert shop.metric("ltrr_events_total", {"topic": "actions", "outcome": "accepted"}) == 2
    assert shop.metric("ltrr_events_total", {"topic": "actions", "outcome": "not_an_event"}) == 3
    assert shop.records(Topic.DEADLETTER) == []


@pytest.mark.parametrize("path", ["/v1/events", "/ubi_events", "/ubi_queries"])
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"action_name": NaN}', "not_json"),
        (b'["\\ud800"]', "not_json"),
        (b"[" * 5_000 + b"]" * 5_000, "not_json"),
        (b"1" * 5_000, "not_json"),
        (b"[" + b"0," * MAX_EVENTS + b"0]", "too_large"),
    ],
)
def test_a_body_that_is_no_list_of_events(standing: Shop, path: str, body: bytes, reason: str):
    """A body that cannot be taken apart is refused whole, in one line, and nothing of it is kept."""
    response = standing.post(path, body)
    assert (response.status_code, response.json()["reason"]) == (400, reason)
    assert "\n" not in response.json()["detail"]
    assert standing.records(Topic.ACTIONS) == standing.records(Topic.IMPRESSIONS) == []


def test_an_empty_list_is_nothing(standing: Shop):
    """Nothing was sent, and nothing was refused."""
    assert standing.post("/v1/events", []).json() == {"accepted": 0, "rejected": [], "taught": 0}


def test_an_event_of_more_than_256_kb_is_rejected(shop: Shop):
    """What no reader of the log would read is not acknowledged; its neighbours are."""
    event = shop.action("q", "song-1")
    large = {**event, "message": "x" * MAX_BYTES}
    assert len(json.dumps([large, event])) < 1024 * 1024
    answered = shop.post("/v1/events", [large, event]).json()
    assert (answered["accepted"], [r["reason"] for r in answered["rejected"]]) == (1, ["too_large"])
    assert len(shop.records(Topic.ACTIONS)) == 1
    assert shop.service._learner.dead_letters == {}


@pytest.mark.parametrize("path", ["/v1/events", "/ubi_events", "/ubi_queries", "/v1/search"])
def test_a_body_of_more_than_a_megabyte_is_refused(standing: Shop, path: str):
    """A megabyte is read, a byte more is answered with 413 and what to do."""
    response = standing.post(path, b" " * (1024 * 1024 + 1))
    assert response.status_code == 413
    assert response.json()["reason"] == "too_large"
    assert "send fewer events at a time" in response.json()["detail"]
    assert standing.post(path, b" " * (1024 * 1024)).status_code in {400, 415}


def ubi_query(shop: Shop, query_id: str = "theirs", **more: JsonValue) -> dict[str, JsonValue]:
    """Return a UBI query of another search."""
    shown: list[JsonValue] = ["song-3", "song-1", "song-2"]
    timestamp = shop.action("", "")["timestamp"]
    return {
        "query_id": query_id,
        "user_query": "red river",
        "timestamp": timestamp,
        "query_response_hit_ids": shown,
        **more,
    }


def test_a_query_of_another_search_teaches_memory_alone(shop: Shop):
    """Its page and clicks are remembered, but no arm is credited or blamed for it."""
    before = shop.get("/v1/policy")["arms"]
    assert shop.post("/ubi_queries", [ubi_query(shop)]).json() == {"accepted": 1, "rejected": [], "taught": 1}
    shop.click("theirs", "song-1", "/ubi_events")
    pairs = shop.get("/v1/memory", query="red river")["pairs"]
    assert [(pair["object_id"], pair["actions"]) for pair in pairs] == [("song-1", 0.5), ("song-2", 0), ("song-3", 0)]
    assert {pair["object_id"]: pair["examinations"] for pair in pairs}["song-3"] == 1.0
    after = shop.get("/v1/policy")
    assert (after["arms"], after["decisions"]) == (before, 0)


def test_plans_cannot_be_forged(shop: Shop):
    """What stands under query_attributes.ltrr is taken from nobody: a logged plan that is sent back is stripped."""
    shop.search()
    forged = json.loads(shop.records(Topic.IMPRESSIONS)[0].value)
    before = shop.get("/v1/policy")["arms"]
    sent = {**forged, "query_id": "forged", "query_attributes": {**forged["query_attributes"], "experiment": 7}}
    doubled = json.dumps(sent).replace('"query_attributes"', '"query_attributes":{"ltrr":{}},"query_attributes"')
    assert shop.post("/ubi_queries", doubled.encode()).json()["accepted"] == 1
    kept = json.loads(shop.records(Topic.IMPRESSIONS)[-1].value)
    assert kept["query_attributes"] == {"experiment": 7}
    assert shop.impressions()[-1].decision is None
    after = shop.get("/v1/policy")
    assert (after["arms"], after["decisions"]) == (before, 1)


def test_queries_that_are_refused(shop: Shop):
    """A query without an id, text or known application is named; the answered page of ours cannot be replaced."""
    ours = shop.search()["query_id"]
    queries: list[JsonValue] = [
        ubi_query(shop, ""),
        ubi_query(shop, user_query={"text": "red river"}),
        ubi_query(shop, application="elsewhere"),
        ubi_query(shop, query_response_hit_ids=7),
        ubi_query(shop, ours),
    ]
    answered = shop.post("/ubi_queries", queries).json()
    reasons = [refused["reason"] for refused in answered["rejected"]]
    assert reasons == ["missing_query_id", "bad_field", "unknown_application", "bad_field"]
    assert answered["accepted"] == 1
    assert shop.metric("ltrr_events_total", {"topic": "impressions", "outcome": "duplicate"}) == 1
    assert "elsewhere" not in shop.service._learner.fold.state.applications
