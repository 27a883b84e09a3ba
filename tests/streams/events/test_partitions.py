"""Our partitioner is Kafka's."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltrr.streams.events.partitions import murmur2, partition_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python reads its schemas with importlib's old API
    from kafka.partitioner import DefaultPartitioner
    from kafka.partitioner.default import murmur2 as kafka_murmur2


class Cluster:
    """What a partitioner asks of kafka-python's cluster metadata."""

    def __init__(self, partitions: int) -> None:
        self._partitions = set(range(partitions))

    def topics(self) -> set[str]:
        """Return the one topic."""
        return {"t"}

    def partitions_for_topic(self, _topic: str) -> set[int]:
        """Return every partition."""
        return self._partitions

    available_partitions_for_topic = partitions_for_topic


@given(st.binary(max_size=70))
@settings(max_examples=100)
def test_hash_is_that_of_kafka_python(data: bytes):
    """The hash equals kafka-python's for any bytes."""
    assert murmur2(data) == kafka_murmur2(data) & 0xFFFFFFFF


@given(st.text(max_size=40), st.integers(1, 64))
def test_partition_is_that_of_kafka_python(key: str, partitions: int):
    """The partition equals that of kafka-python's default partitioner for any key."""
    theirs = DefaultPartitioner().partition("t", key, key.encode(), None, None, Cluster(partitions))
    assert partition_of(key, partitions) == theirs


@pytest.mark.parametrize(("key", "hashed"), [("21", -973932308), ("foobar", -790332482), ("abc", 479470107)])
def test_hash_is_that_of_the_java_client(key: str, hashed: int):
    """The values of Apache Kafka's own UtilsTest.testMurmur2."""
    assert murmur2(key.encode()) == hashed & 0xFFFFFFFF


def test_needs_a_partition():
    """A topic without partitions is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least one partition"):
        partition_of("q", 0)
