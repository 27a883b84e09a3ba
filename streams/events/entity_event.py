"""Entities of a catalogue as they travel, and the lines of files that take them out."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from ltrr.models.errors import InvalidEvent
from ltrr.models.records.entity import Entity, Place
from ltrr.streams.events.attributes import Attribute, Values
from ltrr.streams.events.events import DEFAULT_APPLICATION, Name, ObjectId, Probability, Wire
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.timestamps import read_date

_TEXTS_SCHEMA = {"anyOf": [{"type": "array", "items": {"type": ["string", "number", "null"]}}, {"type": "string"}]}
_MOMENT_SCHEMA = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}, {"type": "null"}]}


def _listed(raw: object) -> object:
    """Take one text for a list of it, and leave out what is absent."""
    if isinstance(raw, (str, int, float)):
        return [raw] if raw != "" else []
    return [one for one in raw if one is not None and one != ""] if isinstance(raw, list) else raw


def _not_blank(text: str) -> str:
    if not any(one.isprintable() and not one.isspace() for one in text):
        raise ValueError("blank: send something that can be seen")
    return text


AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Called = Annotated[str, AfterValidator(_not_blank), WithJsonSchema({"type": "string", "pattern": r"\S"})]
Kind = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_not_blank)]
SeenId = Annotated[ObjectId, AfterValidator(_not_blank)]
Texts = Annotated[tuple[str, ...], Field(fail_fast=True), BeforeValidator(_listed), WithJsonSchema(_TEXTS_SCHEMA)]
Ids = Annotated[tuple[ObjectId, ...], Field(fail_fast=True), BeforeValidator(_listed), WithJsonSchema(_TEXTS_SCHEMA)]
Moment = Annotated[float, BeforeValidator(read_date), WithJsonSchema(_MOMENT_SCHEMA)]

MOST_VALUES: Final = 2_000
"""Values, aliases and related ids of an entity: each search that finds it looks at them."""


class DeletionEvent(Wire):
    """A line of a catalogue's file that takes an entity out; on the topic a record without a value does.

    deleted: true, yes, y, on, t or 1, or their opposites, in any case; nothing else is understood.
    """

    object_id: ObjectId
    application: Name = DEFAULT_APPLICATION
    deleted: bool

    def record(self) -> Place:
        """Convert."""
        return Place(self.application, self.object_id)


class EntityEvent(Wire):
    """One entity of a catalogue, whole: an update replaces what was there. Other fields are attributes too."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[AttributeName, Attribute] = Field(init=False)

    schema_version: Literal[1] = 1
    object_id: SeenId
    type: Kind
    name: Called
    attributes: dict[AttributeName, Attribute] = Field(default_factory=dict)
    description: str = ""
    aliases: Texts = ()
    related: Ids = ()
    popularity: float = Field(default=0.0, ge=0)
    quality: Probability = 0.5
    created_s: Moment | None = None
    application: Name = DEFAULT_APPLICATION
    version: int = Field(default=0, ge=0, le=2**63 - 1)
    deleted: Literal[False] = Field(default=False, description="In files alone, where true takes the entity out.")

    @model_validator(mode="before")
    @classmethod
    def _present(cls, raw: Any) -> Any:  # noqa: ANN401  # whatever was sent
        """Take null for absent."""
        return {name: value for name, value in raw.items() if value is not None} if isinstance(raw, dict) else raw

    @classmethod
    def of(cls, entity: Entity) -> Self:
        """Build the event that `record` turns back into `entity`."""
        return cls(
            object_id=entity.object_id,
            type=entity.type,
            name=entity.name,
            attributes={
                **{name: Values(numbers=numbers) for name, numbers in entity.numbers.items()},
                **{name: Values(dates=dates) for name, dates in entity.dates.items()},
                **{name: Values(texts) for name, texts in entity.attributes.items()},
            },
            description=entity.description,
            aliases=entity.aliases,
            related=entity.related,
            popularity=entity.popularity,
            quality=entity.quality,
            created_s=entity.created_s,
            application=entity.application,
            version=entity.version,
        )

    def record(self) -> Entity:
        """Convert. Raises InvalidEvent where an attribute is there twice, or too much."""
        more = self.__pydantic_extra__ or {}
        if both := more.keys() & self.attributes.keys():
            message = f"{min(both)}: stands in attributes and beside them: leave one"
            raise InvalidEvent(Reason.INCONSISTENT, message)
        values = {**self.attributes, **more}
        held = len(self.aliases) + len(self.related) + sum(map(len, values.values()))
        if held > MOST_VALUES:
            message = f"has {held} values, aliases and related ids, at most {MOST_VALUES} are read: leave some out"
            raise InvalidEvent(Reason.TOO_LARGE, message)
        return Entity(
            object_id=self.object_id,
            type=self.type,
            name=self.name,
            attributes={name: one.texts for name, one in values.items() if one.texts},
            description=self.description,
            aliases=self.aliases,
            related=self.related,
            popularity=self.popularity,
            quality=self.quality,
            created_s=self.created_s,
            application=self.application,
            version=self.version,
            numbers={name: one.numbers for name, one in values.items() if one.numbers},
            dates={name: one.dates for name, one in values.items() if one.dates},
        )
