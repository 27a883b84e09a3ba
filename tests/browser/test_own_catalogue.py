"""What the search page knows of its catalogue: queries to begin with, attributes, filters, why a result is there."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from ltrr.models.records.entity import Entity
from ltrr.serving.http.api import create_app
from tests.browser.sites import service, serving
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_examples_are_of_the_own_catalogue(visitor: Visitor) -> None:
    """The start page offers names and values that the catalogue has, and another name, spelt wrongly; they find."""
    visitor.open()
    examples = visitor.page.locator("#examples a")
    expect(examples.first).to_be_visible()
    said = examples.all_text_contents()
    assert said == visitor.get("/v1/catalogue")["examples"]
    assert {"River thirteen", "soul"} <= set(said)
    assert "River htirteen" not in said
    examples.nth(0).click()
    expect(visitor.name(0)).to_have_text(re.compile(f"^{said[0]}$", re.IGNORECASE))


def test_results_are_narrowed_down(visitor: Visitor) -> None:
    """A value of an attribute can be chosen and given up; the address carries it, and it holds for further pages."""
    visitor.open("/?q=river")
    expect(visitor.results.nth(0).locator(".attributes")).to_contain_text("genre: jazz")
    soul = visitor.page.get_by_role("group", name="genre").get_by_role("button", name=re.compile("^soul"))
    expect(soul).to_have_attribute("aria-pressed", "false")
    soul.click()
    expect(visitor.results).to_have_count(3)
    expect(visitor.page).to_have_url(re.compile(r"\?q=river&filter=genre%3Asoul$"))
    assert visitor.searches[-1]["filters"] == {"genre": ["soul"]}
    visitor.page.reload()
    expect(visitor.results).to_have_count(3)
    visitor.page.get_by_role("button", name="Give up genre soul").click()
    expect(visitor.results).to_have_count(10)


def test_results_have_numbers_beside_texts(context: BrowserContext) -> None:
    """Six attributes are shown, prices and years among them; a type that all have is not."""
    texts = ("brand", "colour", "family", "material", "room", "style")
    lamps = [
        Entity(
            f"lamp-{n}",
            "item",
            f"Lamp {n}",
            {name: {f"{name} {n % 2}": 1.0} for name in texts},
            numbers={"price": (19.5,), "year": (1999.0,)},
        )
        for n in range(4)
    ]
    with serving(create_app(service(lamps))) as url:
        visitor = Visitor(context.new_page(), url)
        visitor.open("/?q=lamp")
        held = visitor.results.nth(0).locator(".attributes > span")
        expect(held).to_have_count(6)
        expect(held.filter(has_text="price: 19.5")).to_have_count(1)
        expect(held.filter(has_text="year: 1999")).to_have_count(1)
        expect(visitor.page.locator("#choices > [role=group]")).to_have_count(6)
        expect(visitor.results.locator(".type")).to_have_count(0)


def test_results_are_ordered_and_narrowed_down_by_numbers(context: BrowserContext) -> None:
    """Prices and dates have two ends, and an order; the address carries both, each can be given up, texts have none."""
    lamps = [
        Entity(
            f"lamp-{n}",
            "item",
            f"Lamp {n}",
            {"room": {f"room {n % 2}": 1.0}},
            numbers={"price": (10.0 * n,)},
            dates={"made": (1_600_000_000.0 + 86_400 * n,)},
        )
        for n in range(1, 6)
    ]
    with serving(create_app(service(lamps))) as url:
        visitor = Visitor(context.new_page(), url)
        visitor.open("/?q=lamp")
        expect(visitor.results).to_have_count(5)
        order = visitor.page.get_by_label("Sort by")
        orders = ["relevance", "made, rising", "made, falling", "price, rising", "price, falling"]
        assert order.locator("option").all_text_contents() == orders
        order.select_option("price, falling")
        expect(visitor.page).to_have_url(re.compile(r"\?q=lamp&sort=-price$"))
        expect(visitor.name(0)).to_have_text("Lamp 5")
        visitor.page.get_by_label("price from").fill("20")
        visitor.page.get_by_label("price to").fill("40.5")
        visitor.page.get_by_role("form", name="price").get_by_role("button", name="Apply").click()
        expect(visitor.results).to_have_count(3)
        expect(visitor.name(0)).to_have_text("Lamp 4")
        assert visitor.searches[-1]["filters"] == {"price": {"gte": 20, "lte": 40.5}}
        visitor.page.get_by_role("spinbutton", name="price from").fill("40.5")
        visitor.page.get_by_role("spinbutton", name="price to").fill("20")
        visitor.page.get_by_label("made to").fill("2020-09-16")
        visitor.page.get_by_role("form", name="made").get_by_role("button", name="Apply").click()
        expect(visitor.results).to_have_count(2)
        visitor.page.reload()
        expect(visitor.results).to_have_count(2)
        expect(visitor.name(0)).to_have_text("Lamp 3")
        expect(visitor.page.get_by_label("price to")).to_have_value("40.5")
        visitor.name(0).click()
        expect(visitor.page.locator("#lesson")).to_contain_text("It teaches nothing: the order was chosen.")
        visitor.page.get_by_role("button", name="Give up price from 20 to 40.5").click()
        expect(visitor.results).to_have_count(3)
        visitor.page.get_by_role("button", name="Give up made to 2020-09-16").click()
        expect(visitor.results).to_have_count(5)
        order.select_option("relevance")
        expect(visitor.page).to_have_url(re.compile(r"\?q=lamp&sort=relevance$"))
        assert visitor.problems == visitor.elsewhere == []
        visitor.open("/?q=lamp&sort=nonsense")
        expect(visitor.results).to_have_count(5)


def test_bounds_in_words_are_told(context: BrowserContext) -> None:
    """Above the results, and beside them where nothing else was asked for."""
    lamps = [Entity(f"lamp-{n}", "item", f"Lamp {n}", numbers={"price": (10.0 * n,)}) for n in range(1, 6)]
    with serving(create_app(service(lamps))) as url:
        visitor = Visitor(context.new_page(), url)
        visitor.open("/?q=lamp under 40")
        expect(visitor.results).to_have_count(3)
        expect(visitor.page.locator("#status")).to_contain_text("; only price < 40")
        visitor.open("/?q=price over 40")
        expect(visitor.results).to_have_count(1)
        expect(visitor.page.locator("#understanding")).to_have_text("only price > 40")
        assert visitor.problems == []


def test_an_order_in_words_is_shown_and_given_up(context: BrowserContext) -> None:
    """As the one that is chosen; who chooses relevance has none."""
    lamps = [Entity(f"lamp-{n}", "item", f"Lamp {n}", numbers={"price": (10.0 * n,)}) for n in range(1, 6)]
    with serving(create_app(service(lamps))) as url:
        visitor = Visitor(context.new_page(), url)
        visitor.open("/?q=most expensive")
        expect(visitor.name(0)).to_have_text("Lamp 5")
        expect(visitor.page.locator("#status")).to_contain_text("; sorted by -price")
        order = visitor.page.get_by_label("Sort by")
        expect(order).to_have_value("-price")
        order.select_option("relevance")
        expect(visitor.page.locator("#status")).to_have_text("No results")
        assert visitor.problems == []


def test_all_numbers_can_be_chosen(context: BrowserContext) -> None:
    """By each results are ordered; those beyond six are behind a fold, which is open where one of them is chosen."""
    names = [f"size_{n}" for n in range(8)]
    lamps = [
        Entity(f"lamp-{n}", "item", f"Lamp {n}", numbers={name: (float(n),) for name in names}) for n in range(1, 6)
    ]
    with serving(create_app(service(lamps))) as url:
        visitor = Visitor(context.new_page(), url)
        visitor.open("/?q=lamp")
        expect(visitor.page.get_by_label("Sort by").locator("option")).to_have_count(1 + 2 * len(names))
        expect(visitor.page.get_by_label("size_5 from")).to_be_visible()
        expect(visitor.page.get_by_label("size_7 from")).not_to_be_visible()
        visitor.page.get_by_text("2 more", exact=True).click()
        visitor.page.get_by_label("size_7 from").fill("4")
        visitor.page.get_by_role("form", name="size_7").get_by_role("button", name="Apply").click()
        expect(visitor.results).to_have_count(2)
        expect(visitor.page.get_by_role("spinbutton", name="size_7 from")).to_be_visible()
        assert visitor.problems == visitor.elsewhere == []


def test_memory_of_the_query_is_on_the_dashboard(visitor: Visitor) -> None:
    """The link leads to what the dashboard knows of the query."""
    visitor.open("/?q=river")
    visitor.page.get_by_role("link", name="Memory of this query").click()
    expect(visitor.page.locator("#query-shown")).to_contain_text("Memory of “river”")


def test_filters_that_nothing_passes_can_be_given_up(visitor: Visitor) -> None:
    """A link with a filter that fits nothing says so, and how to go on."""
    visitor.open("/?q=river&filter=genre:polka")
    expect(visitor.page.locator("#state")).to_contain_text("no entity has what genre asks for")
    visitor.page.get_by_role("button", name="Search without them").click()
    expect(visitor.results).to_have_count(10)


def test_result_says_why_it_is_there(visitor: Visitor) -> None:
    """What each strategy added to the score is said where it is asked for, and adds up."""
    visitor.open("/?q=river")
    first = visitor.results.nth(0)
    first.get_by_text("Why here").click()
    rows = first.get_by_role("row")
    expect(rows.first).to_contain_text(re.compile(r"(fulltext|fuzzy), #\d+[+−]\d\.\d{3}"))  # noqa: RUF001
    expect(rows.filter(has_text="words that match")).to_have_count(1)
    expect(rows.last).to_contain_text("the same for all results")


def test_a_result_describes_itself(context: BrowserContext) -> None:
    """Its description stands under its name in two lines at most, HTML as the text that it is, and nothing runs."""
    told = "A lamp for reading by night, <b>bright</b><img src=x onerror='document.title = 1'> &amp; warm. " * 20
    lamps = [Entity("lamp-1", "item", "Lamp one", description=told), Entity("lamp-2", "item", "Lamp two")]
    with serving(create_app(service(lamps))) as url:
        visitor = Visitor(context.new_page(), url)
        visitor.open("/?q=lamp")
        expect(visitor.results).to_have_count(2)
        first = visitor.results.filter(has_text="Lamp one").locator(".description")
        expect(first).to_contain_text("A lamp for reading by night,  bright   & warm.")
        lines = "(shown) => shown.clientHeight / parseFloat(getComputedStyle(shown).lineHeight)"
        assert round(first.evaluate(lines)) == 2
        expect(visitor.results.filter(has_text="Lamp two").locator(".description")).to_have_count(0)
        expect(visitor.page).to_have_title("lamp – ltrr search")  # noqa: RUF001  # as the page writes it
        assert visitor.problems == visitor.elsewhere == []


def test_a_description_is_shown_from_where_it_has_what_was_asked(context: BrowserContext) -> None:
    """Without the name that it begins with, from the sentence with most of the words; these are marked."""
    here = "Here the <i>dimmer</i> of the <lamp> &lt;b&gt; is told. "
    told = f"Lamp one\n{'It is of glass. ' * 30}{here}{'It is light. ' * 30}"
    with serving(create_app(service([Entity("lamp-1", "item", "Lamp one", description=told)]))) as url:
        visitor = Visitor(context.new_page(), url)
        visitor.open("/?q=how+the+dimmer")
        shown = visitor.results.nth(0).locator(".description")
        expect(shown).to_contain_text(re.compile("^… Here the +dimmer +of the <lamp> <b> is told"))
        expect(shown.locator("mark")).to_have_text(["dimmer"])
        visitor.search("lamp")
        expect(shown).to_contain_text(re.compile("^(It is of glass|… Here the)"))
        visitor.search("glass")
        expect(shown).to_contain_text(re.compile("^It is of glass"))
        assert visitor.problems == []


def test_a_line_of_prose_comes_before_other_attributes(context: BrowserContext) -> None:
    """A summary differs everywhere, and tells more than codes; what has the words asked stands before it."""
    things = [
        Entity(
            f"t{n}",
            "item",
            f"Thing {n}",
            {f"code {m}": {f"c{n % 2}{m}": 1.0} for m in range(8)}
            | {"short": {f"tool number {n} to draw pictures": 1.0}},
        )
        for n in range(8)
    ]
    with serving(create_app(service(things))) as url:
        visitor = Visitor(context.new_page(), url)
        visitor.open("/?q=thing")
        held = visitor.results.nth(0).locator(".attributes > span")
        expect(held).to_have_count(6)
        expect(held.first).to_contain_text("to draw pictures")
        visitor.search("c17 thing")
        expect(held.first).to_have_text("code 7: c17")
        expect(held.nth(1)).to_contain_text("to draw pictures")


def test_a_result_shows_what_was_asked(context: BrowserContext) -> None:
    """The alias and the values with the words asked are shown, first, and of long ones the stretch around them."""
    terms = {"bin": 1.0, "delete": 1.0, "discard": 1.0, "garbage": 1.0, "rubbish": 1.0, "trash": 0.5}
    told = f"{'so much of all else ' * 20}and of salvage at last{' and more' * 20}"
    more = {f"a{n}": {f"x{n}": 1.0} for n in range(7)}
    things = [
        Entity("dump-1", "item", "Can", {"terms": terms}, aliases=("Old tin", "Wheelie")),
        Entity("8d5b9e1c-1a2b-4c3d-8e4f-0123456789ab", "item", "Skip", {**more, "long": {told: 1.0}}),
        Entity("17", "item", "Heap"),
    ]
    with serving(create_app(service(things))) as url:
        visitor = Visitor(context.new_page(), url)
        visitor.open("/?q=trash")
        can = visitor.results.filter(has_text="Can")
        expect(can.locator(".attributes")).to_have_text("terms: trash, bin, delete, discard")
        expect(can.locator(".id")).to_have_text("dump-1")
        visitor.search("wheelie")
        expect(can.locator(".attributes")).to_contain_text("also called: Wheelie")
        expect(can.locator(".attributes")).not_to_contain_text("Old tin")
        visitor.search("salvage")
        skip = visitor.results.filter(has_text="Skip")
        expect(skip.locator(".attributes")).to_contain_text("and of salvage at last")
        expect(skip.locator(".id")).to_have_count(0)
        visitor.search("17")
        expect(visitor.results.filter(has_text="Heap").locator(".id")).to_have_text("17")
        visitor.search("heap")
        expect(visitor.results.filter(has_text="Heap").locator(".id")).to_have_count(0)
        assert visitor.problems == []


def test_addresses_are_links_and_narrow_nothing_down(context: BrowserContext) -> None:
    """An address of the web is a link that tells where it leads nothing; scripts stay text; neither is a choice."""
    lamps = [
        Entity(
            f"lamp-{n}",
            "item",
            f"Lamp {n}",
            {
                "url": {f"https://shop.example/lamps/{n}?from=a": 1.0},
                "file": {f"javascript:alert({n})": 1.0},
                "room": {f"room {n % 2}": 1.0},
            },
        )
        for n in range(6)
    ]
    with serving(create_app(service(lamps))) as url:
        visitor = Visitor(context.new_page(), url)
        visitor.open("/?q=lamp")
        expect(visitor.results).to_have_count(6)
        links = visitor.results.nth(0).locator(".attributes a")
        expect(links).to_have_count(1)
        expect(links).to_have_attribute("href", re.compile(r"^https://shop\.example/lamps/\d\?from=a$"))
        expect(links).to_have_attribute("rel", "noopener noreferrer")
        held = visitor.results.nth(0).locator(".attributes > span")
        expect(held.first).to_contain_text("room: ")
        expect(held.filter(has_text="file: javascript:alert")).to_have_count(1)
        expect(visitor.page.locator("#choices > [role=group]")).to_have_count(1)
        assert visitor.problems == []
