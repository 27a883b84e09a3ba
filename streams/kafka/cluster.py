"""What is asked of the cluster itself: its brokers, its consumer groups, the offsets of the event topics."""

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    KafkaTimeoutError,
    NotCoordinatorError,
)
from kafka.structs import OffsetAndMetadata

from ltrr.models.errors import EngineFailed
from ltrr.streams.events.topics import EVENT_TOPICS
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.greeting import greet

_CONNECT_S: Final = 3.0
_BOOTSTRAP_MS: Final = 5_000
_REQUEST_MS: Final = 10_000
_GROUPS_S: Final = 20.0
_POLL_S: Final = 0.3
_COMING: Final = (CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError)
_Answer = TypeVar("_Answer")


@contextmanager
def admin_client(bootstrap: Brokers) -> Iterator[KafkaAdminClient]:
    """Connect within some seconds, and translate the client's errors."""
    try:
        _knock(bootstrap)
        greet(bootstrap)
        client = _connect(bootstrap)
        try:
            yield client
        finally:
            client.close()
    except KafkaError as error:
        raise EngineFailed("kafka", f"{bootstrap}: {error}") from error


def _connect(bootstrap: Brokers) -> KafkaAdminClient:
    try:
        return KafkaAdminClient(
            **bootstrap.client(),
            bootstrap_timeout_ms=_BOOTSTRAP_MS,
            request_timeout_ms=_REQUEST_MS,
        )
    except KafkaTimeoutError as error:
        secured = bootstrap.security.protocol
        raise EngineFailed(
            "kafka",
            f"what answers at {bootstrap} does not speak Kafka by {secured}; is LTRR_KAFKA_SECURITY_PROTOCOL right?",
        ) from error


def _knock(bootstrap: Brokers) -> None:
    """Raise where no address takes a connection: the client itself would try for all its time, and not say why."""
    reason = ""
    for host in bootstrap.hosts():
        try:
            socket.create_connection(host, _CONNECT_S).close()
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
        else:
            return
    raise EngineFailed("kafka", f"nothing answers at {bootstrap} ({reason}); is Kafka running, is the address right?")


def members(bootstrap: Brokers, group: str) -> int:
    """Return how many members of a consumer group hold partitions; 0 while they are being shared out."""
    return sum(map(bool, shared_out(bootstrap, group)))


def shared_out(bootstrap: Brokers, group: str) -> list[set[TopicPartition]]:
    """Return which partitions each member of a consumer group holds; nothing while they are being shared out."""
    described = _groups(bootstrap, [group])[group]
    if described.get("group_state") != "Stable":
        return []
    return [
        {
            TopicPartition(of_topic["topic"], partition)
            for of_topic in member["member_assignment"]["assigned_partitions"]
            for partition in of_topic["partitions"]
        }
        for member in described["members"]
    ]


def inhabited(bootstrap: Brokers, groups: Iterable[str]) -> set[str]:
    """Return those of some consumer groups that have members, whether they hold partitions yet or not."""
    return {group for group, described in _groups(bootstrap, list(groups)).items() if described.get("members")}


def _groups(bootstrap: Brokers, groups: list[str]) -> dict[str, dict[str, Any]]:
    """Return what the broker tells of each group, nothing of one that it does not know."""
    if not groups:
        return {}
    described = _coordinated(bootstrap, lambda client: _described(client, groups))
    return {group: described.get(group, {}) for group in groups}


def _described(client: KafkaAdminClient, groups: list[str]) -> dict[str, dict[str, Any]]:
    described: dict[str, dict[str, Any]] = client.describe_groups(groups)
    for told in described.values():
        for error in _COMING:
            if error.__name__ in (told.get("error") or ""):
                raise error
    return described


def group_offsets(bootstrap: Brokers, group: str, topic: str) -> tuple[int, int]:
    """Return how far a consumer group has read the first partition of a topic, as it has committed, and its end."""
    tp = TopicPartition(topic, 0)

    def offsets(client: KafkaAdminClient) -> tuple[int, int]:
        committed = client.list_group_offsets({group: [tp]}).get(group, {}).get(tp)
        end = client.list_partition_offsets({tp: OffsetSpec.LATEST})[tp].offset
        return max(0, committed.offset) if committed is not None else 0, end

    return _coordinated(bootstrap, offsets)


def read_up_to(bootstrap: Brokers, group: str, partitions: int) -> dict[TopicPartition, int]:
    """Return the offsets that a consumer group has committed of the event topics, where it has."""
    tps = [TopicPartition(topic, number) for topic in EVENT_TOPICS for number in range(partitions)]
    found = _coordinated(bootstrap, lambda client: client.list_group_offsets({group: tps}).get(group, {}))
    return {tp: held.offset for tp, held in found.items() if held.offset >= 0}


def set_group_offset(bootstrap: Brokers, group: str, topic: str, offset: int) -> None:
    """Have a consumer group that nobody is in read the first partition of a topic from an offset on."""
    tp = TopicPartition(topic, 0)

    def alter(client: KafkaAdminClient) -> None:
        error = client.alter_group_offsets(group, {tp: OffsetAndMetadata(offset, "", -1)})[tp]
        if error in _COMING:
            raise error
        if error.errno != 0:
            raise EngineFailed("kafka", f"the offset of {group} was not set: {error.__name__}; try again")

    _coordinated(bootstrap, alter)


def _coordinated(bootstrap: Brokers, ask: Callable[[KafkaAdminClient], _Answer]) -> _Answer:
    """Ask about groups until their coordinator is there.

    The first question about any group makes the topic that holds them; a broker that was started again reads that,
    and another may hold them by then: a client remembers where they were, so that each try has one of its own.
    """
    end_s = time.monotonic() + _GROUPS_S
    while True:
        with admin_client(bootstrap) as client:
            try:
                return ask(client)
            except _COMING:
                if time.monotonic() > end_s:
                    raise
        time.sleep(_POLL_S)


def brokers(bootstrap: Brokers) -> int:
    """Return how many brokers the cluster has."""
    with admin_client(bootstrap) as client:
        return len(client.describe_cluster()["brokers"])


def offsets_at(bootstrap: Brokers, partitions: int, time_s: float | None = None) -> list[dict[str, int]]:
    """Return for each partition, by the topic's short name, the first offset of the event topics from a time on.

    time_s: of the log, -inf for the beginning of what is kept; the end where None, or where nothing is that new.
    """
    names = {TopicPartition(topic, number): topic for topic in EVENT_TOPICS for number in range(partitions)}
    with admin_client(bootstrap) as client:
        ends = client.list_partition_offsets(dict.fromkeys(names, OffsetSpec.LATEST))
        found = ends
        if time_s is not None:
            wanted = OffsetSpec.EARLIEST if time_s <= 0 else int(time_s * 1000)
            found = client.list_partition_offsets(dict.fromkeys(names, wanted))
    offsets: list[dict[str, int]] = [{} for _ in range(partitions)]
    for tp, topic in names.items():
        at = found[tp].offset
        offsets[tp.partition][topic.short] = ends[tp].offset if at < 0 else at
    return offsets
