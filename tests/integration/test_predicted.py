"""Predicted queries on real Kafka: written once by one of the workers, followed by query workers."""

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from ltrr.models.errors import EngineFailed
from ltrr.models.memory.prediction import Predictions
from ltrr.models.records.entity import Entity
from ltrr.retrievers import generators
from ltrr.streams.catalogue.index_agent import IndexAgent
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from ltrr.streams.state.follower import Follower
from ltrr.streams.state.predicted_records import PredictedKey, decode_predicted
from ltrr.streams.state.predicted_store import PredictedStore
from tests.integration import traffic
from tests.integration.test_index_agent import entity, until, write

pytestmark = pytest.mark.servers


def store(bootstrap: Brokers) -> PredictedStore:
    """Return what writes predicted queries."""
    return PredictedStore(bootstrap, traffic.PARTITIONS, generators.load("structured"))


async def records(bootstrap: Brokers) -> dict[PredictedKey, list[tuple[int, bytes | None]]]:
    """Return partition and value of all records of each entity, in order."""
    found: dict[PredictedKey, list[tuple[int, bytes | None]]] = {}
    async with KafkaReader(bootstrap) as reader:
        for partition in range(traffic.PARTITIONS):
            async for record in reader.read(Topic.MEMORY, partition):
                key = decode_predicted(record.key)
                if key is not None:
                    found.setdefault(key, []).append((partition, record.value))
    return found


def test_predictions_follow_the_catalogue(topics: Brokers, tmp_path: Path):
    """Entities that come, change and go are predicted for; an older version is not; a follower has the same."""
    predictions = Predictions()

    def predicted(query: str) -> Callable[[], bool]:
        return lambda: "a" in predictions.of("default", query)

    async def story() -> dict[PredictedKey, list[tuple[int, bytes | None]]]:
        follower = Follower(topics, traffic.learning(), "v1", traffic.PARTITIONS, predictions=predictions)
        following = asyncio.create_task(follower.run())
        kept = store(topics)
        agent = IndexAgent(topics, kept, await kept.prepare(), "own", ("default", "other"), tmp_path)
        await agent.start()
        try:
            await write(topics, entity("a", "Abba", 2), entity("b", "Blur", 5), entity("b", "Older", 4))
            await until(predicted("abba"), "the first prediction")
            await write(topics, entity("a", "Ace of Base", 3), ("b", None), ("never", None))
            await until(predicted("ace of base"), "a changed prediction")
            await until(lambda: len(predictions) == 1, "a removed one")
            assert not predicted("abba")()
            assert not predictions.of("default", "older")
            return await records(topics)
        finally:
            await agent.stop()
            await kept.stop()
            following.cancel()
            await asyncio.wait([following])

    found = asyncio.run(story())
    assert {key.object_id for key in found} == {"a", "b"}
    for key, values in found.items():
        assert {partition for partition, _ in values} == {partition_of(key.object_id, traffic.PARTITIONS)}
    assert [value is None for _, value in found[PredictedKey("default", "a")]] == [False, False]
    assert [value is None for _, value in found[PredictedKey("default", "b")]] == [False, True]


def test_a_new_owner_knows_what_is_written(topics: Brokers):
    """It leaves out what is older than what another wrote, deletes it, and that other one is refused from then on."""

    async def story() -> None:
        a, older = Entity("a", "artist", "Abba", version=5), Entity("a", "artist", "Bjorn", version=4)
        b = Entity("b", "artist", "Blur", version=1)
        first, second = store(topics), store(topics)
        try:
            assert await first.index([a]) == 1
            assert await second.index([older, b]) == 1
            assert await second.delete("default", ["a", "a", "never"]) == 1
            with pytest.raises(EngineFailed, match="another worker writes predicted queries"):
                await first.index([b])
            assert await first.index([b]) == 1  # where it is the owner again, it goes on
            assert await first.delete("default", ["a"]) == 0
        finally:
            await first.stop()
            await second.stop()
        found = await records(topics)
        assert [value is None for _, value in found[PredictedKey("default", "a")]] == [False, True]

    asyncio.run(story())


def test_one_worker_predicts(topics: Brokers, tmp_path: Path):
    """Two `ltrr worker` processes do not keep each other from writing, and what is written again is the same."""
    version = f"predicted-{uuid.uuid4().hex[:8]}"
    with traffic.Processes(topics, tmp_path, version) as processes:
        processes.worker("one")
        processes.worker("two")
        entities = [entity(f"e{number}", f"name {number}", 1) for number in range(50)]
        asyncio.run(write(topics, *entities))

        def written() -> dict[PredictedKey, list[tuple[int, bytes | None]]]:
            return asyncio.run(records(topics))

        traffic.wait_until(lambda: len(written()) == len(entities), 60, lambda: f"{len(written())} are written")
        assert all(len(set(values)) == 1 for values in written().values())
