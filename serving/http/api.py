"""The HTTP interface."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Final

from fastapi import FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import JsonValue, StringConstraints

import ltrr
from ltrr.models.records.entity import LONGEST_ID
from ltrr.serving.access.keys import Role
from ltrr.serving.http.answers import MOST_ENTITIES, knows
from ltrr.serving.http.callers import caller_of
from ltrr.serving.http.guard import Cors, Guard
from ltrr.serving.http.headers import SecurityHeaders
from ltrr.serving.http.limit_body import LimitBody
from ltrr.serving.http.measured import Measured
from ltrr.serving.http.openapi import ACTIONS, DELETIONS, ENTITIES, QUERIES, describe
from ltrr.serving.http.refusals import add_refusals, refusals
from ltrr.serving.http.replies import (
    CatalogueShown,
    ChangesTaken,
    EntitiesShown,
    EventsTaken,
    PolicyLearned,
    Promoted,
    Remembered,
    VisitorShown,
)
from ltrr.serving.http.watching import add_watching, settled
from ltrr.serving.http.web.pages import DASHBOARD_PAGE, SEARCH_PAGE
from ltrr.serving.search.messages import Forgotten, SearchRequest, SearchResponse, UserName
from ltrr.serving.service.service import Service
from ltrr.streams.versions.active import Mode

Needs = Sequence[Any]  # dependencies of FastAPI, as `Guard.needs` makes them
MAX_BODY_BYTES = 1024 * 1024
BODY_S = 20.0
_ADDRESSED = 4_000  # characters in an address: each may be 12 bytes there, and uvicorn reads 64 KiB of a head
_TEXT: Final[dict[str, Any]] = {"text/plain": {"schema": {"type": "string"}}}
_ASKED = refusals(400, 401, 403, 408, 413)
_NAMED = {**_ASKED, **refusals(404, 422)}  # an application, which may not be there
_SENT = {**_ASKED, **refusals(415, 507)}
_Application = Annotated[str | None, Query(max_length=LONGEST_ID)]
_ObjectId = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID)]
_Version = Annotated[str, Path(max_length=LONGEST_ID)]


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
    has_key = (lambda _: True) if guard is None else guard.knows
    app.add_middleware(LimitBody, most=MAX_BODY_BYTES, within_s=BODY_S, knows=has_key)
    app.add_middleware(SecurityHeaders)
    if guard is not None:
        app.add_middleware(Cors, allows=guard.allows)
    app.add_middleware(Measured, service=service, routes=app.router.routes)
    add_refusals(app)
    _add_pages(app, service)
    for role, add in _ROUTES.items():
        add(app, service, [] if guard is None else [guard.needs(role)])
    describe(app, keys_asked_for=lambda: guard is not None and guard.keys.asked_for)
    return app


def _add_search(app: FastAPI, service: Service, needs: Needs) -> None:
    @app.post(
        "/v1/search",
        dependencies=needs,
        responses={**_SENT, **_NAMED, **refusals(409)},
        response_model_exclude_none=True,
    )
    async def search(
        asked: SearchRequest,
        request: Request,
        user_agent: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> SearchResponse:
        """Search: a learned plan over the strategies, their union, ranked."""
        return await service.search(asked, user_agent, caller_of(request, service.settings.proxies))

    @app.post("/v1/visitors", dependencies=needs, responses={**_SENT, **refusals(422)})
    async def name_visitor(user: UserName, request: Request) -> UserName:
        """Return the name under which a user is kept: what a page's key searches with in place of the id."""
        if caller_of(request, None).public:
            raise HTTPException(
                403, "a page's key learns no user's name: ask from your server, which knows who that is"
            )
        return UserName(user_id=service.naming.visitors.name(user.user_id))

    @app.get("/v1/catalogue", dependencies=needs, response_model=CatalogueShown, responses=_NAMED)
    async def catalogue(application: _Application = None) -> dict[str, Any]:
        """Show what the catalogue is about: how much it holds, queries to begin with, its attributes."""
        return await service.views.catalogue(application)


def _add_events(app: FastAPI, service: Service, needs: Needs) -> None:
    taken = _taken(needs)

    @app.post("/v1/events", openapi_extra=ACTIONS, **taken)
    async def events(request: Request) -> dict[str, Any]:
        """Take one UBI event or a list of them."""
        caller = caller_of(request, service.settings.proxies)
        return await service.intake.take_events(await request.body(), caller, pages=_may_tell_pages(request))

    @app.put("/ubi_events", openapi_extra=ACTIONS, **taken)
    @app.post("/ubi_events", openapi_extra=ACTIONS, **taken)
    async def ubi_events(request: Request) -> dict[str, Any]:
        """Take what ubi.js sends, as it is."""
        caller = caller_of(request, service.settings.proxies)
        return await service.intake.take_events(await request.body(), caller, pages=_may_tell_pages(request))


def _add_queries(app: FastAPI, service: Service, needs: Needs) -> None:
    taken = _taken(needs)

    @app.put("/ubi_queries", openapi_extra=QUERIES, **taken)
    @app.post("/ubi_queries", openapi_extra=QUERIES, **taken)
    async def ubi_queries(request: Request) -> dict[str, Any]:
        """Take the queries that ubi.js sends: impressions that were not planned here."""
        return await service.intake.take_queries(await request.body(), caller_of(request, service.settings.proxies))


def _taken(needs: Needs) -> Any:  # noqa: ANN401  # what FastAPI takes
    """Return what all routes have that take events."""
    return {
        "dependencies": needs,
        "status_code": 202,
        "response_model": EventsTaken,
        "response_model_exclude_unset": True,
        "responses": _SENT,
    }


def _may_tell_pages(request: Request) -> bool:
    """Tell whether a caller may say what others than this service have shown; without keys all may."""
    return Role.PAGES in getattr(request.state, "roles", Role)


def _add_entities(app: FastAPI, service: Service, needs: Needs) -> None:
    changed: Any = {
        "dependencies": needs,
        "response_model": ChangesTaken,
        "response_model_exclude_unset": True,
        "responses": {**_SENT, **refusals(503)},
    }

    @app.put("/v1/entities", openapi_extra=ENTITIES, **changed)
    async def put_entities(request: Request) -> dict[str, Any]:
        """Add or replace one entity or a list of them; one of an older `version` than is held is left out."""
        return await service.catalogue.put(await request.body())

    @app.delete("/v1/entities", openapi_extra=DELETIONS, **changed)
    async def delete_entities(request: Request) -> dict[str, Any]:
        """Remove entities: an object id, or an object with `object_id` and `application`, or a list of them."""
        return await service.catalogue.delete(await request.body())


def _add_views(app: FastAPI, service: Service, needs: Needs) -> None:
    learned = settled(service, needs)

    @app.get("/v1/policy", dependencies=learned, response_model=PolicyLearned, responses=_NAMED)
    async def policy(application: _Application = None) -> dict[str, Any]:
        """Show the policy: version, mode, and what it thinks of each arm."""
        return service.views.policy(application)

    @app.get("/v1/memory", dependencies=learned, response_model=Remembered, responses=_NAMED)
    async def memory(
        query: Annotated[str, Query(max_length=_ADDRESSED)], application: _Application = None
    ) -> dict[str, Any]:
        """Show the query-to-entity pairs of a query."""
        return service.views.memory(query, application)

    @app.get("/v1/entities", dependencies=needs, response_model=EntitiesShown, responses=_NAMED)
    def entities(
        object_id: Annotated[list[_ObjectId], Query(min_length=1, max_length=MOST_ENTITIES)],
        application: _Application = None,
    ) -> dict[str, Any]:
        """Show which of some entities are in the index."""
        return service.views.entities(object_id, application)

    add_watching(app, service, needs)

    @app.get("/metrics", dependencies=learned, response_class=Response, responses={**_ASKED, 200: {"content": _TEXT}})
    async def metrics() -> Response:
        """Show the metrics in Prometheus' text format."""
        service.refresh_gauges()
        return Response(generate_latest(service.metrics), media_type=CONTENT_TYPE_LATEST)


def _add_operations(app: FastAPI, service: Service, needs: Needs) -> None:
    changed: Any = {
        "dependencies": needs,
        "response_model": Promoted,
        "response_model_exclude_unset": True,
        "responses": {**_SENT, **_NAMED, **refusals(409, 503)},
    }

    personal: Any = {"dependencies": settled(service, needs), "responses": {**_SENT, **refusals(422, 503)}}

    @app.post("/v1/policy/rollback", **changed)
    async def rollback(request: Request, application: _Application = None) -> dict[str, Any]:
        """Serve an application from what came before, or end its shadow; all query workers change over."""
        with _noted(request, "roll back", application=application):
            return await service.roll_back(application)

    @app.post("/v1/policy/{version}/promote", **changed)
    async def promote(
        request: Request, version: _Version, application: _Application = None, mode: Mode = Mode.ONLINE
    ) -> dict[str, Any]:
        """Serve an application from a version; all query workers change over within a second once it is loaded.

        mode: `online` (its policy decides), `apprentice` (its baseline does), `static` (the same, and nothing that was
        learned is served), or `shadow` (its policy decides beside what is served, and is logged).
        """
        with _noted(request, "promote", version=version, application=application, mode=mode):
            return await service.promote(version, application, mode)

    @app.post("/v1/privacy/export", response_model=VisitorShown, **personal)
    async def show_visitor(request: Request, user: UserName) -> dict[str, Any]:
        """Show what was learned of a visitor, by application; `ltrr privacy export` adds what was logged."""
        name = service.naming.visitors.name(user.user_id)
        with _noted(request, "export visitor", visitor=name):
            return {"user_id": name, "learned": service.views.visitor(name)}

    @app.post("/v1/privacy/delete", **personal)
    async def erase_visitor(request: Request, user: UserName) -> Forgotten:
        """Forget a visitor: profiles and engagement at once, what was logged when the log drops it."""
        name = service.naming.visitors.name(user.user_id)
        known = knows(service.views.visitor(name))
        with _noted(request, "delete visitor", visitor=name):
            return Forgotten(user_id=await service.erase(name), known=known)


def _noted(request: Request, action: str, **about: JsonValue) -> contextlib.AbstractContextManager[None]:
    """Note what an operator is about to do, and that it failed; in the process itself the command that asks does."""
    guard: Guard | None = request.app.state.guard
    return contextlib.nullcontext() if guard is None else guard.noted(request, action, **about)


_ROUTES: Final = {
    Role.SEARCH: _add_search,
    Role.EVENTS: _add_events,
    Role.PAGES: _add_queries,
    Role.CATALOGUE: _add_entities,
    Role.READ: _add_views,
    Role.OPERATE: _add_operations,
}


def _add_pages(app: FastAPI, service: Service) -> None:
    @app.head("/", response_class=HTMLResponse, include_in_schema=False)  # as watchers of sites ask
    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page() -> str:
        """Show the search page."""
        return SEARCH_PAGE

    open_to_all = refusals(408, 413)

    @app.head("/dashboard", response_class=HTMLResponse, include_in_schema=False)
    @app.get("/dashboard", response_class=HTMLResponse, include_in_schema=False)
    async def dashboard() -> str:
        """Show the dashboard."""
        return DASHBOARD_PAGE

    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", responses=open_to_all)
    async def healthz() -> dict[str, str]:
        """Say that the process lives."""
        return {"status": "ok"}

    @app.head("/readyz", include_in_schema=False)
    @app.get("/readyz", responses={**open_to_all, 503: {"model": dict[str, str], "description": "It cannot."}})
    async def readyz(response: Response) -> dict[str, str]:
        """Say of each dependency whether it can work."""
        ready, conditions = await service.readiness()
        if not ready:
            response.status_code = 503
        return conditions
