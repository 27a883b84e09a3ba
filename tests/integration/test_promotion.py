"""Changing over between versions under load: no search fails, no event is lost, and each version learns each once."""

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from ltrr.bench.running.processes import Process
from ltrr.streams.events.codec import encode_entity
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from ltrr.streams.state.keys import STATE_TOPICS, decode_key
from tests.integration import traffic
from tests.integration.test_replay import board, run, version_of
from tests.integration.test_serving import click, delivered, serve
from tests.serving.shop import WORDS, catalogue
from tests.streams.states import assert_same

pytestmark = pytest.mark.servers
PER_S = 50


class Load:
    """Searches and clicks at a steady rate, over all servers in turn. answers: (time, server, version)."""

    def __init__(self, urls: list[str]) -> None:
        self.answers: list[tuple[float, int, str]] = []
        self.failures: list[str] = []
        self.searched: set[str] = set()
        self.clicked: set[str] = set()
        self._urls = urls
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(len(urls))]
        for thread in self._threads:
            thread.start()

    def _run(self, number: int) -> None:
        pause_s = len(self._urls) / PER_S
        with httpx.Client(base_url=self._urls[number], timeout=20) as client:
            while not self._ended.wait(pause_s):
                try:
                    body = {"query": WORDS[len(self.answers) % len(WORDS)]}
                    answer = client.post("/v1/search", json=body).raise_for_status().json()
                    event = click(answer["query_id"], answer["items"][0]["object_id"])
                    client.post("/v1/events", json=event).raise_for_status()
                except (httpx.HTTPError, LookupError) as error:
                    self.failures.append(repr(error))
                    continue
                self.answers.append((time.time(), number, answer["policy_version"]))
                self.searched.add(answer["query_id"])
                self.clicked.add(event["event_attributes"]["event_id"])  # type: ignore[index]

    def changed_over(self, since: float, version: str) -> bool:
        """Tell whether all servers answer from a version."""
        last = {number: found for at, number, found in list(self.answers) if at >= since}
        return len(last) == len(self._urls) and set(last.values()) == {version}

    def last_of_others(self, since: float, until: float, version: str) -> float:
        """Return how long after `since` the last answer came from another version."""
        return max(
            (at - since for at, _, found in self.answers if since <= at <= until and found != version), default=0
        )

    def end(self) -> None:
        """Stop searching."""
        self._ended.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()


@contextmanager
def two_query_workers(
    bootstrap: Brokers, folder: Path, **environment: str
) -> Iterator[tuple[traffic.Processes, list[str]]]:
    """Yield processes of a version, and the URLs of two query workers over a small catalogue."""
    entities = folder / "entities.jsonl"
    entities.write_bytes(b"\n".join(map(encode_entity, catalogue())) + b"\n")
    with traffic.Processes(bootstrap, folder, version_of("first")) as processes:
        processes.environment |= {
            "LTRR_TEXT_DEADLINE_S": "10",
            "LTRR_VECTOR_DEADLINE_S": "10",
            "LTRR_SECRET": "the same for both of them",
            **environment,
        }
        urls = []
        for number in range(2):
            processes.environment["LTRR_DATA_DIR"] = str(folder / f"data-{number}")
            index = processes.start(f"index-{number}", "index", str(entities))
            traffic.wait_until(lambda index=index: index.exit_code is not None, 60, index.said)
            urls.append(serve(processes, f"serve-{number}")[1])
        yield processes, urls


@pytest.fixture
def servers(topics: Brokers, tmp_path: Path) -> Iterator[tuple[traffic.Processes, list[str]]]:
    """Yield processes of a version, and the URLs of two query workers."""
    with two_query_workers(topics, tmp_path) as both:
        yield both


def test_change_over_under_load(
    topics: Brokers, servers: tuple[traffic.Processes, list[str]], record_property: Callable[[str, object], None]
):
    """Promotion and rollback reach all query workers while searches go on; both versions end up exact."""
    processes, urls = servers
    first, second = processes.environment["LTRR_VERSION"], version_of("second")
    worker = processes.worker("first")
    load = Load(urls)
    traffic.wait_until(lambda: len(load.answers) > 100, 60, lambda: f"no answers: {load.failures[:3]}")
    traffic.wait_until(lambda: board(topics).revision(first) > 0, 60, "nothing is learned")
    run(processes, "replay", "replay", "--into", second)
    other = processes.start("second", "worker", "--name", "second", LTRR_VERSION=second)
    promoted = run(processes, "promote", "policy", "promote", second)
    promoted_s = time.time()
    assert (promoted["version"], promoted["before"]) == (second, [{"version": first, "mode": "online"}])
    traffic.wait_until(lambda: load.changed_over(promoted_s, second), 20, "not all change over")
    worker.stop()  # the first version is not learned for a while
    time.sleep(1.0)
    until_s = time.time()
    rolled_back = httpx.post(f"{urls[1]}/v1/policy/rollback", timeout=20).raise_for_status().json()
    back_s = time.time()
    assert (rolled_back["version"], rolled_back["before"]) == (first, [])
    traffic.wait_until(lambda: load.changed_over(back_s, first), 20, "not all change back")
    processes.worker("first")
    load.end()
    end_s = time.time()
    assert load.failures == []
    traffic.wait_until(lambda: delivered(topics)[0] >= load.searched, 30, "an impression is lost")
    traffic.wait_until(lambda: delivered(topics)[1] >= load.clicked, 30, "a click is lost")
    ends = traffic.ends(topics)
    for version in (first, second):
        traffic.wait_until(lambda v=version: board(topics).lag(v, ends) == 0, 60, f"{version} does not catch up")
    pure, _ = traffic.expected(topics)
    for version in (first, second):
        for mine, theirs in zip(pure, traffic.committed(topics, version), strict=True):
            assert_same(mine, theirs)
    check_commands(topics, processes, first, second, other)
    record_property(
        "seen",
        f"{len(load.answers)} searches, none failed; the last answer from the old version came "
        f"{1000 * load.last_of_others(promoted_s, until_s, second):.0f} ms after the promotion and "
        f"{1000 * load.last_of_others(back_s, end_s, first):.0f} ms after the rollback",
    )


def held(bootstrap: Brokers, version: str) -> int:
    """Return how many records of a version the state topics hold."""

    async def read() -> int:
        latest: dict[tuple[Topic, int, bytes], bool] = {}
        async with KafkaReader(bootstrap) as reader:
            for topic in STATE_TOPICS:
                for partition in range(traffic.PARTITIONS):
                    async for record in reader.read(topic, partition):
                        key = decode_key(record.key)
                        if key is not None and key.version == version:
                            latest[topic, partition, record.key] = record.value is not None
        return sum(latest.values())

    return asyncio.run(read())


def check_commands(bootstrap: Brokers, processes: traffic.Processes, first: str, second: str, other: Process) -> None:
    """Look at both versions with the commands, and delete the one that is not active."""

    def refused(name: str, *command: str) -> str:
        process = processes.start(f"{name}-{uuid.uuid4().hex[:4]}", *command)
        traffic.wait_until(lambda: process.exit_code is not None, 60, process.said)
        assert process.exit_code == 2, process.said()
        return process.said()

    listed = {row["version"]: row for row in run(processes, "list", "policy", "list")["versions"]}  # type: ignore[attr-defined]
    assert (listed[first]["active"], listed[second]["active"]) == (["default"], [])
    assert listed[second]["complete"]
    assert listed[second]["workers"] == 1
    assert listed[first]["memory_records"] == listed[second]["memory_records"] > 0
    compared = run(processes, "diff", "policy", "diff", first, second)
    assert compared["settings"] == {}
    for row in compared["arms"]:  # type: ignore[attr-defined]
        assert row[first] == row[second]
    assert "is active for default" in refused("active", "policy", "delete", first)
    assert "workers learn" in refused("learned", "policy", "delete", second)
    assert "no version is called" in refused("unknown", "policy", "promote", "never-made")
    assert "no version was active before" in refused("nothing", "policy", "rollback")
    other.stop()
    traffic.wait_until(
        lambda: json.loads(_output(processes))["versions"][-1]["workers"] == 0, 40, "it is still learned"
    )
    records = held(bootstrap, second)
    assert records > listed[second]["policy_records"] + listed[second]["memory_records"] > 0, "pages are kept besides"
    gone = run(processes, "delete", "policy", "delete", second)
    assert gone["records"] == records
    assert held(bootstrap, second) == 0
    assert second not in _output(processes)


def _output(processes: traffic.Processes) -> str:
    """Return what `ltrr policy list` prints."""
    return json.dumps(run(processes, f"list-{uuid.uuid4().hex[:4]}", "policy", "list"))
