"""Which attributes the entities of each application have, and of which kind."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.records.fields import CREATED, OWN, FieldKinds, Kind

_TYPE: Final = "type"
Count = tuple[str, str, Kind, int]
"""Application, attribute, kind, entities."""


class Fields:
    """Counts entities by application, attribute and kind, as they come and go. counts: those to begin with."""

    def __init__(self, counts: Iterable[Count] = ()) -> None:
        self._counts = defaultdict[str, Counter[tuple[str, Kind]]](Counter)
        for application, name, kind, count in counts:
            self._counts[application][name, kind] = count

    @property
    def counts(self) -> list[Count]:
        """Return all counts."""
        return [(one, *field, n) for one, counts in self._counts.items() for field, n in counts.items()]

    def replace(self, old: Sequence[Entity | None], new: Sequence[Entity | None]) -> None:
        """Take out what each entity was, if anything, and in what it is now, if anything."""
        for entities, sign in ((old, -1), (new, 1)):
            for entity in entities:
                if entity is not None:
                    counts = self._counts[entity.application]
                    for field in _fields(entity):
                        counts[field] += sign

    def kinds(self, application: str) -> FieldKinds:
        """Return the kinds of an application's attributes, and of what entities have besides."""
        found = defaultdict[str, set[Kind]](set)
        for (name, kind), count in list(self._counts[application].items()):
            if count > 0:
                found[name].add(kind)
        own = {name: of for name, of in OWN.items() if name != CREATED or name in found}
        return {**found, **own} if found else {}


def _fields(entity: Entity) -> Iterator[tuple[str, Kind]]:
    yield from ((name, "text") for name in (_TYPE, *entity.attributes))
    yield from ((name, "number") for name in entity.numbers)
    yield from ((name, "date") for name in entity.dates)
    if entity.created_s is not None:
        yield CREATED, "date"
