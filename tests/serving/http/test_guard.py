"""Who is let in: by a key and its roles and origins, or without keys from this machine's own pages and programs."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.serving.access.audit import Audit
from ltrr.serving.access.keys import Keys, Role
from ltrr.serving.http.api import create_app
from ltrr.serving.http.guard import Guard, guard_of
from ltrr.serving.settings.settings import Settings
from tests.serving.shop import NOON_S, Shop

SHOP = "https://shop.example"
OTHER = "https://other.example"
SEARCH = ("POST", "/v1/search", {"query": "love"})
EVENT = {"action_name": "click", "query_id": "foreign", "timestamp": "2027-01-01T00:00:00Z"}
EVENT |= {"event_attributes": {"object": {"object_id": "song-1"}}}
PAGE = {"query_id": "told", "user_query": "love", "timestamp": "2026-01-01T12:00:00Z"}
PAGE |= {"client_id": "told", "query_response_hit_ids": ["song-1", "song-2"]}
ROUTES = {
    Role.SEARCH: [SEARCH, ("GET", "/v1/catalogue", None), ("POST", "/v1/visitors", {"user_id": "ann"})],
    Role.EVENTS: [("POST", "/v1/events", [EVENT]), ("POST", "/ubi_events", EVENT), ("PUT", "/ubi_events", EVENT)],
    Role.PAGES: [("POST", "/ubi_queries", PAGE), ("PUT", "/ubi_queries", [PAGE])],
    Role.READ: [("GET", "/v1/policy", None), ("GET", "/v1/memory?query=love", None), ("GET", "/metrics", None)],
    Role.OPERATE: [
        ("POST", "/v1/policy/rollback", {}),
        ("POST", "/v1/policy/v2/promote", {}),
        ("POST", "/v1/privacy/export", {"user_id": "ann"}),
    ],
}
ALL = [(role, *route) for role, routes in ROUTES.items() for route in routes]
Ask = Callable[..., httpx.Response]
every_route = pytest.mark.parametrize(("role", "method", "path", "body"), ALL, ids=lambda part: str(part)[:25])


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """Yield a service that many tests ask."""
    with Shop() as open_:
        yield open_


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Return the keys of an installation, none at first."""
    return Keys(tmp_path / "keys.json")


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file in which operators' acts are noted."""
    return tmp_path_factory.mktemp("guard") / "audit.jsonl"


@pytest.fixture(scope="module")
def guarded(shop: Shop, audit: Path) -> tuple[Guard, httpx.ASGITransport]:
    """Return what guards the service, and how it is reached: whose keys it asks for, each test says."""
    guard = Guard(Keys(audit.with_name("none.json")), Audit(audit), lambda: NOON_S, origins=(SHOP,))
    return guard, httpx.ASGITransport(create_app(shop.service, close=False, guard=guard))


@pytest.fixture
def ask(guarded: tuple[Guard, httpx.ASGITransport], keys: Keys) -> Ask:
    """Return what asks the guarded service, as a program on this machine does."""
    guard, transport = guarded
    guard.keys = keys

    def send(method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        async def go() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
                sent = {"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
                return await client.request(method, path, content=json.dumps(body), headers=sent)

        return asyncio.run(go())

    return send


def token(keys: Keys, roles: Sequence[Role], origins: Sequence[str] = ()) -> str:
    """Return a new key."""
    return keys.create("shop", roles, origins, NOON_S)[1]


@every_route
def test_a_key_opens_what_its_role_is_for(ask: Ask, keys: Keys, role: Role, method: str, path: str, body: object):
    """With keys each route wants one of its role: none is 401, another role 403, and its own gets an answer."""
    assert ask(method, path, body).status_code not in (401, 403)
    other = token(keys, [one for one in Role if one is not role])
    assert ask(method, path, body).status_code == 401
    assert ask(method, path, body, authorization=f"Bearer {other}x").status_code == 401
    refused = ask(method, path, body, authorization=f"Bearer {other}")
    assert (refused.status_code, f"not {role}" in refused.json()["detail"]) == (403, True)
    _, own = keys.create("own", [role], (), NOON_S)
    assert ask(method, path, body, x_api_key=own).status_code not in (401, 403)


def test_a_browser_key_is_for_its_pages(ask: Ask, keys: Keys):
    """It opens from its origins alone; a beacon, which sends no header and no JSON, may name it in the address."""
    key = token(keys, [Role.SEARCH, Role.EVENTS], [SHOP])
    assert ask(*SEARCH, authorization=f"Bearer {key}", origin=SHOP).status_code == 200
    for origin in ({}, {"origin": OTHER}, {"origin": "null"}):
        assert ask(*SEARCH, authorization=f"Bearer {key}", **origin).status_code == 403
    beacon = {"content_type": "text/plain;charset=UTF-8", "origin": SHOP}
    assert ask("POST", f"/ubi_events?key={key}", EVENT, **beacon).status_code == 202
    assert ask("POST", "/ubi_events", EVENT, **beacon).status_code == 401


def test_a_secret_key_stays_out_of_addresses(ask: Ask, keys: Keys):
    """A key without origins is refused where it stands in an address, which logs keep."""
    refused = ask("POST", f"/ubi_events?key={token(keys, [Role.EVENTS])}", EVENT)
    assert (refused.status_code, "send it in a header" in refused.text) == (403, True)


FOREIGN = (
    {"origin": OTHER},
    {"origin": "null"},
    {"content_type": "text/plain;charset=UTF-8"},
    {"content_type": "application/x-www-form-urlencoded"},
    {"content_type": "text/plain", "origin": "http://127.0.0.1:8080"},
    {"host": "rebound.example:8080"},
    {"host": "rebound.example:8080", "origin": "http://rebound.example:8080"},
)


@pytest.mark.parametrize(
    ("method", "path", "body", "sent"),
    [(*route, sent) for _, *route in ALL for sent in FOREIGN if route[0] != "GET" or "host" in sent],
    ids=lambda part: str(part)[:40],
)
def test_no_page_of_others_gets_in_without_keys(ask: Ask, method: str, path: str, body: object, sent: dict[str, str]):
    """A foreign page, a form, a beacon and a rebound name change nothing; who may read is the browser's own rule."""
    assert ask(method, path, body, **sent).status_code in (403, 415)


@pytest.mark.parametrize("roles", [(), (Role.SEARCH,)])
def test_the_header_that_is_lacking_is_named(ask: Ask, keys: Keys, roles: Sequence[Role]):
    """`curl -d` alone calls JSON a form: with keys or without, the answer says which header to send."""
    key = {"authorization": f"Bearer {token(keys, roles)}"} if roles else {}
    says = "send it as application/json, with curl by -H 'Content-Type: application/json'"
    refused = ask(*SEARCH, content_type="application/x-www-form-urlencoded", **key)
    told = {"detail": f"the header Content-Type says 'application/x-www-form-urlencoded': {says}"}
    assert (refused.status_code, refused.json()) == (415, told)
    refused = ask(*SEARCH, content_type="", **key)
    assert (refused.status_code, refused.json()) == (415, {"detail": f"the header Content-Type is missing: {says}"})
    assert ask(*SEARCH, content_type="Application/JSON; charset=utf-8", **key).status_code == 200


def test_a_program_may_send_nothing(shop: Shop, keys: Keys, tmp_path: Path):
    """`curl -X POST` without a body needs no kind of it; a page that sends none is refused by its origin."""
    guard = Guard(keys, Audit(tmp_path / "audit.jsonl"), lambda: NOON_S)
    transport = httpx.ASGITransport(create_app(shop.service, close=False, guard=guard))

    async def post(**headers: str) -> int:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return (await client.post("/v1/policy/rollback", headers=headers)).status_code

    assert asyncio.run(post()) == 409, "there is nothing to roll back to"
    assert asyncio.run(post(origin=OTHER)) == 403
    assert asyncio.run(post(origin="http://127.0.0.1:8080")) == 415


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8080", SHOP, None])
def test_own_and_named_pages_get_in_without_keys(ask: Ask, origin: str | None):
    """The service's own page, one of LTRR_ORIGINS, and a program without a page search and click."""
    sent = {} if origin is None else {"origin": origin}
    assert ask(*SEARCH, **sent).status_code == 200
    assert ask("POST", "/v1/events", EVENT, **sent).status_code == 202


def test_preflights_are_answered_for_named_origins_and_those_of_keys(ask: Ask, keys: Keys):
    """A browser is told yes for an origin that is set or a key's, and no for any other."""
    asks = {"access_control_request_method": "PUT", "access_control_request_headers": "authorization,content-type"}

    def allowed(origin: str) -> str | None:
        return ask("OPTIONS", "/ubi_events", origin=origin, **asks).headers.get("access-control-allow-origin")

    assert (allowed(SHOP), allowed(OTHER)) == (SHOP, None)
    token(keys, [Role.EVENTS], [OTHER])
    assert (allowed(SHOP), allowed(OTHER)) == (SHOP, OTHER)


def test_health_and_pages_are_open(ask: Ask, keys: Keys):
    """Probes and the search page need no key; every answer forbids what it does not use."""
    token(keys, [Role.READ])
    for path in ("/healthz", "/readyz", "/", "/docs"):
        answer = ask("GET", path)
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_what_operators_do_is_noted(ask: Ask, keys: Keys, audit: Path):
    """Who rolled back or promoted stands in the record, by the name of the key."""
    audit.unlink(missing_ok=True)
    key = token(keys, [Role.OPERATE])
    ask("POST", "/v1/policy/v2/promote", {}, authorization=f"Bearer {key}")
    asked, failed = map(json.loads, audit.read_text().splitlines())
    assert (asked["who"], asked["action"], asked["version"], asked["mode"]) == ("shop", "promote", "v2", "online")
    assert failed == asked | {"failed": failed["failed"]}, "there are no versions embedded"


def test_nobody_listens_beyond_this_machine_unasked(tmp_path: Path):
    """A start on another address needs keys, or a setting that says so."""
    with pytest.raises(InvalidSettings, match=r"192\.0\.2\.7 could read and change everything: make keys"):
        guard_of(Settings(host="192.0.2.7", data_dir=tmp_path))
    guard_of(Settings(host="192.0.2.7", data_dir=tmp_path, open=True))
    guard_of(Settings(host="127.0.0.2", data_dir=tmp_path))
    Keys(tmp_path / "keys.json").create("shop", [Role.SEARCH], (), NOON_S)
    guard_of(Settings(host="192.0.2.7", data_dir=tmp_path))


def test_a_large_body_needs_a_key_first(ask: Ask, keys: Keys):
    """Once keys are asked for, a large body is read of their holders alone, in each way that a key may be sent."""
    key = token(keys, [Role.EVENTS], [SHOP])
    many = [EVENT] * 200
    assert ask("POST", "/v1/events", many).status_code == 401
    assert ask("POST", "/v1/events", many, authorization=f"Bearer {key}x").status_code == 401
    assert ask("POST", "/v1/events", many, authorization=f"Bearer {key}", origin=SHOP).status_code == 202
    assert ask("POST", "/v1/events", many, x_api_key=key, origin=SHOP).status_code == 202
    assert ask("POST", f"/ubi_events?key={key}", many, content_type="text/plain", origin=SHOP).status_code == 202
