"""The index agent on real Kafka: the catalogue's topic and the index say the same."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from ltrr.models.errors import InvalidInput
from ltrr.models.records.entity import Entity, Place
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from ltrr.serving.catalogue import file as catalogue_file
from ltrr.serving.catalogue.file import How
from ltrr.serving.settings.settings import Settings
from ltrr.streams.catalogue.index_agent import IndexAgent
from ltrr.streams.catalogue.writer import CatalogueWriter
from ltrr.streams.events.codec import encode_entity
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader

pytestmark = pytest.mark.servers
_PATIENCE_S = 30.0


@asynccontextmanager
async def agent(bootstrap: Brokers, index: Index, name: str, folder: Path) -> AsyncIterator[IndexAgent]:
    """Run an index agent."""
    running = IndexAgent(bootstrap, index, name, "own", ("default",), folder)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


async def write(bootstrap: Brokers, *records: tuple[str, bytes | None]) -> None:
    """Write (key, value) to the topic of entities."""
    producer = AIOKafkaProducer(**bootstrap.client())
    await producer.start()
    try:
        for key, value in records:
            await producer.send_and_wait(Topic.ENTITIES, value, key.encode())
    finally:
        await producer.stop()


async def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition, and fail saying what was waited for."""
    for _ in range(int(_PATIENCE_S / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"waited {_PATIENCE_S:.0f} s for {what}")


def named(index: Index, object_id: str) -> str | None:
    """Return the name that the index holds for an entity."""
    (card,) = index.entities("default", [object_id])
    return card.name if card else None


def entity(object_id: str, name: str, version: int) -> tuple[str, bytes]:
    """Return a record of an entity."""
    return object_id, encode_entity(Entity(object_id, "artist", name, version=version))


def test_index_follows_the_catalogue(topics: Brokers, tmp_path: Path):
    """Entities come, change and go; an older version and a bad entity change nothing; a restart misses nothing."""
    name, index = uuid.uuid4().hex, open_index(None)

    async def story() -> list[dict[str, object]]:
        async with agent(topics, index, name, tmp_path):
            await write(topics, entity("a", "Abba", 1), ("bad", b"{"), entity("b", "Blur", 5), entity("b", "Older", 4))
            await until(lambda: (named(index, "a"), named(index, "b")) == ("Abba", "Blur"), "the first entities")
            await write(topics, entity("a", "Abba!", 2), ("b", None))
            await until(lambda: (named(index, "a"), named(index, "b")) == ("Abba!", None), "a change and a delete")
        await write(topics, entity("c", "Cher", 1))
        async with agent(topics, index, name, tmp_path) as back:
            await back.caught_up()
            assert named(index, "c") == "Cher", "what came while the agent was away"
        async with KafkaReader(topics) as reader:
            return [json.loads(letter.value) async for letter in reader.read(Topic.DEADLETTER, 0)]

    try:
        (letter,) = asyncio.run(story())
    finally:
        index.close()
    assert (letter["topic"], letter["offset"], letter["reason"]) == (Topic.ENTITIES, 1, "not_json")


def test_understanding_follows_the_catalogue(topics: Brokers, tmp_path: Path):
    """After an update the old alias is read as no name any more and the new one is; after a delete neither."""
    index = open_index(None)

    def read(text: str) -> bool:
        slots = [slot for one in index.understand(text).interpretations for slot in one.slots]
        return any(slot.category == "name" and slot.value == text for slot in slots)

    def record(alias: str, version: int) -> tuple[str, bytes]:
        return "a", encode_entity(Entity("a", "artist", "Abba", aliases=(alias,), version=version))

    async def story() -> None:
        async with agent(topics, index, uuid.uuid4().hex, tmp_path):
            await write(topics, record("zanzibar quartet", 1))
            await until(lambda: read("zanzibar quartet"), "the first alias")
            await write(topics, record("umbrella orchard", 2))
            await until(lambda: read("umbrella orchard"), "the new alias")
            assert not read("zanzibar quartet")
            await write(topics, ("a", None))
            await until(lambda: not read("umbrella orchard"), "the delete")

    try:
        asyncio.run(story())
    finally:
        index.close()


def test_a_file_that_replaces_takes_out_what_it_does_not_have(topics: Brokers, tmp_path: Path):
    """`ltrr index --replace` finds on the topic what there is, and writes there what goes; other tenants' stay."""
    settings = Settings(kafka=str(topics), applications=("default", "b"), data_dir=tmp_path)
    file, index = tmp_path / "artists.jsonl", open_index(None)

    def load(*object_ids: str, replace: bool = True) -> tuple[int, int]:
        file.write_text(
            "".join(json.dumps({"object_id": one, "name": one, "application": "default"}) + "\n" for one in object_ids)
        )
        report = catalogue_file.load(str(file), settings, how=How(replace=replace))
        assert report["unlisted"] == (0 if replace else None)
        return report["taken"], report["removed"]

    async def follow() -> None:
        running = IndexAgent(topics, index, uuid.uuid4().hex, "own", settings.applications, tmp_path)
        await running.start()
        await running.caught_up()
        await running.stop()

    try:
        with CatalogueWriter(topics, settings.applications) as writer:
            writer.write(Entity("a", "artist", "Another", application="b"))
            writer.write(Entity("gone", "artist", "Gone before"))
            writer.write(Place("default", "gone"))
        assert load("a", "c", "d", replace=False) == (3, 0)
        assert load("a", "c", "e") == (3, 1)
        with pytest.raises(InvalidInput, match="3 of 3 entities are not in"):
            load("f", "g")
        asyncio.run(follow())
        held = [index.entities("default", [one])[0] is not None for one in ("a", "c", "d", "e", "f")]
        assert held == [True, True, False, True, False]
        assert index.entities("b", ["a"])[0] is not None
    finally:
        index.close()
