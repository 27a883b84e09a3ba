"""What is answered where a request is refused: one form for all, and the status that says whose turn it is."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from ltrr.models.errors import EngineFailed, InvalidEvent, InvalidInput, NotNow, NotThere, StorageFailed
from ltrr.serving.http.answers import NO_SUCH_PATH
from ltrr.streams.events.refusals import Reason, place, words

JSON: Final = "application/json"
_NO_JSON: Final = "cannot be read as JSON: send one object"
_FORMS: Final = {"range", "list", "value"}  # of filters and facets, in which they were read: nobody has sent that
_LONGEST: Final = 2000
_SHOWN: Final = 100
UNKNOWN: Final = 401
MEANINGS: Final = {
    400: "It cannot be used.",
    UNKNOWN: "A key is asked for, and there is none, or no such one.",
    403: "The key, the page's origin or the host's name may not do this.",
    404: "What it names is not there: an application, a version, an earlier answer.",
    408: "The body did not come in time.",
    409: "Something is in its way, which may change.",
    413: "The body is too large.",
    415: "Its header Content-Type does not say application/json.",
    422: "It does not fit; `detail` names the field.",
    503: "What it needs does not answer.",
    507: "There is no room to keep it, and nothing of it was kept.",
}
_STATUS: Final = ((NotThere, 404), (NotNow, 409), (InvalidInput, 400), (StorageFailed, 507), (EngineFailed, 503))


class Refusal(BaseModel):
    """Why a request is refused. detail: and what to do; reason: of events and entities, one of a bounded set."""

    detail: str
    reason: Reason | None = None


# by reference, which `describe` resolves: a model for each status of each route would be most of an application's start
_FORM: Final = {"application/json": {"schema": {"$ref": f"#/components/schemas/{Refusal.__name__}"}}}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what routes say of the statuses with which they refuse."""
    found: dict[int | str, dict[str, Any]] = {s: {"content": _FORM, "description": MEANINGS[s]} for s in statuses}
    if UNKNOWN in found:
        found[UNKNOWN]["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    return found


def kind_of(request: Request) -> str:
    """Return what a request says its body is, without parameters; nothing where it says nothing."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def not_json(request: Request) -> str:
    """Return what to say of a request whose body is not said to be JSON."""
    came = kind_of(request)
    said = f"says {came[:_SHOWN]!r}" if came else "is missing"
    return f"the header Content-Type {said}: send it as {JSON}, with curl by -H 'Content-Type: {JSON}'"


def add_refusals(app: FastAPI) -> None:
    """Have errors answered."""

    async def failed(_: Request, error: Exception) -> JSONResponse:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        reason = {"reason": str(error.reason)} if isinstance(error, InvalidEvent) else {}
        return JSONResponse({"detail": str(error), **reason}, status)

    for kind in (InvalidInput, StorageFailed, EngineFailed):
        app.add_exception_handler(kind, failed)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        if kind_of(request) != JSON and any(problem["loc"] == ("body",) for problem in error.errors()):
            return JSONResponse({"detail": not_json(request)}, 415)
        return JSONResponse({"detail": "; ".join(map(_told, error.errors()))[:_LONGEST]}, 422)

    @app.exception_handler(404)
    async def nowhere(request: Request, error: HTTPException) -> JSONResponse:
        where = f"{request.url.path[:_SHOWN]!r}; /docs shows what there is"
        return JSONResponse({"detail": f"{NO_SUCH_PATH}: {where}"}, error.status_code)

    @app.exception_handler(400)
    async def unreadable(_: Request, error: HTTPException) -> JSONResponse:  # the framework's own word for any error
        return JSONResponse({"detail": f"the body {_NO_JSON}, of few levels"}, error.status_code)

    @app.exception_handler(405)
    async def unsupported(request: Request, error: HTTPException) -> JSONResponse:
        routes = [route for route in app.routes if isinstance(route, Route)]  # the framework names those of one route
        there = [route.methods or () for route in routes if route.matches(request.scope)[0] is not Match.NONE]
        allowed = ", ".join(sorted({method for methods in there for method in methods}))
        detail = f"{error.detail}: {request.method}; this path takes {allowed}"
        return JSONResponse({"detail": detail}, 405, headers={"Allow": allowed})


def _told(problem: Mapping[str, Any]) -> str:
    """Return what does not fit in a request, and where."""
    if problem["type"] == "json_invalid":
        return f"the body {_NO_JSON} ({problem['ctx']['error']}, at character {problem['loc'][-1]})"
    location = problem["loc"][1:]
    if location[:1] in {("filters",), ("facets",)} and location[2:3] and location[2] in _FORMS:
        location = *location[:2], *location[3:]
    return f"{place(location) or 'body'}: {words(problem)}"
