"""Bytes to records and back: the only way in and out of the event topics.

A message is one event or a JSON array of at most MAX_EVENTS, and has at most MAX_BYTES. Every refusal is an
InvalidEvent with a `ltrr.streams.events.refusals.Reason`; nothing else is raised whatever the bytes are.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from msgspec import DecodeError
from msgspec import Raw as Undecoded
from msgspec.json import Decoder
from pydantic import JsonValue, ValidationError
from pydantic_core import from_json, to_json

from ltrr.models.errors import InvalidEvent
from ltrr.models.learning.feedback import Feedback
from ltrr.models.records.action import Action
from ltrr.models.records.entity import Entity, Place
from ltrr.models.records.impression import Impression
from ltrr.streams.events import own_actions, own_feedback, own_pages
from ltrr.streams.events.entity_event import DeletionEvent, EntityEvent
from ltrr.streams.events.events import ActionEvent, FeedbackEvent, Wire
from ltrr.streams.events.impression_event import ImpressionEvent
from ltrr.streams.events.refusals import Reason, not_json, refusal

MAX_BYTES = 256 * 1024
MAX_EVENTS = 2000  # as many of the shortest as fit; 130,000 zeros would fit too, and hold a reader up for seconds
_DELETED = "deleted"
_BLANKS = b" \t\r\n"
_EVENTS = Decoder(list[Undecoded])

Raw: TypeAlias = bytes | JsonValue  # a message, or an element of one that was an array
_Event = TypeVar("_Event", bound=Wire)
_Record = TypeVar("_Record")


def parse_actions(raw: Raw, ordinal_base: int = 1) -> tuple[Action, ...]:
    """Read one UBI event: an action for each of its objects.

    ordinal_base: the ordinal of the first result at this sender, 0 or 1.
    """
    if isinstance(raw, bytes):
        refuse_large(raw)
        usual = own_actions.read(raw, ordinal_base)
        if usual is not None:
            return (usual,)
    return _read(raw, ActionEvent).records(ordinal_base)


def parse_impressions(raw: Raw, ordinal_base: int = 1) -> tuple[Impression, ...]:
    """Read one UBI query document, ours or another search's, or an event about shown objects: a page for each."""
    if isinstance(raw, bytes):
        refuse_large(raw)
        ours = own_pages.read(raw)
        if ours is not None:
            return (ours,)
    return _read(raw, ImpressionEvent).records(ordinal_base)


def parse_feedback(raw: Raw) -> Feedback:
    """Read one feedback event."""
    return _read(raw, FeedbackEvent).record()


def parse_entity(raw: Raw) -> Entity:
    """Read one entity."""
    return _read(raw, EntityEvent).record()


def parse_change(raw: Mapping[str, JsonValue]) -> Entity | Place:
    """Read one record of a catalogue's file: an entity, or the place of one that is taken out (`"deleted": true`)."""
    change = dict(raw)
    if change.get(_DELETED) is not None:
        deletion = _read(change, DeletionEvent)
        if deletion.deleted:
            return deletion.record()
    change.pop(_DELETED, None)
    return parse_entity(change)


def read_body(body: bytes, one: str, many: str, shape: str, *kinds: type) -> list[JsonValue]:
    """Return the list that the body of a request is, or the only thing in it. Raises InvalidEvent for anything else.

    one, many: what it brings, in words; shape: what to send, in words. kinds: what the only one may be.
    """
    try:
        parsed: JsonValue = from_json(body, allow_inf_nan=False, cache_strings="none")  # in half the time
    except ValueError as error:
        raise InvalidEvent(Reason.NOT_JSON, f"the body is no JSON ({error}): send one {one} or a list") from None
    if not isinstance(parsed, (list, *kinds)):
        raise InvalidEvent(Reason.NOT_AN_EVENT, shape)
    found: list[JsonValue] = parsed if isinstance(parsed, list) else [parsed]
    if len(found) > MAX_EVENTS:
        message = f"the list has {len(found)} {many}: send at most {MAX_EVENTS} at a time"
        raise InvalidEvent(Reason.TOO_LARGE, message)
    return found


def split_batch(raw: bytes, parse: Callable[[Raw], _Record]) -> list[tuple[Raw, _Record | InvalidEvent]]:
    """Read a message of one event or an array of them with one of the `parse_` functions above.

    Returns (the event, what it is or why it is refused): a bad event costs itself alone, a message that is too large or
    no JSON is one refusal of all of it.
    """
    try:
        events = _split(raw)
    except InvalidEvent as error:
        return [(raw, error)]
    return [(event, _attempt(parse, event)) for event in events]


def encode_action(action: Action) -> bytes:
    """Return the JSON of an action, for the topic `ltrr.actions`."""
    return _write(ActionEvent.of, action)


def encode_impression(impression: Impression) -> bytes:
    """Return the JSON of an impression, for the topic `ltrr.impressions`."""
    impression.check()  # what is no number would be written as missing
    raw = own_pages.write(impression)
    refuse_large(raw)
    if not own_pages.reads(raw):
        _read(raw, ImpressionEvent)  # says why: nothing is written that a reader would refuse
    return raw


def encode_feedback(feedback: Feedback) -> bytes:
    """Return the JSON of a feedback, for the topic `ltrr.feedback`."""
    raw = own_feedback.write(feedback)
    if raw is None or len(raw) > MAX_BYTES:
        return _write(FeedbackEvent.of, feedback)  # says why
    return raw


def encode_entity(entity: Entity) -> bytes:
    """Return the JSON of an entity, for the topic `ltrr.entities`."""
    return _write(EntityEvent.of, entity)


def encode_change(change: Entity | Place) -> bytes:
    """Return the JSON of a change that `parse_change` reads, its application always named."""
    if isinstance(change, Place):
        return to_json({**change._asdict(), _DELETED: True})
    return to_json({**from_json(encode_entity(change)), "application": change.application})


def _read(raw: Raw, event: type[_Event]) -> _Event:
    try:
        if isinstance(raw, bytes):
            refuse_large(raw)
            return event.model_validate_json(raw)
        return event.model_validate(raw)
    except ValidationError as error:
        raise refusal(error) from None


def _write(build: Callable[[_Record], Wire], record: _Record) -> bytes:
    """Encode through the model, so that no value is written that a reader would refuse."""
    try:
        raw = build(record).model_dump_json(exclude_defaults=True).encode()
    except ValidationError as error:
        raise refusal(error) from None
    refuse_large(raw)
    return raw


def _split(raw: bytes) -> list[Raw]:
    refuse_large(raw)
    if raw.lstrip(_BLANKS)[:1] != b"[":
        return [raw]
    try:
        events: list[Raw] = [bytes(event) for event in _EVENTS.decode(raw)]
    except (DecodeError, RecursionError):
        events = _parsed(raw)
    if len(events) > MAX_EVENTS:
        message = f"the message has {len(events)} events, at most {MAX_EVENTS} are read: send smaller batches"
        raise InvalidEvent(Reason.TOO_LARGE, message)
    return events


def _parsed(raw: bytes) -> list[Raw]:
    """Return the elements of an array that is JSON only to those who take more than the standard."""
    try:
        events: list[Raw] = from_json(raw)
    except ValueError as error:
        raise not_json(str(error)) from None
    return events


def _attempt(parse: Callable[[Raw], _Record], event: Raw) -> _Record | InvalidEvent:
    try:
        return parse(event)
    except InvalidEvent as error:
        return error


def refuse_large(raw: bytes) -> None:
    """Raise InvalidEvent for a message that no reader takes."""
    if len(raw) > MAX_BYTES:
        message = (
            f"the message has {len(raw)} bytes, at most {MAX_BYTES} are read: send smaller batches or fewer fields"
        )
        raise InvalidEvent(Reason.TOO_LARGE, message)
