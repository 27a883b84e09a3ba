"""A real server over a small catalogue, and a real Chromium that visits it."""

import asyncio
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from typing import Final

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from ltrr.models.records.entity import Entity
from ltrr.serving.http.api import create_app
from ltrr.serving.http.server import address, bind
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.refusals import PREFIX
from ltrr.serving.settings.settings import Settings
from tests.browser.visitor import Visitor

MARKUP: Final = '<img src=x onerror="document.title = 1"> & <b>harbour</b>'
_NUMBERS: Final = (
    *("one", "two", "three", "four", "five", "six", "seven"),
    *("eight", "nine", "ten", "eleven", "twelve", "thirteen"),
)
_CHROMIUMS: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_START_S: Final = 20.0
_PATIENCE_MS: Final = 10_000


def _catalogue() -> list[Entity]:
    songs = [
        Entity(f"song-{n}", "song", f"River {word}", {"genre": {"jazz": 0.9}}, popularity=float(n))
        for n, word in enumerate(_NUMBERS)
    ]
    return [*songs, Entity("song-markup", "song", MARKUP), Entity("artist-moon", "artist", "Moon Quartet")]


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Return the address of a server whose plan is fixed, and which always explores where it has a second page."""
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
            environment.delenv(name)
        settings = Settings(
            policy="static",
            baseline={"fulltext": 20, "fuzzy": 20},
            explore_share=1.0,
            text_deadline_s=10.0,
            vector_deadline_s=10.0,
        )
    with bind("127.0.0.1", 0) as bound:
        service = EmbeddedService(settings, time.time)
        asyncio.run(service.index.index(_catalogue()))
        config = uvicorn.Config(create_app(service), log_level="warning", access_log=False, ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=_run, args=(server, bound))
        thread.start()
        patience = time.monotonic() + _START_S
        while not server.started and thread.is_alive() and time.monotonic() < patience:
            time.sleep(0.01)
        assert server.started
        yield address(bound)
        server.should_exit = True
        thread.join(_START_S)
        assert not thread.is_alive()


def _run(server: uvicorn.Server, bound: socket.socket) -> None:
    asyncio.run(server.serve(sockets=[bound]))


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
