"""The HTTP interface."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Any, Final

from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import JsonValue

import ltrr
from ltrr.models.errors import EngineFailed, InvalidEvent, InvalidInput, LtrrError, StorageFailed
from ltrr.serving.access.keys import Role
from ltrr.serving.http.guard import Cors, Guard
from ltrr.serving.http.headers import SecurityHeaders
from ltrr.serving.http.limit_body import LimitBody
from ltrr.serving.http.pages import SEARCH_PAGE
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.service.service import Service
from ltrr.streams.versions.active import Mode

Needs = Sequence[Any]  # dependencies of FastAPI, as `Guard.needs` makes them
MAX_BODY_BYTES = 1024 * 1024
BODY_S = 20.0


def create_app(service: Service, *, close: bool = True, guard: Guard | None = None) -> FastAPI:
    """Return the application over a service.

    close: whether shutting down closes the service. guard: lets callers in; all are where it is absent, as in the
    process itself.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await service.stop()
        if close:
            service.close()

    app = FastAPIOffline(
        title="ltrr",
        summary="Learning to rank and retrieve",
        version=ltrr.__version__,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.guard = guard
    app.add_middleware(LimitBody, most=MAX_BODY_BYTES, within_s=BODY_S)
    app.add_middleware(SecurityHeaders)
    if guard is not None:
        app.add_middleware(Cors, allows=guard.allows)
    _add_errors(app)
    _add_pages(app, service)
    for role, add in _ROUTES.items():
        add(app, service, [] if guard is None else [guard.needs(role)])
    return app


def _add_search(app: FastAPI, service: Service, needs: Needs) -> None:
    @app.post("/v1/search", dependencies=needs, response_model_exclude_none=True)
    async def search(
        request: SearchRequest, user_agent: Annotated[str | None, Header(include_in_schema=False)] = None
    ) -> SearchResponse:
        """Search: a learned plan over the strategies, their union, ranked."""
        return await service.search(request, user_agent)

    @app.get("/v1/catalogue", dependencies=needs)
    def catalogue(application: str | None = None) -> dict[str, Any]:
        """Show what the catalogue is about: how much it holds, queries to begin with, its attributes."""
        return service.views.catalogue(application)


def _add_events(app: FastAPI, service: Service, needs: Needs) -> None:
    @app.post("/v1/events", dependencies=needs, status_code=202)
    async def events(request: Request) -> dict[str, Any]:
        """Take one UBI event or a list of them."""
        return await service.intake.take_events(await request.body())

    @app.put("/ubi_events", dependencies=needs, status_code=202)
    @app.post("/ubi_events", dependencies=needs, status_code=202)
    async def ubi_events(request: Request) -> dict[str, Any]:
        """Take what ubi.js sends, as it is."""
        return await service.intake.take_events(await request.body())

    @app.put("/ubi_queries", dependencies=needs, status_code=202)
    @app.post("/ubi_queries", dependencies=needs, status_code=202)
    async def ubi_queries(request: Request) -> dict[str, Any]:
        """Take the queries that ubi.js sends: impressions that were not planned here."""
        return await service.intake.take_queries(await request.body())


def _add_entities(app: FastAPI, service: Service, needs: Needs) -> None:
    @app.put("/v1/entities", dependencies=needs)
    async def put_entities(request: Request) -> dict[str, Any]:
        """Add or replace one entity or a list of them; one of an older `version` than is held is left out."""
        return await service.catalogue.put(await request.body())

    @app.delete("/v1/entities", dependencies=needs)
    async def delete_entities(request: Request) -> dict[str, Any]:
        """Remove entities: an object id, or an object with `object_id` and `application`, or a list of them."""
        return await service.catalogue.delete(await request.body())


def _add_views(app: FastAPI, service: Service, needs: Needs) -> None:
    @app.get("/v1/policy", dependencies=needs)
    async def policy(application: str | None = None) -> dict[str, Any]:
        """Show the policy: version, mode, and what it thinks of each arm."""
        return service.views.policy(application)

    @app.get("/v1/memory", dependencies=needs)
    async def memory(query: Annotated[str, Query(max_length=20_000)], application: str | None = None) -> dict[str, Any]:
        """Show the query-to-entity pairs of a query."""
        return service.views.memory(query, application)

    @app.get("/metrics", dependencies=needs, response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Show the metrics in Prometheus' text format."""
        service.refresh_gauges()
        return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _add_operations(app: FastAPI, service: Service, needs: Needs) -> None:
    @app.post("/v1/policy/rollback", dependencies=needs)
    async def rollback(request: Request, application: str | None = None) -> dict[str, Any]:
        """Serve an application from what came before, or end its shadow; all query workers change over."""
        with _noted(request, "roll back", application=application):
            return await service.roll_back(application)

    @app.post("/v1/policy/{version}/promote", dependencies=needs)
    async def promote(
        request: Request, version: str, application: str | None = None, mode: Mode = Mode.ONLINE
    ) -> dict[str, Any]:
        """Serve an application from a version; all query workers change over within a second once it is loaded.

        mode: `online` (its policy decides), `apprentice` (its baseline does), `static` (the same, and nothing that was
        learned is served), or `shadow` (its policy decides beside what is served, and is logged).
        """
        with _noted(request, "promote", version=version, application=application, mode=mode):
            return await service.promote(version, application, mode)


@contextlib.contextmanager
def _noted(request: Request, action: str, **about: JsonValue) -> Iterator[None]:
    """Note what an operator is about to do, and that it failed; in the process itself the command that asks does."""
    guard: Guard | None = request.app.state.guard
    note = guard.note if guard is not None else lambda *_, **__: None
    note(request, action, **about)
    try:
        yield
    except LtrrError as error:
        note(request, action, **about, failed=str(error))
        raise


_ROUTES: Final = {
    Role.SEARCH: _add_search,
    Role.EVENTS: _add_events,
    Role.CATALOGUE: _add_entities,
    Role.READ: _add_views,
    Role.OPERATE: _add_operations,
}


def _add_pages(app: FastAPI, service: Service) -> None:
    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page() -> str:
        """Show the search page."""
        return SEARCH_PAGE

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
        is_json = request.headers.get("content-type", "").startswith("application/json")
        advice = "; send JSON as application/json" if request.method == "POST" and not is_json else ""
        return JSONResponse({"detail": "; ".join(problems)[:2000] + advice}, 422)
