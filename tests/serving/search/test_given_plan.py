"""A search whose plan the request gives: that plan, in the order of retrieval, and nothing is kept of it."""

import pytest
from pydantic import JsonValue

from tests.serving.shop import WORDS, Shop, hits


def test_the_plan_is_run_as_if_nothing_had_been_learned(shop: Shop):
    """One strategy alone shows what it found in the same order, whatever was clicked, and the plan says so."""
    alone = shop.search("love night", plan={"fulltext": 10}, learn=False, size=20)
    for _ in range(5):
        page = shop.search("love night", size=20)
        shop.click(page["query_id"], hits(page)[-1])
    again = shop.search("love night", plan={"fulltext": 10}, learn=False, size=20)
    assert hits(again) == hits(alone)
    assert {source["arm"] for item in again["items"] for source in item["sources"]} == {"fulltext"}
    assert {arm["arm"]: arm["budget"] for arm in again["plan"] if arm["budget"]} == {"fulltext": 10}
    assert not again["learned"]


def test_the_plan_of_the_baseline_is_what_static_serves():
    """Given in a request it answers as LTRR_MODE=static does always."""
    plan = {"fulltext": 20, "fuzzy": 20}
    with Shop(baseline=plan, mode="static") as static, Shop() as other:
        assert hits(static.search("river")) == hits(other.search("river", plan=plan, learn=False))


def test_nothing_is_kept_of_it(shop: Shop):
    """It is not logged, counts as no draw of an arm, and has no further pages."""
    found = shop.search("love", plan={"fulltext": 5}, learn=False, size=2)
    assert hits(found)
    assert shop.impressions() == []
    assert shop.metric("ltrr_arm_level_total", {"arm": "fulltext", "level": "1"}) == 0
    further = {"query": "love", "plan": {"fulltext": 5}, "learn": False, "size": 2, "page": 2}
    assert shop.post("/v1/search", {**further, "query_id": found["query_id"]}).status_code == 404
    drawn = shop.search("love", learn=False, size=2)
    assert shop.post("/v1/search", {**further, "query_id": drawn["query_id"]}).status_code == 409


def test_nothing_stands_in_for_it(standing: Shop):
    """Where the plan finds nothing the page is empty: what others would find is not its own."""
    found = standing.search("love night", plan={"memory": 5}, learn=False)
    assert (hits(found), found["fallback"]) == ([], [])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"plan": {"fulltext": 5}}, "say learn: false beside plan"),
        ({"plan": {"nobody": 5}}, "name arms that do not exist: nobody"),
        ({"plan": {"nobody": 5}, "learn": False}, "name arms that do not exist: nobody"),
        ({"plan": {"fulltext": 7}, "learn": False}, "a budget is a step of the ladder"),
        ({"plan": {}, "learn": False}, "the plan runs nothing that is ranked"),
    ],
)
def test_what_cannot_be_run_is_refused(standing: Shop, body: dict[str, JsonValue], said: str):
    """The answer says what to give instead."""
    response = standing.post("/v1/search", {"query": "love", **body})
    assert response.status_code == 400
    assert said in response.json()["detail"]


def test_entities_that_are_in_the_index(standing: Shop):
    """They are shown with type and name, the others as missing."""
    found = standing.request("GET", "/v1/entities", params={"object_id": ["song-1", "nothing", "song-1"]}).json()
    assert [(one["object_id"], one["type"]) for one in found["entities"]] == [("song-1", "song")]
    assert found["missing"] == ["nothing"]
    assert standing.request("GET", "/v1/entities").status_code == 422


@pytest.mark.whole
def test_what_the_baseline_would_show_with_nothing_learned_is_logged():
    """However much was clicked, the page says what a search of the baseline shows as if nothing had been."""
    plan: dict[str, JsonValue] = {"fulltext": 20, "fuzzy": 20, "structured": 20}
    with Shop() as shop:
        told = []
        for turn in range(120):
            word = WORDS[turn % len(WORDS)]
            page = shop.search(f"{word} {WORDS[turn % 3]}", size=5, user_id=f"u{turn}")
            shop.click(page["query_id"], hits(page)[-1])
            plain = shop.search(f"{word} {WORDS[turn % 3]}", size=5, plan=plan, learn=False)
            if {one["arm"] for one in page["plan"] if one["budget"] >= 20} >= plan.keys():
                told.append((list(shop.impressions()[-1].unlearned), hits(plain), hits(page)))
        assert len(told) > 20
        assert all(unlearned == first_day for unlearned, first_day, _ in told)
        assert any(learned != first_day for _, first_day, learned in told[60:])
