"""What sites really send: queries of several documents, ids of all kinds, positions that say nothing."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pydantic import JsonValue

from ltrr.streams.events.impression_event import HIT_LISTS
from ltrr.streams.events.timestamps import write_timestamp
from ltrr.streams.events.topics import Topic
from ltrr.streams.events.visitor_names import with_names
from tests.serving.shop import NOON_S, Shop

QUERIES, SEVERAL = 284, 84
POSITIONS: list[JsonValue] = [{"ordinal": 2}, {}, 3, "", [], "undefined", {"ordinal": 2.5}, {"ordinal": -4}, None]
IDS: list[JsonValue] = ["", None, 7, 7.0, "u" * 256, "visitor"]


def documents(seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield the documents of all queries: for some one without hits first, or a second page, or both."""
    rng = np.random.default_rng(seed)
    for number in range(QUERIES):
        several = number < SEVERAL
        document = {
            "query_id": f"{number:032x}",
            "user_query": ("love night", "red river", "gold")[number % 3],
            "timestamp": [NOON_S, int(NOON_S) * 1000, str(int(NOON_S)), write_timestamp(NOON_S)][number % 4],
            "client_id": IDS[number % len(IDS)],
            "application": [None, "", "default"][number % 3],
        }
        name = HIT_LISTS[number % len(HIT_LISTS)]
        page = [f"song-{hit}" for hit in rng.permutation(40)[:10]]
        if several and number % 3:
            yield {**document, name: [[], None][number % 2], "query_response_id": f"r-{number}-0"}
        shown: list[JsonValue] = [*page[:2], None, "", *page[2:]]
        yield {**document, name: shown, "query_response_id": f"r-{number}-1"}
        if several and number % 3 != 1:
            yield {**document, name: [f"other-{number}-{hit}" for hit in range(5)]}


def clicks(sent: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a click on an object of each page."""
    for number, document in enumerate(sent):
        hits = [hit for name in HIT_LISTS for hit in document.get(name) or () if hit]
        if hits:
            yield {
                "action_name": "click",
                "query_id": document["query_id"],
                "timestamp": write_timestamp(NOON_S + 5),
                "client_id": document["client_id"],
                "session_id": IDS[number % len(IDS)],
                "user_id": IDS[-1 - number % len(IDS)],
                "message_type": "INFO",
                "event_attributes": {
                    "object": {"object_id": hits[number % len(hits)], "object_id_field": "sku"},
                    "position": POSITIONS[number % len(POSITIONS)],
                },
            }


def test_all_pages_are_read_and_every_click_is_learned(shop: Shop):
    """Of queries of which many have several documents, no page is lost, and no click on what was shown."""
    sent = list(documents())
    by_query: dict[str, int] = {}
    for document in sent:
        by_query[document["query_id"]] = by_query.get(document["query_id"], 0) + 1
    assert (len(by_query), sum(count > 1 for count in by_query.values())) == (QUERIES, SEVERAL)
    acted = list(clicks(sent))
    for path, events in (("/ubi_queries", sent), ("/ubi_events", acted)):
        assert shop.post(path, events).json()["rejected"] == []
    empty = len(sent) - len(acted)
    assert empty > 0
    outcomes = {("impressions", "accepted"): len(acted), ("impressions", "empty"): empty}
    outcomes |= {("actions", "accepted"): len(acted), ("actions", "unshown"): 0, ("impressions", "duplicate"): 0}
    for (topic, outcome), count in outcomes.items():
        assert shop.metric("ltrr_events_total", {"topic": topic, "outcome": outcome}) == count
    remembered = [shop.get("/v1/memory", query=words)["pairs"] for words in ("love night", "red river", "gold")]
    assert all(pair["examinations"] > 0 for pairs in remembered for pair in pairs)
    assert json.loads(shop.records(Topic.ACTIONS)[0].value) == with_names(acted[0], shop.service.naming.visitors)


def test_a_page_is_what_events_say_was_shown(shop: Shop):
    """A document without hits and an event for each shown object: together they are the page, and its click counts."""
    at = write_timestamp(NOON_S)
    query: dict[str, JsonValue] = {"query_id": "theirs", "user_query": "Red River", "timestamp": at}
    shown: list[dict[str, JsonValue]] = [
        {
            "action_name": "impression", "query_id": "theirs", "timestamp": at,
            "event_attributes": {"object": {"object_id": f"song-{number}"}, "position": {"ordinal": number}},
        }
        for number in (1, 2, 3)
    ]  # fmt: skip
    shop.post("/ubi_queries", [query])
    assert shop.post("/ubi_events", [shop.action("theirs", "song-2"), *shown, shown[0]]).json()["accepted"] == 5
    pairs = {pair["object_id"]: pair for pair in shop.get("/v1/memory", query="red river")["pairs"]}
    assert {name: pair["actions"] for name, pair in pairs.items()} == {"song-1": 0, "song-2": 0.5, "song-3": 0}
    assert [pairs[f"song-{n}"]["examinations"] for n in (1, 2, 3)] == pytest.approx([1.0, 0.631, 0.5], abs=1e-3)
    assert shop.metric("ltrr_events_total", {"topic": "impressions", "outcome": "duplicate"}) == 1


def test_a_search_takes_ids_as_events_do(standing: Shop):
    """Absent, a number or long, no id costs a site its search."""
    visitor = ("user_id", "client_id", "session_id")
    for sent in IDS:
        standing.search(**dict.fromkeys((*visitor, "client_query_id"), sent))
        logged = standing.impressions()[-1]
        given = None if sent in ("", None) else "7" if sent == 7 else sent
        named = given and standing.service.naming.visitors.name(given)
        assert [getattr(logged, name) for name in visitor] == [named] * 3
        assert logged.client_query_id == given
    for name in (*visitor, "client_query_id"):
        assert standing.post("/v1/search", {"query": "x", name: "u" * 257}).status_code == 422
    assert standing.search(application="")["items"]
