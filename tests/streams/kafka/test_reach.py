"""What is told of a Kafka that is away."""

import asyncio
import gc

import pytest

from ltrr.streams.events.topics import EVENT_TOPICS
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reach import Reach


def test_a_kafka_that_is_away_is_told_once(caplog: pytest.LogCaptureFixture):
    """However often it is asked; what is asked leaves nothing open."""
    reach = Reach(Brokers("127.0.0.1:1"), EVENT_TOPICS, "nothing is learned")

    async def look() -> None:
        await reach._look()
        await reach._look()

    asyncio.run(look())
    gc.collect(1)
    assert reach.trouble == "Kafka at 127.0.0.1:1 does not answer"
    told = [record.getMessage() for record in caplog.records if record.name.startswith("ltrr")]
    assert told == ["Kafka at 127.0.0.1:1 does not answer; nothing is learned"]
