"""Changes of the catalogue in the portions that engines take them in."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from ltrr.models.records.entity import Entity

SIZE: Final = 1_000
STRETCH: Final = 10_000
"""Entities of a load after which engines are compacted: three kilobytes of each are in memory until then."""


def batches(entities: Iterable[Entity], size: int = SIZE) -> Iterator[list[Entity]]:
    """Yield entities `size` at a time, taking them as they are needed."""
    rest = iter(entities)
    while batch := list(islice(rest, size)):
        yield batch


def newest_of(entities: Iterable[Entity]) -> list[Entity]:
    """Return the newest of each entity: the largest version, of equal ones the last."""
    newest: dict[tuple[str, str], Entity] = {}
    for entity in entities:
        place = entity.application, entity.object_id
        held = newest.get(place)
        if held is None or entity.version >= held.version:
            newest[place] = entity
    return list(newest.values())
