"""Versions that nobody needs are removed after a promotion and a replay, and never one that is in use."""

import asyncio
import time
from pathlib import Path

import pytest

from ltrr.streams.kafka import cluster
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.state.keys import learner_group
from ltrr.streams.state.partition_store import read_records
from ltrr.streams.versions.promotion import begin
from ltrr.streams.versions.versions import Recipe
from tests.integration import traffic
from tests.integration.test_replay import board, run, version_of

pytestmark = pytest.mark.servers


def test_old_versions_are_removed(topics: Brokers, tmp_path: Path):
    """Promotion and replay remove all but the kept number; workers, rollbacks and unfinished rebuilds are safe."""
    live = version_of("live")
    with traffic.Processes(topics, tmp_path, live) as processes:
        traffic.send(topics, traffic.generate(31, 400, 1.0, time.time()).messages)
        for name in ("one", "two", "three"):
            assert run(processes, name, "replay", "--into", name)["removed"] == []
        processes.worker("live")
        worked = processes.start("two-worker", "worker", "--name", "two", LTRR_VERSION="two")
        traffic.wait_until(lambda: both_work(topics, live, "two"), 120, worked.said)
        traffic.wait_until(lambda: board(topics).revision(live) > 0, 120, "nothing is learned")
        assert "\x1b" not in worked.said(), "escape codes of Faust"
        unread = [dict.fromkeys(("impressions", "actions"), 10**6)] * traffic.PARTITIONS
        asyncio.run(begin(topics, "begun", Recipe({}, [], unread)))

        looked = run(processes, "look", "policy", "prune", "--keep", "0", "--dry-run")
        assert looked["removed"] == {"one": 0, "three": 0}
        assert looked["kept"] == {
            live: "has workers",
            "two": "has workers",
            "begun": "its rebuild is not through",
        }
        assert board(topics).versions == {live, "one", "two", "three", "begun"}

        processes.environment["LTRR_KEEP_VERSIONS"] = "1"
        promoted = run(processes, "promote", "policy", "promote", "one")
        assert promoted["removed"] == []
        made = run(processes, "four", "replay", "--into", "four")
        assert made["removed"] == [], "three is kept as the newest beside it"
        processes.environment["LTRR_KEEP_VERSIONS"] = "0"
        assert run(processes, "five", "replay", "--into", "five")["removed"] == ["four", "three"]
        assert board(topics).versions == {live, "one", "two", "begun", "five"}
        for partition in range(traffic.PARTITIONS):
            assert asyncio.run(read_records(topics, "three", partition)) == {}
            assert asyncio.run(read_records(topics, "one", partition)) != {}

        assert run(processes, "next", "policy", "promote", "five")["removed"] == []
        assert run(processes, "back", "policy", "rollback")["version"] == "one"
        pruned = run(processes, "prune", "policy", "prune")
        assert list(pruned["removed"]) == ["five"]  # type: ignore[call-overload]
        assert all(count > 0 for count in pruned["removed"].values())  # type: ignore[attr-defined]
        assert run(processes, "again", "policy", "prune")["removed"] == {}
        del processes.environment["LTRR_KEEP_VERSIONS"]
        refused = processes.start("refused", "policy", "prune")
        traffic.wait_until(lambda: refused.exit_code is not None, 60, refused.said)
        assert refused.exit_code == 2
        assert "say how many with --keep, or set LTRR_KEEP_VERSIONS" in refused.said()


def both_work(bootstrap: Brokers, *versions: str) -> bool:
    """Tell whether all versions have workers."""
    groups = {learner_group(version) for version in versions}
    return cluster.inhabited(bootstrap, groups) == groups
