"""The table of topics, and what is said where no broker answers."""

import socket
import time
from collections.abc import Iterator

import pytest

from ltrr.models.errors import EngineFailed, InvalidSettings
from ltrr.streams.events.topics import TOPICS, Setting, Topic
from ltrr.streams.kafka import admin, cluster
from ltrr.streams.kafka.brokers import Brokers


@pytest.fixture
def silent() -> Iterator[str]:
    """Return an address that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_every_topic_is_in_the_table():
    """The table has all topics, in the order of the enumeration."""
    assert list(TOPICS) == list(Topic)


def test_names_in_metrics():
    """A topic's label is its name without the prefix."""
    assert [topic.short for topic in Topic][:2] == ["impressions", "actions"]


@pytest.mark.parametrize("topic", [Topic.IMPRESSIONS, Topic.ACTIONS])
def test_joined_topics_are_stamped_by_the_broker(topic: Topic):
    """The times that decide what is late are the broker's."""
    assert topic.kind.settings["message.timestamp.type"].value == "LogAppendTime"
    assert not topic.kind.compacted


def test_what_is_joined_has_equal_counts():
    """Sources and the state learned from them share the partition count; the others have one partition."""
    shared = {topic for topic in Topic if topic.kind.partitions(7) == 7}
    assert {topic for topic in Topic if topic.kind.partitions(7) == 1} == {Topic.ENTITIES, Topic.DEADLETTER}
    assert {topic for topic in shared if topic.kind.compacted} == {Topic.POLICY, Topic.MEMORY, Topic.PROFILES}


@pytest.mark.parametrize(
    ("setting", "found", "fits"),
    [
        (Setting("compact"), "compact", True),
        (Setting("compact"), "compact,delete", False),
        (Setting("compact"), None, False),
        (Setting("100", least=10), "10", True),
        (Setting("100", least=10), "9", False),
        (Setting("100", least=10), "-1", True),
        (Setting("100", least=10), None, False),
        (Setting("100", free=True), "1", True),
        (Setting("100", free=True), None, True),
    ],
)
def test_what_fits(setting: Setting, found: str | None, fits: bool):  # noqa: FBT001  # a row of the table
    """A value must be the expected one, or not below the least, or may be anything."""
    assert setting.fits(found) is fits


def test_every_value_fits_itself():
    """What create sets, check accepts."""
    for topic in Topic:
        for name, setting in topic.kind.settings.items():
            assert setting.fits(setting.value), (topic, name)


def test_no_broker_is_told_at_once():
    """Nothing listens there: one line with the address, soon."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    began_s = time.monotonic()
    with pytest.raises(EngineFailed, match=f"nothing answers at {address} .*refused"):
        admin.check(Brokers(address), 4)
    assert time.monotonic() - began_s < 2


def test_silent_broker_is_told_within_seconds(silent: str, monkeypatch: pytest.MonkeyPatch):
    """Something else listens there: one line with the address, after a bounded time."""
    assert cluster._BOOTSTRAP_MS < 10_000
    monkeypatch.setattr(cluster, "_BOOTSTRAP_MS", 500)
    began_s = time.monotonic()
    with pytest.raises(EngineFailed, match=f"what answers at {silent} does not speak Kafka"):
        admin.describe(Brokers(silent), 4)
    assert time.monotonic() - began_s < 10


@pytest.mark.parametrize("address", ["localhost", "host:", ":9092", "host:port", ""])
def test_addresses_are_checked(address: str):
    """What is no address is told as such."""
    with pytest.raises(InvalidSettings, match="is no Kafka address"):
        admin.check(Brokers(address), 4)
