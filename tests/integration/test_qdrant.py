"""On a real Qdrant, where QDRANT_BIN names its program or LTRR_QDRANT a server: the loop, a rebuild, the overhead."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from ltrr.bench.servers import overhead
from ltrr.models.records.entity import Entity
from ltrr.retrievers.engines.base import VECTOR, SharedEngine
from ltrr.retrievers.requests.requests import VectorRequest
from ltrr.serving.catalogue.rebuild import rebuild
from ltrr.serving.retrieval.opening import open_shared
from ltrr.serving.settings.settings import Settings
from ltrr.streams.catalogue.index_agent import keep_shared
from ltrr.streams.catalogue.writer import CatalogueWriter
from ltrr.streams.kafka.brokers import Brokers
from tests.integration import traffic
from tests.integration.shared_engines import remove, until
from tests.integration.test_serving import click, serve

pytestmark = pytest.mark.servers
ARMS = {"dense": 20, "sparse": 20}


@pytest.fixture
def settings(topics: Brokers, real_qdrant: str, tmp_path: Path) -> Iterator[Settings]:
    """Yield settings of a collection of the test's own."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    kafka = str(topics)
    settings = Settings(
        kafka=kafka, qdrant=real_qdrant, qdrant_collection=name, vector_deadline_s=20.0, data_dir=tmp_path
    )
    yield settings
    asyncio.run(remove(vectors(settings)))


def vectors(settings: Settings) -> SharedEngine[VectorRequest]:
    """Return the engine that the settings name."""
    return open_shared(settings)[VECTOR]


def test_a_rebuild_takes_over_unseen(settings: Settings):
    """Searches find the same throughout, and what is written meanwhile and afterwards."""
    with CatalogueWriter(settings.brokers, settings.applications) as writer:
        for one in "abc":
            writer.write(Entity(one, "song", "Morning"))
        writer.flush()
    seen: list[set[str]] = []

    async def ids(engine: SharedEngine[VectorRequest]) -> set[str]:
        [hits] = await engine.search([VectorRequest("morning", "default", 10)])
        return {hit.object_id for hit in hits}

    async def look(engine: SharedEngine[VectorRequest]) -> None:
        while True:
            seen.append(await ids(engine))

    async def story() -> None:
        engine = vectors(settings)
        keeping = keep_shared(settings.brokers, vectors(settings), "own", ("default",), settings.data_dir)
        keeper = asyncio.create_task(keeping)
        await until(lambda: ids(engine), {*"abc"})
        looking = asyncio.create_task(look(engine))
        report = await asyncio.to_thread(rebuild, settings)
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        assert [one["entities"] for one in report["rebuilt"]] == [3]
        with CatalogueWriter(settings.brokers, settings.applications) as writer:
            writer.write(Entity("d", "song", "Morning"))
            writer.flush()
        await until(lambda: ids(engine), {*"abcd"})
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        await engine.stop()

    asyncio.run(story())
    assert set(map(frozenset, seen)) == {frozenset("abc")}


def test_the_loop(settings: Settings, topics: Brokers, tmp_path: Path):
    """An entity is found by meaning, filtered by text and number, remembered once clicked, and gone when deleted."""
    with traffic.Processes(topics, tmp_path, f"loop-{uuid.uuid4().hex[:8]}") as processes:
        processes.environment |= {
            "LTRR_QDRANT": str(settings.qdrant),
            "LTRR_QDRANT_COLLECTION": settings.qdrant_collection,
            "LTRR_ARMS": json.dumps(list(ARMS)),
            "LTRR_LADDER": "[0, 20]",
            "LTRR_POLICY": "static",
            "LTRR_BASELINE": json.dumps(ARMS),
            "LTRR_VECTOR_DEADLINE_S": "10",
        }
        processes.worker("worker")
        file = tmp_path / "entities.jsonl"
        file.write_text(
            "\n".join(
                json.dumps(
                    {"object_id": f"s{n}", "type": "song", "name": f"Morning {n}", "price": n, "colour": f"{n % 2}"}
                )
                for n in range(8)
            )
        )
        index = processes.start("index", "index", str(file))
        traffic.wait_until(lambda: index.exit_code is not None, 90, index.said)
        with httpx.Client(base_url=serve(processes, "serve")[1], timeout=20) as client:

            def ids(**more: object) -> set[str]:
                answer = client.post("/v1/search", json={"query": "morning", **more}).raise_for_status().json()
                assert answer["degraded"] == []
                return {item["object_id"] for item in answer["items"]}

            traffic.wait_until(lambda: len(ids()) == 8, 30, "the catalogue is not found")
            assert ids(filters={"price": {"gte": 3}, "colour": ["1"]}) == {"s3", "s5", "s7"}
            ready = client.get("/readyz").raise_for_status().json()
            assert ready["qdrant"] == "ok"
            answer = client.post("/v1/search", json={"query": "morning"}).json()
            client.post("/v1/events", json=click(answer["query_id"], "s1") | {"timestamp": time.time()})

            def remembered() -> bool:
                pairs = client.get("/v1/memory", params={"query": "morning"}).raise_for_status().json()["pairs"]
                return any(pair["object_id"] == "s1" and pair["actions"] > 0 for pair in pairs)

            traffic.wait_until(remembered, 30, "the click is not remembered")
            client.request("DELETE", "/v1/entities", json=["s1"]).raise_for_status()
            traffic.wait_until(lambda: "s1" not in ids(), 20, "an entity that was deleted is still found")


def test_the_overhead(
    topics: Brokers,
    real_qdrant: str,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
):
    """`ltrr bench overhead` asks the server, as the bare script does."""
    monkeypatch.setenv("LTRR_KAFKA", str(topics))
    monkeypatch.setenv("LTRR_QDRANT", real_qdrant)
    document = overhead.run(queries=4, rounds=1, artists=60)
    assert document.notes[0].startswith("engines: qdrant, tantivy")
    record_property("seen", document.notes[0])
