"""Of which entities the last actions are: of those that are there, of some that were deleted, or of none ever."""

from collections import Counter
from collections.abc import Container, Iterator
from typing import Final

from ltrr.models.errors import InvalidInput
from ltrr.models.records.action import Action
from ltrr.models.records.entity import Place
from ltrr.models.records.impression import Impression
from ltrr.retrievers.index.cards import stored_places
from ltrr.serving.publishing.report import not_in_catalogue
from ltrr.serving.settings.settings import Settings
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.events.messages import Event, Origin, read_message
from ltrr.streams.events.topics import Topic
from ltrr.streams.replay.event_stretch import open_to_read

_LOOKED_AT: Final = 10_000  # messages of a topic


def acted_on(settings: Settings) -> str:
    """Return how many of the last actions in the log of a data folder are of entities that are there, or have been.

    What a page of ltrr's own has shown was there. Raises InvalidInput where some are of others.
    """
    first = settings.applications[0]
    with open_to_read(settings.data_dir, [Topic.ACTIONS, Topic.IMPRESSIONS]) as log:
        actions = (one for one in last_events(log, Topic.ACTIONS, settings.ordinal_base) if isinstance(one, Action))
        acted = Counter(Place(one.application or first, one.object_id) for one in actions)
        lacking, held = dict(acted), None
        for place in stored_places(settings.data_dir / "index"):
            lacking.pop(place, None)
            held = held or place.object_id
        gone = set(_shown(log, lacking, settings.ordinal_base)) if lacking else set[Place]()
    others = {place: count for place, count in lacking.items() if place not in gone}
    deleted = sum(lacking[place] for place in gone)
    since = f"; {deleted:,} of others that were shown here, and are deleted since" if deleted else ""
    if others:
        unknown = not_in_catalogue(sum(others.values()), next(iter(others)).object_id, held)
        raise InvalidInput(f"of the last {acted.total():,}, {unknown}{since}")
    there = acted.total() - deleted
    return f"the last {there:,} are of entities that are there{since}" if acted else "none are logged yet"


def _shown(log: EmbeddedLog, places: Container[Place], ordinal_base: int) -> Iterator[Place]:
    """Yield those of some entities that were shown on pages of ltrr's own."""
    for page in last_events(log, Topic.IMPRESSIONS, ordinal_base):
        if isinstance(page, Impression) and page.decision is not None:
            shown = (Place(page.application, one.object_id) for one in page.candidates if one.position is not None)
            yield from (place for place in shown if place in places)


def last_events(log: EmbeddedLog, topic: Topic, ordinal_base: int) -> Iterator[Event]:
    """Yield what the last messages of a topic hold, oldest first."""
    first = max(log.begin_offset(topic, 0), log.end_offset(topic, 0) - _LOOKED_AT)
    for record in log.read(topic, 0, first):
        origin = Origin(topic, 0, record.offset, record.timestamp_s)
        yield from read_message(origin, record.value, 1, ordinal_base)[0]
