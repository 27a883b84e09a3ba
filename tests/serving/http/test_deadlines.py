"""Connections that begin a request and do not go on are let go; others are served meanwhile."""

import asyncio
import resource
import socket
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import pytest

from ltrr.serving.http import api, deadlines, server
from ltrr.serving.http.api import create_app
from ltrr.serving.http.server import address, bind, serve
from tests.serving.shop import Shop

T = TypeVar("T")
MOST = 20
HEAD = b"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def told(story: Callable[[str, int], Awaitable[T]]) -> T:
    """Serve while a story goes on: it is given the address and the port."""

    async def run(app: object, bound: socket.socket) -> T:
        serving = asyncio.ensure_future(serve(app, bound))
        try:
            return await story(address(bound), bound.getsockname()[1])
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    with Shop() as shop, bind("127.0.0.1", 0) as bound:
        return asyncio.run(run(create_app(shop.service, close=False), bound))


@pytest.mark.whole
@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"", b""),
        (HEAD, b""),
        (HEAD + b"Content-Length: 100\r\n\r\n{", b"408"),
        (REQUEST + HEAD, b"200"),
    ],
    ids=("nothing", "half a head", "half a body", "a second half"),
)
def test_who_does_not_go_on_is_let_go(monkeypatch: pytest.MonkeyPatch, sent: bytes, answered: bytes):
    """The connection ends after the deadline, whatever was sent of the request; health is answered all the while."""
    monkeypatch.setattr(deadlines, "HEADER_S", 0.2)
    monkeypatch.setattr(api, "BODY_S", 0.2)
    monkeypatch.setattr(server, "IDLE_S", 1)

    async def story(url: str, port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        await writer.drain()
        async with httpx.AsyncClient(base_url=url) as client:
            assert (await client.get("/healthz")).status_code == 200
        read = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        return read

    read = told(story)
    assert (read.partition(b"\r\n")[0].split()[1:2] or [b""])[0] == answered


@pytest.mark.whole
@pytest.mark.parametrize(
    ("sent", "search"),
    [(b"", 200), (HEAD, 200), (REQUEST, 200), (HEAD + b"Content-Length: 100\r\n\r\n{", 503)],
    ids=("nothing", "half a head", "a request", "half a body"),
)
def test_of_too_many_connections_idle_ones_give_way(monkeypatch: pytest.MonkeyPatch, sent: bytes, search: int):
    """Whatever they have sent, a probe is answered, and so are searches unless requests are under way on all others."""
    monkeypatch.setattr(server, "CONNECTIONS", MOST)

    async def story(url: str, port: int) -> tuple[int, int, int]:
        opened = []
        for _ in range(3 * MOST):
            opened.append(await asyncio.open_connection("127.0.0.1", port))
            opened[-1][1].write(sent)
            await opened[-1][1].drain()
        await asyncio.sleep(0.5)
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            probe = (await client.get("/healthz")).status_code
            found = (await client.post("/v1/search", json={"query": "love"})).status_code
        ends = await asyncio.gather(
            *(asyncio.wait_for(reader.read(), 0.1) for reader, _ in opened), return_exceptions=True
        )
        held = sum(isinstance(end, TimeoutError) for end in ends)
        for _, writer in opened:
            writer.close()
        return probe, found, held

    probe, found, held = told(story)
    assert (probe, found) == (200, search)
    assert held <= MOST


def test_files_are_asked_for(monkeypatch: pytest.MonkeyPatch):
    """As many as connections need, where the system lets a process have them; no limit is lowered."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    for limits, allowed in (((1_024, 8_192), 4_096), ((1_024, 2_048), 2_048), ((20_000, 20_000), 20_000)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limits=limits: limits)
        assert server.allowed_files() == allowed
    assert asked == [(4_096, 8_192), (2_048, 2_048)]
