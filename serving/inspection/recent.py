"""The last events in the log of a data folder."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from ltrr.models.records.action import Action
from ltrr.models.records.entity import Place
from ltrr.models.records.impression import Impression
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.messages import Event, Origin, read_message
from ltrr.streams.events.topics import Topic
from ltrr.streams.replay.event_stretch import open_to_read

_LOOKED_AT: Final = 10_000  # messages of a topic


class Acted(NamedTuple):
    """What is kept of an action."""

    place: Place
    query_id: str


class Recent:
    """The last actions and pages of a log, as of when they are first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def actions(self) -> list[Acted]:
        """Return the last actions, oldest first.

        Those without an application are of their page's, or of the only one; others are left out.
        """
        applications = self._settings.applications
        only = applications[0] if len(applications) == 1 else ""
        of_pages = {} if only else {page.query_id: page.application for page in self.pages()}
        return [
            Acted(Place(application, one.object_id), one.query_id)
            for one in self._events(Topic.ACTIONS)
            if isinstance(one, Action) and (application := one.application or only or of_pages.get(one.query_id, ""))
        ]

    def pages(self) -> Iterator[Impression]:
        """Yield the last pages, oldest first."""
        return (one for one in self._events(Topic.IMPRESSIONS) if isinstance(one, Impression))

    def _events(self, topic: Topic) -> Iterator[Event]:
        with open_to_read(self._settings.data_dir, [topic]) as log:
            first = max(log.begin_offset(topic, 0), log.end_offset(topic, 0) - _LOOKED_AT)
            for record in log.read(topic, 0, first):
                origin = Origin(topic, 0, record.offset, record.timestamp_s)
                yield from read_message(origin, record.value, 1, self._settings.ordinal_base)[0]
