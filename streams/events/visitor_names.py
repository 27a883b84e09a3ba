"""Events with names of visitors in place of their ids, before they are kept."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from pydantic_core import from_json, to_json

from ltrr.models.records.visitors import Visitors
from ltrr.streams.events.lenient import read_id

VISITOR_FIELDS: Final = ("user_id", "client_id", "session_id")
_OURS: Final = "ltrr"
_ATTRIBUTES: Final = "query_attributes"


def with_names(event: Mapping[str, Any], visitors: Visitors) -> dict[str, Any]:
    """Return the JSON of an event with names in place of ids, in the part that is ours too.

    What is no id stays, to be refused by who reads it.
    """
    named = {**event, **_names(event, visitors)}
    ours = _ours(event)
    if ours:
        named[_ATTRIBUTES] = {**event[_ATTRIBUTES], _OURS: {**ours, **_names(ours, visitors)}}
    return named


def named(raw: bytes, visitors: Visitors) -> bytes:
    """Return an event as it travels, with names; what is no JSON object stays, to be refused by who reads it."""
    try:
        event = from_json(raw)
    except ValueError:
        return raw
    return to_json(with_names(event, visitors)) if isinstance(event, dict) else raw


def names_in(event: Mapping[str, Any], visitors: Visitors | None) -> set[str]:
    """Return the names of all visitors in the JSON of an event; ids as they are where nothing names them."""
    return {*_names(event, visitors).values(), *_names(_ours(event), visitors).values()}


def _ours(event: Mapping[str, Any]) -> Mapping[str, Any]:
    attributes = event.get(_ATTRIBUTES)
    ours = attributes.get(_OURS) if isinstance(attributes, Mapping) else None
    return ours if isinstance(ours, Mapping) else {}


def _names(event: Mapping[str, Any], visitors: Visitors | None) -> dict[str, str]:
    names = {}
    for field in VISITOR_FIELDS:
        with suppress(ValueError):
            given = read_id(event.get(field))
            if given is not None:
                names[field] = given if visitors is None else visitors.name(given)
    return names
