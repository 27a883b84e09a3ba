"""The publisher on a real Kafka: everything arrives, in order, in its partition, whatever is killed or stopped."""

import json
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

import ltrr
from ltrr.bench.running.local import LocalServer
from ltrr.models.errors import EngineTimeout
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.publishing.publisher import Publisher
from ltrr.streams.publishing.refused_file import REFUSED
from tests.integration import traffic

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("publisher")]  # they share a broker
PARTITIONS = 4
ROOT = Path(__file__).parents[2]


class Read(NamedTuple):
    """One message as Kafka has it, and the events in it."""

    partition: int
    key: bytes | None
    events: list[Any]
    is_batch: bool


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """Start a broker that may be stopped: others use the shared one."""
    with LocalServer("kafka", tmp_path_factory.mktemp("broker")) as broker:
        yield broker


def create(bootstrap: Brokers, partitions: int = PARTITIONS, **settings: str) -> str:
    """Create a topic of its own for a test; return its name."""
    name = f"publisher.{uuid.uuid4()}"
    admin = KafkaAdminClient(**bootstrap.client())
    try:
        configs = {key.replace("_", "."): value for key, value in settings.items()}
        admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])
    finally:
        admin.close()
    return name


def read(bootstrap: Brokers, topic: str, partitions: int = PARTITIONS) -> list[Read]:
    """Return every message of a topic, each partition's in their order."""
    consumer = KafkaConsumer(**bootstrap.client(), enable_auto_commit=False, auto_offset_reset="earliest")
    found: list[Read] = []
    try:
        for place in (TopicPartition(topic, partition) for partition in range(partitions)):
            consumer.assign([place])
            consumer.seek(place, 0)
            end = consumer.end_offsets([place])[place]
            while consumer.position(place) < end:
                for record in consumer.poll(timeout_ms=500).get(place, []):
                    body = json.loads(record.value)
                    is_batch = isinstance(body, list)
                    found.append(Read(place.partition, record.key, body if is_batch else [body], is_batch))
    finally:
        consumer.close()
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something holds, 10 s at most."""
    until = time.monotonic() + 10
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)


def run(program: str, bootstrap: Brokers, folder: Path, topic: str) -> subprocess.Popen[str]:
    """Run a program in a process of its own, with what is in this module."""
    head = "import sys\nfrom tests.integration.test_publisher import *\nbootstrap, folder, topic = sys.argv[1:]\n"
    command = [sys.executable, "-W", "ignore", "-c", head + program, str(bootstrap), str(folder), topic]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def event(number: int, padding: int = 0) -> tuple[str, bytes]:
    """Return key and value of an event."""
    key = f"query-{number % 97}"
    return key, json.dumps({"key": key, "number": number, "padding": "x" * padding}).encode()


def check_delivered(messages: list[Read], count: int, *, once: bool = True) -> None:
    """Check that events 0 to count - 1 are there, at murmur2's place, in order when first seen."""
    numbers: dict[int, list[int]] = {}
    for message in messages:
        for found in message.events:
            assert partition_of(found["key"], PARTITIONS) == message.partition
            numbers.setdefault(message.partition, []).append(found["number"])
    firsts = {partition: list(dict.fromkeys(run)) for partition, run in numbers.items()}
    assert all(run == sorted(run) for run in firsts.values())
    assert sorted(number for run in firsts.values() for number in run) == list(range(count))
    if once:
        assert firsts == numbers


def test_everything_is_delivered_in_order_and_batched(kafka: Brokers, tmp_path: Path):
    """After the flush all is in Kafka: once, in order, at its place, 10 to 50 events to a message."""
    topic = create(kafka)
    with Publisher(kafka, tmp_path, PARTITIONS) as publisher:
        for number in range(5_000):
            publisher.publish(topic, *event(number))
        publisher.flush(30)
        report = publisher.report()
        messages = read(kafka, topic)
    check_delivered(messages, 5_000)
    assert max(len(message.events) for message in messages) <= 50
    assert 100 <= len(messages) <= 500
    assert all((message.key is None) == message.is_batch for message in messages)
    assert (report.published, report.acknowledged, report.lag, report.refused) == (5_000, 5_000, 0, 0)
    assert (report.messages, report.failed, report.trouble) == (len(messages), 0, None)


def test_one_event_goes_out_after_the_linger(kafka: Brokers, tmp_path: Path):
    """Without a flush, a single event is sent with its key, as itself."""
    topic = create(kafka)
    with Publisher(kafka, tmp_path, PARTITIONS) as publisher:
        publisher.publish(topic, *event(0))
        wait_for(lambda: publisher.report().lag == 0)
        messages = read(kafka, topic)
    check_delivered(messages, 1)
    assert [(message.key, message.is_batch) for message in messages] == [(b"query-0", False)]


def test_a_stopped_broker_loses_nothing(broker: LocalServer, tmp_path: Path):
    """While the broker stands still, publishing goes on; afterwards everything arrives."""
    bootstrap = Brokers(broker.address)
    topic = create(bootstrap)
    with Publisher(bootstrap, tmp_path, PARTITIONS) as publisher:
        for number in range(500):
            publisher.publish(topic, *event(number))
        broker.signal(signal.SIGSTOP)
        try:
            for number in range(500, 2_000):
                publisher.publish(topic, *event(number))
            with pytest.raises(EngineTimeout, match="events are not acknowledged"):
                publisher.flush(3)
            assert publisher.report().lag > 1_000
        finally:
            broker.signal(signal.SIGCONT)
        publisher.flush(30)
    check_delivered(read(bootstrap, topic), 2_000, once=False)


def test_kafka_may_be_away_at_the_start(kafka: Brokers, tmp_path: Path):
    """A publisher opens without Kafka, says what is wrong, closes within its bound; the next one delivers."""
    topic = create(kafka)
    program = (
        "publisher = Publisher(Brokers('127.0.0.1:1'), Path(folder), PARTITIONS, close_timeout_s=0.5)\n"
        "for number in range(300):\n"
        "    publisher.publish(topic, *event(number))\n"
        "wait_for(lambda: publisher.report().trouble is not None)\n"
        "began = time.monotonic()\n"
        "publisher.close()\n"
        "print(time.monotonic() - began < 6, publisher.report().trouble)\n"
    )
    with run(program, kafka, tmp_path, topic) as process:  # kafka-python leaves sockets to the garbage collection
        said = process.communicate(timeout=30)[0]
    assert said.startswith("True Kafka cannot be reached")
    with Publisher(kafka, tmp_path, PARTITIONS) as publisher:
        publisher.publish(topic, *event(300))
        publisher.flush(20)
    check_delivered(read(kafka, topic), 301)


def test_what_was_published_survives_sigkill(kafka: Brokers, tmp_path: Path):
    """Killed right after publish() returned, a process leaves its events to the next one."""
    topic = create(kafka)
    program = (
        "publisher = Publisher(Brokers(bootstrap), Path(folder), PARTITIONS)\n"
        "for number in range(10**6):\n"
        "    publisher.publish(topic, *event(number))\n"
        "    print(number, flush=True)\n"
    )
    with run(program, kafka, tmp_path, topic) as process:
        assert process.stdout is not None
        for _ in range(3_000):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().splitlines(keepends=True)
    told = 3_000 + sum(line.endswith("\n") for line in rest)
    with Publisher(kafka, tmp_path, PARTITIONS) as publisher:
        publisher.flush(60)
        report = publisher.report()
    messages = read(kafka, topic)
    events = 1 + max(found["number"] for message in messages for found in message.events)
    assert events >= told
    check_delivered(messages, events, once=False)
    assert report.published == 0


def test_an_oversized_event_does_not_hold_up_the_rest(kafka: Brokers, tmp_path: Path):
    """What readers or Kafka refuse for good is put aside with the reason; everything else is delivered."""
    topic = create(kafka, max_message_bytes="5000")
    with Publisher(kafka, tmp_path, PARTITIONS, client={"compression_type": None}) as publisher:
        for number in range(100):
            publisher.publish(topic, *event(number))
            if number == 50:
                publisher.publish(topic, "large", b'"' + b"x" * 6_000 + b'"')
                publisher.publish(topic, "larger", b'"' + b"x" * 300_000 + b'"')
        publisher.flush(30)
        report = publisher.report()
    check_delivered(read(kafka, topic), 100, once=False)
    assert (report.refused, report.lag) == (2, 0)
    refused = [json.loads(line) for line in (tmp_path / REFUSED).read_text().splitlines()]
    assert sorted((line["topic"], line["key"], len(line["value"])) for line in refused) == [
        (topic, "large", 6_002),
        (topic, "larger", 300_002),
    ]


def test_a_missing_topic_is_said_and_waited_for(kafka: Brokers, tmp_path: Path):
    """Events of a topic that is not there wait for it; those of another one go out meanwhile."""
    topic, missing = create(kafka), f"publisher.{uuid.uuid4()}"
    with Publisher(kafka, tmp_path, PARTITIONS) as publisher:
        publisher.publish(missing, *event(0))
        publisher.publish(topic, *event(0))
        wait_for(lambda: publisher.report().acknowledged == 1 and publisher.report().trouble is not None)
        report = publisher.report()
        assert (report.acknowledged, report.lag) == (1, 1)
        assert missing in (report.trouble or "")
        admin = KafkaAdminClient(**kafka.client())
        admin.create_topics([NewTopic(missing, PARTITIONS, 1)])
        admin.close()
        publisher.flush(20)
    check_delivered(read(kafka, missing), 1)


def test_rate(kafka: Brokers, tmp_path: Path, record_property: Callable[[str, object], None]):
    """Say how many events of 400 bytes a second are accepted, and how many arrive."""
    topic, count = create(kafka), 20_000
    events = [event(number, padding=345) for number in range(count)]
    with Publisher(kafka, tmp_path, PARTITIONS) as publisher:
        publisher.publish(topic, *events[0])
        publisher.flush(20)
        began = time.perf_counter()
        for key, value in events:
            publisher.publish(topic, key, value)
        accepted = time.perf_counter()
        publisher.flush(60)
        arrived = time.perf_counter()
        report = publisher.report()
    size = sum(len(value) for _, value in events) // count
    record_property(
        "seen",
        f"{size}-byte events: {count / (accepted - began):,.0f}/s accepted, "
        f"{count / (arrived - began):,.0f}/s delivered, {report.acknowledged / report.messages:.0f} to a message",
    )
    assert report.acknowledged == count + 1


def test_ids_are_named_before_they_are_spooled(topics: Brokers, tmp_path: Path):
    """A program that has the secret keeps and sends no id of a visitor; what is no event goes as it is."""
    visitors, entity = ltrr.Visitors(b"the secret of this installation"), {"object_id": "song", "user_id": "ann"}
    sent = {"query_id": "q", "user_id": "ann", "session_id": 7}
    with Publisher(topics, tmp_path, traffic.PARTITIONS, visitors=visitors) as publisher:
        publisher.publish(Topic.ACTIONS, "q", json.dumps(sent).encode())
        publisher.publish(Topic.ENTITIES, "song", json.dumps(entity).encode())
        kept = [json.loads(one.value) for one in publisher._spool.read(0)[0]]
    assert kept == [sent | {"user_id": visitors.name("ann"), "session_id": visitors.name("7")}, entity]
