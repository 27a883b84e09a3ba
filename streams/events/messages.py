"""One message of the event topics: the events in it that can be learned, and letters about those that cannot."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from pydantic_core import to_json

from ltrr.models.errors import InvalidEvent
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.records.visitors import Visitors
from ltrr.streams.events.codec import Raw, parse_actions, parse_impressions, split_batch
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import Topic

Event = Impression | Action
_KEPT_BYTES: Final = 64 * 1024
_NO_VALUE: Final = "the record has no value (a tombstone): send one JSON object, or leave it out; nothing is deleted so"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message stands. recorded_s: its record timestamp (LogAppendTime), seconds since the epoch."""

    topic: Topic
    partition: int
    offset: int
    recorded_s: float


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Why an event was left out. index: its place in the message; raw: the event, None for a record without a value."""

    origin: Origin
    index: int
    reason: str
    message: str
    raw: Raw

    def encode(self) -> bytes:
        """Return the JSON of the letter, of less than half a megabyte: of the event it has the beginning.

        Each byte of that can take up to six. The letters of a message have no more together than its events.
        """
        raw = self.raw if isinstance(self.raw, bytes) else b"" if self.raw is None else to_json(self.raw)
        return to_json(
            {
                "topic": self.origin.topic,
                "partition": self.origin.partition,
                "offset": self.origin.offset,
                "index": self.index,
                "reason": self.reason,
                "message": self.message,
                "raw": raw[:_KEPT_BYTES].decode(errors="replace"),
                "bytes": len(raw),
                "sha256": hashlib.sha256(raw).hexdigest(),
            }
        )


def read_message(
    origin: Origin,
    raw: bytes | None,
    partitions: int,
    ordinal_base: int = 1,
    seals: Seals | None = None,
    visitors: Visitors | None = None,
) -> tuple[list[Event], list[DeadLetter]]:
    """Read a message: a bad event in it costs that event alone.

    partitions: of the topic; an event whose query id belongs on another partition is refused, since its join would
    break in silence. seals: what pages have to be sealed with; None where anybody's teach. visitors: names those whom a
    producer has not named; None leaves ids as they are.
    """
    parse: Callable[[Raw], tuple[Event, ...]] = partial(parse_actions, ordinal_base=ordinal_base)
    if origin.topic is Topic.IMPRESSIONS:
        parse = partial(_parse_pages, ordinal_base=ordinal_base, seals=seals)
    events: list[Event] = []
    letters: list[DeadLetter] = []
    if raw is None:
        return [], [DeadLetter(origin, 0, Reason.NOT_AN_EVENT, _NO_VALUE, None)]
    for index, (event, read) in enumerate(split_batch(raw, parse)):
        if isinstance(read, InvalidEvent):
            letters.append(DeadLetter(origin, index, read.reason, str(read), event))
        elif partition_of(read[0].query_id, partitions) != origin.partition:
            reason = f"query id {read[0].query_id!r} belongs on another partition: set partitioner=murmur2_random"
            letters.append(DeadLetter(origin, index, Reason.WRONG_PARTITION, reason, event))
        else:
            events += read if visitors is None else [visitors.of(event) for event in read]
    return events, letters


def _parse_pages(raw: Raw, ordinal_base: int, seals: Seals | None) -> tuple[Event, ...]:
    pages = parse_impressions(raw, ordinal_base)
    if seals is not None and not seals.holds(raw):
        message = (
            f"query id {pages[0].query_id!r}: the page has no seal by a secret that is known here; set LTRR_SECRET to "
            "the one of who logged it (LTRR_FORMER_SECRETS, if it was changed since), or tell it over HTTP, which "
            "seals it; LTRR_FOREIGN_PAGES=true lets pages without a seal teach"
        )
        raise InvalidEvent(Reason.FOREIGN, message)
    return pages
