"""The events of one partition on their way to Kafka: gathered into messages, one of them under way at a time."""

import math
from collections import deque
from dataclasses import dataclass

from ltrr.streams.events.codec import MAX_BYTES
from ltrr.streams.publishing.spool import Spooled

_BACK_OFF_S = 0.1
_LONGEST_BACK_OFF_S = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """What goes to Kafka: an event with its key, or a JSON array of several without one."""

    key: bytes | None
    value: bytes
    events: int


class Lane:
    """Keeps events until they are done with, in order; times are monotonic seconds.

    Only one message is under way, so that none overtakes one that has to be sent again. batch_events: of a message,
    at most. trouble: why the last attempt failed. sent_at: when the message under way was taken.
    """

    def __init__(self, topic: str, partition: int, batch_events: int) -> None:
        self.topic = topic
        self.partition = partition
        self.under_way: Message | None = None
        self.trouble: str | None = None
        self.sent_at = -math.inf
        self._batch_events = batch_events
        self._limit = batch_events
        self._events: deque[tuple[Spooled, float]] = deque()
        self._retry_at = -math.inf
        self._failures = 0

    def __len__(self) -> int:
        return len(self._events)

    @property
    def first(self) -> Spooled:
        """The oldest event that is not done with."""
        return self._events[0][0]

    def add(self, event: Spooled, due: float) -> None:
        """Add an event that may wait for others until `due`."""
        self._events.append((event, due))

    def ready_at(self, hurry_until: int) -> float:
        """Return when to send. hurry_until: the position before which no event waits for others."""
        if self.under_way or not self._events:
            return math.inf
        event, due = self._events[0]
        waits = event.position >= hurry_until and len(self._events) < self._limit
        return max(self._retry_at, due if waits else -math.inf)

    def take(self, now: float) -> Message:
        """Start the next message: as many events as fit, at least one."""
        self.sent_at = now
        values: list[bytes] = []
        size = 1
        for event, _ in self._events:
            size += len(event.value) + 1
            if values and (size > MAX_BYTES or len(values) >= self._limit):
                break
            values.append(event.value)
        if len(values) == 1:
            self.under_way = Message(self.first.key.encode(), values[0], 1)
        else:
            self.under_way = Message(None, b"[" + b",".join(values) + b"]", len(values))
        return self.under_way

    def finish(self) -> list[Spooled]:
        """End the message under way, and return its events: they are done with."""
        count = self.under_way.events if self.under_way else 0
        self.under_way = self.trouble = None
        self._failures = 0
        self._limit = min(self._batch_events, self._limit + 1)
        return [self._events.popleft()[0] for _ in range(count)]

    def halve(self) -> None:
        """Send the events of the message under way again, in two: one of them is not acceptable."""
        if self.under_way:
            self._limit = self.under_way.events // 2
            self.under_way = None

    def release(self) -> None:
        """Send the events of the message under way again."""
        self.under_way = None

    def back_off(self, now: float) -> float:
        """Send them again later, later each time; return when."""
        self.under_way = None
        self._retry_at = now + min(_LONGEST_BACK_OFF_S, _BACK_OFF_S * 2 ** min(self._failures, 10))
        self._failures += 1
        return self._retry_at
