"""Changes of the catalogue over HTTP: entities that are put, and taken out, while searches go on."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
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
_Held = Callable[[str, Sequence[str]], Sequence[Entity | None]]


class Catalogue:
    """Reads changes, has those made that can be read, in their order, and says why others cannot.

    change: makes changes, and returns how many made a difference, as far as that is known. held: gives what this
    process has of an application's object ids. applications: that are served.
    """

    def __init__(self, change: _Change, held: _Held, applications: Sequence[str], turns: Turns) -> None:
        self._change = change
        self._held = held
        self._applications = applications
        self._turns = turns

    async def put(self, body: bytes) -> dict[str, Any]:
        """Take one entity or a list of them; `"deleted": true` takes one out.

        Returns {accepted, taken, rejected: [{index, reason, message}]}: taken are those that were new or changed, and
        not older than what is held; on Kafka all that were accepted. Where some are older, outdated: [{index, message}]
        has them, as far as this process knows.
        """
        return await self._make(body, [dict], lambda one: one)

    async def delete(self, body: bytes) -> dict[str, Any]:
        """Take out entities: an object id, or an object with it and its application, or a list of them.

        Returns as `put` does; taken are those that were there.
        """
        return await self._make(body, [dict, str], _deletion)

    async def _make(self, body: bytes, kinds: Sequence[type], read: Callable[[JsonValue], JsonValue]) -> dict[str, Any]:
        """Read a body, while others are answered, and have the changes made. kinds: what an only one may be."""
        changes: dict[int, Entity | Place] = {}
        rejected = []
        enough = await self._turns.take()
        ones = read_body(body, "entity", "entities", _SHAPE, *kinds)
        async for index, one in self._turns.through(enumerate(ones), enough):
            try:
                changes[index] = self._read(read(one))
            except InvalidEvent as error:
                rejected.append({"index": index, "reason": error.reason, "message": str(error)})
        outdated = await asyncio.to_thread(lambda: list(self._outdated(changes)))
        taken = await self._change(list(changes.values())) if changes else 0
        return {"accepted": len(changes), "taken": taken, "rejected": rejected} | (
            {"outdated": outdated} if outdated else {}
        )

    def _outdated(self, changes: Mapping[int, Entity | Place]) -> Iterator[dict[str, Any]]:
        """Yield what to say of changes that are older than what is held, or than one before them."""
        asked = defaultdict[str, list[str]](list)
        for one in changes.values():
            asked[one.application].append(one.object_id)
        held = (card for name, object_ids in asked.items() for card in self._held(name, object_ids) if card)
        versions = {card.place: card.version for card in held}
        for index, one in changes.items():
            if isinstance(one, Place):
                versions.pop(one, None)
            elif one.version < (newest := versions.get(one.place, 0)):
                said = f"version {one.version}" if one.version else "version 0, as what names none"
                message = f"{one.object_id!r} has {said}; what is held has {newest}: send that or a larger one"
                yield {"index": index, "message": message}
            else:
                versions[one.place] = one.version

    def _read(self, raw: JsonValue) -> Entity | Place:
        if not isinstance(raw, dict):
            raise InvalidEvent(Reason.NOT_AN_EVENT, "an entity is one JSON object: send {...}, or a list of them")
        return served_change(raw, self._applications)


def _deletion(raw: JsonValue) -> JsonValue:
    return {**(raw if isinstance(raw, Mapping) else {"object_id": raw}), "deleted": True}
