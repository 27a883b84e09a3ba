"""The search page and /docs work under their content security policy, with keys and without."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from ltrr.serving.access.keys import Role
from tests.browser.sites import Site
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def key(guarded: Site) -> str:
    """Return a key for all that the search page asks."""
    return guarded.key("desk", Role.SEARCH, Role.EVENTS, Role.READ)


@pytest.fixture
def caller(context: BrowserContext, guarded: Site) -> Iterator[Visitor]:
    """Return a visitor of the site that asks for keys, of whom the same is asked as of others."""
    caller = Visitor(context.new_page(), guarded.url)
    yield caller
    assert caller.problems == []
    assert caller.elsewhere == []


def test_what_is_planted_does_not_run(visitor: Visitor) -> None:
    """Scripts, handlers and requests that are not the search page's own are refused, and the console says so."""
    visitor.open()
    visitor.page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'planted'";
      document.body.append(script);
      document.body.setAttribute("onclick", "document.title = 'planted'");
      document.body.click();
    }""")
    visitor.page.evaluate("fetch('https://elsewhere.example/').catch(() => null)")
    expect(visitor.page).not_to_have_title("planted")
    assert len(visitor.problems) >= 3
    for directive in ("script-src", "connect-src"):
        visitor.forgive(directive)
    visitor.problems.clear()


def test_search_page_asks_for_a_key(caller: Visitor, guarded: Site, key: str) -> None:
    """Refused without a key, it asks for one until one is right; then it searches and teaches, in this tab alone."""
    given = iter(["ltrr_wrong", key])
    caller.page.on("dialog", lambda dialog: dialog.accept(next(given)))
    caller.open("/?q=moon")
    for _ in range(2):
        expect(caller.page.locator("#state")).to_contain_text("This service asks for a key")
        caller.page.get_by_role("button", name="Enter a key").click()
    expect(caller.results).to_have_count(1)
    caller.name(0).click()
    expect(caller.lesson).to_contain_text("Learned from the click on “Moon Quartet”")
    caller.forgive("401")
    caller.page.reload()
    expect(caller.results).to_have_count(1)
    other = Visitor(caller.page.context.new_page(), guarded.url)
    other.open("/?q=moon")
    expect(other.page.get_by_role("button", name="Enter a key")).to_be_visible()


def test_start_page_asks_for_a_key(caller: Visitor, key: str) -> None:
    """With a key its examples are there, the memory is on the dashboard, and no link leads to a refusal."""
    caller.page.on("dialog", lambda dialog: dialog.accept(key))
    caller.open()
    caller.page.get_by_role("button", name="Enter a key").click()
    expect(caller.page.locator("#examples a").first).to_be_visible()
    caller.forgive("401")
    for name in ("Metrics", "Policy"):
        expect(caller.page.get_by_role("link", name=name)).to_have_count(0)
    caller.search("moon")
    caller.page.get_by_role("link", name="Memory of this query").click()
    expect(caller.page.locator("#query-shown")).to_contain_text("Memory of “moon”")


def test_browser_that_keeps_nothing_can_give_a_key(caller: Visitor, key: str) -> None:
    """Where storing is forbidden the page has the key as long as it is open."""
    caller.forbid_storing()
    caller.page.on("dialog", lambda dialog: dialog.accept(key))
    caller.open("/?q=moon")
    caller.page.get_by_role("button", name="Enter a key").click()
    caller.name(0).click()
    expect(caller.lesson).to_contain_text("Learned")
    caller.forgive("401")


def test_docs_try_a_request(visitor: Visitor) -> None:
    """/docs loads from here alone, and its "Try it out" gets the answer."""
    visitor.open("/docs")
    assert _tried(visitor.page, "/v1/policy") == "200"


def test_docs_take_a_key(caller: Visitor, key: str) -> None:
    """With keys, what is tried is refused until "Authorize" has one."""
    caller.open("/docs")
    assert _tried(caller.page, "/v1/policy") == "401"
    caller.forgive("401")
    caller.page.get_by_role("button", name="Authorize", exact=True).click()
    dialog = caller.page.locator(".auth-container").filter(has_text="HTTPBearer")
    dialog.get_by_role("textbox").fill(key)
    dialog.get_by_role("button", name="Apply credentials").click()
    caller.page.locator(".btn-done").first.click()
    caller.page.get_by_role("button", name="Execute").click()
    expect(caller.page.locator(".live-responses-table .response-col_status").last).to_have_text("200")


def _tried(page: Page, path: str) -> str:
    """Try a request without parameters; return the status that is shown."""
    operation = page.locator(".opblock-get").filter(has=page.locator(f"[data-path='{path}']"))
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    return operation.locator(".live-responses-table .response-col_status").last.inner_text().split()[0]
