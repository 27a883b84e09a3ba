"""The search page in a real browser."""

import json
import re
import time

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from ltrr.streams.events.codec import parse_actions
from tests.browser.sites import MARKUP
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

WIDTHS = (320, 375, 800, 1400)
SO_FAR = re.compile(r"^10 results so far, of \d+ that this plan brought, not all that match$")


def test_typing_and_enter_searches(visitor: Visitor) -> None:
    """The box has the focus at once; Enter searches and shows results, and the address carries the query."""
    visitor.open()
    expect(visitor.box).to_be_focused()
    visitor.page.keyboard.type("river & moon")
    visitor.page.keyboard.press("Enter")
    expect(visitor.results).to_have_count(10)
    expect(visitor.page).to_have_url(re.compile(r"/\?q=river\+%26\+moon$"))
    expect(visitor.page.locator("#status")).to_have_text(SO_FAR)


def test_nothing_typed_searches_nothing(visitor: Visitor) -> None:
    """Enter in an empty box, or in one of spaces, asks nothing."""
    visitor.open()
    visitor.box.press("Enter")
    visitor.box.fill("   ")
    visitor.box.press("Enter")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("A search that learns from what you click")
    assert visitor.searches == []


def test_emptied_box_leads_to_the_start_page(visitor: Visitor) -> None:
    """Enter in a box that was emptied shows no results of the query before; back has them."""
    visitor.open()
    visitor.search("river")
    visitor.box.fill("")
    visitor.box.press("Enter")
    expect(visitor.results).to_have_count(0)
    expect(visitor.page).to_have_url(re.compile(r"/$"))
    expect(visitor.box).to_be_focused()
    visitor.page.go_back()
    expect(visitor.results).to_have_count(10)
    assert len(visitor.searches) == 1


def test_address_with_a_query_searches(visitor: Visitor) -> None:
    """A link with ?q= shows its results, and has the query in the box."""
    visitor.open("/?q=moon%20quartet")
    expect(visitor.results).to_have_count(1)
    expect(visitor.box).to_have_value("moon quartet")
    expect(visitor.name(0)).to_have_text("Moon Quartet")
    expect(visitor.page).to_have_title("moon quartet – ltrr search")  # noqa: RUF001  # as the page writes it


def test_result_says_where_it_comes_from(visitor: Visitor) -> None:
    """A result has its position, type and the arms that brought it with their ranks; one is marked as explored."""
    visitor.open("/?q=river")
    expect(visitor.results).to_have_count(10)
    expect(visitor.results.locator(".position")).to_have_text([str(n) for n in range(1, 11)])
    expect(visitor.results.locator(".type")).to_have_text(["song"] * 10)
    brought = visitor.results.nth(0).get_by_role("list", name="Brought by").get_by_role("listitem")
    expect(brought.first).to_have_text(re.compile(r"^(fulltext|fuzzy) #\d+$"))
    expect(visitor.results.get_by_text("explored")).to_have_count(1)


def test_plan_understanding_and_state_stand_beside(visitor: Visitor) -> None:
    """The plan lists every arm, those that were asked first; the reading, version, revision and time stand there."""
    before = visitor.get("/v1/policy")["revision"]
    visitor.open("/?q=jazz")
    rows = visitor.page.get_by_role("row")
    expect(rows.nth(1)).to_have_text(re.compile(r"^fulltext20100%$"))
    expect(rows.nth(2)).to_have_text(re.compile(r"^fuzzy20100%$"))
    expect(rows.nth(3)).to_have_text(re.compile(r"off100%$"))
    expect(visitor.page.locator("#understanding")).to_contain_text("“jazz” as genre")
    expect(visitor.page.locator("#version")).to_have_text("v1")
    expect(visitor.page.locator("#revision")).to_have_text(str(before))
    expect(visitor.page.locator("#took")).to_have_text(re.compile(r"^\d+\.\d ms$"))


def test_click_is_sent_and_remembered(visitor: Visitor) -> None:
    """A click is one UBI event; the page says that it was learned, and the memory holds the pair."""
    visitor.open()
    visitor.search("river three")
    visitor.name(1).click()
    expect(visitor.lesson).to_have_text(re.compile(r"^Learned from the click on “.+”: revision \d+ → \d+\.$"))
    (event,) = visitor.events
    object_id = event["event_attributes"]["object"]["object_id"]
    (action,) = parse_actions(json.dumps(event).encode(), ordinal_base=0)
    assert (action.action_name, action.object_id, action.position) == ("click", object_id, 2)
    assert abs(action.time_s - time.time()) < 60
    (asked,) = visitor.searches
    assert (event["client_id"], event["session_id"]) == (asked["client_id"], asked["session_id"])
    pairs = visitor.get("/v1/memory", query="river three")["pairs"]
    assert {pair["object_id"] for pair in pairs if pair["actions"] > 0} == {object_id}
    expect(visitor.results.nth(1).get_by_text("clicked")).to_be_visible()


def test_second_click_on_a_result_is_not_sent(visitor: Visitor) -> None:
    """An action counts once for each search and object, so the page says so and sends nothing."""
    visitor.open("/?q=river")
    visitor.name(0).click()
    expect(visitor.lesson).to_contain_text("Learned")
    visitor.name(0).click()
    expect(visitor.lesson).to_contain_text("counted already")
    assert len(visitor.events) == 1


def test_like_is_sent(visitor: Visitor) -> None:
    """The like button sends `like` and stays pressed."""
    visitor.open("/?q=moon")
    visitor.page.get_by_role("button", name="Like Moon Quartet").click()
    expect(visitor.lesson).to_contain_text("Learned from the like on “Moon Quartet”")
    expect(visitor.page.get_by_role("button", name="Liked Moon Quartet", pressed=True)).to_be_visible()
    assert [event["action_name"] for event in visitor.events] == ["like"]


def test_search_again_shows_a_later_revision(visitor: Visitor) -> None:
    """After a click the same query is searched anew, at a revision that has grown by the page and the click."""
    visitor.open("/?q=river")
    revision = visitor.page.locator("#revision")
    expect(revision).to_have_text(re.compile(r"^\d+$"))  # the page is filled in after it is open
    before = int(revision.inner_text())
    visitor.name(0).click()
    expect(visitor.lesson).to_contain_text("Learned")
    visitor.page.get_by_role("button", name="Search again").click()
    expect(revision).to_have_text(f"{before + 2} (was {before})")
    expect(visitor.page.locator("#learned")).to_be_hidden()
    assert [search["query"] for search in visitor.searches] == ["river", "river"]
    assert visitor.page.evaluate("history.length") == 2  # about:blank, then one entry for one query


def test_second_page_continues_the_first(visitor: Visitor) -> None:
    """'More results' asks page two of the same query id, appends it and says when there is no more."""
    visitor.open("/?q=river")
    expect(visitor.page.locator("#status")).to_have_text(SO_FAR)
    visitor.page.get_by_role("button", name="More results").click()
    expect(visitor.results).to_have_count(13)
    expect(visitor.name(10)).to_be_focused()
    expect(visitor.results.locator(".position").last).to_have_text("13")
    expect(visitor.page.locator("#status")).to_have_text("13 results, all that this plan brought, not all that match")
    expect(visitor.page.get_by_role("button", name="More results")).to_be_hidden()
    names = visitor.results.get_by_role("heading").all_text_contents()
    assert len(set(names)) == 13
    visitor.name(12).click()
    expect(visitor.lesson).to_contain_text("Learned")
    assert visitor.searches[1]["page"] == 2
    assert visitor.events[0]["query_id"] == visitor.searches[1]["query_id"]
    assert visitor.events[0]["event_attributes"]["position"] == {"ordinal": 13}


def test_no_result_says_what_to_do(visitor: Visitor) -> None:
    """Where nothing is found the page says what was looked for and offers other queries, which work."""
    visitor.open()
    visitor.search("zzqqxx")
    expect(visitor.page.get_by_role("heading", level=2, name="Nothing found for “zzqqxx”")).to_be_visible()
    expect(visitor.page.locator("#state")).to_contain_text(
        "Looked for the words as they are written and words that are spelt nearly so: nothing in the catalogue fits."
    )
    expect(visitor.results).to_have_count(0)
    visitor.page.get_by_role("link", name="River ten").click()
    expect(visitor.results).to_have_count(10)
    expect(visitor.box).to_have_value("River ten")


def test_empty_index_is_told_from_no_result(visitor: Visitor) -> None:
    """Where nothing can be found since nothing is indexed, the page passes on what the server advises."""
    advice = "nothing is indexed: load a catalogue with `ltrr index FILE`"
    visitor.page.route("**/v1/search", lambda route: route.fulfill(json=route.fetch().json() | {"hints": [advice]}))
    visitor.page.route("**/v1/catalogue*", lambda route: route.fulfill(json=route.fetch().json() | {"entities": 0}))
    visitor.open("/?q=zzqqxx")
    expect(visitor.page.get_by_role("heading", name="There is nothing to search in")).to_be_visible()
    expect(visitor.page.locator("#state")).to_contain_text(advice)


def test_markup_in_a_name_and_in_a_query_stays_text(visitor: Visitor) -> None:
    """What looks like HTML is shown as it is written, wherever it is shown."""
    visitor.open()
    visitor.search("harbour")
    expect(visitor.name(0)).to_have_text(MARKUP)
    visitor.name(0).click()
    expect(visitor.lesson).to_contain_text(MARKUP)
    visitor.search("<svg data-planted>qqzzxx</svg>")
    expect(visitor.page.get_by_role("heading", level=2, name="<svg data-planted>")).to_be_visible()
    expect(visitor.page.locator("main img, main b:not(.tag b), [data-planted]")).to_have_count(0)


def test_back_shows_what_was_there_without_asking(visitor: Visitor) -> None:
    """Back and forward show earlier answers with what was clicked; they are no new searches, which would teach."""
    visitor.open()
    visitor.search("river")
    visitor.name(0).click()
    clicked = visitor.name(0).text_content()
    visitor.search("moon")
    expect(visitor.name(0)).to_have_text("Moon Quartet")
    visitor.page.go_back()
    expect(visitor.results).to_have_count(10)
    expect(visitor.name(0)).to_have_text(str(clicked))
    expect(visitor.results.nth(0).get_by_text("clicked")).to_be_visible()
    expect(visitor.box).to_have_value("river")
    visitor.page.go_back()
    expect(visitor.results).to_have_count(0)
    expect(visitor.box).to_have_value("")
    visitor.page.go_forward()
    expect(visitor.results).to_have_count(10)
    assert len(visitor.searches) == 2


def test_reload_searches_again(visitor: Visitor) -> None:
    """A reload asks again what the address says."""
    visitor.open("/?q=moon")
    expect(visitor.results).to_have_count(1)
    visitor.page.reload()
    expect(visitor.results).to_have_count(1)
    expect(visitor.box).to_have_value("moon")


def test_newer_search_wins(visitor: Visitor) -> None:
    """An answer that comes after a newer search is not shown."""
    held: list[Route] = []
    visitor.open()
    visitor.page.route("**/v1/search", lambda route: held.append(route) if not held else route.continue_())
    visitor.box.fill("river")
    visitor.box.press("Enter")
    visitor.search("moon")
    expect(visitor.name(0)).to_have_text("Moon Quartet")
    held[0].abort()
    expect(visitor.results).to_have_count(1)
    expect(visitor.page.locator("#state")).to_be_hidden()


def test_unreachable_server_is_a_message_and_a_way_on(visitor: Visitor) -> None:
    """Where the server is gone the page says so, and 'Try again' works when it is back."""
    visitor.open()
    visitor.page.route("**/v1/search", lambda route: route.abort())
    visitor.search("moon")
    expect(visitor.page.get_by_role("heading", name="The server cannot be reached")).to_be_visible()
    visitor.page.unroute("**/v1/search")
    visitor.page.get_by_role("button", name="Try again").click()
    expect(visitor.results).to_have_count(1)
    visitor.forgive("ERR_FAILED")


def test_refused_search_says_why(visitor: Visitor) -> None:
    """What the server says against a query is shown, also where it answers with no JSON."""
    visitor.open()
    visitor.search("x" * 20_001)
    expect(visitor.page.locator("#state")).to_contain_text("String should have at most 20000 characters")
    visitor.page.route("**/v1/search", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    visitor.search("moon")
    expect(visitor.page.locator("#state")).to_contain_text("The server answered with status 502.")
    visitor.forgive("422")
    visitor.forgive("502")


def test_lost_event_is_said_and_can_be_sent_again(visitor: Visitor) -> None:
    """An action that could not be sent is not shown as done."""
    visitor.open("/?q=moon")
    visitor.page.route("**/ubi_events", lambda route: route.abort())
    visitor.name(0).click()
    expect(visitor.lesson).to_contain_text("The server cannot be reached")
    expect(visitor.results.nth(0).get_by_text("clicked")).to_be_hidden()
    visitor.page.unroute("**/ubi_events")
    visitor.name(0).click()
    expect(visitor.lesson).to_contain_text("Learned")
    visitor.forgive("ERR_FAILED")


def test_event_that_is_not_learned_yet_is_not_called_learned(visitor: Visitor) -> None:
    """Where learning is another process and takes longer than a second, the page says only what it knows."""
    visitor.page.route("**/v1/policy", lambda route: route.fulfill(json={"revision": 0}))
    visitor.open("/?q=moon")
    visitor.name(0).click()
    expect(visitor.lesson).to_have_text("The click on “Moon Quartet” was taken; it is learned in a moment.")


def test_degraded_engine_is_a_notice(visitor: Visitor) -> None:
    """An engine that did not answer is named above the results; a log that took nothing is no visitor's concern."""

    def degrade(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "degraded": ["vector", "log"]})

    visitor.page.route("**/v1/search", degrade)
    visitor.open("/?q=moon")
    expect(visitor.page.get_by_text("Not complete: vector did not answer in time")).to_be_visible()
    expect(visitor.results).to_have_count(1)


def test_unknown_time_zone_does_not_stop_the_search(visitor: Visitor) -> None:
    """A zone that the server refuses is left out."""
    visitor.page.add_init_script(
        "Intl.DateTimeFormat.prototype.resolvedOptions = () => ({ timeZone: 'Mars/Olympus_Mons' })"
    )
    visitor.open("/?q=moon")
    expect(visitor.results).to_have_count(1)
    assert [search.get("timezone") for search in visitor.searches] == ["Mars/Olympus_Mons", None]
    visitor.forgive("404")


def test_keyboard_alone_is_enough(visitor: Visitor) -> None:
    """'/' goes to the box, Tab to the results, Enter clicks, Escape closes the message."""
    visitor.open("/?q=moon")
    expect(visitor.results).to_have_count(1)
    visitor.page.evaluate("document.activeElement.blur()")
    visitor.page.keyboard.press("/")
    expect(visitor.box).to_be_focused()
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Tab")
    expect(visitor.name(0)).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.lesson).to_contain_text("Learned")
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.locator("#learned")).to_be_hidden()


def test_skip_link_stays_on_the_page(visitor: Visitor) -> None:
    """The skip link moves the focus to the results, and neither searches nor changes the address."""
    visitor.open("/?q=moon")
    expect(visitor.results).to_have_count(1)
    visitor.page.get_by_role("link", name="Skip to the results").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("main")).to_be_focused()
    expect(visitor.page).to_have_url(re.compile(r"/\?q=moon$"))
    assert len(visitor.searches) == 1


def test_page_fits_its_window(visitor: Visitor) -> None:
    """Nothing is wider than the window, from a small phone to a desktop."""
    visitor.open()
    assert _widths(visitor) == list(WIDTHS)
    visitor.search("long" * 60)
    assert _widths(visitor) == list(WIDTHS)
    visitor.search("river")
    visitor.name(0).click()
    expect(visitor.lesson).to_contain_text("Learned")
    assert _widths(visitor) == list(WIDTHS)


def test_text_stands_out_from_its_ground(visitor: Visitor) -> None:
    """Colours of text have the contrast of WCAG AA, 4.5 to 1, in light and dark."""
    pairs = [(ink, ground) for ink in ("ink", "muted", "accent", "bad") for ground in ("surface", "ground")]
    pairs += [("ink", "track"), ("muted", "track"), ("accent", "tint"), ("on-accent", "accent"), ("warn", "warn-tint")]
    visitor.open()
    for dark in (False, True):
        visitor.page.emulate_media(color_scheme="dark" if dark else "light")
        found = {name: _luminance(_colour(visitor, name)) for name in {name for pair in pairs for name in pair}}
        assert (found["ground"] < found["ink"]) is dark
        for pair in pairs:
            low, high = sorted(found[name] for name in pair)
            assert (high + 0.05) / (low + 0.05) >= 4.5, (pair, dark)


def test_same_visitor_is_known_again(context: BrowserContext, visitor: Visitor, site: str) -> None:
    """The client id stays from visit to visit; a new tab is a new session."""
    visitor.open("/?q=moon")
    expect(visitor.results).to_have_count(1)
    other = Visitor(context.new_page(), site)
    other.open("/?q=moon")
    expect(other.results).to_have_count(1)
    assert visitor.searches[0]["client_id"] == other.searches[0]["client_id"]
    assert visitor.searches[0]["session_id"] != other.searches[0]["session_id"]


def test_browser_that_keeps_nothing_can_search(visitor: Visitor) -> None:
    """Where storing is forbidden the page works, with ids of its own."""
    visitor.forbid_storing()
    visitor.open("/?q=moon")
    visitor.name(0).click()
    expect(visitor.lesson).to_contain_text("Learned")


def test_links_lead_somewhere(visitor: Visitor) -> None:
    """The links of the footer and to the query's memory are answered."""
    visitor.open("/?q=river three")
    expect(visitor.results).to_have_count(10)
    for name in ("API", "Metrics", "Policy", "Memory of this query"):
        target = visitor.page.get_by_role("link", name=name).get_attribute("href")
        assert visitor.page.request.get(f"/{target}").ok, name


def _widths(visitor: Visitor) -> list[int]:
    """Return how wide the page is in windows of WIDTHS."""
    found = []
    for width in WIDTHS:
        visitor.page.set_viewport_size({"width": width, "height": 700})
        found.append(visitor.page.evaluate("document.documentElement.scrollWidth"))
    return found


def _colour(visitor: Visitor, name: str) -> str:
    return str(visitor.page.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--{name}')"))


def _luminance(colour: str) -> float:
    """Return the relative luminance of #rgb or #rrggbb. Source: WCAG 2.2."""
    digits = colour.strip().lstrip("#")
    pairs = [d * 2 for d in digits] if len(digits) == 3 else [digits[n : n + 2] for n in (0, 2, 4)]
    parts = [int(pair, 16) / 255 for pair in pairs]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
