"""A change of forgetting on real Kafka: a live worker that is killed on the way and a replay agree across it."""

import asyncio
import json
import time
import uuid
from pathlib import Path

import pytest

from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.state.keys import ChangeKey
from ltrr.streams.versions.promotion import announce, read_board
from ltrr.streams.versions.versions import encode_half_life
from tests.integration import traffic
from tests.models import states

pytestmark = pytest.mark.servers
APPLICATION, SPAN_S = "shop0", 14.0


def change(bootstrap: Brokers, version: str, from_s: float, half_life_s: float) -> None:
    """Announce a change with less notice than the command takes; workers look every second."""
    key = ChangeKey(version, APPLICATION, round(from_s * 1000))
    asyncio.run(announce(bootstrap, key, encode_half_life(half_life_s)))


def test_live_and_replay_agree_across_a_change(topics: Brokers, tmp_path: Path):
    """Announced while a worker learns, which is killed behind it and goes on; a replay learns the same to 1e-9."""
    live, into = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("live", "into"))
    start_s = time.time()
    with traffic.Processes(topics, tmp_path, live) as processes, traffic.following(topics, live) as followed:
        worker = processes.worker("one")
        traffic.send(topics, traffic.generate(31, 1_000, 1.0, start_s).messages)
        traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        sent_s = time.time()
        holds_s = sent_s + 9.0  # late_s is 3
        change(topics, live, holds_s, 5.0)
        traffic.send(topics, traffic.generate(32, 1_500, SPAN_S, sent_s).messages)
        traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        assert worker.exit_code is None, worker.said()
        worker.kill()
        worker = processes.worker("one")
        traffic.send(topics, traffic.generate(33, 500, 1.0, time.time()).messages)
        traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        learned = followed.close()
        pages = {name: one for name, one in learned.applications.items() if name == APPLICATION}
        assert pages, "the application has learned nothing"
        replay = processes.start("replay", "replay", "--into", into, "--json")
        traffic.wait_until(lambda: replay.exit_code is not None, 60, replay.said)
        assert replay.exit_code == 0, replay.said()
        said = json.loads(replay.log.read_text().splitlines()[-1])
        assert said["forgetting"] == {APPLICATION: [[round(holds_s, 3), 5.0]]}
        again = traffic.total(traffic.committed(topics, into))
        states.assert_equal(learned, again, start_s, time.time())
        plain, _ = traffic.expected(topics)
        epochs = [one.application(APPLICATION).ranker.point.epoch for one in (learned, again, traffic.total(plain))]
        assert epochs[0] == epochs[1] > epochs[2], "the change changes nothing"
        told = processes.start("list", "policy", "list", "--json")
        traffic.wait_until(lambda: told.exit_code is not None, 60, told.said)
        rows = json.loads(told.log.read_text().splitlines()[-1])["versions"]
        assert {row["version"] for row in rows if row["forgetting"]} == {live, into}
        refused = processes.start("forget", "policy", "forget", "--half-life", "60", "--from", str(time.time() + 30))
        traffic.wait_until(lambda: refused.exit_code is not None, 60, refused.said)
        assert refused.exit_code == 2
        assert "is too near" in refused.said()
        asked_s = time.time()
        taken = processes.start("taken", "policy", "forget", "--half-life", "60", "--application", "default", "--json")
        traffic.wait_until(lambda: taken.exit_code == 0, 60, taken.said)
        [announced] = json.loads(taken.log.read_text().splitlines()[-1])["forgetting"]["changes"]
        assert announced["half_life_s"] == 60.0
        board = asyncio.run(read_board(topics, traffic.PARTITIONS))
        assert board.forgetting(live)["default"][0].from_s > asked_s + 60
        assert worker.exit_code is None, worker.said()


def test_a_change_that_comes_too_late_ends_the_worker(topics: Brokers, tmp_path: Path):
    """A record that holds for pages that were learned is not taken over in silence: the worker says what to do."""
    version = f"late-{uuid.uuid4().hex[:8]}"
    with traffic.Processes(topics, tmp_path, version) as processes, traffic.following(topics, version) as followed:
        worker = processes.worker("one")
        start_s = time.time()
        traffic.send(topics, traffic.generate(34, 300, 0.5, start_s).messages)
        traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        change(topics, version, start_s, 5.0)
        traffic.wait_until(lambda: worker.exit_code is not None, 60, worker.said)
        assert worker.exit_code != 0
        assert "replay the topics into a new version" in worker.said()
