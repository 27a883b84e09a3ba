"""A real server over a small catalogue, and a real Chromium that visits it."""

import os
import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.sites import Site, guarded_site, ltrr_site
from tests.browser.visitor import Visitor

_CHROMIUMS: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_PATIENCE_MS: Final = 10_000


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Return the address of a server that asks for no keys."""
    with ltrr_site() as url:
        yield url


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a server that asks for keys."""
    with guarded_site(tmp_path_factory.mktemp("guarded")) as guarded:
        yield guarded


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser; for a module only, since an event loop runs in this thread as long as Playwright does."""
    path = next(filter(None, map(shutil.which, _CHROMIUMS)), None)
    if path is None:
        reason = "no Chromium here: apt-get install chromium"
        if "CI" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, site: str) -> Iterator[BrowserContext]:
    """Return a browser's profile without a past."""
    context = chromium.new_context(base_url=site, viewport={"width": 1200, "height": 800})
    context.set_default_timeout(_PATIENCE_MS)
    expect.set_options(timeout=_PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def visitor(context: BrowserContext, site: str) -> Iterator[Visitor]:
    """Return a visitor; afterwards nothing may have gone wrong in the page or left the host unexpectedly."""
    visitor = Visitor(context.new_page(), site)
    yield visitor
    assert visitor.problems == []
    assert visitor.elsewhere == []
