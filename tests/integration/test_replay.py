"""A replay learns what live workers learned, to the last bit however often it is killed; workers go on from there."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, OffsetAndMetadata, TopicPartition
from kafka.errors import CoordinatorNotAvailableError

from ltrr.streams.events.topics import EVENT_TOPICS
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.versions.promotion import read_board
from ltrr.streams.versions.versions import Board
from tests.integration import traffic
from tests.models import states
from tests.streams.states import assert_same

pytestmark = pytest.mark.servers
EVENTS, SPAN_S = 8_000, 12.0


def version_of(name: str) -> str:
    """Return a version that no other test has."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


def board(bootstrap: Brokers) -> Board:
    """Return what is known of versions."""
    return asyncio.run(read_board(bootstrap, traffic.PARTITIONS))


def run(processes: traffic.Processes, name: str, *command: str) -> dict[str, object]:
    """Run a command to its end; return the JSON that it prints."""
    process = processes.start(name, *command, "--json")
    traffic.wait_until(lambda: process.exit_code is not None, 120, process.said)
    assert process.exit_code == 0, process.said()
    return json.loads(process.log.read_text().splitlines()[-1])


def kill_at(processes: traffic.Processes, bootstrap: Brokers, into: str, revision: float) -> None:
    """Start a replay, and kill it once it has committed so many messages."""
    process = processes.start("killed", "replay", "--into", into, "--checkpoint", "400")
    traffic.wait_until(
        lambda: board(bootstrap).revision(into) >= revision or process.exit_code is not None, 60, process.said
    )
    assert process.exit_code is None, f"it ended before it was killed: {process.said()}"
    process.kill()


def test_replay_equals_live(topics: Brokers, tmp_path: Path, record_property: Callable[[str, object], None]):
    """Counts are those of the live version, real numbers to 1e-9; three kills leave the same digest."""
    live, once, killed, start_s = version_of("live"), version_of("once"), version_of("killed"), time.time()
    with traffic.Processes(topics, tmp_path, live) as processes, traffic.following(topics, live) as followed:
        worker = processes.worker("live")
        sent = traffic.generate(21, EVENTS, SPAN_S, start_s)
        traffic.send(topics, sent.messages)
        ends = traffic.ends(topics)
        traffic.wait_absorbed(followed, ends, 60)
        whole = run(processes, "once", "replay", "--into", once)
        pure, letters = traffic.expected(topics)
        for mine, theirs in zip(pure, traffic.committed(topics, once), strict=True):
            assert_same(mine, theirs)
        states.assert_equal(followed.close(), traffic.total(traffic.committed(topics, once)), start_s, time.time())
        assert sum(whole["dead_letters"].values()) == len(letters)  # type: ignore[attr-defined]
        assert whole["events"] == sent.events
        for part in (0.2, 0.5, 0.8):
            kill_at(processes, topics, killed, part * float(str(whole["revision"])))
        last = run(processes, "last", "replay", "--into", killed)
        assert last["resumed"] > 0  # type: ignore[operator]
        assert (last["digest"], last["counts"]) == (whole["digest"], whole["counts"])
        again = run(processes, "again", "replay", "--into", once)
        assert (again["digest"], again["events"]) == (whole["digest"], 0)
        dry = run(processes, "dry", "replay", "--dry-run", "--into", "dry")
        assert dry["digest"] == whole["digest"]
        assert "dry" not in board(topics).progress
        assert "dry" not in board(topics).recipes
        assert worker.exit_code is None
    record_property("seen", f"{sent.events} events replayed at {whole['events_per_s']} events/s")


def test_workers_go_on_from_the_records(topics: Brokers, tmp_path: Path):
    """A rebuilt version goes on from the offsets in its records, not those of its group, under its own settings."""
    live, into, start_s = version_of("live"), version_of("into"), time.time()
    weights = {"click": 1.0, "like": 0.25}
    with traffic.Processes(topics, tmp_path, live) as processes:
        traffic.send(topics, traffic.generate(22, 3_000, 4.0, start_s).messages)
        offsets = tmp_path / "to.json"
        found = traffic.ends(topics)
        by_topic = {t: {str(p): one[t.short] for p, one in enumerate(found)} for t in EVENT_TOPICS}
        offsets.write_text(json.dumps(by_topic))
        set_weights = ("--set", f"action_weights={json.dumps(weights)}")
        done = run(processes, "replay", "replay", "--into", into, "--to", str(offsets), *set_weights)
        assert done["to"] == by_topic
        traffic.send(topics, traffic.generate(23, 3_000, 4.0, time.time()).messages)
        commit_ahead(topics, f"ltrr-{into}", traffic.ends(topics))
        changed = {"LTRR_VERSION": into, "LTRR_ACTION_WEIGHTS": "{}"}
        processes.start("worker", "worker", "--name", "one", **changed)
        traffic.wait_until(lambda: board(topics).lag(into, traffic.ends(topics)) == 0, 60, "it does not catch up")
        whole = run(processes, "whole", "replay", "--into", version_of("whole"), *set_weights)
        under = replace(traffic.learning(), action_weights=weights)
        learned = traffic.committed(topics, into, under)
        again = traffic.committed(topics, str(whole["version"]), under)
        for mine, theirs in zip(learned, again, strict=True):
            assert_same(mine, theirs)
        assert sum(fold.state.counts["actions", "without_weight"] for fold in learned) > 0
        refused = processes.start("refused", "replay", "--into", into, "--to", str(offsets))
        traffic.wait_until(lambda: refused.exit_code is not None, 60, refused.said)
        assert refused.exit_code == 2
        assert "was begun with action_weights" in refused.said()


def commit_ahead(bootstrap: Brokers, group: str, found: list[dict[str, int]]) -> None:
    """Commit offsets of a group, as if it had read everything."""
    admin = KafkaAdminClient(**bootstrap.client())
    try:
        ahead = {
            TopicPartition(t, p): OffsetAndMetadata(one[t.short], "", -1)
            for p, one in enumerate(found)
            for t in EVENT_TOPICS
        }

        def committed() -> bool:
            with suppress(CoordinatorNotAvailableError):  # the broker's first group: its topic is being made
                admin.alter_group_offsets(group, ahead)
                return True
            return False

        traffic.wait_until(committed, 30, "no broker coordinates groups")
    finally:
        admin.close()


def test_a_range_of_time(topics: Brokers, tmp_path: Path):
    """A replay from and to a time learns the messages that were recorded between, and nothing else."""
    start_s = time.time()
    with traffic.Processes(topics, tmp_path, version_of("live")) as processes:
        traffic.send(topics, traffic.generate(24, 600, 2.0, start_s).messages)
        first, middle_s = traffic.ends(topics), time.time() + 0.5
        traffic.wait_until(lambda: time.time() > middle_s + 0.5, 5, "the clock stands")
        traffic.send(topics, traffic.generate(25, 600, 2.0, time.time()).messages)
        tail = run(processes, "tail", "replay", "--dry-run", "--from", f"{middle_s}")
        head = run(processes, "head", "replay", "--dry-run", "--to", f"{middle_s}")
        every = [{t: int(one[f"ltrr.{t}"][str(p)]) for t in first[p]} for p in range(4) for one in [head["to"]]]  # type: ignore[index]
        assert every == first
        assert tail["from"] == head["to"]
        assert tail["events"] + head["events"] == run(processes, "all", "replay", "--dry-run")["events"]  # type: ignore[operator]
        whole = tmp_path / "whole.json"
        whole.write_text(json.dumps({t: {str(p): 0 for p in range(traffic.PARTITIONS)} for t in EVENT_TOPICS}))
        remove_before(topics, TopicPartition(EVENT_TOPICS[0], 0), first[0]["impressions"])
        refused = processes.start("refused", "replay", "--dry-run", "--from", str(whole))
        traffic.wait_until(lambda: refused.exit_code is not None, 60, refused.said)
        assert refused.exit_code == 2
        assert "not kept any more; begin at a later --from, a replay in a new version" in refused.said()


def remove_before(bootstrap: Brokers, tp: TopicPartition, offset: int) -> None:
    """Remove the messages before an offset, as retention does."""
    admin = KafkaAdminClient(**bootstrap.client())
    try:
        admin.delete_records({tp: offset})
    finally:
        admin.close()
