"""Records written in one transaction: all of them, or none."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from aiokafka import AIOKafkaProducer


class Written(NamedTuple):
    """A record to write. value: None for one that is to go; partition: None for that of its key."""

    topic: str
    value: bytes | None
    key: bytes | None
    partition: int | None = None


async def write_all(producer: AIOKafkaProducer, records: Iterable[Written]) -> None:
    """Write records and commit them. Raises KafkaError where nothing was kept.

    aiokafka commits a transaction of which the broker has refused a batch, without that and without a word: so each
    record is waited for. A producer of which a batch was refused counts differently from the broker from then on, and
    can write nothing more.
    """
    async with producer.transaction():
        sent = [await producer.send(one.topic, one.value, one.key, partition=one.partition) for one in records]
        await asyncio.gather(*sent)
