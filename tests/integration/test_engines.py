"""Real query workers and workers with Elasticsearch: the catalogue lives, and searches go on without engines."""

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from elasticsearch import Elasticsearch

from ltrr.models.records.entity import Entity
from ltrr.streams.catalogue.writer import CatalogueWriter
from ltrr.streams.events.codec import encode_entity
from ltrr.streams.kafka.brokers import Brokers
from tests.integration import traffic
from tests.integration.switch import Switch
from tests.serving.shop import catalogue

pytestmark = pytest.mark.servers
NOBODY = "http://127.0.0.1:1"
BUDGETS = {"fulltext": 20, "dense": 20, "memory": 20}


@pytest.fixture
def switch(elasticsearch: str) -> Iterator[Switch]:
    """Lend a way to Elasticsearch that can be cut off."""
    with Switch(elasticsearch) as switch:
        yield switch


@pytest.fixture
def processes(topics: Brokers, elasticsearch: str, switch: Switch, tmp_path: Path) -> Iterator[traffic.Processes]:
    """Yield what starts processes on Elasticsearch behind the switch, and on a Qdrant that is away."""
    index = f"test-{uuid.uuid4().hex[:8]}"
    with traffic.Processes(topics, tmp_path, index) as processes:
        processes.environment |= {
            "LTRR_ELASTICSEARCH": switch.url,
            "LTRR_ELASTICSEARCH_INDEX": index,
            "LTRR_QDRANT": NOBODY,
            "LTRR_ARMS": json.dumps(list(BUDGETS)),
            "LTRR_LADDER": "[0, 20]",
            "LTRR_POLICY": "static",
            "LTRR_BASELINE": json.dumps(BUDGETS),
            "LTRR_TEXT_DEADLINE_S": "10",
        }
        yield processes
    with Elasticsearch(elasticsearch) as client:
        client.indices.delete(index=f"{index}-000001", ignore_unavailable=True)


def serve(processes: traffic.Processes) -> str:
    """Start a query worker; return its URL when it listens."""
    server = processes.start("serve", "serve", "--port", "0")

    def url() -> str | None:
        assert server.exit_code is None, server.said()
        found = re.search(r"entities at (http://127\.0\.0\.1:\d+) ", server.log.read_text())
        return found[1] if found else None

    traffic.wait_until(lambda: url() is not None, 60, server.said)
    return str(url())


def test_the_loop_on_servers(
    topics: Brokers,
    switch: Switch,
    processes: traffic.Processes,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
):
    """An entity is found and gone soon after it is written so; without engines memory answers, and they come back."""
    processes.worker("worker")
    url = serve(processes)
    file = tmp_path / "entities.jsonl"
    file.write_bytes(b"\n".join(map(encode_entity, catalogue())) + b"\n")
    index = processes.start("index", "index", str(file), "--json")
    traffic.wait_until(lambda: index.exit_code is not None, 90, "the catalogue is not loaded")
    assert index.exit_code == 0, index.said()
    assert '{"read": 40, "taken": 40, "bad": 0,' in index.log.read_text()

    with httpx.Client(base_url=url, timeout=20) as client:

        def search(query: str) -> dict[str, Any]:
            found: dict[str, Any] = client.post("/v1/search", json={"query": query}).raise_for_status().json()
            return found

        def ids(query: str) -> list[str]:
            return [item["object_id"] for item in search(query)["items"]]

        def ready() -> dict[str, str]:
            found: dict[str, str] = client.get("/readyz").raise_for_status().json()
            return found

        traffic.wait_until(lambda: len(ids("love")) > 1, 30, "the catalogue is not found")
        answer = search("love")
        assert answer["degraded"] == ["vector"]
        assert ready()["elasticsearch"] == "ok"
        assert "LTRR_QDRANT" in ready()["qdrant"]

        with CatalogueWriter(topics, ("default",)) as writer:
            writer.write(Entity("new", "song", "Zanzibar"))
            writer.flush()
            found_s = traffic.wait_until(lambda: ids("zanzibar") == ["new"], 20, "a new entity is not found")
            time.sleep(1)
            writer.write(Entity("new", "song", "Zanzibar").place)
            writer.flush()
            gone_s = traffic.wait_until(lambda: ids("zanzibar") == [], 20, "a deleted entity is still found")
        put = client.put("/v1/entities", json=[{"object_id": "put", "type": "song", "name": "Zanzibar", "price": 3}])
        assert put.json() == {"accepted": 1, "taken": 1, "rejected": []}
        traffic.wait_until(lambda: ids("zanzibar") == ["put"], 20, "an entity that was put is not found")
        body = {"query": "", "sort": "price", "size": 1, "fields": ["price"]}
        traffic.wait_until(
            lambda: client.post("/v1/search", json=body).json()["items"][0]["attributes"] == {"price": [3.0]},
            20,
            "what has a price does not stand before what has none",
        )
        client.request("DELETE", "/v1/entities", json=["put"]).raise_for_status()
        traffic.wait_until(lambda: ids("zanzibar") == [], 20, "an entity that was deleted is still found")
        record_property(
            "seen",
            f"an entity was found after {found_s:.2f} s, gone {gone_s:.2f} s after its delete",
        )

        taken = answer["items"][0]["object_id"]
        event = {"query_id": answer["query_id"], "action_name": "click", "timestamp": time.time()}
        client.post("/v1/events", json={**event, "event_attributes": {"object": {"object_id": taken}}})

        def remembered() -> bool:
            pairs = client.get("/v1/memory", params={"query": "love"}).raise_for_status().json()["pairs"]
            return any(pair["object_id"] == taken and pair["actions"] > 0 for pair in pairs)

        traffic.wait_until(remembered, 30, "the click is not remembered")
        switch.off()
        answer = search("love")
        assert (answer["degraded"], answer["items"][0]["object_id"]) == (["text", "vector"], taken)
        assert all(item["name"].startswith("love") for item in answer["items"][1:])  # predicted, as they begin so
        assert "does not answer" in ready()["elasticsearch"]
        switch.on()
        traffic.wait_until(lambda: search("love")["degraded"] == ["vector"], 20, "Elasticsearch is not used again")
        assert len(ids("love")) > 1
