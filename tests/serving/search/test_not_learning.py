"""Searches that are answered and logged, but teach nothing: those that say so, and those of known test agents."""

from collections.abc import Iterator

import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.serving.settings.agents import is_test_agent
from ltrr.serving.settings.settings import load_settings
from tests.serving.shop import Shop, hits

AGENTS = ("*Uptime*", "qa-?", "load test")


def outcomes(shop: Shop) -> dict[str, float]:
    """Return how many impressions and actions were taken without being learned."""
    topics = ("impressions", "actions")
    return {topic: shop.metric("ltrr_events_total", {"topic": topic, "outcome": "not_learned"}) for topic in topics}


def taught(shop: Shop) -> tuple[int, list[object]]:
    """Return how many decisions were learned, and what is remembered of the query."""
    return shop.get("/v1/policy")["decisions"], shop.get("/v1/memory", query="love night")["pairs"]


def test_page_that_is_not_to_be_learned(shop: Shop):
    """It is logged as such, its actions are taken and counted, and nothing is known of them afterwards."""
    before = taught(shop)
    answer = shop.search(size=4, learn=False, user_id="u")
    shop.click(answer["query_id"], hits(answer)[0])
    further = shop.search(size=4, query_id=answer["query_id"], page=2)  # goes on with what is not learned
    shop.click(answer["query_id"], hits(further)[0])
    assert [page.learn for page in shop.impressions()] == [False, False]
    assert outcomes(shop) == {"impressions": 2, "actions": 2}
    assert taught(shop) == before
    assert shop.service._learner.fold.state.applications.keys() <= {"default"}
    learned = shop.service._learner.fold.state.application("default")
    assert not learned.ranker.point.said.any()
    assert not learned.positions.values.any()
    assert not learned.profiles["user"].own


def test_page_that_is_not_logged(shop: Shop):
    """It is answered as one that is, and leaves nothing: neither on the log nor in what is counted or watched."""
    logged = shop.search(size=4, learn=False)
    looked = shop.search(size=4, learn=False, log=False)
    assert hits(looked) == hits(logged)
    assert [page.query_id for page in shop.impressions()] == [logged["query_id"]]
    assert outcomes(shop) == {"impressions": 1, "actions": 0}
    refused = shop.post("/v1/search", {"query": "love night", "log": False})
    assert (refused.status_code, "say learn: false beside log: false" in refused.text) == (422, True)


def test_further_page_alone_is_not_learned(shop: Shop):
    """What is done there counts for no plan either, though its first page was learned."""
    answer = shop.search(size=4)
    first = taught(shop)
    further = shop.search(size=4, query_id=answer["query_id"], page=2, learn=False)
    shop.click(answer["query_id"], hits(further)[0])
    assert taught(shop) == first
    assert outcomes(shop) == {"impressions": 1, "actions": 1}


@pytest.fixture(scope="module")
def tested() -> Iterator[Shop]:
    """Return a service that knows who tests it."""
    with Shop(test_agents=AGENTS) as shop:
        yield shop


@pytest.mark.parametrize(
    ("who", "agent", "decisions"),
    [
        ({}, "Mozilla/5.0", 1),
        ({"user_id": "qa-10"}, "curl/8", 1),
        ({}, "UptimeRobot/2.0", 0),
        ({"user_id": "QA-1"}, "curl/8", 0),
        ({"client_id": "Load Test"}, "curl/8", 0),
        ({"session_id": "my uptime check"}, "curl/8", 0),
    ],
)
def test_known_agents_teach_nothing(tested: Shop, who: dict[str, str], agent: str, decisions: int):
    """Ids and the User-Agent are compared with the patterns as a whole, in any case."""
    before = tested.get("/v1/policy")["decisions"]
    response = tested.request("POST", "/v1/search", json={"query": "love", **who}, headers={"User-Agent": agent})
    assert response.status_code == 200
    assert tested.impressions()[-1].learn == (decisions > 0)
    assert tested.get("/v1/policy")["decisions"] - before == decisions


def test_nobody_is_known_where_nothing_is_set():
    """No pattern matches anybody, and no pattern matches what was not sent."""
    assert not is_test_agent(("bot", None), ())
    assert not is_test_agent((None, None), ("*",))
    assert is_test_agent((None, "bot"), ("*",))


def test_agents_are_a_list_of_patterns(monkeypatch: pytest.MonkeyPatch):
    """LTRR_TEST_AGENTS is JSON, and an empty pattern is refused."""
    monkeypatch.setenv("LTRR_TEST_AGENTS", '["*bot*"]')
    assert load_settings().test_agents == ("*bot*",)
    monkeypatch.setenv("LTRR_TEST_AGENTS", '[""]')
    with pytest.raises(InvalidSettings, match=r"LTRR_TEST_AGENTS\.0: String should have at least 1 character"):
        load_settings()
