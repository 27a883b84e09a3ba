"""Both pages as they look, light and dark, on a screen and on a phone: nothing that axe finds, and pictures of them."""

import os
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

AXE: Final = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
GRAVE: Final = {"serious", "critical"}
RUN: Final = "async () => await globalThis.axe.run()"
LEAST_PASSED: Final = 20  # rules: axe has looked at a page


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Return the folder for pictures: what `make screenshots` names, else one that is thrown away."""
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def faults(visitor: Visitor) -> list[str]:
    """Return the grave faults of a page, with the first element that has each."""
    visitor.page.evaluate(AXE)
    found: dict[str, list[dict[str, Any]]] = visitor.page.evaluate(RUN)
    assert len(found["passes"]) >= LEAST_PASSED
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["search", "dashboard"])
def test_pages_have_no_grave_fault(
    visitor: Visitor, pictures: Path, page: str, scheme: Literal["light", "dark"], width: int
):
    """Filled with what was searched, clicked and opened, axe finds nothing serious; the whole page is pictured."""
    visitor.page.set_viewport_size({"width": width, "height": 900})
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.open("/?q=river")
    visitor.name(0).click()
    expect(visitor.lesson).to_contain_text("Learned")
    if page == "dashboard":
        visitor.open("/dashboard")
        visitor.page.get_by_role("button", name="river", exact=True).click()
        expect(visitor.page.locator("#query-shown")).to_contain_text("Last searches")
    visitor.page.screenshot(path=pictures / f"{page}-{scheme}-{width}.png", full_page=True)
    assert faults(visitor) == []
