"""What is said where a request does not fit: in the words of who sent it, and what to send."""

from typing import Any

import pytest
from pydantic import JsonValue

from tests.serving.shop import Shop


@pytest.fixture
def shop(standing: Shop) -> Shop:
    """Return a service that is only asked."""
    return standing


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 422, "the body cannot be read as JSON: send one object (Expecting property name"),
        (b"[" * 100_000, 400, "the body cannot be read as JSON: send one object, of few levels"),
        ({"query": "x", "facets": [{"field": "price"}]}, 422, "facets.0.ranges: it is missing"),
        ({"query": "x", "facets": [["price"]]}, 422, "facets.0: Input should be a valid string"),
        ({"query": "x", "facets": [5]}, 422, "facets.0: Input should be a valid string"),
        ({"query": "x", "facets": [{"field": "a", "ranges": [{"lt": []}]}]}, 422, "facets.0.ranges.0.lt: is neither a"),
        ({"query": "x", "filters": {"price": {"min": 5}}}, 422, "filters.price.min: there is nothing of that name"),
        (b'{"query": "x", "filters": {"price": {"gte": 1e999}}}', 422, "filters.price.gte: is neither a finite number"),
        ({"query": "x", "filters": {"price": {"gte": True}}}, 422, "filters.price.gte: is neither a finite number"),
        ({"query": "x", "filters": {"": "red"}}, 422, "filters: the name '': String should have at least 1 character"),
        ({"query": "x", "filters": {"price": {}}}, 422, "filters.price: a range needs a bound"),
    ],
)
def test_what_does_not_fit_is_named_as_it_was_sent(shop: Shop, body: JsonValue | bytes, status: int, said: str):
    """No name of a class, of a form or of a parser is among the words."""
    headers = {"Content-Type": "application/json"}
    what = {"content": body} if isinstance(body, bytes) else {"json": body}
    response = shop.request("POST", "/v1/search", headers=headers, **what)
    assert (response.status_code, response.json()["detail"][: len(said)]) == (status, said)
    assert not {";", "constrained", "Request"} & {*response.json()["detail"].replace(";", " ; ").split()}


def test_a_path_that_is_not_there_is_named(shop: Shop):
    """It says where to look."""
    response = shop.request("GET", "/v1/nope")
    told = "Not Found: '/v1/nope'; /docs shows what there is"
    assert (response.status_code, response.json()) == (404, {"detail": told})


def test_pages_answer_head(shop: Shop):
    """Watchers of sites ask so whether they are there; what a page would be, without it."""
    for path in ("/", "/dashboard", "/healthz", "/readyz"):
        asked, head = shop.request("GET", path), shop.request("HEAD", path)
        assert head.status_code == asked.status_code  # servers leave out what stands in it
        assert head.headers["Content-Type"] == asked.headers["Content-Type"]


@pytest.mark.parametrize(
    ("entity", "said"),
    [
        ({"object_id": ""}, "object_id: is empty: send text or a number; docs/entities.md says what to send"),
        ({"attributes": {"": "x"}}, "attributes: the name '': String should have at least 1 character; docs/entities"),
    ],
)
def test_what_does_not_fit_in_an_entity_is_named(shop: Shop, entity: dict[str, Any], said: str):
    """As in requests."""
    body = {"object_id": "a", "type": "thing", "name": "A", **entity}
    [rejected] = shop.request("PUT", "/v1/entities", json=body).json()["rejected"]
    assert rejected["message"].startswith(said)
