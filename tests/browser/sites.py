"""Real servers, in threads of this process: of ltrr, and of pages on origins of their own."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ltrr.models.records.entity import Entity
from ltrr.serving.access.audit import Audit
from ltrr.serving.access.keys import Keys, Role
from ltrr.serving.http.api import create_app
from ltrr.serving.http.guard import Guard
from ltrr.serving.http.server import address, bind
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.refusals import PREFIX
from ltrr.serving.settings.settings import Settings

MARKUP: Final = '<img src=x onerror="document.title = 1"> & <b>harbour</b>'
PATIENCE_S: Final = 20.0
_NUMBERS: Final = (
    *("one", "two", "three", "four", "five", "six", "seven"),
    *("eight", "nine", "ten", "eleven", "twelve", "thirteen"),
)
_TYPES: Final = {".html": "text/html", ".js": "text/javascript"}


class Site:
    """A server of ltrr that asks for keys. answers: method, path and status of each, in the order they were given."""

    def __init__(self, keys: Keys) -> None:
        self.url = ""
        self.answers: list[tuple[str, str, int]] = []
        self._keys = keys

    def key(self, name: str, *roles: Role, origins: Sequence[str] = ()) -> str:
        """Make a key, as `ltrr keys create` does, and return it."""
        return self._keys.create(name, roles, origins, time.time())[1]

    def noting(self, app: ASGIApp) -> ASGIApp:
        """Return an application whose answers are noted."""

        async def noted(scope: Scope, receive: Receive, send: Send) -> None:
            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self.answers.append((scope["method"], scope["path"], message["status"]))
                await send(message)

            await app(scope, receive, answer)

        return noted


@contextmanager
def ltrr_site() -> Iterator[str]:
    """Serve a small catalogue to whoever asks, and yield the address."""
    with serving(create_app(service())) as url:
        yield url


@contextmanager
def guarded_site(folder: Path) -> Iterator[Site]:
    """Serve it to holders of keys, which are kept in a folder."""
    keys = Keys(folder / "keys.json")
    site = Site(keys)
    app = create_app(service(), guard=Guard(keys, Audit(folder / "audit.jsonl"), time.time))
    with serving(site.noting(app)) as site.url:
        yield site


@contextmanager
def open_site(folder: Path, origin: str) -> Iterator[str]:
    """Serve it without keys, to pages of an origin too."""
    guard = Guard(Keys(folder / "keys.json"), Audit(folder / "audit.jsonl"), time.time, origins=(origin,))
    with serving(create_app(service(), guard=guard)) as url:
        yield url


@contextmanager
def pages(files: Mapping[str, str]) -> Iterator[str]:
    """Serve files by their paths from an origin of their own, and yield it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        text = files.get(scope["path"])
        kind = _TYPES.get(Path(scope["path"]).suffix, "text/html")
        response = Response(text or "", 404 if text is None else 200, media_type=kind)
        await response(scope, receive, send)

    with serving(app, lifespan=False) as url:
        yield url


@contextmanager
def serving(app: ASGIApp, *, lifespan: bool = True) -> Iterator[str]:
    """Serve an application on a free port, and yield its address."""
    with bind("127.0.0.1", 0) as bound:
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, ws="none", lifespan="on" if lifespan else "off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=_run, args=(server, bound))
        thread.start()
        wait_for(lambda: server.started or not thread.is_alive())
        assert server.started
        try:
            yield address(bound)
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)
        assert not thread.is_alive()


def below(prefix: str, app: ASGIApp) -> ASGIApp:
    """Return an application behind a proxy, which takes a prefix off the path: the application knows nothing of it."""

    async def proxied(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and not path.startswith(f"{prefix}/"):
            await Response(status_code=404)(scope, receive, send)
            return
        await app({**scope, "path": path.removeprefix(prefix)}, receive, send)

    return proxied


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, for a while."""
    patience = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < patience:
        time.sleep(0.01)


def _run(server: uvicorn.Server, bound: socket.socket) -> None:
    asyncio.run(server.serve(sockets=[bound]))


def service(entities: Sequence[Entity] = ()) -> EmbeddedService:
    """Return a service whose plan is fixed, and which always explores where it has a second page.

    entities: its catalogue, in place of some songs.
    """
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
    service = EmbeddedService(settings, time.time)
    with ThreadPoolExecutor(1) as elsewhere:  # a loop of Playwright's may be running in this thread
        elsewhere.submit(asyncio.run, service.index.index(entities or _catalogue())).result()
    return service


def _catalogue() -> list[Entity]:
    songs = [
        Entity(
            f"song-{n}",
            "song",
            f"River {word}",
            {"genre": {"jazz": 0.9} | ({"soul": 0.5} if n < 3 else {})},
            popularity=float(n),
        )
        for n, word in enumerate(_NUMBERS)
    ]
    return [*songs, Entity("song-markup", "song", MARKUP), Entity("artist-moon", "artist", "Moon Quartet")]
