"""Headers of answers that keep browsers from doing what nobody asked for."""

import base64
import hashlib
import re
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ltrr.serving.http.web.pages import DASHBOARD_PAGE, SEARCH_PAGE

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_ASSETS: Final = ("/docs", "/static-offline-docs")


def policy_of(page: str) -> str:
    """Return the content security policy of a page: its own inline scripts and styles, and requests to here."""
    hashes = {
        tag: " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for text in re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        )
        for tag in ("script", "style")
    }
    return (
        f"default-src 'none'; script-src {hashes['script']}; style-src {hashes['style']}; connect-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


_PAGES: Final = {"/": policy_of(SEARCH_PAGE), "/dashboard": policy_of(DASHBOARD_PAGE)}
_DOCS: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; worker-src blob:; base-uri 'none'; frame-ancestors 'none'"
)
_NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"


class SecurityHeaders:
    """ASGI middleware that adds them: pages run what they bring, everything else runs nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and add to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        policy = _PAGES.get(path) or (_DOCS if path.startswith(_ASSETS) else _NOTHING)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**_ALWAYS, "Content-Security-Policy": policy}.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, answer)
