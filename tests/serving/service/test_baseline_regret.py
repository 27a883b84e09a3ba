"""How searches do beside the baseline, as it is shown: GET /v1/policy, the metric, and the line of the table."""

import pytest

from ltrr.serving.terminal import tables
from tests.serving.service.test_intake import ubi_query
from tests.serving.shop import Shop, hits

METRIC = "ltrr_baseline_regret"


def visit(shop: Shop, pages: int) -> dict:
    """Search, click on the first of every second page, and return what is said of the baseline."""
    for number in range(pages):
        answer = shop.search(size=5)
        if number % 2 and hits(answer):
            shop.click(answer["query_id"], hits(answer)[0])
    return shop.get("/v1/policy")["baseline"]


def test_a_new_service_has_no_verdict():
    """It says why, and exports nothing."""
    with Shop() as shop:
        found = visit(shop, 2)
        assert found["plan"] == {"fulltext": 20, "fuzzy": 20, "structured": 20, "memory": 20}
        assert found["difference"] is None
        assert METRIC + "{" not in shop.metrics()
        assert f"no verdict, {found['doubt']}" in tables.baseline(found)


@pytest.mark.whole
def test_the_baseline_is_even_with_itself():
    """A static plan differs by nothing, with nothing in doubt."""
    with Shop(policy="static") as shop:
        found = visit(shop, 60)
        assert {found["difference"][bound] for bound in ("value", "low", "high")} == {0.0}
        assert found["difference"]["matters"] > 0
        assert (found["pages"], found["effective"], found["doubt"], found["share"]) == (60.0, 60.0, None, 1.0)
        assert shop.metric("ltrr_baseline_compared", {"application": "default"}) == 1.0
        assert "100% of the pages are compared" in tables.baseline(found)


def test_pages_without_a_plan_are_not_among_those_to_compare():
    """Others told of them: a history, or a search beside this one."""
    with Shop(policy="static") as shop:
        for number in range(8):
            shop.post("/ubi_queries", ubi_query(shop, f"old-{number}"))
        found = visit(shop, 4)
        assert (found["planned"], found["share"]) == (4.0, 1.0)
        assert shop.get("/v1/policy")["engagement"]["pages"] == 12.0


@pytest.mark.whole
def test_what_costs_more_than_it_brings_is_shown_as_such():
    """The estimate stands in the answer, in the metric of its application and in the table."""
    dear = {"arms": ["fulltext", "popular"], "ladder": [0, 5], "baseline": {"fulltext": 5}, "price_weight": 5.0}
    with Shop(policy="uniform", **dear) as shop:
        found = visit(shop, 160)
        difference = found["difference"]
        assert difference["low"] < difference["value"] < difference["high"]
        for bound, value in difference.items():
            assert shop.metric(METRIC, {"application": "default", "bound": bound}) == pytest.approx(value, abs=1e-6)
        assert f"{difference['value']:+.4f} net reward" in tables.baseline(found)
        caption = tables.policy(shop.get("/v1/policy"))[1].caption
        assert "plans beside the baseline's (fulltext 5)" in caption
        assert "beside searches with nothing learned" in caption
