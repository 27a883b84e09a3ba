"""Connections that begin a request and do not go on are let go; others are served meanwhile."""

import asyncio
import socket

import httpx
import pytest

from ltrr.serving.http import api, deadlines, server
from ltrr.serving.http.api import create_app
from ltrr.serving.http.server import address, bind, serve
from tests.serving.shop import Shop

HEAD = b"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


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

    async def run(app: object, bound: socket.socket) -> bytes:
        serving = asyncio.ensure_future(serve(app, bound))
        try:
            return await story(address(bound), bound.getsockname()[1])
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    with Shop() as shop, bind("127.0.0.1", 0) as bound:
        read = asyncio.run(run(create_app(shop.service, close=False), bound))
    assert (read.partition(b"\r\n")[0].split()[1:2] or [b""])[0] == answered
