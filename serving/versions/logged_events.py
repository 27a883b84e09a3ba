"""Give what was logged in a range of time to something that learns from it."""

import logging
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ltrr.models.errors import InvalidInput
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.signing_key import reading_seals
from ltrr.serving.terminal.consoles import console
from ltrr.serving.terminal.moments import parse_moment
from ltrr.serving.versions.secret import hold_to_secret
from ltrr.streams.events.messages import Origin, read_message
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.admin import check
from ltrr.streams.replay.event_stretch import embedded_stretch, kafka_stretch

_LOG = logging.getLogger(__name__)
_LAST_S = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


class Reader(Protocol):
    """What takes messages in the order of their record timestamps."""

    @property
    def start_s(self) -> float:
        """Return the record timestamp from which on the log has to be read."""
        ...

    @property
    def ripe_s(self) -> float:
        """Return how long after an impression an action may still be recorded and count."""
        ...

    def absorb_impressions(self, recorded_s: float, impressions: Sequence[Impression]) -> None:
        """Take the impressions of a message."""
        ...

    def absorb_actions(self, recorded_s: float, actions: Sequence[Action]) -> None:
        """Take the actions of a message."""
        ...


def time_range(since: str, until: str | None, now_s: float) -> tuple[float, float]:
    """Return what --from and --to say, now for an absent --to. Raises InvalidInput."""
    from_s, to_s = parse_moment(since), now_s if until is None else parse_moment(until)
    if not 0 <= from_s < to_s <= _LAST_S:
        raise InvalidInput(f"--from {since} --to {until or 'now'} is no range: the first must be before the second")
    return from_s, to_s


async def read_events(settings: Settings, reader: Reader, from_s: float, to_s: float, doing: str) -> Counter[str]:
    """Read impressions up to a time, and their actions; return the reasons for which events could not be read."""
    unreadable: Counter[str] = Counter()
    seals = reading_seals(settings)
    partitions = 1 if settings.kafka is None else settings.partitions
    ends_s = {Topic.IMPRESSIONS: to_s, Topic.ACTIONS: to_s + reader.ripe_s}
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = None
        async for origin, raw in messages(settings, reader.start_s, ends_s):
            if task is None:
                began_s = origin.recorded_s
                task = progress.add_task(doing, total=max(1e-9, to_s - began_s))
            progress.update(task, completed=origin.recorded_s - began_s)
            events, letters = read_message(origin, raw, partitions, settings.ordinal_base, seals)
            events = [event for event in events if not (isinstance(event, Impression) and event.erased)]
            if origin.topic is Topic.IMPRESSIONS:
                reader.absorb_impressions(origin.recorded_s, events)  # type: ignore[arg-type]  # the topic says which
            else:
                reader.absorb_actions(origin.recorded_s, events)  # type: ignore[arg-type]  # the topic says which
            if origin.recorded_s >= from_s:
                unreadable.update(letter.reason for letter in letters)
    if unreadable[Reason.FOREIGN]:
        _LOG.warning(
            "%d events of the range are left out, pages without a seal of this installation: set LTRR_SECRET as the "
            "server has it, and LTRR_FORMER_SECRETS to those that it had",
            unreadable[Reason.FOREIGN],
        )
    return unreadable


def messages(
    settings: Settings, from_s: float, ends_s: Mapping[Topic, float]
) -> AsyncIterator[tuple[Origin, bytes | None]]:
    """Return the messages of both topics from a record timestamp on, each up to one of its own."""
    if settings.brokers is None:
        return embedded_stretch(settings.data_dir, from_s, ends_s)
    check(settings.brokers, settings.partitions)
    hold_to_secret(settings, settings.brokers)
    return kafka_stretch(settings.brokers, settings.partitions, from_s, ends_s)
