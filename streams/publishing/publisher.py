"""Publish events to Kafka through a spool: accepted at once, delivered as soon as Kafka is there."""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ltrr.models.errors import EngineFailed, EngineTimeout, InvalidSettings
from ltrr.models.records.visitors import Visitors
from ltrr.streams.events.codec import MAX_EVENTS
from ltrr.streams.events.topics import EVENT_TOPICS
from ltrr.streams.events.visitor_names import named
from ltrr.streams.files.room import Room
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.client import connect
from ltrr.streams.publishing.sender import Sender
from ltrr.streams.publishing.spool import Spool

_LOG = logging.getLogger(__name__)
_JOIN_S = 10.0
_CLIENT: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    "compression_type": "gzip",
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
    "batch_size": 512 * 1024,
    "max_block_ms": 1_000,
    "bootstrap_timeout_ms": 2_000,
    "request_timeout_ms": 10_000,
    "delivery_timeout_ms": 30_000,
    "reconnect_backoff_max_ms": 2_000,
}


@dataclass(frozen=True, slots=True)
class Report:
    """What became of events since this publisher was opened; all are counts of events but where it says otherwise.

    sent: again for each attempt. refused: for good, now in the file of refused events. failed: attempts of messages
    that Kafka did not take. messages and bytes: acknowledged, before compression. lag: spooled and not done with yet,
    those of earlier processes included. spool_bytes: on the disk. restarts: of the sender after an error that it does
    not know. trouble: why something is not being delivered now.
    """

    published: int
    sent: int
    acknowledged: int
    refused: int
    failed: int
    messages: int
    bytes: int
    lag: int
    spool_bytes: int
    restarts: int
    trouble: str | None


class Publisher:
    """Takes events into a spool, and sends them to Kafka from a thread of its own.

    Each event is delivered at least once, and in order within its partition, which is murmur2 of its key; events of a
    partition that come within linger_s share a message, at most batch_events of them. partitions: of every topic; while
    a topic has another number, nothing is sent to it. A topic that is compacted takes no message without a key, and is
    not for this publisher. visitors: puts names in place of the ids in actions and impressions; None where that is
    done, or where workers do it, which see the ids then. client: other settings of kafka-python's producer. room: of
    the spool's disk. One publisher at a time for a folder; every method may be called from any thread. Kafka may be
    away.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        spool_folder: Path,
        partitions: int,
        *,
        batch_events: int = 50,
        linger_s: float = 0.02,
        max_spool_bytes: int = 1 << 30,
        segment_bytes: int = 16 << 20,
        fsync: bool = False,
        close_timeout_s: float = 10.0,
        visitors: Visitors | None = None,
        client: Mapping[str, Any] | None = None,
        room: Room | None = None,
    ) -> None:
        if partitions < 1 or not 1 <= batch_events <= MAX_EVENTS:
            raise InvalidSettings(
                f"{partitions} partitions, {batch_events} events in a message: 1 or more, 1 to {MAX_EVENTS}"
            )
        self._close_timeout_s = close_timeout_s
        self._visitors = visitors
        self._spool = Spool(
            spool_folder, max_bytes=max_spool_bytes, segment_bytes=segment_bytes, fsync=fsync, room=room
        )
        self._opened_at = self._spool.end
        opening = partial(connect, {**bootstrap.client(), **_CLIENT, **(client or {})})
        self._sender = Sender(self._spool, opening, partitions, batch_events, linger_s)
        self._thread = threading.Thread(target=self._sender.run, name="ltrr-publisher", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def publish(self, topic: str, key: str, value: bytes) -> None:
        """Accept one event, the JSON of which is `value`: from now on it will be delivered, whatever dies.

        Raises StorageFailed where it cannot be kept, such as in a full spool, and EngineFailed when the sender is dead.
        """
        self.publish_batch(topic, [(key, value)])

    def publish_batch(self, topic: str, items: Sequence[tuple[str, bytes]]) -> None:
        """Accept (key, value) pairs with one write, all or none."""
        self._refuse_dead()
        if self._visitors is not None and topic in EVENT_TOPICS:
            items = [(key, named(value, self._visitors)) for key, value in items]
        if self._spool.append_batch(topic, items).stop > self._sender.wake_at:
            self._sender.wake.set()

    def need_room(self) -> None:
        """Make sure that the spool's disk has room. Raises StorageFailed where events would be refused."""
        self._spool.need_room()

    def flush(self, timeout_s: float) -> None:
        """Wait until everything published before this call is done with. Raises EngineTimeout where it is not."""
        end = self._spool.end
        self._sender.hurry_until = max(self._sender.hurry_until, end)
        self._sender.wake.set()
        with self._sender.progressed:
            self._sender.progressed.wait_for(
                lambda: self._spool.acknowledged >= end or not self._thread.is_alive(), timeout_s
            )
        if self._spool.acknowledged < end:
            self._refuse_dead()
            report = self.report()
            message = f"{report.lag} events are not acknowledged after {timeout_s} s ({report.trouble or 'slow'})"
            raise EngineTimeout("kafka", f"{message}; they stay in {self._spool.folder}")

    def report(self) -> Report:
        """Return the figures as of now."""
        sender = self._sender
        settled = sender.settled  # before the end: the lag is never negative
        return Report(
            published=self._spool.end - self._opened_at,
            sent=sender.sent,
            acknowledged=sender.acknowledged,
            refused=sender.refused,
            failed=sender.failed,
            messages=sender.messages,
            bytes=sender.bytes,
            lag=self._spool.end - settled,
            spool_bytes=self._spool.size,
            restarts=sender.restarts,
            trouble=repr(sender.died) if sender.died else sender.trouble,
        )

    def close(self) -> None:
        """Deliver what can be delivered in close_timeout_s, and give the folder back; the rest stays in it."""
        if self._thread.is_alive():
            try:
                self.flush(self._close_timeout_s)
            except EngineFailed as error:
                _LOG.warning("%s", error)
            self._sender.stop()
            self._thread.join(_JOIN_S)
        self._spool.close()

    def _refuse_dead(self) -> None:
        if self._sender.died is not None:
            message = f"the sender died of {self._sender.died!r}; start again, what was published is kept"
            raise EngineFailed("kafka", f"{message} in {self._spool.folder}") from self._sender.died
