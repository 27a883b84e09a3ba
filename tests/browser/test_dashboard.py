"""The dashboard in a real browser."""

import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import BrowserContext, expect

from ltrr.models.errors import InvalidInput
from ltrr.serving.access.keys import Role
from ltrr.serving.http.api import create_app
from ltrr.streams.versions.active import Mode
from tests.browser.sites import MARKUP, Site, below, service, serving
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 800, 1440)


@pytest.fixture(scope="module")
def operated() -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Return the address of a server that says it had two versions, and what it was asked to do with them."""
    done: list[tuple[str, ...]] = []
    one = service()

    async def promote(version: str, application: str | None, mode: Mode) -> dict[str, Any]:
        done.append((version, str(application), mode.value))
        return {"application": application, "version": version, "mode": mode.value, "before": [], "shadow": None}

    async def roll_back(application: str | None) -> dict[str, Any]:
        done.append(("back", str(application)))
        raise InvalidInput("'default' was served from nothing before")

    def versions() -> dict[str, Any]:
        rows = [{"version": v, "revision": 5, "complete": True, "settings": {}} for v in ("v1", "v2")]
        served = {"application": "default", "active": "v1", "mode": "online", "shadow": None, "trouble": None}
        return {"several": True, "versions": rows, "applications": [served | {"before": None}]}

    one.promote, one.roll_back, one.versions = promote, roll_back, versions  # type: ignore[method-assign]
    with serving(create_app(one)) as url:
        yield url, done


def test_dashboard_moves_after_searches_and_clicks(visitor: Visitor) -> None:
    """What is searched and clicked in another tab stands there soon, with nothing loaded from elsewhere."""
    visitor.open("/dashboard")
    searched = visitor.page.locator("#tiles").get_by_text(re.compile(r"^\d+ in \d+ minutes?$"))
    expect(searched).to_be_visible()
    before = int(searched.inner_text().split()[0])
    other = Visitor(visitor.page.context.new_page(), visitor.site)
    other.open("/?q=moon%20quartet")
    other.name(0).click()
    expect(other.lesson).to_contain_text("Learned")
    other.page.close()
    expect(searched).to_have_text(re.compile(f"^{before + 1} in"))
    expect(visitor.page.locator("#events li").first).to_contain_text("click on “Moon Quartet” for “moon quartet”")
    row = visitor.page.get_by_role("row", name="moon quartet")
    expect(row).to_be_visible()
    assert other.problems == []


def test_search_page_leads_there(visitor: Visitor) -> None:
    """The search page's footer has a link, and the dashboard one back."""
    visitor.open("/")
    visitor.page.get_by_role("link", name="Dashboard").click()
    expect(visitor.page).to_have_title("ltrr dashboard")
    expect(visitor.page.locator("#board")).to_be_visible()
    visitor.page.get_by_role("link", name="Search", exact=True).click()
    expect(visitor.page).to_have_title("ltrr search")


def test_strategies_are_told_in_words(visitor: Visitor) -> None:
    """Each strategy has a sentence and a mark; those of the baseline say so."""
    visitor.open("/?q=river")
    visitor.open("/dashboard")
    arms = visitor.page.locator("#arms > li")
    expect(arms).to_have_count(len(visitor.get("/v1/policy")["arms"]))
    fulltext = arms.filter(has=visitor.page.get_by_role("heading", name="fulltext"))
    expect(fulltext).to_contain_text("baseline: 20")
    expect(fulltext).to_contain_text(re.compile(r"Runs in \d+% of searches with 20 candidates, 1 call each"))
    expect(arms.filter(has_text="Is switched off").first).to_contain_text("○ off")


@pytest.mark.parametrize(
    ("arm", "mark", "words"),
    [
        (
            {},
            "≈ not clear yet",
            "Whether it brings more than it costs is not clear yet: as far as is known it brings 5",
        ),
        ({"price": 0.001}, "▲ earns its cost", "Switch dense off and lose 5 clicks in 100 searches"),
        (
            {"price": 0.2},
            "▼ costs more than it brings",
            "It brings 5 clicks in 100 searches (95% interval 0.2 to 11), ",
        ),
        ({"worth": (-0.05, -0.1, -0.02)}, "▼ costs more than it brings", "Switch dense off and win 5 clicks"),
        ({"worth": (0.0, -0.1, 0.1)}, "≈ not clear yet", "Whether it brings more than it costs is not clear yet"),
        ({"observations": 0}, "≈ not clear yet", "Nothing is learned of it yet."),
        ({"shares": [1, 0]}, "○ off", "Is switched off now, and costs nothing."),
        ({"reserved": True}, "◇ explores", "Shows new and rare entities in a place of their own"),
    ],
)
def test_mark_and_sentence_of_a_strategy_agree(visitor: Visitor, arm: dict[str, Any], mark: str, words: str) -> None:
    """What is not sure by the mark is not said to be sure, nor the other way round: both hold it against the cost."""
    visitor.open("/dashboard")
    value, low, high = arm.pop("worth", (0.05, 0.002, 0.11))
    one = {"arm": "dense", "reserved": False, "shares": [0.5, 0.5], "observations": 9, "price": 0.01}
    one |= {"worth": {"value": value, "low": low, "high": high}} | arm
    told = visitor.page.evaluate(
        "(arm) => [MARKS[standingOf(arm)][0], (unit = { action: 'click', reward: 1 }, wordsFor(arm, false, 1))]", one
    )
    assert (told[0], told[1][: len(words)]) == (mark, words)


def test_query_is_shown_with_memory_plan_and_page(visitor: Visitor) -> None:
    """Typing a query shows what is remembered for it, and its last searches with their plans."""
    visitor.open("/?q=river")
    visitor.name(2).click()
    expect(visitor.lesson).to_contain_text("Learned")
    taken = visitor.name(2).inner_text()
    visitor.open("/dashboard")
    visitor.page.get_by_label("Query", exact=True).fill("River")
    visitor.page.keyboard.press("Enter")
    shown = visitor.page.locator("#query-shown")
    expect(shown.get_by_role("row", name=taken)).to_be_visible()
    expect(shown).to_contain_text("plan: ")
    expect(shown.get_by_text(f"{taken} ✓ acted on").first).to_be_visible()


def test_lists_and_spans_can_be_chosen(visitor: Visitor) -> None:
    """Queries without results have a list of their own, and each span its steps."""
    visitor.open("/?q=moon")
    visitor.open("/dashboard")
    for span, steps in (("24 hours", "10 minutes"), ("3 hours", "1 minute"), ("15 minutes", "10 seconds")):
        visitor.page.get_by_role("button", name=span).click()
        expect(visitor.page.locator("#began")).to_contain_text(f"each point stands for {steps}")
    visitor.page.get_by_role("button", name="Without results").click()
    expect(visitor.page.locator("#queries")).not_to_contain_text("moon")


@pytest.mark.parametrize("width", WIDTHS)
def test_dashboard_fits_every_width(visitor: Visitor, width: int) -> None:
    """Nothing scrolls sideways, from a phone to a wide screen, with every part filled."""
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.open("/?q=river")
    visitor.open("/dashboard")
    visitor.page.get_by_role("button", name="river", exact=True).click()
    expect(visitor.page.locator("#query-shown")).to_contain_text("Last searches")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_dashboard_follows_the_scheme(visitor: Visitor, scheme: Literal["light", "dark"]) -> None:
    """In the dark scheme it is dark, else light; text and charts stand out from the ground in both."""
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.open("/dashboard")
    expect(visitor.page.locator("#board")).to_be_visible()
    ground, ink = visitor.page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    lights = [sum(map(int, re.findall(r"\d+", colour)[:3])) / 765 for colour in (ground, ink)]
    assert (lights[0] < lights[1]) is (scheme == "dark")
    assert abs(lights[0] - lights[1]) > 0.6


def test_pages_work_behind_a_prefix(context: BrowserContext) -> None:
    """Where a proxy serves all of it below a path of its own, both pages ask below that path alone."""
    with serving(below("/shop", create_app(service()))) as url:
        visitor = Visitor(context.new_page(), f"{url}/shop")
        visitor.open("/?q=moon")
        expect(visitor.results).to_have_count(1)
        visitor.page.get_by_role("link", name="Dashboard").click()
        expect(visitor.page.locator("#events")).to_contain_text("searched “moon”")
        assert (visitor.problems, visitor.elsewhere) == ([], [])


def test_dashboard_waits_while_it_is_not_seen(visitor: Visitor) -> None:
    """A tab that is hidden asks nothing, and goes on once it is seen."""
    visitor.open("/dashboard")
    expect(visitor.page.locator("#board")).to_be_visible()
    visitor.page.evaluate("""() => {
      window.seen = false;
      Object.defineProperty(document, "visibilityState", { get: () => (window.seen ? "visible" : "hidden") });
      window.asked = 0;
      const real = window.fetch;
      window.fetch = (...all) => { window.asked += 1; return real(...all); };
    }""")
    visitor.page.wait_for_timeout(2500)  # longer than one round: the one that was due ends
    assert visitor.page.evaluate("window.asked") == 0
    visitor.page.evaluate("window.seen = true; document.dispatchEvent(new Event('visibilitychange'))")
    visitor.page.wait_for_function("window.asked > 0")


def test_dashboard_asks_for_a_key(context: BrowserContext, guarded: Site) -> None:
    """It asks for a key; one that may only search is refused by name, one that may read is kept for the tab."""
    caller = Visitor(context.new_page(), guarded.url)
    given = iter([guarded.key("finder", Role.SEARCH), guarded.key("reader", Role.READ)])
    caller.page.on("dialog", lambda dialog: dialog.accept(next(given)))
    caller.open("/dashboard")
    problem = caller.page.get_by_role("alert")
    expect(problem).to_contain_text("This service asks for a key")
    caller.page.get_by_role("button", name="Enter a key").click()
    expect(problem).to_contain_text("the key 'finder' has the roles search, not read")
    caller.page.get_by_role("button", name="Enter a key").click()
    expect(caller.page.locator("#board")).to_be_visible()
    expect(problem).to_be_hidden()
    caller.page.reload()
    expect(caller.page.locator("#board")).to_be_visible()
    caller.forgive("401")
    caller.forgive("403")
    assert (caller.problems, caller.elsewhere) == ([], [])


def test_embedded_says_that_it_has_one_version(visitor: Visitor) -> None:
    """There is nothing to promote, and the page says where there is."""
    visitor.open("/dashboard")
    expect(visitor.page.locator("#versions-lead")).to_contain_text("This process has one version and no promotion")
    expect(visitor.page.get_by_role("button", name="Promote")).to_have_count(0)
    expect(visitor.page.get_by_role("button", name="Roll back")).to_have_count(0)


def test_promoting_asks_first(context: BrowserContext, operated: tuple[str, list[tuple[str, ...]]]) -> None:
    """Nothing happens before it is confirmed; then the version is promoted in the mode that was chosen."""
    url, done = operated
    visitor = Visitor(context.new_page(), url)
    visitor.open("/dashboard")
    done.clear()
    visitor.page.get_by_role("button", name="Promote v2").click()
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Promote version v2?")
    dialog.get_by_role("button", name="Cancel").click()
    visitor.page.get_by_role("button", name="Promote v2").click()
    dialog.get_by_role("combobox").select_option("shadow")
    assert done == []
    dialog.get_by_role("button", name="Promote").click()
    expect(visitor.page.locator("#operated")).to_contain_text("Version v2 is promoted, shadow.")
    assert done == [("v2", "default", "shadow")]
    assert (visitor.problems, visitor.elsewhere) == ([], [])


def test_refused_rollback_says_why(context: BrowserContext, operated: tuple[str, list[tuple[str, ...]]]) -> None:
    """What the server says of a rollback that cannot be stands there."""
    url, done = operated
    visitor = Visitor(context.new_page(), url)
    visitor.open("/dashboard")
    done.clear()
    visitor.page.get_by_role("button", name="Roll back").click()
    visitor.page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(visitor.page.locator("#operated")).to_contain_text("'default' was served from nothing before")
    assert done == [("back", "default")]
    visitor.forgive("400")
    assert (visitor.problems, visitor.elsewhere) == ([], [])


def test_names_are_text(visitor: Visitor) -> None:
    """A name that is markup is shown as it is, and runs nothing."""
    visitor.open("/?q=harbour")
    visitor.name(0).click()
    expect(visitor.lesson).to_contain_text("Learned")
    visitor.open("/dashboard")
    expect(visitor.page.locator("#events")).to_contain_text(f"click on “{MARKUP}” for “harbour”")
    visitor.page.get_by_role("button", name="harbour", exact=True).click()
    expect(visitor.page.locator("#query-shown")).to_contain_text(f"{MARKUP} ✓ acted on")
    expect(visitor.page).to_have_title("ltrr dashboard")
