"""The HTTP interface."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ltrr.models.errors import EngineFailed, InvalidEvent, InvalidInput, StorageFailed
from ltrr.serving.http.limit_body import LimitBody
from ltrr.serving.http.pages import SEARCH_PAGE
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.service.service import Service
from ltrr.streams.versions.active import Mode

MAX_BODY_BYTES = 1024 * 1024


def create_app(service: Service, *, close: bool = True) -> FastAPI:
    """Return the application over a service. close: whether shutting down closes the service."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await service.stop()
        if close:
            service.close()

    app = FastAPI(title="ltrr", summary="Learning to rank and retrieve", lifespan=lifespan)
    app.add_middleware(LimitBody, most=MAX_BODY_BYTES)
    _add_errors(app)
    _add_search(app, service)
    _add_events(app, service)
    _add_state(app, service)
    _add_health(app, service)
    return app


def _add_search(app: FastAPI, service: Service) -> None:
    @app.post("/v1/search", response_model_exclude_none=True)
    async def search(
        request: SearchRequest, user_agent: Annotated[str | None, Header(include_in_schema=False)] = None
    ) -> SearchResponse:
        """Search: a learned plan over the strategies, their union, ranked."""
        return await service.search(request, user_agent)

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page() -> str:
        """Show the search page."""
        return SEARCH_PAGE


def _add_events(app: FastAPI, service: Service) -> None:
    @app.post("/v1/events", status_code=202)
    async def events(request: Request) -> dict[str, Any]:
        """Take one UBI event or a list of them."""
        return service.intake.take_events(await request.body())

    @app.post("/ubi_events", status_code=202)
    async def ubi_events(request: Request) -> dict[str, Any]:
        """Take what ubi.js posts, as it is."""
        return service.intake.take_events(await request.body())

    @app.post("/ubi_queries", status_code=202)
    async def ubi_queries(request: Request) -> dict[str, Any]:
        """Take the queries that ubi.js posts: impressions that were not planned here."""
        return service.intake.take_queries(await request.body())


def _add_state(app: FastAPI, service: Service) -> None:
    @app.get("/v1/policy")
    async def policy(application: str | None = None) -> dict[str, Any]:
        """Show the policy: version, mode, and what it thinks of each arm."""
        return service.views.policy(application)

    @app.post("/v1/policy/rollback")
    async def rollback(application: str | None = None) -> dict[str, Any]:
        """Serve an application from what came before, or end its shadow; all query workers change over."""
        return await service.roll_back(application)

    @app.post("/v1/policy/{version}/promote")
    async def promote(version: str, application: str | None = None, mode: Mode = Mode.ONLINE) -> dict[str, Any]:
        """Serve an application from a version; all query workers change over within a second once it is loaded.

        mode: `online` (its policy decides), `apprentice` (its baseline does), or `shadow` (its policy decides beside
        what is served, and is logged).
        """
        return await service.promote(version, application, mode)

    @app.get("/v1/memory")
    async def memory(query: Annotated[str, Query(max_length=20_000)], application: str | None = None) -> dict[str, Any]:
        """Show the query-to-entity pairs of a query."""
        return service.views.memory(query, application)


def _add_health(app: FastAPI, service: Service) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Say that the process lives."""
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz(response: Response) -> dict[str, str]:
        """Say of each dependency whether it can work."""
        ready, conditions = await service.readiness()
        if not ready:
            response.status_code = 503
        return conditions

    @app.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Show the metrics in Prometheus' text format."""
        service.refresh_gauges()
        return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(InvalidInput)
    async def invalid(_: Request, error: InvalidInput) -> JSONResponse:
        if isinstance(error, InvalidEvent):
            return JSONResponse({"detail": str(error), "reason": error.reason}, 400)
        return JSONResponse({"detail": str(error)}, 400)

    @app.exception_handler(StorageFailed)
    async def storage(_: Request, error: StorageFailed) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 507)

    @app.exception_handler(EngineFailed)
    async def engine(_: Request, error: EngineFailed) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 503)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [f"{'.'.join(map(str, p['loc'][1:])) or 'body'}: {p['msg']}" for p in error.errors()]
        advice = "; send JSON as application/json" if request.method == "POST" else ""
        return JSONResponse({"detail": "; ".join(problems)[:2000] + advice}, 422)
