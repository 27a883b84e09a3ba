"""Changes of the catalogue over HTTP: entities that are put, and taken out, while searches go on."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import JsonValue
from pydantic_core import from_json

from ltrr.models.errors import InvalidEvent
from ltrr.models.records.entity import Entity, Place
from ltrr.streams.events.codec import MAX_EVENTS, parse_change
from ltrr.streams.events.refusals import Reason

_APPLICATION: Final = "application"
_Change = Callable[[Sequence[Entity | Place]], Awaitable[int]]


class Catalogue:
    """Reads changes, has those made that can be read, in their order, and says why others cannot.

    change: makes changes, and returns how many made a difference, as far as that is known. applications: tenants, the
    first of which is meant where none is named.
    """

    def __init__(self, change: _Change, applications: Sequence[str]) -> None:
        self._change = change
        self._applications = applications

    async def put(self, body: bytes) -> dict[str, Any]:
        """Take one entity or a list of them; `"deleted": true` takes one out.

        Returns {accepted, taken, rejected: [{index, reason, message}]}: taken are those that were new or not older than
        what is held; on Kafka all that were accepted.
        """
        return await self._make(_split(body, dict), lambda one: one)

    async def delete(self, body: bytes) -> dict[str, Any]:
        """Take out entities: an object id, or an object with it and its application, or a list of them.

        Returns as `put` does; taken are those that were there.
        """
        return await self._make(_split(body, dict, str), _deletion)

    async def _make(self, ones: Sequence[JsonValue], read: Callable[[JsonValue], JsonValue]) -> dict[str, Any]:
        changes: list[Entity | Place] = []
        rejected = []
        for index, one in enumerate(ones):
            try:
                changes.append(self._read(read(one)))
            except InvalidEvent as error:
                rejected.append({"index": index, "reason": error.reason, "message": str(error)})
        taken = await self._change(changes) if changes else 0
        return {"accepted": len(changes), "taken": taken, "rejected": rejected}

    def _read(self, raw: JsonValue) -> Entity | Place:
        if not isinstance(raw, dict):
            raise InvalidEvent(Reason.NOT_AN_EVENT, "an entity is one JSON object: send {...}, or a list of them")
        change = parse_change({_APPLICATION: self._applications[0], **raw})
        if change.application not in self._applications:
            raise InvalidEvent(Reason.BAD_FIELD, "application: not served here; add it to LTRR_APPLICATIONS")
        return change


def _deletion(raw: JsonValue) -> JsonValue:
    return {**(raw if isinstance(raw, Mapping) else {"object_id": raw}), "deleted": True}


def _split(body: bytes, *kinds: type) -> list[JsonValue]:
    """Return the list that a body is, or the only one. kinds: what one may be."""
    try:
        parsed: JsonValue = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidEvent(Reason.NOT_JSON, f"the body is no JSON ({error}): send one entity or a list") from None
    if not isinstance(parsed, (list, *kinds)):
        raise InvalidEvent(Reason.NOT_AN_EVENT, "send one entity, which is a JSON object, or a list of them")
    changes: list[JsonValue] = parsed if isinstance(parsed, list) else [parsed]
    if len(changes) > MAX_EVENTS:
        message = f"the list has {len(changes)} entities: send at most {MAX_EVENTS} at a time"
        raise InvalidEvent(Reason.TOO_LARGE, message)
    return changes
