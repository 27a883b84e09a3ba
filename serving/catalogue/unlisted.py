"""Entities of the catalogue that a file does not have: how many they are, and which a file that replaces takes out."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.models.records.entity import Entity, Place
from ltrr.retrievers.index.cards import stored_places
from ltrr.serving.events.lines import STANDARD_INPUT, opened
from ltrr.serving.reading.changes import changes_of
from ltrr.serving.reading.mapping import Mapping
from ltrr.serving.settings.settings import Settings
from ltrr.streams.catalogue.changes import CatalogueCopy
from ltrr.streams.kafka.admin import check
from ltrr.streams.kafka.brokers import Brokers


class Listed:
    """What a file has told of; entities of applications of which it has none are not its concern."""

    def __init__(self) -> None:
        self._places = set[int]()  # hashes: a catalogue of them takes little
        self._applications = set[str]()

    def add(self, change: Entity | Place) -> bool:
        """Note a change; tell whether its entity was noted before."""
        place = change
        if isinstance(change, Entity):
            place = change.place
            self._applications.add(change.application)
        known = hash(place) in self._places
        self._places.add(hash(place))
        return known

    def concerns(self, place: Place) -> bool:
        """Tell whether the file has entities of the application."""
        return place.application in self._applications

    def lacks(self, place: Place) -> bool:
        """Tell whether an entity is of the file's concern, and not in it."""
        return self.concerns(place) and hash(place) not in self._places


def unlisted(listed: Listed, settings: Settings) -> int | None:
    """Return how many entities a file lacks; None where that is not at hand, or takes reading the whole topic."""
    if settings.brokers is not None or settings.url is not None:
        return None
    return sum(map(listed.lacks, _in_folder(settings)))


def to_remove(path: str, settings: Settings, mapping: Mapping | None, *, most: bool) -> list[Place]:
    """Return the entities that go where a file replaces what the catalogue holds of its applications.

    most: even if they are more than half of that. Raises InvalidInput where nothing may be removed.
    """
    if path == STANDARD_INPUT or not Path(path).is_file():
        raise InvalidInput("--replace reads all before anything is changed, and then again: give it a file")
    listed = Listed()
    with opened(path) as file, changes_of(file, mapping, settings.applications) as changes:
        for number, change in changes.numbered:
            if isinstance(change, InvalidEvent):
                raise InvalidInput(
                    f"nothing was changed, as {changes.unit} {number} cannot be read, and its entity would be removed: "
                    f"{change}; mend it, or load without --replace"
                )
            listed.add(change)
    held, gone = 0, list[Place]()
    for place in _held(settings):
        held += listed.concerns(place)
        if listed.lacks(place):
            gone.append(place)
    if 2 * len(gone) > held and not most:
        raise InvalidInput(
            f"nothing was changed, as {len(gone):,} of {held:,} entities are not in {path}, more than half: "
            "add --yes to remove them, or load without --replace"
        )
    return gone


def _held(settings: Settings) -> Iterable[Place]:
    if settings.brokers is not None:
        return asyncio.run(_on_topic(settings, settings.brokers))
    if settings.url is not None:
        raise InvalidInput("--replace needs the data folder: run it where that is, without LTRR_URL")
    return _in_folder(settings)


def _in_folder(settings: Settings) -> Iterable[Place]:
    return stored_places(settings.data_dir / "index")


async def _on_topic(settings: Settings, bootstrap: Brokers) -> Iterable[Place]:
    check(bootstrap, settings.partitions)
    places = _Places()
    await CatalogueCopy(bootstrap, places, settings.applications).catch_up()
    return places.held


class _Places:
    """An `Indexer` that keeps where entities are."""

    def __init__(self) -> None:
        self.held: dict[Place, None] = {}

    async def index(self, entities: Iterable[Entity], order: int = 0) -> int:
        """Add entities."""
        del order
        found = dict.fromkeys(entity.place for entity in entities)
        self.held |= found
        return len(found)

    async def delete(self, application: str, object_ids: Iterable[str], order: int = 0) -> int:
        """Remove entities."""
        del order
        gone = [Place(application, object_id) for object_id in object_ids]
        return sum(self.held.pop(place, self) is None for place in gone)
