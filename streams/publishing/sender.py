"""Takes events from the spool to Kafka in a thread of its own, however long Kafka is away."""

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError, RetriableError

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.streams.events.codec import MAX_BYTES
from ltrr.streams.kafka.client import REFUSALS, abandon
from ltrr.streams.publishing.lane import Lane, Message
from ltrr.streams.publishing.refused_file import put_aside
from ltrr.streams.publishing.spool import Spool
from ltrr.streams.publishing.window import Window

_LOG = logging.getLogger(__name__)
_PROGRESS_S = 0.1
_BACK_OFF_S = 0.2
_LONGEST_BACK_OFF_S = 5.0
_BARREN = 5  # failures in a row, on any partition, after which a new connection is tried
_NEVER = sys.maxsize


class Sender:
    """What the thread does; Publisher owns both.

    connect: returns a new producer, or raises. partitions: of every topic. wake: to be set when something is to be
    done at once. wake_at: position that the spool's end must pass for it. stalled_s: how long a message may be under
    way before another connection is tried. The other attributes are for reading.
    """

    def __init__(
        self,
        spool: Spool,
        connect: Callable[[], KafkaProducer],
        partitions: int,
        batch_events: int,
        linger_s: float,
        clock: Callable[[], float] = time.time,
        stalled_s: float = 20.0,
    ) -> None:
        self._spool = spool
        self._connect = connect
        self._window = Window(spool, partitions, batch_events, linger_s, clock)
        self._partitions = partitions
        self._batch_events = batch_events
        self._linger_s = linger_s
        self._stalled_s = stalled_s
        self.wake = threading.Event()
        self.wake_at = _NEVER
        self.progressed = threading.Condition()
        self.hurry_until = 0
        self.died: BaseException | None = None
        self.sent = self.acknowledged = self.refused = self.failed = self.messages = self.bytes = self.restarts = 0
        self._trouble: str | None = None
        self._stopped = False
        self._producer: KafkaProducer | None = None
        self._outcomes: deque[tuple[Lane, Message, object]] = deque()
        self._resume_at = 0.0
        self._tries = self._barren = 0
        self._noted_at = 0.0

    @property
    def settled(self) -> int:
        """Events of the folder's life that are done with."""
        return self._window.settled

    @property
    def trouble(self) -> str | None:
        """Why something is not being delivered now."""
        return self._trouble or next((lane.trouble for lane in self._window.lanes if lane.trouble), None)

    def stop(self) -> None:
        """Let the thread end after what it is doing."""
        self._stopped = True
        self.wake.set()

    def run(self) -> None:
        """Send until stopped."""
        try:
            while True:
                self.wake.clear()  # before looking: what is set from here on is not lost
                if self._stopped:
                    break
                self.wake.wait(self._attempt())
            self._settle(time.monotonic())
            self._acknowledge(time.monotonic(), last=True)
        except BaseException as error:
            self.died = error
            _LOG.critical("the sender to Kafka died; what was published stays in the spool", exc_info=True)
            raise
        finally:
            self._drop_producer()
            with self.progressed:
                self.progressed.notify_all()

    def _attempt(self) -> float | None:
        """Do what can be done now; return after how many seconds there is more, None: when woken."""
        now = time.monotonic()
        if now < self._resume_at:
            return self._resume_at - now
        self.wake_at = _NEVER
        try:
            if self._producer is None:
                self._producer = self._connect()
                self._trouble = None
            self._settle(now)
            if self._producer is None:
                return 0.0
            self._window.gather(now)
            return self._plan_waking(min(self._send_ready(self._producer, now), self._acknowledge(now)), now)
        except KafkaError as error:
            self._warn(f"Kafka cannot be reached: {error!r}")
        except Exception as error:  # noqa: BLE001  # one error must not end the sending, nor be silent
            _LOG.exception("sending failed; it starts again from what Kafka has acknowledged")
            self._trouble = repr(error)
            self.restarts += 1
            self._drop_producer()
            self._outcomes.clear()
            self._window.clear()
        pause: float = min(_LONGEST_BACK_OFF_S, _BACK_OFF_S * 2 ** min(self._tries, 10))
        self._tries += 1
        self._resume_at = time.monotonic() + pause
        return pause

    def _settle(self, now: float) -> None:
        """Take note of what became of messages; those of a producer that was given up do not count."""
        useless = False
        while self._outcomes:
            lane, message, outcome = self._outcomes.popleft()
            if lane.under_way is not message:
                continue
            if not isinstance(outcome, BaseException):
                self._barren = self._tries = 0
                self._trouble = None
                self.messages += 1
                self.acknowledged += message.events
                self.bytes += len(message.value)
                self._window.finish(lane)
            elif isinstance(outcome, REFUSALS):
                useless = True  # kafka-python's idempotent producer takes nothing more after such a refusal
                self._refuse(lane, message, repr(outcome), now)
            else:
                self._fail(lane, outcome, now)
                useless |= not isinstance(outcome, RetriableError)
        for lane in self._window.lanes:
            if lane.under_way and now >= lane.sent_at + self._stalled_s:
                useless = True  # kafka-python was seen to wait for ever after an outage
                self._fail(lane, KafkaTimeoutError(f"no answer for {self._stalled_s} s"), now)
        if useless or self._barren >= _BARREN:
            self._barren = 0
            self._drop_producer()

    def _fail(self, lane: Lane, error: BaseException, now: float) -> None:
        """Try again later."""
        self.failed += 1
        self._barren += 1
        lane.back_off(now)
        trouble = f"{lane.topic}/{lane.partition} takes nothing: {error!r}"
        if trouble != lane.trouble:
            _LOG.warning("%s; what is published stays in the spool until it is taken", trouble)
        lane.trouble = trouble

    def _refuse(self, lane: Lane, message: Message, reason: str, now: float) -> None:
        """Put an event that will never be taken aside; a batch is sent again in halves, to find it."""
        if message.events > 1:
            self.failed += 1
            lane.halve()
            return
        try:
            path = put_aside(self._spool.folder, lane.first, reason)
        except OSError as error:
            self._fail(lane, error, now)
            return
        _LOG.warning("refused for good, kept in %s: %s", path, reason)
        self.refused += 1
        self._window.finish(lane)

    def _send_ready(self, producer: KafkaProducer, now: float) -> float:
        """Send what is due; return when more will be."""
        times = [float("inf")]
        for lane in self._window.lanes:
            at = lane.ready_at(self.hurry_until)
            if at <= now:
                self._send(producer, lane, now)
                at = lane.ready_at(self.hurry_until)
            times.append(lane.sent_at + self._stalled_s if lane.under_way else at)
        return min(times)

    def _send(self, producer: KafkaProducer, lane: Lane, now: float) -> None:
        message = lane.take(now)
        if len(message.value) > MAX_BYTES:
            self._refuse(lane, message, f"{len(message.value)} bytes, at most {MAX_BYTES} are read", now)
            return
        try:
            self._check_partitions(len(producer.partitions_for(lane.topic)))
            future = producer.send(lane.topic, message.value, message.key, partition=lane.partition)
        except (KafkaError, InvalidSettings) as error:
            for other in self._window.lanes:  # a missing topic is asked for once in a while only
                if other.topic == lane.topic and not other.under_way:
                    other.back_off(now)
            self._fail(lane, error, now)
            return
        self.sent += message.events
        future.add_both(self._note, lane, message)

    def _check_partitions(self, found: int) -> None:
        if found != self._partitions:
            raise InvalidSettings(f"it has {found} partitions, not {self._partitions}: set the right number")

    def _note(self, lane: Lane, message: Message, outcome: object) -> None:
        """Keep an outcome for this thread; kafka-python calls it on its own."""
        self._outcomes.append((lane, message, outcome))
        self.wake.set()

    def _acknowledge(self, now: float, *, last: bool = False) -> float:
        """Tell the spool how far everything is done with, now and then; return when to do it again."""
        done = self._window.done
        if done <= self._spool.acknowledged:
            return float("inf")
        awaited = self._spool.acknowledged < self.hurry_until <= done
        if not (last or awaited) and now < self._noted_at + _PROGRESS_S:
            return self._noted_at + _PROGRESS_S
        self._noted_at = now
        try:
            self._spool.acknowledge(done)
        except StorageFailed as error:
            self._warn(str(error))
            return now + _LONGEST_BACK_OFF_S
        with self.progressed:
            self.progressed.notify_all()
        return float("inf")

    def _plan_waking(self, at: float, now: float) -> float | None:
        if self._window.has_room:
            soon = at <= now + self._linger_s
            self.wake_at = self._window.next + (self._batch_events - 1 if soon else 0)
            if self._spool.end > self.wake_at:
                return 0.0
        return None if at == float("inf") else max(0.0, at - time.monotonic())

    def _drop_producer(self) -> None:
        """Give the producer up; what is under way in it is sent again by the next one."""
        producer, self._producer = self._producer, None
        self._window.release()
        if producer is not None:
            abandon(producer)

    def _warn(self, trouble: str) -> None:
        if trouble != self._trouble:  # once, not at every attempt
            _LOG.warning("%s; what is published stays in the spool until it is taken", trouble)
        self._trouble = trouble
