"""Actions that name no query, and applications that are named or not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import JsonValue

from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Decision, Impression
from ltrr.serving.service.shown_pages import ShownPages
from ltrr.streams.events.topics import Topic
from tests.serving.service.test_intake import ubi_query
from tests.serving.shop import Shop, hits


def page(query_id: str, time_s: float, *ids: str, client_id: str | None = "c") -> Impression:
    """Return a page that shows some entities to a client."""
    candidates = tuple(Candidate(object_id, position=at) for at, object_id in enumerate(ids, start=1))
    return Impression(query_id, time_s, "q", "q", candidates=candidates, curve=(1.0,) * len(ids), client_id=client_id)


def act(object_id: str, time_s: float, client_id: str | None = "c") -> Action:
    """Return an action of a client."""
    return Action("", object_id, "click", time_s, "default", client_id=client_id)


@pytest.mark.parametrize(
    ("actions", "query_id"),
    [
        ([act("a", 5.0)], "one"), ([act("d", 25.0)], "two"), ([act("b", 25.0)], None), ([act("b", 9.0)], "one"),
        ([act("a", 5.0), act("b", 5.0)], "one"), ([act("a", 25.0), act("d", 25.0)], None), ([act("z", 5.0)], None),
        ([act("a", 5.0, "other")], None), ([act("a", 5.0, None)], None), ([act("a", 0.0)], "one"),
        ([act("a", -0.1)], None), ([act("a", 110.0)], "one"), ([act("a", 110.1)], None),
    ],
)  # fmt: skip
def test_one_query_fits_or_none(actions: list[Action], query_id: str | None):
    """The client's only query that showed all objects, from when it was shown to window and skew of clocks after it."""
    shown = ShownPages(100.0, 10.0)
    shown.add([page("one", 0.0, "a", "b"), page("two", 20.0, "b", "d"), page("three", 0.0, "a", client_id=None)])
    assert shown.query_of(actions) == query_id


def test_clocks_of_our_pages_and_of_actions_may_differ():
    """A page that this service has shown may be ahead of the clock of who acts on it, no other."""
    shown = ShownPages(100.0, 10.0)
    ours = replace(page("ours", 0.0, "a"), decision=Decision("igw", "v1", 0, (), (0, 1), (), (), 1.0, 1, 0.0, 0))
    shown.add([ours, page("theirs", 0.0, "b")])
    assert shown.query_of([act("a", -10.0)]) == "ours"
    assert shown.query_of([act("a", -10.1)]) is None
    assert shown.query_of([act("b", -0.1)]) is None


def test_pages_that_are_newer_do_not_hide_a_history():
    """Where a page of now had to go, actions of then are found all the same."""
    shown = ShownPages(100.0, 10.0, most=1)
    shown.add([page("now", 1e9, "a"), page("then", 0.0, "a")])
    assert shown.query_of([act("a", 5.0)]) == "then"
    assert shown.query_of([act("a", 1e9 + 5.0)]) is None


def test_what_is_not_known_is_not_guessed():
    """Pages that are over are forgotten; where one went before its time, no query is the only one."""
    shown = ShownPages(100.0, 10.0, most=2)
    shown.add([page("one", 0.0, "a"), page("two", 5.0, "b"), page("three", 6.0, "a")])
    assert shown.query_of([act("a", 7.0)]) is None
    assert shown.query_of([act("a", 111.0)]) == "three"
    shown.add([page("four", 1_000.0, "a")])
    assert shown.query_of([act("a", 1_001.0)]) == "four"


def test_an_action_without_a_query_is_joined(tmp_path: Path):
    """Its query is written into the log; the same after a restart; two that fit are counted and not guessed."""
    with Shop(tmp_path, stable_s=600.0) as shop:
        answer = shop.search(client_id="c")
        assert shop.post("/ubi_queries", ubi_query(shop, client_id="c")).json()["accepted"] == 1
    seen: set[str] = {"song-3", "song-1", "song-2"}
    only = next(hit for hit in hits(answer) if hit not in seen)
    event = {name: value for name, value in shop.action("", only).items() if name != "query_id"}
    with Shop(tmp_path) as shop:
        told = shop.post("/ubi_events", [{**event, "client_id": "c"}, {**event, "client_id": "d"}, event]).json()
        assert (told["accepted"], told["joined"], told["taught"]) == (1, 1, 1)
        assert [one["reason"] for one in told["rejected"]] == ["missing_query_id"] * 2
        assert json.loads(shop.records(Topic.ACTIONS)[-1].value)["query_id"] == answer["query_id"]
        shop.post("/ubi_queries", ubi_query(shop, "again", client_id="c", query_response_hit_ids=[only]))
        told = shop.post("/ubi_events", {**event, "client_id": "c"}).json()
        assert (told["accepted"], told["rejected"][0]["reason"]) == (0, "missing_query_id")


def test_applications_have_one_rule():
    """What names none is of the first one that is served; what names another is refused, query or action."""
    with Shop(applications=("music", "books")) as shop:
        answer = shop.search()
        action = shop.action(answer["query_id"], "song-1")
        for application, reason in ((None, None), ("", None), ("books", None), ("Music", "unknown_application")):
            query: dict[str, JsonValue] = ubi_query(shop, f"q-{application}", application=application)
            for path, event in (("/ubi_queries", query), ("/ubi_events", {**action, "application": application})):
                told = shop.post(path, event).json()
                assert [one["reason"] for one in told["rejected"]] == ([] if reason is None else [reason])
        applications = [one.application for one in shop.impressions()]
        assert applications == ["music", "music", "music", "books"]
