"""What `ltrr doctor` asks a real Kafka about learning."""

import asyncio
import time

import pytest
from kafka import KafkaProducer

from ltrr.models.errors import InvalidSettings
from ltrr.serving.settings.settings import Settings
from ltrr.serving.watching.learners import learned_by, refused, unlearned
from ltrr.streams.events.messages import DeadLetter, Origin
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.versions.versions import Board

pytestmark = pytest.mark.servers


def test_a_version_that_nobody_learns_and_dead_letters_are_told(topics: Brokers):
    """With what waits for it and how to start a worker; with reasons and the latest message."""
    assert unlearned(topics, "v1", "v1") == "nobody learns version v1: start `ltrr worker`"
    assert asyncio.run(refused(topics, time.time())) == "none in the last day"
    letters = [
        DeadLetter(Origin(Topic.ACTIONS, 0, offset, 0.0), 0, reason, f"look at {reason}", b"").encode()
        for offset, reason in enumerate(("not_json", "not_json", "foreign"))
    ]
    producer = KafkaProducer(**topics.client())
    for letter in letters:
        producer.send(Topic.DEADLETTER, letter)
    for _ in range(3):
        producer.send(Topic.ACTIONS, b"{}", b"key")
    producer.close()
    with pytest.raises(InvalidSettings, match="3 in the last day: 2 not_json, 1 foreign; the latest: look at foreign"):
        asyncio.run(refused(topics, time.time() + 1))
    settings = Settings(partitions=4)
    with pytest.raises(InvalidSettings, match="`LTRR_VERSION=r1 ltrr worker`; searches of shop use it, and 3 messages"):
        learned_by(topics, Board(), settings, "r1", ["shop"])
