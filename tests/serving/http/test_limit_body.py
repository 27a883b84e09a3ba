"""The limit of request bodies, however they are sent."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from ltrr.serving.http.limit_body import LimitBody


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the body."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(body)(scope, receive, send)


def post(
    chunks: list[bytes], most: int = 10, *, known: bool = True, headers: dict[str, str] | None = None
) -> tuple[httpx.Response, int]:
    """Post a body in chunks; return the answer, and how many chunks were read."""
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for chunk in chunks:
            read += 1
            yield chunk

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(LimitBody(echo, most=most, knows=lambda _: known))
        async with httpx.AsyncClient(transport=transport, base_url="http://ltrr") as client:
            return await client.post("/", content=body(), headers=headers)

    return asyncio.run(send()), read


@pytest.mark.parametrize("chunks", [[], [b""], [b"0123456789"], [b"01234", b"", b"56789"], [b"x"] * 10])
def test_what_fits_comes_through(chunks: list[bytes]):
    """Up to the limit a body reaches the application whole, in whatever pieces it came."""
    response, _ = post(chunks)
    assert (response.status_code, response.content) == (200, b"".join(chunks))


def test_a_byte_more_is_refused():
    """Beyond the limit the answer is 413 and says what to do."""
    response, _ = post([b"01234567890"])
    assert response.status_code == 413
    assert response.json() == {
        "detail": "a body holds at most 10 bytes: send fewer events at a time",
        "reason": "too_large",
    }


def test_a_compressed_body_is_refused_as_such():
    """It is not called bad JSON, and nothing of it is read."""
    response, read = post([b"\x1f\x8b"], headers={"Content-Encoding": "gzip"})
    assert (response.status_code, read) == (415, 0)
    assert "send it without Content-Encoding" in response.json()["detail"]
    assert post([b"x"], headers={"Content-Encoding": "identity"})[0].status_code == 200


def test_a_stranger_is_told_how_to_send_a_key():
    """Whoever sends much without a key learns how commands send one."""
    response, _ = post([b"x" * 20_000], most=10**6, known=False)
    assert (response.status_code, "commands take LTRR_KEY" in response.json()["detail"]) == (401, True)


def test_no_more_is_read_than_needed():
    """A body without an end is refused as soon as it is too large."""
    response, read = post([b"xxxx"] * 1000)
    assert response.status_code == 413
    assert read <= 4


def test_of_a_stranger_little_is_read():
    """Who will not be let in is told so after 16 KiB; what is smaller is handed on, to be refused by the route."""
    response, read = post([b"x" * 1024] * 1000, 1024 * 1024, known=False)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert read <= 18
    response, _ = post([b"x" * 1024] * 16, 1024 * 1024, known=False)
    assert response.status_code == 200


def test_other_scopes_pass():
    """What is no request, such as the start of the process, is handed on untouched."""
    seen: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        del receive, send
        seen.append(scope["type"])

    async def nothing(*_: object) -> None:
        return None

    asyncio.run(LimitBody(application, most=0)({"type": "lifespan"}, nothing, nothing))  # type: ignore[arg-type]
    assert seen == ["lifespan"]


def test_who_has_gone_is_not_answered():
    """A connection that ends within its body reaches no application, which could only fail, and say so in the log."""
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    called: list[object] = []

    async def never(*how: object) -> None:
        called.append(how)

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        called.append(message)

    asyncio.run(LimitBody(never, most=10)({"type": "http", "headers": []}, receive, send))
    assert called == []
