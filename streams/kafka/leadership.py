"""One leader among processes: whoever a consumer group gives the only partition of a topic."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers

_LOG = logging.getLogger(__name__)
_SESSION_MS: Final = 10_000
_POLL_MS: Final = 200
_RETRY_S: Final = 1.0


async def lead(bootstrap: Brokers, group: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do some work while this process leads its group, until cancelled.

    The work is cancelled when another one leads, which may be some seconds after that one has begun: what it writes
    must bear that. Where Kafka is away, it is tried again.
    """
    while True:
        consumer = AIOKafkaConsumer(
            Topic.ENTITIES,  # it has one partition; nothing is read
            **bootstrap.client(),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="latest",
            session_timeout_ms=_SESSION_MS,
        )
        try:
            await consumer.start()
            await _lead(consumer, work)
        except KafkaError as error:
            _LOG.warning("%s: %s; trying again", group, error)
            await asyncio.sleep(_RETRY_S)
        finally:
            await consumer.stop()


async def _lead(consumer: AIOKafkaConsumer, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    working: asyncio.Task[None] | None = None
    try:
        while True:
            ours = consumer.assignment()
            if ours:
                consumer.pause(*ours)
            if ours and working is None:
                working = asyncio.create_task(work())
            if working is not None and working.done():
                await working  # raises what it failed with
                working = None
            if not ours and working is not None:
                await _end(working)
                working = None
            await consumer.getmany(timeout_ms=_POLL_MS)  # a member that does not ask is put out of the group
    finally:
        if working is not None:
            await _end(working)


async def _end(working: asyncio.Task[None]) -> None:
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
