"""Further pages of an answer: how long it is kept, and for which requests."""

from collections.abc import Iterator

import pytest

from ltrr.serving.search import kept_answers
from tests.serving.shop import Shop


@pytest.mark.parametrize("page", [1, 2])
def test_pages_that_are_not_kept_are_refused(shop: Shop, page: int):
    """Made again, the ranking could show a result twice: an answer that is not kept any more is an error."""
    first = shop.search(size=4)
    shop.service._worker._paging._kept._most = 3
    for number in range(3):
        assert shop.search(query=f"river {number}")["items"]
    before = len(shop.impressions())
    body = {"query": "love night", "size": 4, "query_id": first["query_id"], "page": page}
    response = shop.post("/v1/search", body)
    assert response.status_code == 404
    assert "not kept here any more: search again without query_id" in response.json()["detail"]
    assert len(shop.impressions()) == before


def test_pages_of_another_query_worker_are_refused(shop: Shop):
    """An id of another process with the same secret is known, but its pages are there."""
    query_id = shop.search(size=4)["query_id"]
    with Shop(entities=[]) as other:
        response = other.post("/v1/search", {"query": "love night", "size": 4, "query_id": query_id, "page": 2})
        assert response.status_code == 404
        assert "not kept here any more" in response.json()["detail"]
        assert other.impressions() == []


def test_an_answer_that_is_paged_stays(shop: Shop):
    """Kept are those of which a page was shown last: who goes on paging is not overtaken by new searches."""
    shop.service._worker._paging._kept._most = 2
    first = shop.search(size=4)["query_id"]
    for page in range(2, 6):
        shop.search(query=f"river {page}")
        assert shop.search(size=4, query_id=first, page=page)["page"] == page


def test_answers_are_kept_by_what_they_take(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Of large answers fewer are kept: together they have no more candidates than so many of usual size."""
    kept = shop.service._worker._paging._kept
    kept._most = 10
    monkeypatch.setattr(kept_answers, "CANDIDATES", 5)
    for number in range(12):
        answer = shop.search(query=f"love {number}", size=4)
        assert shop.search(query=f"love {number}", size=4, query_id=answer["query_id"], page=2)["page"] == 2
        sizes = [len(one.union.candidates) for one in kept._kept.values()]
        assert kept._candidates == sum(sizes) <= 10 * 5
    assert 1 <= len(sizes) < 10


def test_the_first_page_again_is_a_duplicate(shop: Shop):
    """Reloading a page answers the same and is learned once."""
    first = shop.search()
    again = shop.search(query_id=first["query_id"])
    assert again["items"] == first["items"]
    assert shop.metric("ltrr_events_total", {"topic": "impressions", "outcome": "duplicate"}) == 1
    assert shop.get("/v1/policy")["decisions"] == 1


@pytest.fixture(scope="module")
def tenants() -> Iterator[Shop]:
    """Return a service of two applications."""
    with Shop(applications=("default", "other")) as shop:
        yield shop


@pytest.mark.parametrize(
    "change", [{"query": "river"}, {"filters": {"genre": ["pop"]}}, {"size": 5}, {"application": "other"}]
)
def test_a_changed_query_under_an_old_id(tenants: Shop, change: dict[str, object]):
    """A query id stands for one query: another query, tenant, filter or size under it is refused."""
    first = tenants.search(size=4)
    before = len(tenants.impressions())
    body = {"query": "love night", "size": 4, "query_id": first["query_id"], "page": 2, **change}
    response = tenants.post("/v1/search", body)
    assert response.status_code == 409
    assert f"query_id belongs to a search with another {next(iter(change))}: " in response.json()["detail"]
    assert len(tenants.impressions()) == before
