"""Changes of the catalogue over HTTP: entities that are put, and taken out, while searches go on."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import JsonValue

from ltrr.models.errors import InvalidEvent
from ltrr.models.records.entity import Entity, Place
from ltrr.serving.settings.applications import served_change
from ltrr.serving.turns import Turns
from ltrr.streams.events.codec import read_body
from ltrr.streams.events.refusals import Reason

_SHAPE: Final = "send one entity, which is a JSON object, or a list of them"
_Change = Callable[[Sequence[Entity | Place]], Awaitable[int]]


class Catalogue:
    """Reads changes, has those made that can be read, in their order, and says why others cannot.

    change: makes changes, and returns how many made a difference, as far as that is known. applications: that
    are served.
    """

    def __init__(self, change: _Change, applications: Sequence[str], turns: Turns) -> None:
        self._change = change
        self._applications = applications
        self._turns = turns

    async def put(self, body: bytes) -> dict[str, Any]:
        """Take one entity or a list of them; `"deleted": true` takes one out.

        Returns {accepted, taken, rejected: [{index, reason, message}]}: taken are those that were new or changed, and
        not older than what is held; on Kafka all that were accepted.
        """
        return await self._make(body, [dict], lambda one: one)

    async def delete(self, body: bytes) -> dict[str, Any]:
        """Take out entities: an object id, or an object with it and its application, or a list of them.

        Returns as `put` does; taken are those that were there.
        """
        return await self._make(body, [dict, str], _deletion)

    async def _make(self, body: bytes, kinds: Sequence[type], read: Callable[[JsonValue], JsonValue]) -> dict[str, Any]:
        """Read a body, while others are answered, and have the changes made. kinds: what an only one may be."""
        changes: list[Entity | Place] = []
        rejected = []
        enough = await self._turns.take()
        ones = read_body(body, "entity", "entities", _SHAPE, *kinds)
        async for index, one in self._turns.through(enumerate(ones), enough):
            try:
                changes.append(self._read(read(one)))
            except InvalidEvent as error:
                rejected.append({"index": index, "reason": error.reason, "message": str(error)})
        taken = await self._change(changes) if changes else 0
        return {"accepted": len(changes), "taken": taken, "rejected": rejected}

    def _read(self, raw: JsonValue) -> Entity | Place:
        if not isinstance(raw, dict):
            raise InvalidEvent(Reason.NOT_AN_EVENT, "an entity is one JSON object: send {...}, or a list of them")
        return served_change(raw, self._applications)


def _deletion(raw: JsonValue) -> JsonValue:
    return {**(raw if isinstance(raw, Mapping) else {"object_id": raw}), "deleted": True}
