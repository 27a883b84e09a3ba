"""How a worker ends that cannot go on."""

import time
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from tests.integration import traffic
from tests.integration.test_replay import version_of

pytestmark = pytest.mark.servers


def test_what_a_worker_ends_with_is_one_line(topics: Brokers, tmp_path: Path):
    """Of other settings than those of its version, and of a topic that is gone while it loads: no traceback."""
    version = version_of("ends")
    with traffic.following(topics, version) as followed, traffic.Processes(topics, tmp_path, version) as processes:
        worker = processes.worker("same")
        traffic.send(topics, traffic.generate(7, 200, 1.0, time.time()).messages)
        traffic.wait_absorbed(followed, traffic.ends(topics), 60)
        worker.stop()
        arms = {"LTRR_ARMS": '["fulltext", "fuzzy"]', "LTRR_BASELINE": '{"fulltext": 4}'}
        other = processes.start("other", "worker", "--name", "other", **arms)
        traffic.wait_until(lambda: other.exit_code is not None, 60, other.said)
        again = processes.worker("again")
        traffic.wait_until(lambda: "learns version" in again.log.read_text(), 30, again.said)
        client = KafkaAdminClient(**topics.client())
        client.delete_topics([Topic.ACTIONS])
        client.close()
        traffic.wait_until(lambda: again.exit_code is not None, 60, again.said)
        for ended, said in ((other, "(arms, which was"), (again, "has no ltrr.actions any more")):
            lines = [line for line in ended.log.read_text().splitlines() if " WARNING " not in line]
            assert (ended.exit_code, len(lines)) == (1, 2), lines
            assert lines[0].startswith("ltrr worker ")
            assert " CRITICAL " in lines[1]
            assert said in lines[1]
