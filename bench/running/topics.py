"""Topics of a bench's own on a real Kafka, and a log of pages and clicks on them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
from kafka import KafkaAdminClient, KafkaProducer

from ltrr.bench.core import union_page
from ltrr.models.errors import EngineFailed, InvalidSettings
from ltrr.models.records.action import Action
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.streams.events.codec import encode_action, encode_impression
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.topics import TOPICS, Topic
from ltrr.streams.kafka import admin
from ltrr.streams.kafka.brokers import Brokers

_GONE_S: Final = 30.0
_POLL_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Mix:
    """What a log is made of. actions: on each page; pages, actions in message: how many share one."""

    actions: int = 4
    pages_in_message: int = 10  # some 200 KB
    actions_in_message: int = 40


def on_kafka() -> tuple[Settings, Brokers]:
    """Return the settings, and the Kafka that they name. Raises InvalidSettings where they name none."""
    settings = load_settings()
    if settings.brokers is None:
        raise InvalidSettings("this bench needs a Kafka without ltrr's topics: set LTRR_KAFKA to its host:port")
    return settings, settings.brokers


@contextmanager
def own_topics(bootstrap: Brokers, partitions: int) -> Iterator[None]:
    """Make the topics, which must not be there, and remove them in the end."""
    if any(state.exists for state in admin.describe(bootstrap, partitions)):
        raise InvalidSettings(f"{bootstrap} has topics of ltrr, which a bench does not touch: give it an empty Kafka")
    admin.create(bootstrap, partitions)
    try:
        yield
    finally:
        client = KafkaAdminClient(**bootstrap.client())
        client.delete_topics(sorted(map(str, TOPICS)))
        end_s = time.monotonic() + _GONE_S
        while set(map(str, TOPICS)) & set(client.list_topics()):  # until the broker has heard of it
            if time.monotonic() > end_s:
                raise EngineFailed("kafka", f"topics are still there {_GONE_S:.0f} s after they were deleted")
            time.sleep(_POLL_S)
        client.close()


def fill(settings: Settings, bootstrap: Brokers, seed: int, events: int, mix: Mix) -> tuple[int, int]:
    """Write pages and clicks on them; return how many events, and how many messages."""
    rng = np.random.default_rng(seed)
    rules = settings.learning(strategy_arms()).rules
    batches: dict[tuple[Topic, int], list[bytes]] = {}
    producer = KafkaProducer(**bootstrap.client(), linger_ms=20)
    messages = 0

    def put(topic: Topic, query_id: str, event: bytes, most: int) -> None:
        batch = batches.setdefault((topic, partition_of(query_id, settings.partitions)), [])
        batch.append(event)
        if len(batch) == most:
            send(topic, partition_of(query_id, settings.partitions))

    def send(topic: Topic, partition: int) -> None:
        nonlocal messages
        messages += 1
        producer.send(topic, b"[%s]" % b",".join(batches.pop((topic, partition))), partition=partition)

    pages = events // (1 + mix.actions)
    for number in range(pages):
        page = union_page(rng, rules, number, time.time())
        put(Topic.IMPRESSIONS, page.query_id, encode_impression(page), mix.pages_in_message)
        for place in range(mix.actions):
            action = Action(page.query_id, f"entity{place}", "click", page.time_s + 1)
            put(Topic.ACTIONS, page.query_id, encode_action(action), mix.actions_in_message)
    for topic, partition in list(batches):
        send(topic, partition)
    producer.flush()
    producer.close()
    return pages * (1 + mix.actions), messages
