"""The part of the spool that is on its way to Kafka: read, by partition, and not done with."""

from collections.abc import Callable

from ltrr.streams.events.partitions import partition_of
from ltrr.streams.publishing.lane import Lane
from ltrr.streams.publishing.spool import Spool

_EVENTS = 5_000
_BYTES = 16 << 20


class Window:
    """Reads the spool into lanes, as far as memory allows.

    next: where it reads on. settled: events of the folder's life that are done with. clock: the spool's.
    """

    def __init__(
        self, spool: Spool, partitions: int, batch_events: int, linger_s: float, clock: Callable[[], float]
    ) -> None:
        self._spool = spool
        self._partitions = partitions
        self._batch_events = batch_events
        self._linger_s = linger_s
        self._clock = clock
        self._lanes: dict[tuple[str, int], Lane] = {}
        self._events = self._bytes = 0
        self.next = self.settled = spool.acknowledged

    @property
    def lanes(self) -> list[Lane]:
        """Every lane that there was an event for."""
        return list(self._lanes.values())

    @property
    def has_room(self) -> bool:
        """Whether more is read."""
        return self._events < _EVENTS and self._bytes < _BYTES

    @property
    def done(self) -> int:
        """The position before which everything is done with."""
        return min((lane.first.position for lane in self._lanes.values() if lane), default=self.next)

    def gather(self, now: float) -> None:
        """Read what there is room for. now: monotonic seconds."""
        while self.has_room:
            events, following = self._spool.read(self.next)
            self.settled += following - self.next - len(events)  # positions that a power cut left empty
            self.next = following
            if not events:
                return
            wall_s = self._clock()
            for event in events:
                waited_s = min(self._linger_s, max(0.0, wall_s - event.spooled_s))
                self._lane(event.topic, event.key).add(event, now + self._linger_s - waited_s)
                self._bytes += len(event.value)
            self._events += len(events)

    def finish(self, lane: Lane) -> None:
        """End the message that is under way in a lane: its events are done with."""
        events = lane.finish()
        self.settled += len(events)
        self._events -= len(events)
        self._bytes -= sum(len(event.value) for event in events)

    def release(self) -> None:
        """Send everything that is under way again."""
        for lane in self._lanes.values():
            lane.release()

    def clear(self) -> None:
        """Begin again from what the spool knows to be acknowledged."""
        self._lanes.clear()
        self._events = self._bytes = 0
        self.next = self.settled = self._spool.acknowledged

    def _lane(self, topic: str, key: str) -> Lane:
        place = (topic, partition_of(key, self._partitions))
        lane = self._lanes.get(place)
        if lane is None:
            lane = self._lanes[place] = Lane(*place, self._batch_events)
        return lane
