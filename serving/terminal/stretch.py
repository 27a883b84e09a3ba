"""Which stretch of the event topics is meant: from a time or offsets, to a time or offsets."""

import json
from pathlib import Path
from typing import Any, Final

from ltrr.models.errors import InvalidInput
from ltrr.serving.terminal.moments import parse_moment
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.events.topics import EVENT_TOPICS
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.cluster import offsets_at
from ltrr.streams.versions.versions import Offsets

_EXAMPLE: Final = '{"ltrr.impressions": {"0": 120, "1": 98}, "ltrr.actions": {"0": 310, "1": 305}}'
_BEGINNING_S: Final = 0.0


def stretch(bootstrap: Brokers, partitions: int, since: str | None, until: str | None) -> tuple[Offsets, Offsets]:
    """Return the first offsets, and those after the last, of each partition.

    since, until: a time, or a file of offsets; the beginning of what is kept, and the end as of now, where None. Raises
    InvalidInput where they are neither, or lie beyond the end or behind each other.
    """
    ends = offsets_at(bootstrap, partitions)
    start = _offsets(bootstrap, partitions, since) if since else offsets_at(bootstrap, partitions, _BEGINNING_S)
    end = _offsets(bootstrap, partitions, until) if until else ends
    _refuse_behind(start, end, ends)
    return start, end


def embedded_stretch(log: EmbeddedLog, since: str | None, until: str | None) -> tuple[Offsets, Offsets]:
    """Return the first offsets, and those after the last, of an embedded log's one partition, as `stretch` does."""
    start = {topic.short: log.begin_offset(topic, 0) for topic in EVENT_TOPICS}
    end = {topic.short: log.end_offset(topic, 0) for topic in EVENT_TOPICS}
    found = _placed(log, since) if since else [start], _placed(log, until) if until else [end]
    _refuse_behind(*found, [end])
    return found


def _refuse_behind(start: Offsets, end: Offsets, ends: Offsets) -> None:
    for partition in range(len(ends)):
        for topic in EVENT_TOPICS:
            first, after, last = (one[partition][topic.short] for one in (start, end, ends))
            if first > after:
                raise InvalidInput(f"--from lies behind --to: {first} and {after} of {topic}, partition {partition}")
            if after > last:
                raise InvalidInput(f"{topic}, partition {partition}, ends at {last}, before {after}")


def _placed(log: EmbeddedLog, given: str) -> Offsets:
    if Path(given).is_file():
        return offsets_in(Path(given), 1)
    moment_s = parse_moment(given)
    return [{topic.short: log.offset_at(topic, 0, moment_s) for topic in EVENT_TOPICS}]


def _offsets(bootstrap: Brokers, partitions: int, given: str) -> Offsets:
    path = Path(given)
    if not path.is_file():
        return offsets_at(bootstrap, partitions, parse_moment(given))
    return offsets_in(path, partitions)


def offsets_in(path: Path, partitions: int) -> Offsets:
    """Return the offsets that a file holds. Raises InvalidInput where one is missing."""
    try:
        return _read(json.loads(path.read_bytes()), partitions)
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        message = f"{path} has no offset of each of {partitions} partitions; write it like {_EXAMPLE}"
        raise InvalidInput(message) from None


def _read(found: Any, partitions: int) -> Offsets:  # noqa: ANN401  # JSON
    offsets = [
        {topic.short: int(found[topic][str(partition)]) for topic in EVENT_TOPICS} for partition in range(partitions)
    ]
    if any(offset < 0 for of_topics in offsets for offset in of_topics.values()):
        raise ValueError("offsets begin at 0")
    return offsets
