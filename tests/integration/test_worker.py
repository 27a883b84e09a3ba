"""Real workers: who owns a partition, what a bad event costs, and how they go on after a restart."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.errors import CoordinatorNotAvailableError

from deploy.local import ports
from ltrr.serving.processes.ending import END_S
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from tests.integration import traffic
from tests.integration.spawned import is_running, spawned
from tests.integration.test_exactness import check_exact
from tests.models import states

pytestmark = pytest.mark.servers

WITHOUT_END = """
import asyncio

from aiokafka import AIOKafkaConsumer

ended = AIOKafkaConsumer.stop


async def stop(self):
    await (ended(self) if self._group_id is None else asyncio.Event().wait())


AIOKafkaConsumer.stop = stop
"""


def version_of(name: str) -> str:
    """Return a version of this run's own."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


def members(bootstrap: Brokers, version: str) -> int:
    """Return how many workers share the partitions of a version; 0 while they are being shared out."""
    admin = KafkaAdminClient(**bootstrap.client())
    try:
        (group,) = admin.describe_groups([f"ltrr-{version}"]).values()
    except CoordinatorNotAvailableError:  # a Kafka that has just been started
        return 0
    finally:
        admin.close()
    return len(group["members"]) if group["group_state"] == "Stable" else 0


def forget_offsets(bootstrap: Brokers, version: str) -> None:
    """Delete what the consumer group has committed."""
    admin = KafkaAdminClient(**bootstrap.client())
    try:
        traffic.wait_until(lambda: not _members_left(admin, version), 40, "the group of ended workers does not empty")
        admin.delete_groups([f"ltrr-{version}"])
    finally:
        admin.close()


def _members_left(admin: KafkaAdminClient, version: str) -> int:
    (group,) = admin.describe_groups([f"ltrr-{version}"]).values()
    return len(group["members"])


def learned_by(port: int) -> float:
    """Return how many events a worker's metrics have counted."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("ltrr_events_total{"))


def said(port: int, path: str) -> dict[str, str]:
    """Return what a worker says of itself."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        with error:
            return dict(json.load(error))


def send_now(bootstrap: Brokers, seed: int, events: int, span_s: float = 1.0) -> traffic.Traffic:
    """Send some traffic."""
    sent = traffic.generate(seed, events, span_s, time.time())
    traffic.send(bootstrap, sent.messages)
    return sent


def test_a_zombie_changes_nothing(topics: Brokers, tmp_path: Path, record_property: Callable[[str, object], None]):
    """A worker that slept until another had its partitions is fenced, and learns on as a member or ends."""
    version, start_s = version_of("zombie"), time.time()
    with traffic.Processes(topics, tmp_path, version) as processes, traffic.following(topics, version) as followed:
        one = processes.worker("one")
        send_now(topics, 1, 1_500)
        traffic.wait_until(lambda: followed.revision > 0, 40, "the first worker learns nothing")
        send_now(topics, 2, 1_500)  # some of it is absorbed and not committed
        one.signal(signal.SIGSTOP)
        two = processes.worker("two")
        moved_s = traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        send_now(topics, 3, 1_000)
        one.signal(signal.SIGCONT)
        send_now(topics, 4, 2_000, span_s=4.0)
        traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        woken = one.exit_code
        assert woken in {None, 0}, one.said()
        assert two.exit_code is None, "the new owner ended"
        two.stop()
        if woken is not None:
            processes.worker("one")  # as what watches over workers would do
        send_now(topics, 5, 1_000)
        alone_s = traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        check_exact(topics, version, followed, start_s)
    record_property(
        "seen", f"moved in {moved_s:.1f} s; the zombie {woken=}; left alone, it learned on in {alone_s:.1f} s"
    )


def test_two_workers_share_the_partitions(
    topics: Brokers, tmp_path: Path, record_property: Callable[[str, object], None]
):
    """What two workers learn adds up to the fold, and to what one worker learns."""
    together, alone, start_s = version_of("two"), version_of("one"), time.time()
    (tmp_path / "alone").mkdir()
    with (
        traffic.Processes(topics, tmp_path, together) as pair,
        traffic.Processes(topics, tmp_path / "alone", alone) as single,
        traffic.following(topics, together) as followed,
        traffic.following(topics, alone) as follows_one,
    ):
        metrics = [ports.free(), ports.free()]
        for number, port in enumerate(metrics):
            pair.start(f"pair-{number}", "worker", "--name", f"{number}", "--metrics-port", f"{port}")
        traffic.wait_until(lambda: members(topics, together) == 2, 60, "two workers do not come together")
        for port in metrics:
            traffic.wait_until(lambda port=port: set(said(port, "readyz").values()) == {"ok"}, 30, "it is not ready")
            assert said(port, "healthz") == {"status": "ok"}
        sent = send_now(topics, 5, 6_000, span_s=2.0)
        ends = traffic.ends(topics)
        traffic.wait_absorbed(followed, ends, 60)
        counted = [learned_by(port) for port in metrics]
        assert min(counted) > 0, counted
        began_s = time.monotonic()
        single.worker("one")
        first_s = traffic.wait_until(lambda: follows_one.revision > 0, 40, "the single worker learns nothing")
        traffic.wait_absorbed(follows_one, ends, 60)
        rate = sent.events / (time.monotonic() - began_s - first_s + 0.5)
        pure, _ = traffic.expected(topics)
        assert sum(counted) == sum(traffic.total(pure).counts.values())
        for state in (followed.close(), follows_one.close()):
            states.assert_equal(traffic.total(pure), state, start_s, time.time())
    record_property("seen", f"one worker learns about {rate:.0f} events/s; first state {first_s:.1f} s after its start")


def test_a_bad_event_costs_itself_alone(topics: Brokers, tmp_path: Path):
    """Each gets a dead letter that says why and where; what stood beside it in the batch is learned."""
    version, start_s = version_of("poison"), time.time()

    def action(query_id: str, **others: object) -> dict[str, object]:
        attributes = {"object": {"object_id": "a"}}
        good = {"query_id": query_id, "action_name": "click", "timestamp": start_s, "event_attributes": attributes}
        return good | others

    home = partition_of("here", traffic.PARTITIONS)
    other = next(f"q{n}" for n in range(99) if partition_of(f"q{n}", traffic.PARTITIONS) != home)
    shown = {"query_id": "here", "user_query": "q", "timestamp": start_s, "query_response_hit_ids": ["a", "b"]}
    batch = [
        action("here"),
        action("here", timestamp="yesterday"),
        "no object",
        action(other),
        action("here") | {"query_id": ""},
        action("here", event_attributes={"object": {"object_id": "b"}}),
    ]
    bodies = [(Topic.IMPRESSIONS, [shown]), (Topic.ACTIONS, batch)]
    messages = [traffic.Sent(0.0, topic, home, json.dumps(body).encode()) for topic, body in bodies]
    messages.append(traffic.Sent(0.0, Topic.ACTIONS, home, b"\xff{not json"))
    messages.append(traffic.Sent(0.0, Topic.ACTIONS, home, b""))
    with traffic.Processes(topics, tmp_path, version) as processes, traffic.following(topics, version) as followed:
        processes.worker("one")
        traffic.send(topics, messages)
        traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        counts = followed.ask(lambda one: one.state().counts)
        assert (counts["impressions", "accepted"], counts["actions", "accepted"]) == (1, 2)
        found = [(*letter[:4], str(letter[4])) for letter in traffic.letters_of(topics)]
        assert [(offset, index) for _, _, offset, index, _ in found] == [(0, 1), (0, 2), (0, 3), (0, 4), (1, 0), (2, 0)]
        assert {(topic, partition) for topic, partition, *_ in found} == {("ltrr.actions", home)}
        assert found[2][4] == "wrong_partition"
        assert found[3][4] == "missing_query_id"
        check_exact(topics, version, followed, start_s)


@pytest.mark.parametrize("forgotten", [False, True], ids=["with offsets", "without offsets"])
def test_a_restart_goes_on_from_the_records(topics: Brokers, tmp_path: Path, *, forgotten: bool):
    """A new worker under another name has the compacted topics only, and learns on as if it had always run."""
    version, start_s = version_of("restart"), time.time()
    with traffic.Processes(topics, tmp_path, version) as processes:
        with traffic.following(topics, version) as followed:
            first = processes.worker("first")
            send_now(topics, 8, 2_000, span_s=2.0)
            traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        first.stop()
        if forgotten:
            forget_offsets(topics, version)
        send_now(topics, 9, 2_000, span_s=2.0)
        processes.worker("second")
        with traffic.following(topics, version) as followed:  # begins from nothing
            traffic.wait_absorbed(followed, traffic.ends(topics), 60)
            check_exact(topics, version, followed, start_s)


def test_a_worker_whose_kafka_client_does_not_end_is_ended(topics: Brokers, tmp_path: Path):
    """It was told to: what it has not committed is read again."""
    version = version_of("stuck")
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_END)
    with traffic.Processes(topics, tmp_path, version) as processes:
        stuck = processes.start("stuck", "worker", PYTHONPATH=str(tmp_path))
        traffic.wait_until(lambda: members(topics, version) == 1, 60, stuck.said)
        assert stuck.stop() == 0
        assert f"did not end by itself within {END_S:g} s" in stuck.said()


def test_several_workers_of_one_command_end_together(topics: Brokers, tmp_path: Path):
    """Two learn what one would; one that is killed ends the command with its exit code, and a start goes on there."""
    version, start_s = version_of("several"), time.time()
    first = ports.free(count=2)
    command = ("worker", "--workers", "2", "--name", "pair", "--metrics-port", f"{first}")
    with traffic.Processes(topics, tmp_path, version) as processes, traffic.following(topics, version) as followed:
        running = processes.start("several", *command)
        traffic.wait_until(lambda: members(topics, version) == 2, 60, running.said)
        for port in (first, first + 1):
            traffic.wait_until(lambda port=port: set(said(port, "readyz").values()) == {"ok"}, 30, "it is not ready")
        send_now(topics, 11, 2_000)
        traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        assert min(learned_by(first), learned_by(first + 1)) > 0
        one, other = spawned(running.pid)
        os.kill(one, signal.SIGKILL)
        traffic.wait_until(lambda: running.exit_code is not None, 60, running.said)
        assert (running.exit_code, is_running(other)) == (128 + signal.SIGKILL, False)
        send_now(topics, 12, 2_000)
        again = processes.start("several", *command)
        traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        check_exact(topics, version, followed, start_s)
        children = spawned(again.pid)
        assert (again.stop(), [one for one in children if is_running(one)]) == (0, [])


def test_none_of_several_workers_outlives_its_command(topics: Brokers, tmp_path: Path):
    """Where the command is killed at once, its workers end."""
    version = version_of("orphans")
    with traffic.Processes(topics, tmp_path, version) as processes:
        running = processes.start("several", "worker", "--workers", "2")
        traffic.wait_until(lambda: members(topics, version) == 2, 60, running.said)
        children = spawned(running.pid)
        running.kill()
        traffic.wait_until(lambda: not any(map(is_running, children)), 60, "a worker goes on")


def test_more_workers_than_partitions_are_refused(topics: Brokers, tmp_path: Path):
    """One of them would never learn: the message says how many may run."""
    with traffic.Processes(topics, tmp_path, version_of("many")) as processes:
        running = processes.start("many", "worker", "--workers", f"{traffic.PARTITIONS + 1}")
        traffic.wait_until(lambda: running.exit_code is not None, 30, "it goes on")
        assert (running.exit_code, f"run {traffic.PARTITIONS} at most" in running.said()) == (2, True)
