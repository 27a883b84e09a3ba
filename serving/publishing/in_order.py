"""Events of a file in the order in which they happened, however many there are."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from ltrr.streams.events.topics import Topic


@dataclass(frozen=True, slots=True)
class Line:
    """An event of a file. number: of its line; query_id: empty where it names none; time_s: seconds since the epoch."""

    number: int
    topic: Topic
    query_id: str
    time_s: float
    raw: bytes


_TABLE = "create table lines (number integer, topic text, query_id text, time_s real, raw blob)"
_ORDERED = f"""
    with pages as (
        select query_id as shown, min(time_s) as shown_s from lines
        where topic = '{Topic.IMPRESSIONS}' group by query_id
    )
    select number, topic, query_id, time_s, raw from lines left join pages on shown = query_id
    order by max(time_s, coalesce(shown_s, time_s)), topic = '{Topic.ACTIONS}', number
"""  # noqa: S608  # of names of ours alone


class InOrder:
    """Puts events into the order of their times, an action never before the first page of its query.

    What does not fit into a few megabytes of memory waits in a file of the system's temporary folder.
    """

    def __init__(self) -> None:
        self._lines = sqlite3.connect("")  # removed when it is closed
        self._lines.execute(_TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *left: object) -> None:
        self._lines.close()

    def add(self, line: Line) -> None:
        """Take an event."""
        row = (line.number, str(line.topic), line.query_id, line.time_s, line.raw)
        self._lines.execute("insert into lines values (?, ?, ?, ?, ?)", row)

    def __iter__(self) -> Iterator[Line]:
        """Yield all events in order."""
        for number, topic, query_id, time_s, raw in self._lines.execute(_ORDERED):
            yield Line(number, Topic(topic), query_id, time_s, raw)
