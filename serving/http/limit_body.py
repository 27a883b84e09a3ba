"""Refuse request bodies that are too large or too slow, before anything reads them."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ltrr.streams.events.refusals import Reason

STRANGERS_BYTES: Final = 16 * 1024
"""What is read of a body of somebody who will not be let in: a thousand of them take 16 MB, not a gigabyte."""

_ENCODED: Final = "a body is not compressed: send it without Content-Encoding; `ltrr publish` reads compressed files"
_NO_KEY: Final = (
    "this service asks for a key before it reads so much: send one as Authorization: Bearer KEY; commands take LTRR_KEY"
)


class LimitBody:
    """ASGI middleware: a body of more than `most` bytes is answered with 413, one not there within `within_s` with 408.

    No more of it is read then. knows: whether a request may be let in; one that will not is answered with 401 as soon
    as STRANGERS_BYTES are read. A compressed body is answered with 415.
    """

    def __init__(
        self,
        app: ASGIApp,
        most: int,
        within_s: float = 20.0,
        knows: Callable[[Scope], bool] = lambda _: True,
    ) -> None:
        self._app = app
        self._most = most
        self._within_s = within_s
        self._knows = knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then hand the request on with it or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _encoded(scope):
            await _refusal(_ENCODED, 415)(scope, receive, send)
            return
        known = self._knows(scope)
        try:
            async with asyncio.timeout(self._within_s):
                messages = await self._read(receive, self._most if known else min(self._most, STRANGERS_BYTES))
        except TimeoutError:
            detail = f"the body was not there within {self._within_s:g} s: send it again"
            await _refusal(detail, 408)(scope, receive, send)
            return
        if messages is None and not known:
            await _refusal(_NO_KEY, 401)(scope, receive, send)
            return
        if messages is None:
            detail = f"a body holds at most {self._most} bytes: send fewer events at a time"
            await _refusal(detail, 413, Reason.TOO_LARGE)(scope, receive, send)
            return
        if messages[-1]["type"] == "http.disconnect":
            return  # nobody is there to be answered, and the log is not for others to fill
        kept = iter(messages)

        async def replay() -> Message:
            return next(kept, None) or await receive()

        await self._app(scope, replay, send)

    async def _read(self, receive: Receive, most: int) -> list[Message] | None:
        """Return the whole body, None where it is too large."""
        messages: list[Message] = []
        size = 0
        while not messages or messages[-1].get("more_body", False):
            messages.append(await receive())
            size += len(messages[-1].get("body", b""))
            if size > most:
                return None
        return messages


def _encoded(scope: Scope) -> bool:
    given = (value.strip().lower() for name, value in scope["headers"] if name == b"content-encoding")
    return any(value not in {b"", b"identity"} for value in given)


def _refusal(detail: str, status: int, reason: Reason | None = None) -> JSONResponse:
    body = {"detail": detail} if reason is None else {"detail": detail, "reason": str(reason)}
    challenge = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    return JSONResponse(body, status, headers={"Connection": "close", **challenge})
