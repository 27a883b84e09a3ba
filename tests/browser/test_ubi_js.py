"""Pages of another origin search and teach, as docs/operating/access.md connects ubi.js.

No registry has ubi.js, so collector.js sends what it sends. To run ubi.js itself, name a folder that has it beside
axios' dist/esm/axios.min.js: `UBI_JS=FOLDER pytest tests/browser/test_ubi_js.py`.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import BrowserContext, Error, Page

from ltrr.serving.access.keys import Role
from tests.browser.sites import Site, pages, wait_for
from tests.docs.pages import PAGES, blocks, section

pytestmark = pytest.mark.browser

PAGE: Final = (
    '<!doctype html><title>shop</title><link rel="icon" href="data:,">'
    '<script type="importmap">{"imports": {"axios": "./axios.min.js"}}</script>'
)
SHOP_JS: Final = blocks(section(PAGES["docs/operating/access.md"], "Connect ubi.js"), "js")[0]
BEACON: Final = "([url, text]) => navigator.sendBeacon(url, text)"
PUT: Final = """async ([url, body]) => {
  await fetch(url, { method: "PUT", headers: { "Content-Type": "application/json" }, body });
}"""
LEAVE: Final = """async ([answer, item]) => {
  const { leave } = await import("/shop.js");
  leave(answer, item);
  location = "/product";
}"""
TELL: Final = """async (url) => {
  const body = JSON.stringify({ query_id: "elsewhere-4", timestamp: Date.now() });
  return (await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body })).status;
}"""
TAKEN: Final = {"accepted": 1, "rejected": [], "taught": 1}
EVENTS: Final = "/ubi_events"


class Town:
    """A guarded site, and origins whose pages have the documentation's module with one key.

    origins: `shop` is the key's, `other` is another key's, `stranger` is no key's.
    """

    def __init__(self, site: Site, origins: dict[str, str], key: str) -> None:
        self.site = site
        self.origins = origins
        self.key = key
        self.server = {"X-API-Key": site.key("server", Role.PAGES)}
        self.operator = {"X-API-Key": site.key("operator", Role.READ)}


class Caller:
    """A page of an origin. complaints: what its console says."""

    def __init__(self, page: Page, town: Town, origin: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._town = town
        page.on("console", lambda message: self.complaints.append(message.text))
        page.goto(f"{town.origins[origin]}/")

    def call(self, function: str, *arguments: object, module: str = "shop") -> Any:  # noqa: ANN401  # from JavaScript
        """Call a function of the documentation's module."""
        script = f"async (given) => (await import('/{module}.js')).{function}(...given)"
        return self.page.evaluate(script, list(arguments))

    def learned(self, query: str) -> set[str]:
        """Return the objects whose actions the memory of a query holds, once there are some."""
        found: set[str] = set()

        def look() -> bool:
            pairs = self._ask("/v1/memory", query=query)["pairs"]
            found.update(pair["object_id"] for pair in pairs if pair["actions"] > 0)
            return bool(found)

        wait_for(look)
        return found

    def revision(self) -> int:
        """Return how much the policy has read."""
        return int(self._ask("/v1/policy")["revision"])

    def _ask(self, path: str, **parameters: str) -> dict[str, Any]:
        url = self._town.site.url + path
        response = self.page.request.get(url, params=dict(parameters), headers=self._town.operator)
        assert response.ok, response.text()
        answer: dict[str, Any] = response.json()
        return answer


@pytest.fixture(scope="module")
def town(guarded: Site) -> Iterator[Town]:
    """Open the origins."""
    files = {"/": PAGE, "/product": PAGE, **_collector()}
    with ExitStack() as stack:
        origins = {name: stack.enter_context(pages(files)) for name in ("shop", "other", "stranger")}
        key = guarded.key("web", Role.SEARCH, Role.EVENTS, origins=[origins["shop"]])
        guarded.key("other", Role.SEARCH, Role.EVENTS, origins=[origins["other"]])
        for module, token in (("shop", key), ("keyless", "")):
            files[f"/{module}.js"] = _filled(LTRR=guarded.url, KEY=token)
        yield Town(guarded, origins, key)


@pytest.fixture
def visit(context: BrowserContext, town: Town) -> Callable[[str], Caller]:
    """Return what opens a page of an origin."""
    return lambda origin: Caller(context.new_page(), town, origin)


def test_a_page_of_the_shop_searches_and_teaches(visit: Callable[[str], Caller]) -> None:
    """With the shop's key its pages search, and a click that ubi.js sends is taken and learned."""
    caller = visit("shop")
    answer = caller.call("search", "river two")
    item = answer["items"][1]
    assert caller.call("tell", "click", answer, item) == TAKEN
    assert caller.learned("river two") == {item["object_id"]}
    assert caller.complaints == []


def test_what_another_engine_has_shown_is_learned(visit: Callable[[str], Caller], town: Town) -> None:
    """A server tells what its own engine has shown, pages what was done with it; they may not tell what was shown."""
    caller = visit("shop")
    shown = {"query_id": "elsewhere-1", "user_query": "red lamp", "query_response_hit_ids": ["song-3", "song-5"]}
    shown |= {"timestamp": time.time(), "client_id": "somebody"}
    told = caller.page.request.post(f"{town.site.url}/ubi_queries", data=shown, headers=town.server)
    assert told.json() == TAKEN
    item = {"object_id": "song-5", "name": "Lamp", "position": 2}
    assert caller.call("tell", "add_to_cart", {"query_id": "elsewhere-1"}, item) == TAKEN
    assert caller.learned("red lamp") == {"song-5"}
    assert caller.page.evaluate(TELL, f"{town.site.url}/ubi_queries?key={town.key}") == 403  # forbidden


def test_click_that_leads_away_arrives(visit: Callable[[str], Caller]) -> None:
    """What is told while the page goes away is learned."""
    caller = visit("shop")
    answer = caller.call("search", "river three")
    caller.page.evaluate(LEAVE, [answer, answer["items"][0]])
    caller.page.wait_for_url("**/product")
    assert caller.learned("river three") == {answer["items"][0]["object_id"]}
    assert caller.complaints == []


@pytest.mark.parametrize("send", [BEACON, PUT], ids=["beacon", "put"])
def test_other_ways_to_send_arrive(visit: Callable[[str], Caller], town: Town, send: str) -> None:
    """A beacon, which is plain text, and a PUT teach with the key in the address."""
    caller = visit("shop")
    query = f"river {'four' if send == BEACON else 'five'}"
    answer = caller.call("search", query)
    caller.page.evaluate(send, [f"{town.site.url}{EVENTS}?key={town.key}", _click(answer["query_id"])])
    assert caller.learned(query) == {"song-3"}
    assert caller.complaints == []


@pytest.mark.parametrize(
    ("origin", "module", "says"),
    [
        ("shop", "keyless", "this service asks for a key"),
        ("other", "shop", "the key 'web' is for pages of http"),
        ("stranger", "shop", "Failed to fetch"),
    ],
)
def test_nothing_is_taken_from_others(visit: Callable[[str], Caller], origin: str, module: str, says: str) -> None:
    """Without a key, with that of another shop, and from no key's origin nothing is taken.

    The page can read why where its origin is known; where not, its console says that CORS is the reason.
    """
    caller = visit(origin)
    before = caller.revision()
    with pytest.raises(Error, match=says):
        caller.call("search", "river six", module=module)
    item = {"object_id": "song-5", "name": "Lamp", "position": 2}
    assert caller.call("tell", "click", {"query_id": "elsewhere-2"}, item, module=module) is None
    assert any("CORS policy" in line for line in caller.complaints) is (origin == "stranger")
    assert len(caller.complaints) >= 2
    assert caller.revision() == before


@pytest.mark.parametrize("origin", ["other", "stranger"])
def test_beacons_of_others_are_refused(visit: Callable[[str], Caller], town: Town, origin: str) -> None:
    """A beacon with the key of another origin is refused, although its page is told that it was sent."""
    caller = visit(origin)
    before, given = caller.revision(), len(town.site.answers)
    assert caller.page.evaluate(BEACON, [f"{town.site.url}{EVENTS}?key={town.key}", _click("elsewhere-3")])
    wait_for(lambda: ("POST", EVENTS, 403) in town.site.answers[given:])
    assert ("POST", EVENTS, 403) in town.site.answers[given:]
    assert caller.revision() == before


def _collector() -> dict[str, str]:
    """Return ubi.js and what it imports, or what stands in for it."""
    folder = os.environ.get("UBI_JS")
    if folder is None:
        return {"/ubi.js": (Path(__file__).parent / "collector.js").read_text(encoding="utf-8")}
    return {f"/{name}": (Path(folder) / name).read_text(encoding="utf-8") for name in ("ubi.js", "axios.min.js")}


def _filled(**values: str) -> str:
    """Return the documentation's module with constants of one's own."""
    module = SHOP_JS
    for name, value in values.items():
        module, count = re.subn(f'^const {name} = ".*";$', f'const {name} = "{value}";', module, flags=re.MULTILINE)
        assert count == 1, name
    return module


def _click(query_id: str) -> str:
    """Return a click on song-3, as text."""
    event = {"action_name": "click", "query_id": query_id, "timestamp": time.time()}
    return json.dumps(event | {"event_attributes": {"object": {"object_id": "song-3"}}})
