"""What openapi.json says of bodies that are read by hand, and of keys."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import JsonValue
from pydantic.json_schema import models_json_schema
from starlette.routing import Route

from ltrr.serving.http.refusals import Refusal
from ltrr.streams.events.codec import MAX_EVENTS

_ACTION: Final[dict[str, JsonValue]] = {
    "action_name": "click",
    "query_id": "of an answer",
    "timestamp": "2027-01-01T12:00:00Z",
    "event_attributes": {"object": {"object_id": "song-1"}, "position": {"ordinal": 1}},
}
_QUERY: Final[dict[str, JsonValue]] = {
    "query_id": "your own",
    "user_query": "tayler love",
    "timestamp": "2027-01-01T12:00:00Z",
    "query_response_hit_ids": ["song-1", "song-2"],
}
_ENTITY: Final[dict[str, JsonValue]] = {
    "object_id": "song-1",
    "type": "song",
    "name": "Love Story",
    "attributes": {"genre": {"pop": 1.0}},
}


def _of(what: str, example: JsonValue, *kinds: str) -> dict[str, Any]:
    """Return a body of one of something, or of a list in which one that cannot be read is rejected alone."""
    one: list[dict[str, Any]] = [{"type": kind} for kind in ("object", *kinds)]
    schema = {"anyOf": [*one, {"type": "array", "maxItems": MAX_EVENTS, "items": {}}]}
    examples = {"one": {"value": example}, "list": {"value": [example]}}
    content = {"application/json": {"schema": schema, "examples": examples}}
    return {"requestBody": {"required": True, "description": what, "content": content}}


ACTIONS: Final = _of("A UBI event, or a list of them, as docs/events.md says; a beacon may send text/plain.", _ACTION)
QUERIES: Final = _of("A UBI query, or a list of them, as docs/events.md says.", _QUERY)
ENTITIES: Final = _of("An entity, or a list of them, as docs/entities.md says.", _ENTITY)
DELETIONS: Final = _of("An object id, or an object with `object_id` and `application`, or a list.", "song-1", "string")


def describe(app: FastAPI, keys_asked_for: Callable[[], bool]) -> None:
    """Add to openapi.json the form of refusals, and what holds of keys: none is needed where none is asked for."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        found = described()
        form = models_json_schema([(Refusal, "serialization")], ref_template="#/components/schemas/{model}")[1]
        found["components"]["schemas"] |= form["$defs"]
        return found if keys_asked_for() else {**found, "paths": _open(found["paths"])}

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation says
    # before FastAPI's own, which makes it in the event loop: the first time takes a tenth of a second
    app.router.routes.insert(0, Route("/openapi.json", lambda _: JSONResponse(app.openapi())))


def _open(paths: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return operations that need no key, and may be sent one."""
    nothing: Sequence[Mapping[str, Any]] = [{}]
    return {
        path: {
            method: {**operation, "security": [*operation["security"], *nothing]}
            if "security" in operation
            else operation
            for method, operation in operations.items()
        }
        for path, operations in paths.items()
    }
