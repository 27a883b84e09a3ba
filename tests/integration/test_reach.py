"""Whether Kafka answers, asked of a real one."""

import asyncio

import pytest
from kafka import KafkaAdminClient

from ltrr.models.errors import LtrrError
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reach import Reach

pytestmark = pytest.mark.servers


def test_a_topic_that_goes_while_it_is_used_is_told(topics: Brokers):
    """While all are there nothing is wrong; one that was deleted is named, and what makes it again."""

    async def deleted() -> LtrrError:
        gone: asyncio.Queue[LtrrError] = asyncio.Queue()
        reach = Reach(topics, EVENT_TOPICS, "", gone.put)
        await reach._look()
        assert reach.trouble is None
        running = asyncio.ensure_future(reach.run())
        client = KafkaAdminClient(**topics.client())
        client.delete_topics([Topic.ACTIONS])
        client.close()
        error = await asyncio.wait_for(gone.get(), 60)
        running.cancel()
        await asyncio.wait([running])
        return error

    error = asyncio.run(deleted())
    assert "has no ltrr.actions any more: `ltrr topics create`" in str(error)
    assert "ltrr.impressions" not in str(error)
