"""What one visitor can teach: nothing of pages that were not shown, and no more than others by shouting."""

import asyncio
from pathlib import Path

import httpx
import pytest
from pydantic import JsonValue
from pydantic_core import to_json

from ltrr.models.rewards.engagement import EVERYONE
from ltrr.serving.access.audit import Audit
from ltrr.serving.access.keys import Keys, Role
from ltrr.serving.http.api import create_app
from ltrr.serving.http.guard import Guard
from ltrr.streams.events.topics import Topic
from tests.serving.shop import NOON_S, Shop, hits

ORIGIN = "https://shop.example"
BOUNDED = {"visitor_searches": 20.0, "visitor_query_searches": 3.0}


def told(query_id: str = "made-up", **more: JsonValue) -> dict[str, JsonValue]:
    """Return a page that nobody has shown."""
    shown = {"query_id": query_id, "user_query": "love night", "query_response_hit_ids": ["song-9", "song-8"]}
    return {**shown, "timestamp": NOON_S, "client_id": "forger", **more}


def acted_on(shop: Shop) -> dict[str, float]:
    """Return the actions that the memory holds as of now, by query, where there are any."""
    memory, now_s = shop.service.fold().state.application("default").memory, shop.clock()
    sums = {
        query: of.fade(memory.decay, now_s) * sum(pair.actions for pair in of.pairs.values())
        for query, of in memory.queries.items()
    }
    return {query: actions for query, actions in sums.items() if actions}


@pytest.mark.parametrize("signed", [False, True])
def test_a_visitor_of_the_shop_makes_up_no_pages(tmp_path: Path, signed: bool):  # noqa: FBT001  # a case
    """With the key that pages of the shop have, made-up pages are refused, under whatever id, and purchases dangle."""
    keys = Keys(tmp_path / "keys.json")
    _, key = keys.create("web", [Role.SEARCH, Role.EVENTS], [ORIGIN], NOON_S)
    with Shop() as shop:
        guard = Guard(keys, Audit(tmp_path / "audit.jsonl"), lambda: NOON_S)
        transport = httpx.ASGITransport(create_app(shop.service, close=False, guard=guard))
        headers = {"X-API-Key": key, "Origin": ORIGIN}

        async def attack() -> list[httpx.Response]:
            async with httpx.AsyncClient(transport=transport, base_url="http://ltrr", headers=headers) as client:
                ours = (await client.post("/v1/search", json={"query": "gold rain"})).json()["query_id"]
                page = told(ours if signed else "made-up")
                seen = {**page, "action_name": "impression", "event_attributes": {"object": {"object_id": "song-9"}}}
                purchase = shop.action(str(page["query_id"]), "no result", "purchase")
                paths = (("/ubi_queries", page), ("/v1/events", seen), ("/ubi_events", purchase))
                return [await client.post(path, json=body) for path, body in paths]

        refused, shown, bought = asyncio.run(attack())
        assert (refused.status_code, "not pages" in refused.json()["detail"]) == (403, True)
        assert [one["reason"] for one in shown.json()["rejected"]] == ["foreign"]
        assert bought.status_code == 202
        assert acted_on(shop) == {}


def test_a_made_up_page_in_the_log_teaches_nothing():
    """Who writes to the log past the service, as producers on Kafka may, teaches nothing, nor with purchases on it."""
    with Shop() as shop:
        page = to_json(told())
        shop.service.keep(Topic.IMPRESSIONS, [("made-up", page)])
        shop.post("/v1/events", shop.action("made-up", "song-9", "purchase"))
        assert acted_on(shop) == {}
        assert shop.metric("ltrr_deadletter_total", {"reason": "foreign"}) == 1


@pytest.mark.whole
@pytest.mark.parametrize("named", [True, False])
def test_who_buys_all_is_one_voice(named: bool):  # noqa: FBT001  # a case
    """A hundred searches with purchases of all that was shown weigh what one visitor may say; others' count in full."""
    with Shop(**BOUNDED, proxies=None if named else 0) as shop:
        for number in range(100):
            who: dict[str, JsonValue] = {"client_id": "shouting"} if named else {}
            answer = shop.search(f"love {number}", **who)
            bought = [shop.action(answer["query_id"], object_id, "purchase") for object_id in hits(answer)]
            assert shop.post("/v1/events", bought).json()["taught"] == len(bought)
        application = shop.service.fold().state.application("default")
        assert application.reward_model.count.effective == pytest.approx(20.0, abs=0.1)
        assert application.senders.of(EVERYONE, NOON_S).acted == pytest.approx(20.0, abs=0.1)
        for number in range(30):
            answer = shop.search("blue moon", client_id=f"visitor-{number}")
            shop.click(answer["query_id"], hits(answer)[0])
        assert application.reward_model.count.effective == pytest.approx(50.0, abs=0.1)


def test_a_query_hears_of_a_visitor_a_few_times_a_day():
    """Who asks one query all day raises what he takes for it as much as a few visits do."""
    with Shop(**BOUNDED) as shop:
        for _ in range(12):
            answer = shop.search("love night", client_id="fan")
            taken = hits(answer)[-1]
            shop.post("/v1/events", shop.action(answer["query_id"], taken, "purchase"))
            shop.clock.now_s += 2_500.0
        assert acted_on(shop) == {"love night": pytest.approx(4.0, abs=0.1)}


def test_pages_of_other_searches_have_voices_too():
    """What a site tells of its own search weighs, for each of its visitors, no more than a visitor may say."""
    with Shop(**BOUNDED) as shop:
        for number in range(30):
            assert shop.post("/ubi_queries", told(f"theirs-{number}", user_query=f"love {number}")).status_code == 202
            shop.post("/v1/events", shop.action(f"theirs-{number}", "song-9", "purchase"))
        assert sum(acted_on(shop).values()) == pytest.approx(20.0, abs=0.1)


def test_a_server_of_this_machine_is_no_visitor():
    """Who asks from this machine and names nobody asks for many: all of it counts."""
    with Shop(**BOUNDED) as shop:
        for _ in range(10):
            answer = shop.search("love night")
            shop.click(answer["query_id"], hits(answer)[0])
        assert [page.voice for page in shop.impressions()] == [1.0] * 10


def test_a_search_that_is_refused_takes_no_voice():
    """Who asks what cannot be asked has as much to say afterwards as before."""
    with Shop(visitor_searches=1.0, visitor_query_searches=1.0) as shop:
        asked: dict[str, JsonValue] = {"query": "love night", "user_id": "ada"}
        for _ in range(3):
            assert shop.post("/v1/search", {**asked, "timezone": "Nowhere/At"}).status_code == 404
        shop.search(user_id="ada")
        shop.search(user_id="ada")
        assert [page.voice for page in shop.impressions()] == [1.0, 0.0]
