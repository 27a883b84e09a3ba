"""Count requests and how long they take, by the route that they match."""

from collections.abc import Sequence
from http import HTTPMethod, HTTPStatus
from time import perf_counter
from typing import Final

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ltrr.serving.service.service import Service

OTHER: Final = "other"
"""What requests count as that match no route, and methods that HTTP does not know: anybody can make them up."""


class Measured:
    """ASGI middleware around all others, so that what they refuse counts too. routes: of the application."""

    def __init__(self, app: ASGIApp, service: Service, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._service = service
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and count its answer; of one whose sender has gone there is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status: int | None = None
        began_s = perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception:
            status = status or HTTPStatus.INTERNAL_SERVER_ERROR.value
            raise
        finally:
            if status is not None:
                self._count(scope, status, perf_counter() - began_s)

    def _count(self, scope: Scope, status: int, took_s: float) -> None:
        metrics = self._service.metrics
        method = scope["method"] if scope["method"] in HTTPMethod.__members__ else OTHER
        route = self._route(scope)
        metrics.http_requests.labels(method, route, str(status)).inc()
        metrics.http_seconds.labels(method, route).observe(took_s)

    def _route(self, scope: Scope) -> str:
        """Return the template of a route, such as `/v1/policy/{version}/promote`."""
        route = scope.get("route")
        if route is None:  # refused before it was looked for
            route = next((one for one in self._routes if one.matches(scope)[0] is not Match.NONE), None)
        return getattr(route, "path", OTHER)
