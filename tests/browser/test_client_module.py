"""`clients/ltrr.js` in pages of another origin, as docs/clients.md shows it: it is small, searches and teaches."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import BrowserContext, Error, Page

from ltrr.serving.access.keys import Role
from tests.browser.sites import Site, open_site, pages, wait_for

pytestmark = pytest.mark.browser

MODULE: Final = (Path(__file__).parents[2] / "clients" / "ltrr.js").read_text(encoding="utf-8")
PAGE: Final = '<!doctype html><title>shop</title><link rel="icon" href="data:,">'
MOST_BYTES: Final = 4_000
SEARCH: Final = """async ([url, key, query]) => {
  const { Ltrr } = await import("/ltrr.js");
  globalThis.ltrr = new Ltrr(url, { key });
  return await globalThis.ltrr.search(query, { size: 3 });
}"""
CLICK: Final = "([answer, item]) => globalThis.ltrr.click(answer, item)"
LEAVE: Final = """([answer, item]) => {
  globalThis.ltrr.act("add_to_cart", answer, item);
  location = "/product";
}"""
SHOWN: Final = """async ([query, id]) => {
  try { return await globalThis.ltrr.shown(query, id, [{ object_id: "song-3", position: 1 }]); }
  catch (error) { return { status: error.status, message: error.message }; }
}"""


@pytest.fixture(scope="module")
def shop(guarded: Site) -> Iterator[tuple[str, str, Site]]:
    """Return the origin of a shop, its key, and the site that asks for it."""
    with ExitStack() as stack:
        origin = stack.enter_context(pages({"/": PAGE, "/product": PAGE, "/ltrr.js": MODULE}))
        yield origin, guarded.key("module", Role.SEARCH, Role.EVENTS, origins=[origin]), guarded


@pytest.fixture
def page(context: BrowserContext, shop: tuple[str, str, Site]) -> Page:
    """Return a page of the shop."""
    page = context.new_page()
    page.goto(f"{shop[0]}/")
    return page


def learned(page: Page, url: str, headers: dict[str, str], query: str) -> set[str]:
    """Return the objects whose actions the memory of a query holds, once there are some."""
    found: set[str] = set()

    def look() -> bool:
        asked = page.request.get(f"{url}/v1/memory", params={"query": query}, headers=headers)
        answer: dict[str, Any] = asked.json()
        found.update(pair["object_id"] for pair in answer["pairs"] if pair["actions"] > 0)
        return bool(found)

    wait_for(look)
    return found


@pytest.mark.parametrize(
    "body", ["<!doctype html><title>Sign in</title>", '{"query_id": "q", "ite'], ids=["html", "cut"]
)
def test_what_is_no_answer_is_none(page: Page, shop: tuple[str, str, Site], body: str):
    """What something between answers with 200, or an answer that is cut off, is an error, and no empty answer."""
    _, key, site = shop
    page.route("**/v1/search", lambda route: route.fulfill(status=200, body=body, content_type="text/html"))
    with pytest.raises(Error, match="SyntaxError"):
        page.evaluate(SEARCH, [site.url, key, "love"])


def test_it_is_small():
    """It is below 4,000 bytes as it stands, and imports nothing."""
    assert len(MODULE.encode()) < MOST_BYTES
    assert "import " not in MODULE.replace("// ", "")


@pytest.mark.parametrize("script", [CLICK, LEAVE], ids=["stays", "leaves"])
def test_a_page_searches_and_teaches(page: Page, shop: tuple[str, str, Site], script: str):
    """A beacon tells of what was done with an item, of a page that goes away too, and it is learned."""
    _, key, site = shop
    query = "river two" if script == CLICK else "river three"
    answer = page.evaluate(SEARCH, [site.url, key, query])
    item = answer["items"][1]
    page.evaluate(script, [answer, item])
    headers = {"X-API-Key": site.key(f"reads {query}", Role.READ)}
    assert learned(page, site.url, headers, query) == {item["object_id"]}


def test_a_service_without_keys_is_told_what_was_shown(page: Page, shop: tuple[str, str, Site], tmp_path: Path):
    """There a page may tell what another engine has shown, and a click arrives; the guarded one refuses it."""
    page.evaluate(SEARCH, [shop[2].url, shop[1], "river"])
    refused = page.evaluate(SHOWN, ["lamp", "elsewhere-1"])
    assert (refused["status"], "a key needs the role pages" in refused["message"]) == (403, True)
    with open_site(tmp_path, shop[0]) as url:
        page.evaluate(SEARCH, [url, None, "river"])
        assert page.evaluate(SHOWN, ["lamp", "elsewhere-2"])["accepted"] == 1
        page.evaluate(CLICK, [{"query_id": "elsewhere-2"}, {"object_id": "song-3"}])
        assert learned(page, url, {}, "lamp") == {"song-3"}


def test_what_is_refused_is_thrown(page: Page, shop: tuple[str, str, Site]):
    """An error has the words of the service."""
    with pytest.raises(Error, match="asks for a key"):
        page.evaluate(SEARCH, [shop[2].url, "", "river"])
