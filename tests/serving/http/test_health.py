"""GET /healthz, /readyz, /metrics, /: what operators see."""

from ltrr.serving.metrics import Metrics
from tests.serving.shop import Shop, hits


def test_readiness_needs_a_catalogue():
    """Without an entity the service lives but is not ready, and says what to do."""
    with Shop(entities=[]) as shop:
        assert shop.get("/healthz") == {"status": "ok"}
        response = shop.request("GET", "/readyz")
        assert response.status_code == 503
        assert response.json() == {
            "log": "ok",
            "index": "empty: load a catalogue with `ltrr index FILE`",
            "tantivy": "ok",
            "qdrant-edge": "ok",
        }
        assert shop.search()["items"] == []


def test_readiness_with_a_catalogue(shop: Shop):
    """With entities every dependency is ok."""
    assert shop.get("/readyz") == {"log": "ok", "index": "ok", "tantivy": "ok", "qdrant-edge": "ok"}


def test_every_metric_is_exported_and_says_nothing_of_users(shop: Shop):
    """All metrics stand in /metrics after a search and a click, and no text or id that a user sent is among them."""
    answer = shop.search("love secretword", user_id="secretuser", session_id="secretsession")
    shop.click(answer["query_id"], hits(answer)[0])
    shop.post("/v1/events", {"action_name": "secretname", "application": "secretapplication"})
    shop.post("/ubi_queries", {"query_id": "secretid", "user_query": "secretquery", "application": "secrettenant"})
    shop.request("GET", "/v1/memory", params={"query": "x", "application": "secrettenant"})
    text = shop.metrics()
    families = {family.name for family in Metrics().registry.collect()}
    assert len(families) >= 13
    for name in families:
        assert f"# HELP {name}" in text
        assert name.startswith("ltrr_")
    assert "secret" not in text
    assert not any(object_id in text for object_id in hits(answer))


def test_metrics_follow_what_happened():
    """Counters, histograms and gauges say what the service did; one arm alone, so that a click is its merit."""
    with Shop(policy="static", baseline={"fulltext": 20}) as shop:
        answer = shop.search()
        shop.search("blue moon")
        shop.click(answer["query_id"], hits(answer)[0])
        arms = shop.service.state.learning.rules.names
        ran = sum(
            shop.metric("ltrr_arm_level_total", {"arm": arm, "level": str(level)}) for arm in arms for level in range(4)
        )
        assert ran == shop.metric("ltrr_propensity_count") == 2 * len(arms)
        assert shop.metric("ltrr_search_seconds_count") == 2
        assert shop.metric("ltrr_policy_version", {"version": "v1"}) == 3
        assert shop.metric("ltrr_memory_pairs") == sum(len(hits(shop.search(q))) for q in ("love night", "blue moon"))
        assert shop.metric("ltrr_open_pages") == 4
        assert any(shop.metric("ltrr_reward", {"arm": arm}) != 0 for arm in arms)


def test_unknown_applications_and_paths(shop: Shop):
    """Reading what is not served is the caller's mistake, in words."""
    for path in ("/v1/policy", "/v1/memory", "/v1/catalogue"):
        response = shop.request("GET", path, params={"query": "x", "application": "nope"})
        assert response.status_code == 404
        assert "add it to LTRR_APPLICATIONS" in response.json()["detail"]
    assert shop.request("GET", "/v1/memory").json()["detail"] == "query: Field required"
    assert shop.request("GET", "/nothing").status_code == 404


def test_the_search_page_is_served(shop: Shop):
    """The page is HTML."""
    response = shop.request("GET", "/")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_the_catalogue_is_told(shop: Shop) -> None:
    """Whoever may search is told what is there to be searched."""
    told = shop.request("GET", "/v1/catalogue").json()
    assert told["entities"] == len(shop.service.index)
    assert told["examples"]
    assert set(told["counted"]) <= set(told["shown"]) <= set(told["fields"])
    assert "popularity" in told["fields"]
