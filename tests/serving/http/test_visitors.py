"""Who asks and acts: kept under a name alone, known again by it, and shown to nobody else."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import JsonValue

from ltrr.serving.access.audit import Audit
from ltrr.serving.access.keys import BROWSER, Keys, Role
from ltrr.serving.http.api import create_app
from ltrr.serving.http.guard import Guard
from ltrr.serving.publishing.file import publish
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.topics import Topic
from tests.serving.shop import NOON_S, Shop, hits

PAGE = "https://shop.example"
Ask = Callable[..., httpx.Response]
WHO: dict[str, JsonValue] = {"user_id": "ann@example.org", "client_id": "browser-17", "session_id": "evening-4"}


def test_no_id_of_a_visitor_is_kept(tmp_path: Path):
    """Searches, foreign pages and actions leave no id in any file of the data folder, and teach the profile."""
    with Shop(tmp_path) as shop:
        for number in range(3):
            answer = shop.search(**WHO)
            click = shop.action(answer["query_id"], hits(answer)[number]) | WHO
            page = {"query_id": f"foreign-{number}", "user_query": "gold", "timestamp": click["timestamp"], **WHO}
            page |= {"query_response_hit_ids": ["song-1", "song-2"], "query_attributes": {"ltrr": WHO}}
            assert shop.post("/ubi_events", click).json()["taught"] == 1
            assert shop.post("/ubi_queries", page).json()["accepted"] == 1
        name = shop.service.naming.visitors.name(str(WHO["user_id"]))
        assert list(shop.service.state.application("default").profiles["user"]) == [name]
        assert all(one.user_id == name for one in shop.impressions())
        raws = [record.value for topic in (Topic.IMPRESSIONS, Topic.ACTIONS) for record in shop.records(topic)]
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [given for given in WHO.values() for kept in (*raws, *files) if str(given).encode() in kept]


def test_a_user_is_known_again():
    """What a user took is used in the next search under the same id, or under the name, and in nobody else's."""
    with Shop() as shop:
        answer = shop.search(user_id="ann")
        shop.click(answer["query_id"], hits(answer)[0])
        name = shop.post("/v1/visitors", {"user_id": "ann"}).json()["user_id"]
        for user_id in ("ann", name, "bob"):
            shop.search(user_id=user_id)
        ann, same, bob = (one.context["profile_known"] for one in shop.impressions()[1:])
        assert (ann > 0, same, bob) == (True, ann, 0)


def test_a_file_of_events_is_kept_without_ids(tmp_path: Path):
    """What is published straight to the log is named first, our own pages too; what was exported stays as it is."""
    with Shop(tmp_path / "from") as shop:
        shop.search(**WHO)
        lines = [record.value for record in shop.records(Topic.IMPRESSIONS)]
        shown, visitors = shop.impressions()[0], shop.service.naming.visitors
    ours = {"schema_version": 1, "normalised_query": "gold", "user_id": WHO["user_id"]}
    page = {"query_id": "q", "user_query": "gold", "timestamp": NOON_S, "client_id": WHO["client_id"]}
    lines.append(json.dumps(page | {"query_attributes": {"ltrr": ours}}).encode())
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(lines))
    settings = Settings(data_dir=tmp_path / "to", secret="a secret of this test")  # noqa: S106  # that of the shop
    assert asyncio.run(publish(str(tmp_path / "events.jsonl"), settings, trust=True))["accepted"] == 2
    with Shop(tmp_path / "to", entities=[]) as shop:
        first, second = shop.impressions()
    assert (first.user_id, first.client_id, first.session_id) == (shown.user_id, shown.client_id, shown.session_id)
    assert (second.user_id, second.client_id) == tuple(visitors.name(str(WHO[who])) for who in ("user_id", "client_id"))


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[Shop, Ask]]:
    """Yield a service that asks for keys, and what posts JSON to it with the key of the server, or of a page."""
    keys = Keys(tmp_path / "keys.json")
    server = keys.create("server", [Role.SEARCH, Role.EVENTS], (), NOON_S)[1]
    page = keys.create("page", sorted(BROWSER), [PAGE], NOON_S)[1]
    headers = {"server": {"X-API-Key": server}, "page": {"X-API-Key": page, "Origin": PAGE}}
    with Shop() as shop:
        guard = Guard(keys, Audit(tmp_path / "audit.jsonl"), lambda: NOON_S)
        transport = httpx.ASGITransport(create_app(shop.service, close=False, guard=guard))

        def ask(key: str, path: str, **body: JsonValue) -> httpx.Response:
            async def go() -> httpx.Response:
                async with httpx.AsyncClient(transport=transport, base_url="http://ltrr") as client:
                    return await client.post(path, json=body, headers=headers[key])

            return asyncio.run(go())

        yield shop, ask


def test_a_page_shows_nobody_the_taste_of_another(guarded: tuple[Shop, Ask]):
    """With a page's key a user's id is refused, and left out of events; the name that the server was told works."""
    shop, ask = guarded
    first = ask("server", "/v1/search", query="love", user_id="ann").json()
    shop.click(first["query_id"], hits(first)[0])
    refused = ask("page", "/v1/search", query="love", user_id="ann")
    assert refused.status_code == 400
    assert "POST /v1/visitors" in refused.json()["detail"]
    assert ask("page", "/v1/visitors", user_id="ann").status_code == 403
    name = ask("server", "/v1/visitors", user_id="ann").json()["user_id"]
    assert ask("page", "/v1/search", query="love", user_id=name).status_code == 200
    assert shop.impressions()[-1].context["profile_known"] > 0
    click = shop.action(first["query_id"], hits(first)[1]) | {"user_id": "ann", "client_id": "c"}
    assert ask("page", "/v1/events", **click).json()["accepted"] == 1
    told = json.loads(shop.records(Topic.ACTIONS)[-1].value)
    assert (told["user_id"], told["client_id"]) == (None, shop.service.naming.visitors.name("c"))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "known"),
    [
        (None, None, None),
        (0, "198.51.100.9", "127.0.0.1"),
        (1, "203.0.113.5, 198.51.100.9", "198.51.100.9"),
        (2, "198.51.100.9, 10.0.0.1", "198.51.100.9"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "no address", None),
        (3, "198.51.100.9", "127.0.0.1"),
    ],
)
def test_who_sends_no_id_may_be_known_by_the_address(proxies: int | None, forwarded: str | None, known: str | None):
    """Where that is set, the address that our own proxies have seen stands for the client; ids come first."""
    with Shop(proxies=proxies, entities=[]) as shop:
        headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
        for more in ({}, {"session_id": "s"}):
            shop.request("POST", "/v1/search", json={"query": "love", **more}, headers=headers)
        unnamed, named = (one.client_id for one in shop.impressions())
        visitors = shop.service.naming.visitors
        assert unnamed == (known and visitors.named_by_address(known, int(NOON_S // 86400)))
        assert named is None
