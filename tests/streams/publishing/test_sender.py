"""The sender against a Kafka that does what a test says: order, batches, refusals and errors of any kind."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, KafkaTimeoutError, MessageSizeTooLargeError, UnknownError
from kafka.future import Future

from ltrr.streams.events.codec import MAX_BYTES
from ltrr.streams.publishing.lane import Lane
from ltrr.streams.publishing.refused_file import REFUSED
from ltrr.streams.publishing.sender import Sender
from ltrr.streams.publishing.spool import Spool, Spooled

TOPIC = "t"


@dataclass
class FakeKafka:
    """Stands where KafkaProducer does. answer: gets (partition, value) and returns an error, or None to take it."""

    answer: Callable[[int, bytes], BaseException | None] = lambda _partition, _value: None
    partitions: int = 2
    reachable: bool = True
    connections: int = 0
    taken: list[tuple[int, bytes | None, Any]] = field(default_factory=list)

    def connect(self) -> "FakeKafka":
        """Answer as a new producer."""
        self.connections += 1
        if not self.reachable:
            raise KafkaConnectionError
        return self

    def partitions_for(self, _topic: str) -> set[int]:
        """Answer as the producer does."""
        return set(range(self.partitions))

    def send(self, _topic: str, value: bytes, key: bytes | None, partition: int) -> Future:
        """Take the message, or fail."""
        error = self.answer(partition, value)
        if error is not None:
            return Future().failure(error)
        self.taken.append((partition, key, json.loads(value)))
        return Future().success(object())

    @property
    def _sender(self) -> SimpleNamespace:
        return SimpleNamespace(force_close=lambda: None, join=lambda _timeout_s: None)

    def close(self, timeout: float) -> None:
        """Nothing is open."""

    def events(self, partition: int) -> list[int]:
        """Return the events of a partition in their order."""
        bodies = [body for place, _, body in self.taken if place == partition]
        return [event for body in bodies for event in (body if isinstance(body, list) else [body])]


@contextmanager
def running(sender: Sender) -> Iterator[None]:
    """Run the sender's thread."""
    thread = threading.Thread(target=sender.run)
    thread.start()
    try:
        yield
    finally:
        sender.stop()
        thread.join(5)
        assert not thread.is_alive()


def deliver(spool: Spool, kafka: FakeKafka, *, batch_events: int = 10, partitions: int = 2) -> Sender:
    """Send what is in the spool until all of it is done with."""
    sender = Sender(spool, kafka.connect, partitions, batch_events, 0.005)
    with running(sender), sender.progressed:
        assert sender.progressed.wait_for(lambda: spool.acknowledged == spool.end, 10), sender.trouble
    return sender


def fill(spool: Spool, count: int) -> None:
    """Append the events 0, 1, ...; those of one key are in one partition."""
    for number in range(count):
        spool.append(TOPIC, f"q{number % 5}", b"%d" % number)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """Return an empty spool."""
    with Spool(tmp_path) as opened:
        yield opened


def everything_in_order(kafka: FakeKafka, count: int) -> bool:
    """Return whether the first time that each event came was in order in its partition, and none is missing."""
    firsts = [list(dict.fromkeys(kafka.events(partition))) for partition in range(2)]
    return all(run == sorted(run) for run in firsts) and sorted(chain.from_iterable(firsts)) == list(range(count))


def test_events_are_gathered(spool: Spool):
    """Events of a partition go in order in arrays without a key, of as many as allowed; one alone as it is."""
    fill(spool, 60)
    spool.append(TOPIC, "single", b'{"n": 1}')
    kafka = FakeKafka(partitions=1)
    sender = deliver(spool, kafka, partitions=1)
    assert [len(body) for _, _, body in kafka.taken[:6]] == [10] * 6
    assert kafka.events(0)[:60] == list(range(60))
    assert kafka.taken[6] == (0, b"single", {"n": 1})
    assert (sender.sent, sender.acknowledged, sender.messages, sender.failed) == (61, 61, 7, 0)


def test_a_message_is_as_large_as_readers_take(spool: Spool):
    """Large events fill a message up to the limit of readers, not beyond."""
    sizes: list[int] = []

    def answer(_partition: int, value: bytes) -> None:
        sizes.append(len(value))

    value = b'"' + b"x" * (MAX_BYTES // 3 - 3) + b'"'
    for _ in range(7):
        spool.append(TOPIC, "k", value)
    deliver(spool, FakeKafka(answer, partitions=1), partitions=1)
    assert sizes == [3 * len(value) + 4] * 2 + [len(value)]
    assert max(sizes) <= MAX_BYTES


@pytest.mark.parametrize("error", [KafkaTimeoutError("late"), UnknownError("odd")])
def test_order_is_kept_when_sending_fails(spool: Spool, error: BaseException):
    """Messages that fail now and then are sent again before later ones of their partition."""
    calls = iter(range(10**6))
    kafka = FakeKafka(lambda _partition, _value: error if next(calls) % 3 == 0 else None)
    fill(spool, 100)
    sender = deliver(spool, kafka)
    assert everything_in_order(kafka, 100)
    assert sender.failed > 0
    assert (kafka.connections > 1) == isinstance(error, UnknownError)  # such a producer may take nothing more


def test_one_partition_that_fails_does_not_hold_others(spool: Spool):
    """While a partition takes nothing, events of another go out."""
    fill(spool, 50)
    kafka = FakeKafka(lambda partition, _value: KafkaTimeoutError("no leader") if partition == 0 else None)
    sender = Sender(spool, kafka.connect, 2, 10, 0.001)
    with running(sender):
        until = time.monotonic() + 5
        while sender.acknowledged + len(kafka.events(0)) < 20 and time.monotonic() < until:
            time.sleep(0.01)
        assert len(kafka.events(1)) == sender.acknowledged >= 20
        assert "no leader" in (sender.trouble or "")
        kafka.answer = lambda _partition, _value: None
        with sender.progressed:
            assert sender.progressed.wait_for(lambda: spool.acknowledged == spool.end, 10)
    assert everything_in_order(kafka, 50)


def test_an_event_that_is_refused_is_put_aside(spool: Spool):
    """A refused batch is halved until the culprit is alone: it is in the file, all others are delivered."""
    fill(spool, 40)
    spool.append(TOPIC, "big", b'"' + b"x" * MAX_BYTES + b'"')

    def answer(_partition: int, value: bytes) -> BaseException | None:
        body = json.loads(value)
        return MessageSizeTooLargeError("too large") if 17 in (body if isinstance(body, list) else [body]) else None

    kafka = FakeKafka(answer)
    sender = deliver(spool, kafka)
    assert sorted(kafka.events(0) + kafka.events(1)) == [n for n in range(40) if n != 17]
    lines = [json.loads(line) for line in (spool.folder / REFUSED).read_text().splitlines()]
    assert sorted((line["key"], len(line["value"])) for line in lines) == [("big", MAX_BYTES + 2), ("q2", 2)]
    assert (sender.refused, sender.acknowledged, sender.settled) == (2, 39, 41)
    assert any("too large" in line["reason"] for line in lines)


def test_another_number_of_partitions_sends_nothing(spool: Spool):
    """Events would go astray: they wait, and the trouble says why."""
    fill(spool, 3)
    kafka = FakeKafka(partitions=3)
    sender = Sender(spool, kafka.connect, 2, 10, 0.001)
    with running(sender):
        until = time.monotonic() + 5
        while sender.trouble is None and time.monotonic() < until:
            time.sleep(0.01)
    assert "3 partitions, not 2" in (sender.trouble or "")
    assert (kafka.taken, spool.acknowledged) == ([], 0)


def test_kafka_that_is_away_is_tried_again(spool: Spool, caplog: pytest.LogCaptureFixture):
    """It is asked less and less often, said once, and gets everything when it is there."""
    fill(spool, 5)
    kafka = FakeKafka(reachable=False)
    sender = Sender(spool, kafka.connect, 2, 10, 0.001)
    with running(sender):
        time.sleep(1.0)
        assert 2 <= kafka.connections <= 4
        kafka.reachable = True
        with sender.progressed:
            assert sender.progressed.wait_for(lambda: spool.acknowledged == spool.end, 10)
    assert sum("cannot be reached" in record.message for record in caplog.records) == 1
    assert everything_in_order(kafka, 5)


def test_a_producer_that_never_answers_is_given_up(spool: Spool):
    """A message without an outcome is sent again through a new connection."""
    fill(spool, 20)
    silent = FakeKafka()
    silent.send = lambda *_arguments, **_options: Future()  # type: ignore[method-assign]
    kafka = FakeKafka()
    producers = iter([silent, kafka])
    sender = Sender(spool, lambda: next(producers).connect(), 2, 10, 0.001, stalled_s=0.3)
    with running(sender), sender.progressed:
        assert sender.progressed.wait_for(lambda: spool.acknowledged == spool.end, 10)
    assert everything_in_order(kafka, 20)
    assert sender.failed >= 1


def test_an_unknown_error_is_said_and_survived(spool: Spool, caplog: pytest.LogCaptureFixture):
    """The thread logs it with its traceback, counts it, and goes on from what was acknowledged."""
    fill(spool, 30)
    errors = iter([None, RuntimeError("a bug")])

    def answer(_partition: int, _value: bytes) -> None:
        if error := next(errors, None):
            raise error

    kafka = FakeKafka(answer)
    sender = deliver(spool, kafka)
    assert sender.restarts == 1
    assert sender.settled == spool.end == 30
    assert any(record.exc_info and "starts again" in record.message for record in caplog.records)
    assert set(kafka.events(0) + kafka.events(1)) == set(range(30))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_death_of_the_thread_is_not_silent(spool: Spool, caplog: pytest.LogCaptureFixture):
    """What no thread can survive is kept for those who ask, and logged."""
    fill(spool, 1)

    def answer(_partition: int, _value: bytes) -> None:
        raise KeyboardInterrupt

    sender = Sender(spool, FakeKafka(answer).connect, 2, 10, 0.001)
    thread = threading.Thread(target=sender.run)
    thread.start()
    thread.join(5)
    assert isinstance(sender.died, KeyboardInterrupt)
    assert any(record.levelname == "CRITICAL" for record in caplog.records)


def test_a_lane_waits_for_others_but_not_long():
    """An event is due at its time, at once in a hurry or in a full message, and later and later after failures."""
    lane = Lane("t", 0, batch_events=2)
    assert lane.ready_at(0) == float("inf")
    lane.add(Spooled(7, 0.0, "t", "k", b"1"), due=5.0)
    assert (lane.ready_at(7), lane.ready_at(8)) == (5.0, float("-inf"))
    lane.add(Spooled(8, 0.0, "t", "k", b"2"), due=6.0)
    assert lane.ready_at(0) == float("-inf")
    assert lane.take(3.0).value == b"[1,2]"
    assert lane.ready_at(9) == float("inf")
    assert [lane.back_off(10.0) for _ in range(9)] == [10 + min(5.0, 0.1 * 2**n) for n in range(9)]
    assert lane.ready_at(9) == 15.0
    lane.take(20.0)
    assert [event.position for event in lane.finish()] == [7, 8]
    assert len(lane) == 0
