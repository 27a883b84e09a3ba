"""The topics on a real broker."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType
from typer.testing import CliRunner

from ltrr.models.errors import EngineFailed, InvalidSettings
from ltrr.serving.commands.topics import topics_app
from ltrr.streams.events.topics import TOPICS, Topic
from ltrr.streams.kafka import admin
from ltrr.streams.kafka.brokers import Brokers

pytestmark = pytest.mark.servers

PARTITIONS = 3


@pytest.fixture
def client(kafka: Brokers) -> Iterator[KafkaAdminClient]:
    """Return a client that changes what it likes."""
    client = KafkaAdminClient(**kafka.client())
    yield client
    client.close()


def eventually(true: Callable[[], bool]) -> None:
    """Wait for something that the broker hears of from its controller."""
    end_s = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end_s
        time.sleep(0.05)


def change(client: KafkaAdminClient, topic: str, **settings: str) -> None:
    """Change settings of a topic, with _ for the dots."""
    values = {name.replace("_", "."): value for name, value in settings.items()}
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, values)
    client.alter_configs([resource])
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic, dict.fromkeys(values))]

    def found() -> dict[str, str]:
        told = client.describe_configs(asked, config_filter="all")["topic"][topic]
        return {name: one["value"] for name, one in told.items()}

    eventually(lambda: found() == values)


def by_topic(bootstrap: Brokers, prefix: str) -> dict[Topic, admin.TopicState]:
    """Return what is there of each topic."""
    return {state.topic: state for state in admin.describe(bootstrap, PARTITIONS, prefix)}


def test_created_topics_fit(kafka: Brokers, prefix: str):
    """What create makes has the table's partitions and settings, and check lets it pass."""
    assert set(admin.create(kafka, PARTITIONS, prefix=prefix)) == {prefix + topic for topic in TOPICS}
    admin.check(kafka, PARTITIONS, prefix)
    for topic, state in by_topic(kafka, prefix).items():
        assert state.fits
        assert state.replication == 1
        assert state.partitions == topic.kind.partitions(PARTITIONS)
        assert state.settings == {name: setting.value for name, setting in topic.kind.settings.items()}
        assert state.begin == state.end == (0,) * state.partitions


def test_create_again_makes_nothing(kafka: Brokers, prefix: str):
    """A second create finds everything there."""
    admin.create(kafka, PARTITIONS, 1, prefix=prefix)
    assert admin.create(kafka, PARTITIONS, 1, prefix=prefix) == []


def test_create_makes_what_is_missing(kafka: Brokers, prefix: str, client: KafkaAdminClient):
    """A topic that was removed comes back alone; check names it and the command meanwhile."""
    admin.create(kafka, PARTITIONS, prefix=prefix)
    client.delete_topics([prefix + Topic.MEMORY])
    eventually(lambda: prefix + Topic.MEMORY not in client.list_topics())
    with pytest.raises(InvalidSettings) as raised:
        admin.check(kafka, PARTITIONS, prefix)
    assert f"has no {prefix}ltrr.memory; run `ltrr topics create --bootstrap {kafka} --partitions 3`" in str(
        raised.value
    )
    assert not by_topic(kafka, prefix)[Topic.MEMORY].exists
    assert admin.create(kafka, PARTITIONS, prefix=prefix) == [prefix + Topic.MEMORY]
    admin.check(kafka, PARTITIONS, prefix)


def test_another_count_is_refused(kafka: Brokers, prefix: str):
    """A setting that does not match the topics is named with the value that does, and nothing is made."""
    admin.create(kafka, PARTITIONS, prefix=prefix)
    for refuse in (admin.create, admin.check):
        with pytest.raises(InvalidSettings) as raised:
            refuse(kafka, 5, prefix=prefix)
        assert "is 3, expected 5; set LTRR_PARTITIONS=3" in str(raised.value)
        assert f"partitions of {prefix}ltrr.impressions, {prefix}ltrr.actions" in str(raised.value)


def test_unequal_counts_are_refused(kafka: Brokers, prefix: str, client: KafkaAdminClient):
    """One topic with a count of its own cannot be had by a setting: it has to be made again."""
    client.create_topics(
        {prefix + Topic.ENTITIES: {"num_partitions": 2}, prefix + Topic.ACTIONS: {"num_partitions": 3}},
        wait_for_metadata=True,
    )
    with pytest.raises(InvalidSettings, match=rf"delete {prefix}ltrr.entities if nothing in there is needed"):
        admin.create(kafka, PARTITIONS, prefix=prefix)
    assert not by_topic(kafka, prefix)[Topic.IMPRESSIONS].exists


@pytest.mark.parametrize(
    ("topic", "settings", "told"),
    [
        (Topic.ACTIONS, {"message_timestamp_type": "CreateTime"}, "is CreateTime, expected LogAppendTime"),
        (Topic.POLICY, {"cleanup_policy": "compact,delete"}, "is compact,delete, expected compact"),
        (Topic.MEMORY, {"max_message_bytes": "1000"}, "is 1000, expected 1048576 or more"),
        (Topic.IMPRESSIONS, {"retention_ms": "60000"}, "is 60000, expected 86400000 or more"),
    ],
)
def test_other_settings_are_refused_and_mended(
    kafka: Brokers, prefix: str, client: KafkaAdminClient, topic: Topic, settings: dict[str, str], told: str
):
    """A setting that breaks something is refused with topic, found and expected value, until alter mends it."""
    admin.create(kafka, PARTITIONS, prefix=prefix)
    change(client, prefix + topic, **settings)
    (name,) = settings
    for refuse in (admin.create, admin.check):
        with pytest.raises(InvalidSettings) as raised:
            refuse(kafka, PARTITIONS, prefix=prefix)
        assert f"{name.replace('_', '.')} of {prefix}{topic} {told}" in str(raised.value)
        assert "--alter`" in str(raised.value)
    (mended,) = admin.alter(kafka, PARTITIONS, prefix)
    assert mended.topic == prefix + topic
    admin.check(kafka, PARTITIONS, prefix)


def test_operators_may_tune(kafka: Brokers, prefix: str, client: KafkaAdminClient):
    """Longer retention, larger messages and other segments are the operator's business."""
    admin.create(kafka, PARTITIONS, prefix=prefix)
    change(client, prefix + Topic.ACTIONS, retention_ms="-1", max_message_bytes="5000000")
    change(client, prefix + Topic.POLICY, segment_ms="3600000", min_cleanable_dirty_ratio="0.1")
    admin.check(kafka, PARTITIONS, prefix)
    assert by_topic(kafka, prefix)[Topic.POLICY].settings["segment.ms"] == "3600000"


def test_offsets_are_told(kafka: Brokers, prefix: str):
    """Describe tells for each partition where it begins and ends."""
    admin.create(kafka, PARTITIONS, prefix=prefix)
    producer = KafkaProducer(**kafka.client())
    for _ in range(4):
        producer.send(prefix + Topic.ACTIONS, b"{}", partition=2)
    producer.flush()
    producer.close()
    state = by_topic(kafka, prefix)[Topic.ACTIONS]
    assert (state.begin, state.end) == ((0, 0, 0), (0, 0, 4))


def test_messages_are_stamped_by_the_broker(kafka: Brokers, prefix: str):
    """The sender's time on an action is replaced: a wrong clock of a client decides nothing."""
    admin.create(kafka, PARTITIONS, prefix=prefix)
    producer = KafkaProducer(**kafka.client())
    sent = producer.send(prefix + Topic.ACTIONS, b"{}", timestamp_ms=1_000).get(10)
    producer.close()
    assert abs(sent.timestamp / 1000 - time.time()) < 60


def test_too_many_copies_are_refused(kafka: Brokers, prefix: str):
    """The broker's own reason is told."""
    with pytest.raises(EngineFailed, match="100 cannot be reached"):
        admin.create(kafka, PARTITIONS, 100, prefix)


def test_commands(topics: Brokers):
    """The commands tell the same, for people and as JSON."""
    run = CliRunner().invoke
    created = run(topics_app, ["create", "--bootstrap", str(topics), "--json"])
    assert json.loads(created.stdout) == {"bootstrap": str(topics), "created": [], "altered": []}
    described = json.loads(run(topics_app, ["describe", "--bootstrap", str(topics), "--json"]).stdout)
    assert [row["topic"] for row in described["topics"]] == list(TOPICS)
    assert all(row["fits"] for row in described["topics"])
    other = run(topics_app, ["describe", "--bootstrap", str(topics), "--partitions", "7"], env={"COLUMNS": "200"})
    assert "partitions is 4, expected 7" in other.stdout
    assert isinstance(
        run(topics_app, ["create", "--bootstrap", str(topics), "--partitions", "7"]).exception, InvalidSettings
    )


def test_fresh_topics_are_empty(topics: Brokers):
    """The set under the real names is made anew for each test."""
    states = admin.describe(topics, 4)
    assert all(state.fits and not sum(state.end) for state in states)
