"""What compaction leaves of the state topics is the whole state; what is exported comes back."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka.brokers import Brokers
from tests.integration import traffic
from tests.integration.test_replay import run, version_of
from tests.models import states
from tests.streams.states import assert_same

pytestmark = pytest.mark.servers
OFTEN = {"segment.ms": "500", "min.cleanable.dirty.ratio": "0.01", "max.compaction.lag.ms": "1000"}


def kept(bootstrap: Brokers) -> int:
    """Return how many records the state topics hold."""
    return sum(traffic.record_counts(bootstrap, (Topic.POLICY, Topic.MEMORY)))


def compact_often(bootstrap: Brokers) -> None:
    """Have the state topics compacted at once."""
    admin = KafkaAdminClient(**bootstrap.client())
    resources = [ConfigResource(ConfigResourceType.TOPIC, t, OFTEN) for t in (Topic.POLICY, Topic.MEMORY)]
    admin.alter_configs(resources)
    admin.close()


def test_a_query_worker_from_nothing(topics: Brokers, tmp_path: Path, record_property: Callable[[str, object], None]):
    """After compaction a follower that starts from nothing has what was learned, to the last record."""
    start_s, version = time.time(), version_of("compacted")
    with traffic.Processes(topics, tmp_path, version_of("live")) as processes:
        traffic.send(topics, traffic.generate(31, 4_000, 4.0, start_s).messages)
        run(processes, "replay", "replay", "--into", version, "--checkpoint", "100")
        first = kept(topics)
        run(processes, "other", "replay", "--into", version_of("other"))
        at_once = kept(topics) - first  # what a replay writes that commits at its end alone
        written = first + 2 * at_once
        compact_often(topics)  # not before what was written is counted
        run(processes, "roll", "replay", "--into", version_of("roll"))  # a new segment: the old ones can be compacted
        traffic.wait_until(lambda: kept(topics) < written, 120, lambda: f"{kept(topics)} of {written} records are kept")
        left = kept(topics)
        pure, _ = traffic.expected(topics)
        for mine, theirs in zip(pure, traffic.committed(topics, version), strict=True):
            assert_same(mine, theirs)
        with traffic.following(topics, version) as followed:
            took_s = traffic.wait_absorbed(followed, traffic.ends(topics), 60)
            states.assert_equal(traffic.total(pure), followed.close(), start_s, time.time())
    record_property(
        "seen", f"{written} records written, and those of another version; {left} left; read in {took_s:.2f} s"
    )


def test_export_and_import(topics: Brokers, tmp_path: Path):
    """Exported events, published again as trusted, teach what the first ones taught."""
    start_s = time.time()
    with traffic.Processes(topics, tmp_path, version_of("live")) as processes:
        sent = traffic.generate(32, 1_500, 2.0, start_s)
        traffic.send(topics, sent.messages)
        files = {}
        for topic in EVENT_TOPICS:
            process = processes.start(f"export-{topic.short}", "export", topic.short)
            traffic.wait_until(lambda p=process: p.exit_code is not None, 60, process.said)
            assert process.exit_code == 0, process.said()
            files[topic] = process.log
        lines = [json.loads(line) for file in files.values() for line in file.read_text().splitlines()]
        assert len(lines) == sent.events
        served = {
            line.get("application", "default") for line in lines if isinstance(line, dict) and "user_query" in line
        }
        processes.environment["LTRR_APPLICATIONS"] = json.dumps(sorted(served))
        first = traffic.ends(topics)
        for topic in EVENT_TOPICS:
            publish = processes.start(f"publish-{topic.short}", "publish", "--trusted", str(files[topic]))
            traffic.wait_until(lambda p=publish: p.exit_code is not None, 60, publish.said)
        offsets = tmp_path / "from.json"
        by_topic = {t: {str(p): one[t.short] for p, one in enumerate(first)} for t in EVENT_TOPICS}
        offsets.write_text(json.dumps(by_topic))
        once = run(processes, "once", "replay", "--dry-run", "--to", str(offsets), "--set", "late_s=1000")
        again = run(processes, "again", "replay", "--dry-run", "--from", str(offsets), "--set", "late_s=1000")
        for topic in EVENT_TOPICS:  # what lay on a wrong partition is found again, as a duplicate
            assert again["counts"][topic.short]["accepted"] == once["counts"][topic.short]["accepted"] > 0  # type: ignore[index]
        refused = processes.start("refused", "export", "policy")
        traffic.wait_until(lambda: refused.exit_code is not None, 60, refused.said)
        assert "cannot be exported as JSON" in refused.said()
