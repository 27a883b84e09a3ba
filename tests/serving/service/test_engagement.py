"""Silence as the service takes it: of one that never acts it teaches next to nothing, and people see the rate."""

import numpy as np
import pytest

from ltrr.models.records.impression import Impression
from ltrr.serving.terminal import tables
from tests.serving.shop import WORDS, Shop, hits

pytestmark = pytest.mark.whole

PEOPLE, SILENT = 40, 300


def worths(shop: Shop, pages: list[Impression]) -> np.ndarray:
    """Return what each arm at each level is expected to be worth to the queries of pages, before prices."""
    model = shop.service.state.application("default").reward_model
    return np.array([model.predict(model.inputs(page.context)) for page in pages])


def query(number: int) -> str:
    """Return one of 56 queries of two words."""
    return f"{WORDS[number % 8]} {WORDS[(number // 8 + number + 1) % 8]}"


def people_click(shop: Shop) -> None:
    """Let people search, and each click on the first result."""
    for number in range(PEOPLE):
        answer = shop.search(query(number), user_id=f"user-{number}", size=5)
        for first in hits(answer)[:1]:
            shop.click(answer["query_id"], first)


@pytest.mark.parametrize("who", [{"user_id": "monitor"}, {"client_id": "crawler"}, {"session_id": "load test"}])
def test_300_silent_searches_of_one_sender_teach_next_to_nothing(shop: Shop, who: dict[str, str]):
    """What is expected of arms moves by no more than their small share of what counts; decisions they are as ever."""
    people_click(shop)
    pages = shop.impressions()
    before = worths(shop, pages)
    for number in range(SILENT):
        shop.search(query(number), size=5, **who)
    moved = np.abs(worths(shop, pages) - before)
    weights = [page.engagement for page in shop.impressions()]
    assert weights[: PEOPLE + 1] == [1.0] * (PEOPLE + 1)
    silent = sum(weights[PEOPLE:])
    assert silent < 15
    assert moved.mean() < silent / (PEOPLE + silent) * np.abs(before).mean()
    model = shop.service.state.application("default").reward_model
    assert model.decisions == PEOPLE + SILENT
    assert model.count.effective < PEOPLE + 15


def test_a_site_where_nobody_clicks_teaches_ever_less(shop: Shop):
    """Whoever asks: each silent page lowers what the next one says, down to next to nothing."""
    for number in range(100):
        shop.search(query(number), user_id=f"user-{number}", size=5)
    weights = [page.engagement for page in shop.impressions()]
    assert weights[0] == 1.0
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] < 0.1


def test_further_pages_weigh_what_the_first_does(shop: Shop):
    """Their visitor is the same; only the first page of a query is counted."""
    for _ in range(3):
        answer = shop.search(session_id="s", size=3)
    shop.search(session_id="s", size=3, query_id=answer["query_id"], page=2)
    first, second = shop.impressions()[-2:]
    assert first.engagement == second.engagement < 1.0
    assert shop.get("/v1/policy")["engagement"] == {"pages": 3.0, "acted": 0.0, "rate": 0.0}


def test_people_see_the_rate():
    """Of each application, in its policy and in the metrics; before any page it is 0."""
    with Shop(applications=("default", "other")) as shop:
        for number in range(4):
            answer = shop.search(size=5, session_id=f"s{number}")
            if number % 2:
                shop.click(answer["query_id"], hits(answer)[0])
        described = shop.get("/v1/policy")
        assert described["engagement"] == {"pages": 4.0, "acted": 2.0, "rate": 0.5}
        assert str(tables.policy(described)[1].title).endswith("50.0% of pages acted on")
        assert shop.get("/v1/policy", application="other")["engagement"] == {"pages": 0.0, "acted": 0.0, "rate": 0.0}
        samples = [line for line in shop.metrics().splitlines() if line.startswith("ltrr_engagement{")]
        assert samples == ['ltrr_engagement{application="default"} 0.5', 'ltrr_engagement{application="other"} 0.0']
