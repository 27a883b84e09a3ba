"""What the memory answers: its own pairs, those of near queries, and predicted ones, told apart."""

import pytest

from ltrr.models.memory.memory import RememberedPair
from ltrr.models.rewards.call_history import MEASURES
from ltrr.serving.retrieval.recall import remembered_hits
from ltrr.serving.terminal import tables
from tests.serving.shop import Shop, hits


def pair(object_id: str, score: float, **parts: float) -> RememberedPair:
    """Return a pair."""
    return RememberedPair(object_id, score, **{"predicted": 0.0, "actions": 0.0, "examinations": 0.0, **parts})


def pairs(shop: Shop, query: str) -> dict[str, dict[str, object]]:
    """Return what is remembered of a query, by entity."""
    return {one["object_id"]: one for one in shop.get("/v1/memory", query=query)["pairs"]}


def test_hits_say_where_they_come_from():
    """Actions of the query's own users go before those of near ones, these before predictions; the rest is no hit."""
    found = remembered_hits(
        [
            pair("own", 0.4, actions=1.0, near_actions=1.0, predicted=0.2),
            pair("near", 0.3, near_actions=0.5, predicted=0.2),
            pair("new", 0.2, predicted=0.2, examinations=1.0),
            pair("shown", 0.1, examinations=9.0),
        ]
    )
    assert [(hit.object_id, hit.origin) for hit in found] == [("own", "exact"), ("near", "near"), ("new", "predicted")]


def test_a_misspelt_query_recalls_what_people_took():
    """After a click on "river moon", "rivr moon" brings the clicked entity and says from which query."""
    with Shop(generator=None, near_visitors=0) as shop:
        answer = shop.search("river moon")
        taken = hits(answer)[0]
        shop.click(answer["query_id"], taken)
        near = pairs(shop, "rivr moon")[taken]
        own = pairs(shop, "river moon")[taken]
        assert (own["origin"], own["near_query"], own["actions"]) == ("exact", None, 0.5)
        assert (near["origin"], near["near_query"], near["actions"]) == ("near", "river moon", 0.0)
        assert 0 < float(str(near["near_actions"])) < 0.5
        assert 0 < float(str(near["score"])) < float(str(own["score"]))
        shop.search("rivr moon")
        context = shop.impressions()[-1].context
        assert (context["memory_known"], context["memory_best"]) == (0.0, 0.0)
        assert context["memory_near"] > 0


def test_a_question_recalls_what_people_took_for_what_it_asks_for():
    """What was clicked for "river moon" is known when somebody looks for it in a sentence, however long."""
    asked = "hello, could you please show me some river moon thanks"
    with Shop(generator=None, near_visitors=0) as shop:
        answer = shop.search("river moon")
        taken = hits(answer)[0]
        shop.click(answer["query_id"], taken)
        found = pairs(shop, asked)[taken]
        assert (found["near_query"], found["near_actions"]) == ("river moon", pytest.approx(0.8 * 0.5))


@pytest.mark.parametrize("who", ["user_id", "client_id"])
def test_words_of_few_visitors_are_shown_to_nobody(who: str):
    """What people took for a near query counts from the first one on; its words show once enough people typed them."""
    with Shop(generator=None) as shop:
        for number, shown in enumerate([None, None, "river moon"]):
            for _ in range(2):
                answer = shop.search("river moon", **{who: f"visitor-{number}"}, session_id=f"s{number}")
            shop.click(answer["query_id"], hits(answer)[0])
            near = pairs(shop, "rivr moon")[hits(answer)[0]]
            assert (near["origin"], near["near_query"]) == ("near", shown)


def test_who_is_not_known_is_no_visitor():
    """Searches without an id, or with a session alone, may all be one person's."""
    with Shop(generator=None, near_visitors=1) as shop:
        for number in range(5):
            answer = shop.search("river moon", session_id=f"s{number}" if number else None)
        shop.click(answer["query_id"], hits(answer)[0])
        assert pairs(shop, "rivr moon")[hits(answer)[0]]["near_query"] is None


@pytest.mark.whole
def test_a_query_never_seen_is_answered_by_predictions():
    """The memory arm alone answers a name that nobody has searched yet; silence takes half of its score at most."""
    with Shop(arms=("memory",), explore_share=0.0) as shop:
        name = shop.service.index.entities("default", ["song-39"])[0].name
        expected = pairs(shop, name)["song-39"]
        assert expected["origin"] == "predicted"
        assert expected["score"] == expected["predicted"] > 0.3
        assert shop.get("/v1/memory", query=name)["prior"] == 2.0
        for _ in range(9):
            assert "song-39" in hits(shop.search(name))
        shown = pairs(shop, name)["song-39"]
        assert shown["predicted"] == expected["predicted"]
        assert shown["score"] == pytest.approx(float(str(expected["score"])) / 2, abs=1e-5)


def test_the_table_shows_the_numbers(standing: Shop):
    """`ltrr memory` has a column for each part of a score."""
    shown, arms = tables.pairs(standing.get("/v1/memory", query="love"))
    headers = [str(column.header) for column in shown.columns]
    counted = ("actions / examinations", "near actions / examinations")
    assert headers == ["entity", "because", "score", "predicted", *counted]
    assert shown.row_count == len(pairs(standing, "love"))
    assert [str(column.header) for column in arms.columns] == ["arm", "calls", *MEASURES]


def test_what_arms_brought_is_shown(standing: Shop):
    """After a search, each arm that ran has one call for the query, with what it brought."""
    answer = standing.search("love song")
    ran = {one["arm"]: one["budget"] for one in answer["plan"] if one["budget"]}
    shown = {one["arm"]: one for one in standing.get("/v1/memory", query="love song")["arms"]}
    assert shown.keys() == ran.keys()
    for arm, one in shown.items():
        found = sum(any(source["arm"] == arm for source in item["sources"]) for item in answer["items"])
        assert one["calls"] == 1
        assert found / ran[arm] <= one["filled"] <= 1
    (first,) = (standing.get("/v1/memory", query="never asked")["arms"],)
    assert first == []
