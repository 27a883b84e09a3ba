"""Actions as we write them, and most senders of UBI, read without the models, at a quarter of what these cost.

What reads here reads alike by the models. All else is left to them: they know every form, and say what is wrong.
"""

from typing import Annotated, Final, Literal

from msgspec import DecodeError, Meta, Struct
from msgspec.json import Decoder

from ltrr.models.records.action import Action
from ltrr.models.records.entity import LONGEST_ID
from ltrr.streams.events.events import LONGEST_NAME, event_hash
from ltrr.streams.events.lenient import LAST_ORDINAL
from ltrr.streams.events.timestamps import read_timestamp

_Id = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]


class _Object(Struct, gc=False):
    object_id: _Id


class _Position(Struct, gc=False):
    ordinal: Annotated[int, Meta(ge=-LAST_ORDINAL, le=LAST_ORDINAL)]


class _Mark(Struct, gc=False):
    schema_version: Literal[1]


class _Attributes(Struct, gc=False):
    object: _Object
    position: _Position | None = None
    event_id: _Id | None = None
    ltrr: _Mark | None = None
    objects: None = None
    object_id: None = None


class _Event(Struct, gc=False):
    action_name: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
    timestamp: str
    query_id: _Id
    event_attributes: _Attributes
    application: _Id | None = None
    client_id: _Id | None = None
    user_id: _Id | None = None
    session_id: _Id | None = None


_EVENT: Final = Decoder(_Event)


def read(raw: bytes, ordinal_base: int) -> Action | None:
    """Read an event about one object; None where it takes the models to read it. ordinal_base: see parse_actions."""
    try:
        event = _EVENT.decode(raw)
        time_s = read_timestamp(event.timestamp)
    except (DecodeError, ValueError, RecursionError):
        return None
    attributes, object_id, position = event.event_attributes, event.event_attributes.object.object_id, None
    if attributes.position is not None:
        position = attributes.position.ordinal - (1 if attributes.ltrr else ordinal_base) + 1
    identity = event.client_id, event.session_id, event.query_id, event.action_name, object_id, time_s
    return Action(
        event.query_id,
        object_id,
        event.action_name,
        time_s,
        event.application or "",
        event.client_id,
        event.user_id,
        event.session_id,
        position if position is not None and position >= 1 else None,
        attributes.event_id or event_hash(*identity),
    )
