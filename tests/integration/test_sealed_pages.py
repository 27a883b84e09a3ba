"""Pages that a producer made up teach nothing on Kafka, before a takeover and after it."""

import asyncio
import time

import numpy as np
import pytest

from ltrr.models.records.action import Action
from ltrr.streams.events.codec import encode_action, encode_impression
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from ltrr.streams.workers.learner import KafkaLearner, origin_of
from tests.integration import traffic
from tests.models.logs import impression

pytestmark = pytest.mark.servers
SEALS = Seals([b"the secret of this installation"])


def test_made_up_pages_teach_nothing(topics: Brokers):
    """A batch of a sealed page and a made-up one: actions on the first count, those on the other dangle for ever."""
    now_s, partition = time.time(), 1
    own, forged = [f"q{n}" for n in range(40) if partition_of(f"q{n}", traffic.PARTITIONS) == partition][:2]
    pages = [impression(np.random.default_rng(1), query_id, now_s) for query_id in (own, forged)]
    sealed, made_up = SEALS.seal(encode_impression(pages[0])), encode_impression(pages[1])
    shown = list(pages[0].looks())[:2]

    def click(object_id: str) -> bytes:
        clicks = [encode_action(Action(query_id, object_id, "click", now_s + 1)) for query_id in (own, forged)]
        return b"[" + b",".join(clicks) + b"]"

    async def learn() -> KafkaLearner:
        """Take the partition over, and absorb what is there."""
        learner = KafkaLearner(topics, traffic.learning(), "sealed", partition, traffic.PARTITIONS, seals=SEALS)
        await learner.open()
        async with KafkaReader(topics) as reader:
            for topic in EVENT_TOPICS:
                async for record in reader.read(topic, partition):
                    learner.absorb(origin_of(record), record.value)
        await learner.flush()
        await learner.close()
        return learner

    for number, object_id in enumerate(shown, start=1):
        sent = [traffic.Sent(0.0, Topic.ACTIONS, partition, click(object_id))]
        if number == 1:
            sent.insert(0, traffic.Sent(0.0, Topic.IMPRESSIONS, partition, b"[%s,%s]" % (sealed, made_up)))
        traffic.send(topics, sent, paced=False)
        learner = asyncio.run(learn())
        assert learner.fold.state.counts["impressions", "accepted"] == 1
        assert learner.fold.state.counts["actions", "accepted"] == number
        assert learner.dead_letters["foreign"] == (1 if number == 1 else 0)
