"""The entities of a catalogue's file, as a search over one application sees them."""

from collections import Counter
from pathlib import Path

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.models.records.entity import Entity, Place
from ltrr.serving.events.lines import opened
from ltrr.serving.reading.changes import changes_of
from ltrr.serving.reading.mapping import Mapping


def read(path: Path, mapping: Mapping | None = None) -> tuple[list[Entity], int]:
    """Return the entities that a file leaves in its largest application, and how many of its lines are bad.

    The file is one that `ltrr index` takes; mapping: what its columns become. Raises InvalidInput where it cannot be
    read or leaves nothing.
    """
    held: dict[Place, Entity] = {}
    bad = 0
    with opened(str(path)) as file, changes_of(file, mapping) as changes:
        for _, change in changes.numbered:
            if isinstance(change, InvalidEvent):
                bad += 1
            elif isinstance(change, Place):
                held.pop(change, None)
            elif change.place not in held or change.version >= held[change.place].version:
                held[change.place] = change
    if not held:
        raise InvalidInput(
            f"{path} holds no entity ({bad} bad lines): give a catalogue that `ltrr index` takes, see docs/entities.md"
        )
    largest = Counter(place.application for place in held).most_common(1)[0][0]
    return [entity for place, entity in held.items() if place.application == largest], bad
