"""GET /healthz, /readyz, /metrics, /: what operators see."""

from pathlib import Path

from ltrr.serving.metrics import Metrics
from tests.serving.shop import Shop, catalogue, hits


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
        assert name.startswith(("ltrr_", "process_"))
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
        assert shop.metric("ltrr_policy_revision", {"version": "v1"}) == 3
        served = {"application": "default", "version": "v1", "policy": "static", "mode": "online"}
        assert shop.metric("ltrr_policy_version", served) == 1
        assert shop.metric("ltrr_memory_pairs") == sum(len(hits(shop.search(q))) for q in ("love night", "blue moon"))
        assert shop.metric("ltrr_open_pages") == 4
        assert any(shop.metric("ltrr_reward", {"arm": arm}) != 0 for arm in arms)


def test_searches_and_what_they_bring_are_counted_by_application():
    """Each application has its searches, those that showed nothing, those that were acted on, and its actions."""
    with Shop(entities=[*catalogue(), *catalogue(application="b")], applications=("default", "b")) as shop:
        answer = shop.search(application="b")
        for place in (0, 1, 0):
            shop.post("/v1/events", {**shop.action(answer["query_id"], hits(answer)[place]), "application": "b"})
        shop.search("zzzqqqxxx", filters={"genre": "none"}, application="b")
        shop.search(learn=False, application="b")
        counted = {
            name: shop.metric(f"ltrr_{name}_total", {"application": "b"})
            for name in ("searches", "searches_empty", "searches_acted")
        }
        assert counted == {"searches": 2, "searches_empty": 1, "searches_acted": 1}
        assert shop.metric("ltrr_actions_total", {"application": "b", "action": "click"}) == 3
        assert 'ltrr_searches_total{application="default"} 0.0' in shop.metrics()


def test_requests_are_counted_by_route():
    """What stands in a path is no label, nor is a path or a method that anybody made up; refusals count, too."""
    with Shop() as shop:
        for method, path, body in (
            ("POST", "/v1/search", b'{"query": "love"}'),
            ("POST", "/v1/search", b"x" * 2_000_000),
            ("POST", "/v1/policy/made-up/promote", b""),
            ("GET", "/made-up", b""),
            ("MADEUP", "/v1/search", b""),
        ):
            shop.request(method, path, content=body)
        counted = {
            (one.labels["method"], one.labels["route"], one.labels["status"])
            for family in shop.service.metrics.http_requests.collect()
            for one in family.samples
            if one.name.endswith("_total")
        }
        assert counted == {
            ("POST", "/v1/search", "415"),
            ("POST", "/v1/search", "413"),
            ("POST", "/v1/policy/{version}/promote", "409"),
            ("GET", "other", "404"),
            ("other", "/v1/search", "405"),
        }
        assert shop.metric("ltrr_http_request_seconds_count", {"method": "POST", "route": "/v1/search"}) == 2


def test_parts_and_the_disk_are_gauges(tmp_path: Path):
    """A disk that is full shows before anything is lost, with what is left of it and what is kept free."""
    left = [5_000_000_000]
    with Shop(tmp_path / "data", free=lambda _: left[0]) as shop:
        assert shop.metric("ltrr_condition", {"part": "log"}) == 1
        left[0] = 1_000
        assert shop.metric("ltrr_condition", {"part": "log"}) == 0
        assert shop.metric("ltrr_disk_free_bytes") == 1_000
        assert shop.metric("ltrr_disk_reserve_bytes") == shop.service.settings.disk_reserve_mb * 1_000_000
        left[0] = 5_000_000_000


def test_the_process_tells_what_it_takes(shop: Shop):
    """Memory and processor time of the process stand beside the other metrics."""
    assert shop.metric("process_resident_memory_bytes") > 1_000_000
    assert shop.metric("process_cpu_seconds_total") > 0


def test_unknown_applications_and_paths(shop: Shop):
    """Reading what is not served is the caller's mistake, in words."""
    for path in ("/v1/policy", "/v1/memory", "/v1/catalogue"):
        response = shop.request("GET", path, params={"query": "x", "application": "nope"})
        assert response.status_code == 404
        assert "add it to LTRR_APPLICATIONS" in response.json()["detail"]
    assert shop.request("GET", "/v1/memory").json()["detail"] == "query: it is missing"
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
