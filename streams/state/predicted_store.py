"""Writes the predicted queries of a catalogue to `ltrr.memory`: an index whose store is the topic."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced

from ltrr.models.errors import EngineFailed, InvalidEvent, SnapshotMismatch
from ltrr.models.memory.prediction import QueryGenerator
from ltrr.models.records.entity import Entity
from ltrr.streams.events.codec import parse_entity
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from ltrr.streams.kafka.transaction import Written, write_all
from ltrr.streams.state.predicted_records import PredictedKey, decode_predicted, pack_predicted, unpack_predicted

_TRANSACTIONS: Final = "ltrr-predicted"
_REQUEST_BYTES: Final = 2 * 1024 * 1024


class PredictedStore:
    """A `SharedIndexer` (ltrr.models.retrieval): what it indexes of an entity is the queries that a generator predicts.

    An entity's record lies on the partition of its id. Its first change makes it the owner: what is written is read,
    the generator is shown the catalogue as it is, and Kafka refuses what a former owner still tries to write.
    """

    def __init__(self, bootstrap: Brokers, partitions: int, generator: QueryGenerator) -> None:
        self._bootstrap = bootstrap
        self._partitions = partitions
        self._generator = generator
        self._producer: AIOKafkaProducer | None = None
        self._versions: dict[PredictedKey, int] = {}
        self._held: dict[PredictedKey, Entity] = {}

    async def prepare(self) -> str:
        """Return the identity: another generator predicts for the whole catalogue again."""
        name = "".join(letter if letter.isalnum() else "-" for letter in self._generator.name)
        return f"predicted-{name}"

    async def index(self, entities: Iterable[Entity], order: int = 0) -> int:
        """Predict for entities; an update older than what is held is left out. Return how many were taken."""
        del order  # the owner is the only one that writes, one change after the other
        await self._own()
        newest: dict[PredictedKey, Entity] = {}
        for entity in entities:
            key = PredictedKey(entity.application, entity.object_id)
            held = newest[key].version if key in newest else self._versions.get(key, entity.version)
            if entity.version >= held:
                newest[key] = entity
        await self._follow(newest)
        predicted = await asyncio.to_thread(self._generator.predict, list(newest.values()))
        records = {
            key: pack_predicted(queries, entity.version, self._generator.name)
            for (key, entity), queries in zip(newest.items(), predicted, strict=True)
        }
        await self._write(records)
        self._versions.update({key: entity.version for key, entity in newest.items()})
        return len(newest)

    async def delete(self, application: str, object_ids: Iterable[str], order: int = 0) -> int:
        """Remove what is predicted for entities. Return how many there were."""
        del order  # as in `index`
        await self._own()
        keys = [PredictedKey(application, object_id) for object_id in dict.fromkeys(object_ids)]
        gone = [key for key in keys if key in self._versions]
        await self._follow(dict.fromkeys(gone))
        await self._write(dict.fromkeys(gone))
        for key in gone:
            del self._versions[key]
        return len(gone)

    async def stop(self) -> None:
        """Let go of the connection; a later change makes it the owner again."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _follow(self, changes: Mapping[PredictedKey, Entity | None]) -> None:
        """Show the generator what changes."""
        held = [self._held.get(key) for key in changes]
        await asyncio.to_thread(self._generator.follow, held, list(changes.values()))
        for key, entity in changes.items():
            if entity is None:
                self._held.pop(key, None)
            else:
                self._held[key] = entity

    async def _own(self) -> None:
        if self._producer is not None:
            return
        producer = AIOKafkaProducer(
            **self._bootstrap.client(), transactional_id=_TRANSACTIONS, max_request_size=_REQUEST_BYTES
        )
        try:
            await producer.start()
            await self._read()
        except KafkaError as error:
            await producer.stop()
            raise EngineFailed("kafka", f"predicted queries cannot be written: {error}") from error
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def _read(self) -> None:
        """Take over what is written, and the catalogue that it was predicted for."""
        self._versions.clear()
        async with KafkaReader(self._bootstrap) as reader:
            for partition in range(self._partitions):
                async for record in reader.read(Topic.MEMORY, partition):
                    key = decode_predicted(record.key or b"")
                    if key is None:
                        continue
                    self._versions.pop(key, None)
                    if record.value is not None:
                        self._versions[key] = _version(record.value)
            catalogue: defaultdict[str, dict[PredictedKey, Entity]] = defaultdict(dict)
            async for record in reader.read(Topic.ENTITIES, 0):
                if record.value is None:
                    catalogue.pop((record.key or b"").decode(errors="replace"), None)
                    continue
                with suppress(InvalidEvent):  # told by the agents that index it
                    entity = parse_entity(record.value)
                    catalogue[entity.object_id][PredictedKey(entity.application, entity.object_id)] = entity
        held = {key: entity for entities in catalogue.values() for key, entity in entities.items()}
        await self._follow({**dict.fromkeys(self._held), **held})

    async def _write(self, records: Mapping[PredictedKey, bytes | None]) -> None:
        """Commit records, None for those that are to go."""
        if not records or self._producer is None:
            return
        written = (
            Written(Topic.MEMORY, value, key.encode(), partition_of(key.object_id, self._partitions))
            for key, value in records.items()
        )
        try:
            await write_all(self._producer, written)
        except ProducerFenced as error:
            await self.stop()  # the next try makes this one the owner again, if it still has the partition
            raise EngineFailed("kafka", "another worker writes predicted queries now") from error
        except KafkaError as error:
            await self.stop()  # it may write nothing more
            raise EngineFailed("kafka", f"predicted queries were not written: {error}") from error


def _version(value: bytes) -> int:
    """Return the version of the entity that a record is for; what cannot be read is replaced by any."""
    try:
        return unpack_predicted(value)[1]
    except SnapshotMismatch:
        return -1
