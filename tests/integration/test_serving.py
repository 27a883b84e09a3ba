"""Real query workers and workers on Kafka: a click is learned and served soon, and a kill loses nothing accepted."""

import asyncio
import json
import re
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ltrr.bench.running.processes import Process
from ltrr.streams.events.codec import encode_entity
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from tests.integration import traffic
from tests.serving.shop import WORDS, catalogue

pytestmark = pytest.mark.servers
CLICKS = 15
LOADERS = 4


@pytest.fixture
def processes(topics: Brokers, tmp_path: Path) -> Iterator[traffic.Processes]:
    """Yield what starts processes over a data folder with a small catalogue."""
    entities = tmp_path / "entities.jsonl"
    entities.write_bytes(b"\n".join(map(encode_entity, catalogue())) + b"\n")
    with traffic.Processes(topics, tmp_path, f"serve-{uuid.uuid4().hex[:8]}") as processes:
        processes.environment |= {"LTRR_TEXT_DEADLINE_S": "10", "LTRR_VECTOR_DEADLINE_S": "10"}
        index = processes.start("index", "index", str(entities))
        traffic.wait_until(lambda: index.exit_code is not None, 60, "the catalogue is not loaded")
        assert index.exit_code == 0, index.said()
        yield processes


def serve(processes: traffic.Processes, name: str, status: int = 200, **environment: str) -> tuple[Process, str]:
    """Start a query worker, and return it and its URL when `/readyz` has a status: it is ready, where none is given."""
    server = processes.start(name, "serve", "--port", "0", **environment)

    def url() -> str | None:
        found = re.search(r"ltrr serves [0-9]+ entities at (http://127\.0\.0\.1:\d+) ", server.log.read_text())
        return found[1] if found else None

    def ready() -> bool:
        assert server.exit_code is None, server.said()
        try:
            return url() is not None and httpx.get(f"{url()}/readyz").status_code == status
        except httpx.TransportError:
            return False

    traffic.wait_until(ready, 60, server.said)
    return server, str(url())


def click(query_id: str, object_id: str) -> dict[str, object]:
    """Return a click as ubi.js sends it, with an id of its own."""
    return {
        "query_id": query_id,
        "action_name": "click",
        "timestamp": time.time(),
        "event_attributes": {"object": {"object_id": object_id}, "event_id": uuid.uuid4().hex},
    }


def delivered(bootstrap: Brokers) -> tuple[set[str], set[str]]:
    """Return the query ids of all impressions and the event ids of all actions on the topics."""

    async def read() -> dict[Topic, list[dict[str, object]]]:
        found: dict[Topic, list[dict[str, object]]] = {Topic.IMPRESSIONS: [], Topic.ACTIONS: []}
        async with KafkaReader(bootstrap) as reader:
            for topic, events in found.items():
                for partition in range(traffic.PARTITIONS):
                    async for record in reader.read(topic, partition):
                        body = json.loads(record.value)
                        events.extend(body if isinstance(body, list) else [body])
        return found

    found = asyncio.run(read())
    queries = {str(event["query_id"]) for event in found[Topic.IMPRESSIONS]}
    return queries, {event["event_attributes"]["event_id"] for event in found[Topic.ACTIONS]}  # type: ignore[index]


def test_a_click_is_served_soon(
    topics: Brokers, processes: traffic.Processes, record_property: Callable[[str, object], None]
):
    """A search is on the topic; a click on a result reaches the memory and the revision of the query worker."""
    processes.worker("worker")
    _, url = serve(processes, "serve")
    took = []
    with httpx.Client(base_url=url, timeout=20) as client:

        def search() -> dict[str, object]:
            return client.post("/v1/search", json={"query": "love"}).raise_for_status().json()

        def remembered() -> float:
            pairs = client.get("/v1/memory", params={"query": "love"}).raise_for_status().json()["pairs"]
            return sum(pair["actions"] for pair in pairs)

        def revision() -> int:
            return client.get("/v1/policy").raise_for_status().json()["revision"]

        first = search()
        traffic.wait_until(lambda: first["query_id"] in delivered(topics)[0], 20, "no impression on the topic")
        traffic.wait_until(lambda: revision() > 0, 60, "the impression is not learned")
        for _ in range(CLICKS):
            answer, before, known = search(), remembered(), revision()
            took_id = answer["items"][0]["object_id"]  # type: ignore[index]
            began_s = time.monotonic()
            client.post("/ubi_events", json=click(str(answer["query_id"]), took_id)).raise_for_status()
            traffic.wait_until(lambda b=before: remembered() > b, 20, "the click is not remembered")
            took.append(time.monotonic() - began_s)
            traffic.wait_until(lambda k=known: revision() > k, 20, "the click is not in the revision")
        pairs = client.get("/v1/memory", params={"query": "love"}).json()["pairs"]
        assert took_id in {pair["object_id"] for pair in pairs if pair["actions"] > 0}
    record_property(
        "seen",
        f"click to memory: median {1000 * statistics.median(took):.0f} ms, worst {1000 * max(took):.0f} ms",
    )
    assert statistics.median(took) < 5


class Load:
    """Searches and clicks from several threads; knows what was answered."""

    def __init__(self, url: str) -> None:
        self.searched: list[str] = []
        self.clicked: list[str] = []
        self._url = url
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(LOADERS)]
        for thread in self._threads:
            thread.start()

    def _run(self, number: int) -> None:
        with httpx.Client(base_url=self._url, timeout=20) as client:
            try:
                for turn in range(100_000):
                    body = {"query": WORDS[(number + turn) % len(WORDS)]}
                    answer = client.post("/v1/search", json=body).raise_for_status().json()
                    self.searched.append(answer["query_id"])
                    events = [click(answer["query_id"], item["object_id"]) for item in answer["items"][:2]]
                    response = client.post("/v1/events", json=events)
                    if response.status_code == 202:
                        assert response.json()["accepted"] == len(events)
                        self.clicked += [event["event_attributes"]["event_id"] for event in events]  # type: ignore[index]
            except httpx.TransportError:
                pass  # the server was killed

    def join(self) -> None:
        """Wait for the threads, which end when the server is away."""
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive(), "a client does not end"


def test_a_killed_query_worker_loses_nothing(
    topics: Brokers, processes: traffic.Processes, record_property: Callable[[str, object], None]
):
    """After SIGKILL under load, and a restart, each answered search and each accepted event is on its topic."""
    server, url = serve(processes, "serve")
    load = Load(url)
    traffic.wait_until(lambda: len(load.searched) > 150, 60, server.said)
    server.kill()
    load.join()
    at_kill = delivered(topics)
    missing = len(set(load.searched) - at_kill[0]) + len(set(load.clicked) - at_kill[1])
    serve(processes, "serve again")

    def all_there() -> bool:
        queries, actions = delivered(topics)
        return queries >= set(load.searched) and actions >= set(load.clicked)

    traffic.wait_until(all_there, 40, lambda: f"of {len(load.searched)} searches {len(delivered(topics)[0])} are there")
    record_property(
        "seen",
        f"{len(load.searched)} searches and {len(load.clicked)} clicks answered; {missing} were in the spool",
    )


def test_searches_go_on_without_room_for_the_spool(processes: traffic.Processes):
    """With less than the reserve free, a query worker says so, answers searches unlogged, and takes no events."""
    first, url = serve(processes, "serve")
    query_id = httpx.post(f"{url}/v1/search", json={"query": "love"}, timeout=20).json()["query_id"]
    first.stop()
    _, url = serve(processes, "serve without room", 503, LTRR_DISK_RESERVE_MB=str(10**9))

    def answered() -> bool:
        answer = httpx.post(f"{url}/v1/search", json={"query": "love"}, timeout=20).raise_for_status().json()
        return len(answer["items"]) > 0 and answer["degraded"] == ["log"]

    traffic.wait_until(answered, 30, "searches are not answered")
    assert "LTRR_DISK_RESERVE_MB" in httpx.get(f"{url}/readyz").json()["spool"]
    refused = httpx.post(f"{url}/v1/events", json=click(query_id, "song-1"))
    assert (refused.status_code, "free some space" in refused.json()["detail"]) == (507, True)


def test_a_visitor_is_known_by_name_and_forgotten(processes: traffic.Processes, topics: Brokers, tmp_path: Path):
    """No id reaches the topics; two query workers know the same visitor, and both forget whom one is told to forget."""
    processes.environment |= {"LTRR_SECRET": uuid.uuid4().hex}
    processes.start("worker", "worker")
    urls = [serve(processes, name, LTRR_DATA_DIR=str(tmp_path / name))[1] for name in ("one", "other")]
    user = f"ann-{uuid.uuid4().hex}"
    for url in urls:
        page = httpx.post(f"{url}/v1/search", json={"query": "love", "user_id": user}).json()
        event = click(page["query_id"], page["items"][0]["object_id"]) | {"user_id": user}
        assert httpx.post(f"{url}/v1/events", json=event).status_code == 202

    def taken(url: str) -> float:
        learned = httpx.post(f"{url}/v1/privacy/export", json={"user_id": user}).json()["learned"]["default"]
        return sum(hit["score"] for hit in learned["user"])

    def said(what: str) -> str:
        command = processes.start(what, "privacy", what, user, LTRR_URL=urls[0], LTRR_DATA_DIR=str(tmp_path / "one"))
        traffic.wait_until(lambda: command.exit_code is not None, 60, command.said)
        assert command.exit_code == 0, command.said()
        return command.log.read_text()

    traffic.wait_until(lambda: min(map(taken, urls)) > 0.9, 60, "what the visitor took is not learned")
    exported = [json.loads(line) for line in said("export").splitlines()]
    assert sorted(kind for line in exported for kind in line) == ["actions"] * 2 + ["impressions"] * 2 + ["learned"]
    assert "is forgotten" in said("delete")
    traffic.wait_until(lambda: not any(map(taken, urls)), 60, "the visitor is not forgotten")
    assert not [topic for topic in Topic if user.encode() in everything(topics, topic)]


def everything(bootstrap: Brokers, topic: Topic) -> bytes:
    """Return all keys and values of a topic."""

    async def read() -> bytes:
        async with KafkaReader(bootstrap) as reader:
            partitions = range(topic.kind.partitions(traffic.PARTITIONS))
            found = [record for partition in partitions async for record in reader.read(topic, partition)]
        return b"\n".join(part or b"" for record in found for part in (record.key, record.value))

    return asyncio.run(read())
