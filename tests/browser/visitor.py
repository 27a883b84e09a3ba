"""Someone who uses the search page, and what their browser complains of."""

from typing import Any

from playwright.sync_api import Locator, Page, Request, expect


class Visitor:
    """A page of a browser. problems: errors and warnings of the page; elsewhere: requests that left the site."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.problems: list[str] = []
        self.elsewhere: list[str] = []
        self.searches: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.site = site
        page.on("console", lambda message: self.problems.append(message.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", self._note)

    @property
    def box(self) -> Locator:
        """The search box."""
        return self.page.get_by_role("searchbox", name="Search the catalogue")

    @property
    def results(self) -> Locator:
        """The shown results."""
        return self.page.get_by_role("list", name="Results").locator(":scope > li")

    @property
    def lesson(self) -> Locator:
        """What the page says about an action."""
        return self.page.locator("#lesson")

    def open(self, address: str = "/") -> None:
        """Open an address of the site."""
        self.page.goto(f"{self.site}{address}")

    def forbid_storing(self) -> None:
        """Let pages that are opened from now on keep nothing."""
        self.page.add_init_script(
            "for (const name of ['localStorage', 'sessionStorage'])"
            " Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError') } })"
        )

    def search(self, query: str) -> None:
        """Type a query, press Enter and wait until the page shows an answer or a problem."""
        self.box.fill(query)
        self.box.press("Enter")
        expect(self.page).to_have_title(f"{query} – ltrr search")  # noqa: RUF001  # as the page writes it
        expect(self.page.locator("#status")).not_to_have_text("Searching…")

    def name(self, nth: int) -> Locator:
        """Return the name of a result, which is what is clicked; nth from 0."""
        return self.results.nth(nth).get_by_role("heading").get_by_role("button")

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """Return the JSON of a path of the site."""
        response = self.page.request.get(f"{self.site}{path}", params=dict(parameters))
        assert response.ok, response.text()
        found: dict[str, Any] = response.json()
        return found

    def forgive(self, part: str) -> None:
        """Take expected problems off the list: those that contain `part`."""
        assert any(part in problem for problem in self.problems), self.problems
        self.problems = [problem for problem in self.problems if part not in problem]

    def _note(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site}/", "data:")):
            self.elsewhere.append(request.url)
        if request.url == f"{self.site}/v1/search":
            self.searches.append(request.post_data_json)
        if request.url == f"{self.site}/ubi_events":
            self.events.extend(request.post_data_json)
