"""What a catalogue holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

LONGEST_ID: Final = 256
"""Characters of an id."""


class Place(NamedTuple):
    """What tells an entity from all others."""

    application: str
    object_id: str


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing that a search can show.

    object_id: unique in its application. type: the kind of entity ("artist", "song"). attributes: attribute ->
    value -> weight in (0, 1], such as genre -> {"soul": 0.8, "pop": 0.3}. numbers, dates: attributes that are
    compared by size, such as price -> (12.5,); dates in seconds since the epoch; an attribute is in one of the three.
    aliases: other strings that name it.
    related: object ids of entities that belong to it. popularity: >= 0, any unit that grows with use.
    quality: in [0, 1]. created_s: seconds since the epoch, or None where unknown. version: of two updates of
    one entity the larger version is kept.
    """

    object_id: str
    type: str
    name: str
    attributes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    description: str = ""
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    popularity: float = 0.0
    quality: float = 0.5
    created_s: float | None = None
    application: str = "default"
    version: int = 0
    numbers: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    dates: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Return what tells it from all others."""
        return Place(self.application, self.object_id)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return what is written under a name that can be filtered by, "type" or that of an attribute."""
        return (self.type,) if name == "type" else tuple(self.attributes.get(name, ()))
