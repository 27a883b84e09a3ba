"""Refuse request bodies that are too large, before anything reads them."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ltrr.streams.events.refusals import Reason


class LimitBody:
    """ASGI middleware: a body of more than `most` bytes is answered with 413, and no more of it is read."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then hand the request on with it or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []
        size = 0
        while not messages or messages[-1].get("more_body", False):
            messages.append(await receive())
            size += len(messages[-1].get("body", b""))
            if size > self._most:
                detail = f"a body holds at most {self._most} bytes: send fewer events at a time"
                await JSONResponse({"detail": detail, "reason": str(Reason.TOO_LARGE)}, 413)(scope, receive, send)
                return
        kept = iter(messages)

        async def replay() -> Message:
            return next(kept, None) or await receive()

        await self._app(scope, replay, send)
