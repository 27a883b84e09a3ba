"""Events as they travel: pydantic models of the JSON, each with one conversion to the record of `models`.

Impressions are query documents and actions are events of User Behavior Insights (UBI) 1.3.0, read tolerantly:
unknown fields are ignored, ids may be integers, "" is absent. What is ours stands under `query_attributes.ltrr`
and `event_attributes.ltrr`. Source: https://github.com/o19s/ubi, schema/1.3.0.
"""

from hashlib import blake2b
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from ltrr.models.errors import InvalidEvent
from ltrr.models.learning.feedback import Feedback
from ltrr.models.records.action import Action
from ltrr.models.records.entity import LONGEST_ID
from ltrr.streams.events.lenient import dict_or_none, read_id, read_objects, read_ordinal, read_own_id
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.timestamps import read_timestamp, write_timestamp

DEFAULT_APPLICATION = "default"
LONGEST_NAME = 100
"""Characters of the name of an action or a ranker."""

_TIMESTAMP_SCHEMA = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}]}


def _text(max_length: int, min_length: int = 0, *, null: bool = False) -> WithJsonSchema:
    """Describe text that may come as a number."""
    bounds = {"minLength": min_length} if min_length else {}
    types = ["string", "number", *(["null"] if null else [])]
    return WithJsonSchema({"type": types, **bounds, "maxLength": max_length})


Id = Annotated[str | None, BeforeValidator(read_id), _text(LONGEST_ID, null=True)]
OwnId = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID), _text(LONGEST_ID, 1)]
ObjectId = Annotated[OwnId, BeforeValidator(read_own_id)]
Name = Annotated[str, StringConstraints(max_length=LONGEST_NAME), _text(LONGEST_NAME)]
Timestamp = Annotated[
    float,
    BeforeValidator(read_timestamp),
    PlainSerializer(write_timestamp, return_type=str),
    WithJsonSchema(_TIMESTAMP_SCHEMA),
]
Objects = Annotated[
    tuple[str, ...],
    BeforeValidator(read_objects),
    PlainSerializer(lambda ids: {"object_id": ids[0]} if ids else None),
    WithJsonSchema({"description": "An object with an `object_id`, its id alone, or a list of these."}),
]
Position = Annotated[
    int | None,
    BeforeValidator(read_ordinal),
    PlainSerializer(lambda ordinal: {"ordinal": ordinal}),
    WithJsonSchema({"description": 'Where it stood: {"ordinal": n}. What cannot be read is unknown, never an error.'}),
]
Probability = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(gt=0, le=1)]


class Wire(BaseModel):
    """What all wire models share: unknown fields ignored, numbers taken as ids, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, coerce_numbers_to_str=True)


def event_hash(*identity: str | float | None) -> str:
    """Return the id of an event whose sender gave it none."""
    return blake2b(repr(identity).encode(), digest_size=16).hexdigest()


class ActionMark(Wire):
    """Says that ltrr wrote this action: its ordinal starts at 1."""

    schema_version: Literal[1]


class EventAttributes(Wire):
    """The part of a UBI event that is read; anything else may stand here too."""

    object: Objects = ()
    objects: Objects = ()
    object_id: Objects = ()
    position: Position = None
    event_id: Id = None
    ltrr: ActionMark | None = None

    @property
    def object_ids(self) -> tuple[str, ...]:
        """Return the ids of all objects."""
        return self.object or self.objects or self.object_id


class UserEvent(Wire):
    """What a UBI 1.3.0 event has, whatever it tells."""

    timestamp: Timestamp
    application: Id = None
    query_id: Id = None
    session_id: Id = None
    client_id: Id = None
    user_id: Id = None
    event_attributes: Annotated[EventAttributes | None, BeforeValidator(dict_or_none)] = None

    def first_position(self, ordinal_base: int) -> int | None:
        """Return the position of the (first) object, from 1; None where it is unknown or before the first."""
        if self.event_attributes is None or self.event_attributes.position is None:
            return None
        position = self.event_attributes.position - (1 if self.event_attributes.ltrr else ordinal_base) + 1
        return position if position >= 1 else None

    def object_ids(self) -> tuple[str, ...]:
        """Return the ids of all objects. Raises InvalidEvent where there are none, or no query: nothing to join."""
        if not self.query_id:
            message = "query_id: absent: send the query_id of the search whose result was acted on"
            raise InvalidEvent(Reason.MISSING_QUERY_ID, message)
        if self.event_attributes is None or not self.event_attributes.object_ids:
            message = "event_attributes.object.object_id: absent: send the id of the result that was acted on"
            raise InvalidEvent(Reason.MISSING_OBJECT_ID, message)
        return self.event_attributes.object_ids


class ActionEvent(UserEvent):
    """A UBI 1.3.0 event: what a user did, with one object or with several."""

    action_name: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]

    @classmethod
    def of(cls, action: Action) -> Self:
        """Build the event that `records` turns back into `action` (an empty event_id into the hash)."""
        return cls(
            action_name=action.action_name,
            timestamp=action.time_s,
            application=action.application or None,
            query_id=action.query_id,
            session_id=action.session_id,
            client_id=action.client_id,
            user_id=action.user_id,
            event_attributes=EventAttributes(
                object=(action.object_id,),
                position=action.position,
                event_id=action.event_id or None,
                ltrr=ActionMark(schema_version=1),
            ),
        )

    def records(self, ordinal_base: int = 1) -> tuple[Action, ...]:
        """Convert, one action for each object; ordinal_base: the ordinal of the first result at this sender, 0 or 1.

        Raises InvalidEvent where nothing says which query or which object was acted on: valid UBI, but nothing to
        learn from.
        """
        ids = self.object_ids()
        return tuple(self._record(object_id, ordinal_base, alone=len(ids) == 1) for object_id in ids)

    def _record(self, object_id: str, ordinal_base: int, *, alone: bool) -> Action:
        identity = (self.client_id, self.session_id, self.query_id, self.action_name, object_id, self.timestamp)
        event_id = self.event_attributes.event_id if self.event_attributes else None
        return Action(
            query_id=self.query_id or "",
            object_id=object_id,
            action_name=self.action_name,
            time_s=self.timestamp,
            application=self.application or "",
            client_id=self.client_id,
            user_id=self.user_id,
            session_id=self.session_id,
            position=self.first_position(ordinal_base) if alone else None,
            event_id=event_id or event_hash(*identity),
        )


class FeedbackEvent(Wire):
    """What was learned of an impression: for observers."""

    schema_version: Literal[1]
    query_id: ObjectId
    page: int = Field(ge=1)
    timestamp: Timestamp
    reward: float
    application: ObjectId = DEFAULT_APPLICATION
    policy_version: str | None = None
    actions: Annotated[tuple[tuple[ObjectId, str], ...], Field(fail_fast=True)] = ()
    credits: dict[str, float] = Field(default_factory=dict)

    @classmethod
    def of(cls, feedback: Feedback) -> Self:
        """Build the event that `record` turns back into `feedback`."""
        return cls(
            schema_version=1,
            query_id=feedback.query_id,
            page=feedback.page,
            timestamp=feedback.time_s,
            reward=feedback.reward,
            application=feedback.application,
            policy_version=feedback.policy_version,
            actions=feedback.actions,
            credits=dict(feedback.credits),
        )

    def record(self) -> Feedback:
        """Convert."""
        return Feedback(
            query_id=self.query_id,
            page=self.page,
            application=self.application,
            time_s=self.timestamp,
            policy_version=self.policy_version,
            reward=self.reward,
            actions=self.actions,
            credits=self.credits,
        )
