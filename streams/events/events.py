"""Events as they travel: pydantic models of the JSON, each with one conversion to the record of `models`.

Impressions are query documents and actions are events of User Behavior Insights (UBI) 1.3.0, read tolerantly:
unknown fields are ignored, ids may be integers, "" is absent. What is ours stands under `query_attributes.ltrr`
and `event_attributes.ltrr`. Source: https://github.com/o19s/ubi, schema/1.3.0.
"""

import json
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
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.timestamps import read_timestamp, write_timestamp

DEFAULT_APPLICATION = "default"
_TIMESTAMP_SCHEMA = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}]}


def _text(max_length: int, min_length: int = 0) -> WithJsonSchema:
    """Describe text that may come as a number, which `coerce_numbers_to_str` takes."""
    bounds = {"minLength": min_length} if min_length else {}
    return WithJsonSchema({"type": ["string", "integer"], **bounds, "maxLength": max_length})


Id = Annotated[str, StringConstraints(max_length=256), _text(256)]
ObjectId = Annotated[str, StringConstraints(min_length=1, max_length=256), _text(256, 1)]
Name = Annotated[str, StringConstraints(max_length=100), _text(100)]
Timestamp = Annotated[
    float,
    BeforeValidator(read_timestamp),
    PlainSerializer(write_timestamp, return_type=str),
    WithJsonSchema(_TIMESTAMP_SCHEMA),
]
Probability = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(gt=0, le=1)]


class Wire(BaseModel):
    """What all wire models share: unknown fields ignored, numbers taken as ids, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, coerce_numbers_to_str=True)


class Index(Wire):
    """The older form of an ordinal."""

    index: int = Field(ge=-1, le=1_000_000)


class Position(Wire):
    """Where the object stood. `xy`, and flat `x` and `y`, are let through and not read."""

    ordinal: Annotated[int, Field(ge=-1, le=1_000_000)] | Index | None = None


class Object(Wire):
    """What was acted on."""

    object_id: Id | None = None


class ActionMark(Wire):
    """Says that ltrr wrote this action: its ordinal starts at 1."""

    schema_version: Literal[1]


class EventAttributes(Wire):
    """The part of a UBI event that is read; anything else may stand here too."""

    object: Object | None = None
    position: Position | None = None
    event_id: Id | None = None
    ltrr: ActionMark | None = None


class ActionEvent(Wire):
    """A UBI 1.3.0 event."""

    action_name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    timestamp: Timestamp
    application: Name | None = None
    query_id: Id | None = None
    session_id: Id | None = None
    client_id: Id | None = None
    user_id: Id | None = None
    event_attributes: EventAttributes | None = None

    @classmethod
    def of(cls, action: Action) -> Self:
        """Build the event that `record` turns back into `action` (an empty event_id into the hash)."""
        return cls(
            action_name=action.action_name,
            timestamp=action.time_s,
            application=action.application,
            query_id=action.query_id,
            session_id=action.session_id,
            client_id=action.client_id,
            user_id=action.user_id,
            event_attributes=EventAttributes(
                object=Object(object_id=action.object_id),
                position=None if action.position is None else Position(ordinal=action.position),
                event_id=action.event_id or None,
                ltrr=ActionMark(schema_version=1),
            ),
        )

    def record(self, ordinal_base: int = 1) -> Action:
        """Convert; ordinal_base: the ordinal of the first result at this sender, 0 or 1.

        A position before the first is unknown, not an error. Raises InvalidEvent where nothing says which query
        or which object was acted on: valid UBI, but nothing to learn from.
        """
        attributes = self.event_attributes or EventAttributes()
        object_id = attributes.object.object_id if attributes.object else None
        if not self.query_id:
            message = "query_id: absent: send the query_id of the search whose result was acted on"
            raise InvalidEvent(Reason.MISSING_QUERY_ID, message)
        if not object_id:
            message = "event_attributes.object.object_id: absent: send the id of the result that was acted on"
            raise InvalidEvent(Reason.MISSING_OBJECT_ID, message)
        client_id, session_id = self.client_id or None, self.session_id or None
        identity = (client_id, session_id, self.query_id, self.action_name, object_id, self.timestamp)
        return Action(
            query_id=self.query_id,
            object_id=object_id,
            action_name=self.action_name,
            time_s=self.timestamp,
            application=self.application or DEFAULT_APPLICATION,
            client_id=client_id,
            user_id=self.user_id or None,
            session_id=session_id,
            position=_position(attributes, ordinal_base),
            event_id=attributes.event_id or blake2b(json.dumps(identity).encode(), digest_size=16).hexdigest(),
        )


def _position(attributes: EventAttributes, ordinal_base: int) -> int | None:
    ordinal = attributes.position.ordinal if attributes.position else None
    if ordinal is None:
        return None
    first = 1 if attributes.ltrr else ordinal_base
    position = (ordinal.index if isinstance(ordinal, Index) else ordinal) - first + 1
    return position if position >= 1 else None


class FeedbackEvent(Wire):
    """What was learned of an impression: for observers."""

    schema_version: Literal[1]
    query_id: ObjectId
    page: int = Field(ge=1)
    timestamp: Timestamp
    reward: float
    application: Name = DEFAULT_APPLICATION
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
