"""Readers of Kafka where it is away."""

import asyncio
import gc

import pytest
from aiokafka.errors import KafkaError

from ltrr.models.errors import EngineFailed
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader, reading
from ltrr.streams.replay.merged_reader import MergedReader


@pytest.mark.parametrize("reader", [KafkaReader, MergedReader])
def test_what_cannot_start_holds_nothing(reader: type[KafkaReader] | type[MergedReader]):
    """Nobody closes a reader that was never open: it lets go of its consumer itself, or a warning would fail this."""

    async def read() -> None:
        with pytest.raises(KafkaError):
            async with reader(Brokers("127.0.0.1:1")):
                pass

    asyncio.run(read())
    gc.collect(1)


def test_commands_say_what_cannot_be_read():
    """Where Kafka is away, or goes while a command reads, it is an error of the product that says what is missing."""

    async def read() -> None:
        with pytest.raises(EngineFailed, match="kafka: letters cannot be read: KafkaConnectionError"):
            async with reading(Brokers("127.0.0.1:1"), "letters cannot be read"):
                pass

    asyncio.run(read())
