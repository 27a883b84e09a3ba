"""Workers that are killed at random times learn exactly what the pure fold learns."""

import signal
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ltrr.streams.kafka.brokers import Brokers
from tests.integration import traffic
from tests.models import states
from tests.streams.states import assert_same

pytestmark = pytest.mark.servers
EVENTS, SPAN_S, ROUNDS = 12_000, 55.0, 10


def check_exact(bootstrap: Brokers, version: str, followed: traffic.Following, start_s: float) -> None:
    """Compare what is on the compacted topics, and what a follower made of it, with the pure fold."""
    pure, letters = traffic.expected(bootstrap)
    for mine, theirs in zip(pure, traffic.committed(bootstrap, version), strict=True):
        assert_same(mine, theirs)
    states.assert_equal(traffic.total(pure), followed.close(), start_s, time.time())
    found = traffic.letters_of(bootstrap)
    assert len(found) == len(set(found)), "a dead letter was written twice"
    assert set(found) == letters


def test_exact_under_kill_9(topics: Brokers, tmp_path: Path, record_property: Callable[[str, object], None]):
    """Ten kills, and a worker that joins and leaves, cost no event and count none twice."""
    rng = np.random.default_rng(11)
    version = f"kill-{uuid.uuid4().hex[:8]}"
    began_s = time.monotonic()
    with traffic.Processes(topics, tmp_path, version) as processes, traffic.following(topics, version) as followed:
        worker, other = processes.worker("one"), None
        start_s = time.time()
        sent = traffic.generate(7, EVENTS, SPAN_S, start_s)
        sender = threading.Thread(target=traffic.send, args=(topics, sent.messages))
        sender.start()
        recoveries, kills = [], 0
        for number in range(ROUNDS):
            time.sleep(float(rng.uniform(2.0, 7.0)))
            if number == 3:
                other = processes.worker("two")
            elif number == 6:
                assert other is not None
                other.stop()
            assert worker.exit_code is None, "a worker ended by itself"
            before = followed.revision
            worker.kill()
            kills += 1
            if other is not None and number == 5:
                other.kill()
                kills += 1
                other = processes.worker("two")
            worker = processes.worker("one")
            if number == 8:
                recoveries.append(
                    traffic.wait_until(lambda b=before: followed.revision > b, 30, "no state after a kill")
                )
        sender.join(60)
        assert not sender.is_alive(), "the messages were not sent"
        ends = traffic.ends(topics)
        drained_s = traffic.wait_absorbed(followed, ends, 60)
        assert worker.stop() in (0, -signal.SIGTERM)
        learned_s = time.monotonic() - began_s
        check_exact(topics, version, followed, start_s)
    record_property(
        "seen",
        f"{sent.events} events ({sent.bad} bad) in {len(sent.messages)} messages, {kills} kills, "
        f"{learned_s:.0f} s and {time.monotonic() - began_s - learned_s:.0f} s to compare; "
        f"recovered after {recoveries[0]:.1f} s, "
        f"the rest absorbed {drained_s:.1f} s after the last message",
    )
