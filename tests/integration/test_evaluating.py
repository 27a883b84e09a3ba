"""`ltrr evaluate` over the topics of a real Kafka."""

import asyncio
import json
import time

import pytest
from kafka import KafkaProducer

from ltrr.models.plans.plan import PlanRules
from ltrr.models.records.impression import Impression
from ltrr.serving.commands.cli import app
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.streams.events.codec import encode_action, encode_impression
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.replay.event_stretch import kafka_stretch
from tests.integration.traffic import PARTITIONS
from tests.models.logs import LEARNING
from tests.models.traffic import OPTIONS, Traffic, play

pytestmark = pytest.mark.servers

ARMS = ("fulltext", "fuzzy", "popular")
QUERIES = 150
SETTINGS = {
    "arms": ARMS,
    "ladder": LEARNING.rules.ladder,
    "baseline": {},
    "exploration": OPTIONS.exploration,
    "greed": OPTIONS.greed,
    "join_window_s": LEARNING.join_window_s,
    "late_s": LEARNING.late_s,
    "half_life_s": LEARNING.half_life_s,
    "partitions": PARTITIONS,
}


@pytest.fixture
def sent(topics: Brokers) -> Traffic:
    """Send what a policy decided and users did, one message after the other."""
    rules = PlanRules(tuple(strategy_arms()[name] for name in ARMS), LEARNING.rules.ladder)
    traffic = play(1, QUERIES, rules, start_s=time.time() - 1, step_s=0.001)
    producer = KafkaProducer(**topics.client(), linger_ms=0, metrics_enabled=False)
    try:
        for _, event in traffic.messages:
            page = isinstance(event, Impression)
            raw = encode_impression(event) if isinstance(event, Impression) else encode_action(event)
            topic = Topic.IMPRESSIONS if page else Topic.ACTIONS
            producer.send(topic, raw, partition=partition_of(event.query_id, PARTITIONS)).get(20)
            time.sleep(0.002)  # a millisecond of its own: the order of the log is that of deciding
    finally:
        producer.close()
    return traffic


def test_messages_of_all_partitions_come_in_order(topics: Brokers, sent: Traffic):
    """All messages are read, by record timestamp over all partitions; a range leaves out what is not in it."""

    async def read(from_s: float, to_s: float) -> list[tuple[float, str, int, int]]:
        ends_s = {Topic.IMPRESSIONS: to_s, Topic.ACTIONS: to_s}
        found = kafka_stretch(topics, PARTITIONS, from_s, ends_s)
        return [(o.recorded_s, str(o.topic), o.partition, o.offset) async for o, _ in found]

    whole = asyncio.run(read(0.0, time.time() + 60))
    assert len(whole) == len(sent.messages)
    assert whole == sorted(whole)
    assert {partition for _, _, partition, _ in whole} == set(range(PARTITIONS))
    first_s, last_s = whole[20][0], whole[90][0]
    assert asyncio.run(read(first_s, last_s)) == [place for place in whole if first_s <= place[0] < last_s]


@pytest.mark.usefixtures("sent")
def test_the_logged_policy_is_found_to_be_itself(
    topics: Brokers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Asked along the log of four partitions, the policy that decided has the logged probabilities again."""
    for name, value in {**SETTINGS, "kafka": str(topics)}.items():
        monkeypatch.setenv(f"LTRR_{name.upper()}", value if isinstance(value, str) else json.dumps(value))
    args = ["--policy", "igw", "--policy", "uniform", "--progressive", "--from", "0", "--json"]
    app(["evaluate", *args], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    assert document["decisions"] == QUERIES
    assert document["unusable"] == {}
    assert document["unreadable"] == {}
    assert document["unripe"] == QUERIES
    igw, uniform = document["policies"]
    assert igw["effective_decisions"]["plan"] == pytest.approx(QUERIES, rel=1e-3)
    assert uniform["effective_decisions"]["plan"] < 0.99 * QUERIES
    rewards = [row["value"] for row in igw["estimates"] if row["estimator"] in {"ips", "snips", "pi"}]
    assert rewards == pytest.approx([document["logged"]["value"]] * 3, abs=1e-2)
    assert document["logged"]["value"] > 0
