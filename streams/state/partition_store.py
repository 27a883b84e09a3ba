"""The state records of one source partition on the compacted topics: one owner at a time, all or nothing."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, ProducerFenced

from ltrr.models.errors import EngineFailed
from ltrr.models.state.records import RecordKey
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from ltrr.streams.kafka.transaction import Written, write_all
from ltrr.streams.state.keys import STATE_TOPICS, StateKey, decode_key

_REQUEST_BYTES: Final = 16 * 1024 * 1024  # what a record may have, the topic says
_BATCH_BYTES: Final = 768 * 1024  # of a commit all goes out at once: batches of a partition wait for each other


class Lost(EngineFailed):
    """Another process owns the partition now; nothing of this one's last flush was kept."""

    def __init__(self, partition: int) -> None:
        super().__init__("kafka", f"partition {partition} was taken over by another worker")


class TooLarge(EngineFailed):
    """A record is larger than its topic takes, now and at every later try; nothing of this flush was kept."""

    def __init__(self, partition: int, largest: Written) -> None:
        super().__init__(
            "kafka",
            f"what was learned of partition {partition} is not written, since {largest.topic} does not take its record "
            f"{(largest.key or b'').decode(errors='replace')} of {len(largest.value or b''):,} bytes: raise "
            "max.message.bytes of the topic, then start again; nothing is lost",
        )


class Note(NamedTuple):
    """A record for observers that goes out with the state: a feedback or a dead letter."""

    topic: Topic
    key: bytes | None
    value: bytes


class Store(Protocol):
    """Where the state records of a partition are kept."""

    async def open(self) -> dict[RecordKey, bytes]:
        """Become the owner, and return what is kept."""
        ...

    async def write(self, records: Mapping[RecordKey, bytes | None], notes: Sequence[Note]) -> None:
        """Keep all of it, or nothing."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...


class PartitionStore:
    """Loads and writes the state of one partition of one version.

    Opening it fences every earlier owner: the producer's transactional id names version and partition, so that Kafka
    itself refuses what a former owner still tries to commit.
    """

    def __init__(self, bootstrap: Brokers, version: str, partition: int) -> None:
        self._bootstrap = bootstrap
        self._version = version
        self._partition = partition
        self._fenced = False
        self._producer = AIOKafkaProducer(
            **bootstrap.client(),
            transactional_id=f"ltrr-{version}-{partition}",
            max_request_size=_REQUEST_BYTES,
            max_batch_size=_BATCH_BYTES,
            retry_backoff_ms=10,  # also the wait for the marker of the transaction before
        )

    async def open(self) -> dict[RecordKey, bytes]:
        """Become the owner, and return the records as the last owner committed them."""
        await self._producer.start()
        return await read_records(self._bootstrap, self._version, self._partition)

    async def write(self, records: Mapping[RecordKey, bytes | None], notes: Sequence[Note]) -> None:
        """Commit records, None for what is to go, and notes in one transaction.

        Raises Lost, TooLarge or another EngineFailed where nothing was kept.
        """
        if self._fenced:
            raise Lost(self._partition)
        keys = {StateKey(self._version, self._partition, record): value for record, value in records.items()}
        written = [Written(key.topic, value, key.encode(), self._partition) for key, value in keys.items()]
        written += [Written(note.topic, note.value, note.key) for note in notes]
        try:
            await write_all(self._producer, written)
        except ProducerFenced as error:
            self._fenced = True
            raise Lost(self._partition) from error
        except MessageSizeTooLargeError as error:
            raise TooLarge(self._partition, max(written, key=lambda one: len(one.value or b""))) from error
        except KafkaError as error:
            raise EngineFailed("kafka", f"partition {self._partition}: the state was not written: {error}") from error

    async def close(self) -> None:
        """Let go of the connection."""
        await self._producer.stop()


async def read_records(bootstrap: Brokers, version: str, partition: int) -> dict[RecordKey, bytes]:
    """Return the state records of a partition as its last owner committed them."""
    records: dict[RecordKey, bytes] = {}
    async with KafkaReader(bootstrap) as reader:
        for topic in STATE_TOPICS:
            async for record in reader.read(topic, partition):
                key = decode_key(record.key or b"")
                if key is None or key.version != version or key.partition != partition:
                    continue
                if record.value is None:
                    records.pop(key.record, None)
                else:
                    records[key.record] = record.value
    return records


class LookedAt:
    """The records of a partition for one who does not own it. version: None for a version without any."""

    def __init__(self, bootstrap: Brokers, version: str | None, partition: int) -> None:
        self._bootstrap = bootstrap
        self._version = version
        self._partition = partition

    async def open(self) -> dict[RecordKey, bytes]:
        """Return the records; their owner goes on."""
        return await read_records(self._bootstrap, self._version, self._partition) if self._version else {}

    async def write(self, records: Mapping[RecordKey, bytes | None], notes: Sequence[Note]) -> None:
        """Keep nothing."""

    async def close(self) -> None:
        """Let go of nothing."""
