"""Make the topics of the table, and say where those that are there do not fit it."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from ltrr.models.errors import EngineFailed, InvalidSettings
from ltrr.streams.events.topics import TOPICS, Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.cluster import admin_client

_REQUEST_MS: Final = 10_000
_VISIBLE_S: Final = 10.0
_POLL_S: Final = 0.1
_BROKER_DECIDES: Final = -1
_OFFSETS: Final = (OffsetSpec.EARLIEST, OffsetSpec.LATEST)


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a topic does not fit. setting: its name, or `partitions`."""

    topic: str
    setting: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as it is. name: with the prefix; settings: those of the table; begin, end: offsets by partition.

    replication: copies of its first partition. Where the topic is missing, partitions and replication are 0.
    """

    topic: Topic
    name: str
    partitions: int
    replication: int
    settings: Mapping[str, str]
    begin: tuple[int, ...]
    end: tuple[int, ...]
    differences: tuple[Difference, ...]

    @property
    def exists(self) -> bool:
        """Return whether there is such a topic."""
        return self.partitions > 0

    @property
    def fits(self) -> bool:
        """Return whether it can be used."""
        return self.exists and not self.differences


def describe(bootstrap: Brokers, partitions: int, prefix: str = "") -> list[TopicState]:
    """Return what the broker has of each topic of the table.

    partitions: what topics that share a count should have; prefix: goes before every name, for tests. Raises
    EngineFailed where the broker is away.
    """
    with admin_client(bootstrap) as client:
        return _states(client, partitions, prefix)


def create(bootstrap: Brokers, partitions: int, replication: int | None = None, prefix: str = "") -> list[str]:
    """Make the missing topics; return their names, none where all were there.

    replication: copies of each partition; the broker's own default where None. Raises InvalidSettings, and makes
    nothing, where a topic that is there differs; EngineFailed where the broker is away or refuses.
    """
    with admin_client(bootstrap) as client:
        states = _states(client, partitions, prefix)
        _refuse(bootstrap, states, partitions)
        missing = {state.name: _wish(state.topic, partitions, replication) for state in states if not state.exists}
        if not missing:
            return []
        answer = client.create_topics(missing, raise_errors=False)
        created = []
        for one in answer["topics"]:
            if one["error_code"] == 0:
                created.append(one["name"])
            elif one["error_code"] != TopicAlreadyExistsError.errno:  # another one was faster
                reason = one["error_message"] or for_code(one["error_code"]).__name__
                raise EngineFailed("kafka", f"{one['name']} was not made: {reason}")
        client.wait_for_topics(list(missing), timeout_ms=_REQUEST_MS)
        _refuse(bootstrap, _states(client, partitions, prefix), partitions)
        return created


def alter(bootstrap: Brokers, partitions: int, prefix: str = "") -> list[Difference]:
    """Give settings that differ their expected values, and return them; partition counts cannot be mended."""
    with admin_client(bootstrap) as client:
        mended = []
        for state in _states(client, partitions, prefix):
            wrong = _wrong_settings(state)
            values = {one.setting: state.topic.kind.settings[one.setting].value for one in wrong}
            if values:
                client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, state.name, values)])
            mended += wrong
        end_s = time.monotonic() + _VISIBLE_S  # a broker tells the old values until it has heard from the controller
        while mended and any(map(_wrong_settings, _states(client, partitions, prefix))) and time.monotonic() < end_s:
            time.sleep(_POLL_S)
        return mended


def check(bootstrap: Brokers, partitions: int, prefix: str = "") -> None:
    """Make sure, at the start of what uses them, that all topics are there and fit.

    Raises InvalidSettings that names those that do not and the command that mends it; EngineFailed where the broker
    is away, within some seconds.
    """
    states = describe(bootstrap, partitions, prefix)
    _refuse(bootstrap, states, partitions)
    missing = [state.name for state in states if not state.exists]
    if missing:
        raise InvalidSettings(
            f"Kafka at {bootstrap} has no {', '.join(missing)}; run {_command(bootstrap, partitions)}"
        )


def _refuse(bootstrap: Brokers, states: Iterable[TopicState], partitions: int) -> None:
    """Raise what to do where a topic that is there differs."""
    differences = [one for state in states for one in state.differences]
    if not differences:
        return
    counts = [one for one in differences if one.setting == "partitions"]
    ways = []
    if len(counts) < len(differences):
        ways.append(f"{_command(bootstrap, partitions, '--alter')} sets what is expected")
    if counts:
        ways.append(_other_count(states, counts))
    raise InvalidSettings(f"{_told(differences)}; {'; '.join(ways)}")


def _wrong_settings(state: TopicState) -> list[Difference]:
    return [one for one in state.differences if one.setting in state.topic.kind.settings]


def _told(differences: Iterable[Difference]) -> str:
    """Return the differences in words, the topics that share one together."""
    topics: dict[tuple[str, str, str], list[str]] = {}
    for one in differences:
        topics.setdefault((one.setting, one.found, one.expected), []).append(one.topic)
    return "; ".join(
        f"{setting} of {', '.join(names)} is {found}, expected {expected}"
        for (setting, found, expected), names in topics.items()
    )


def _other_count(states: Iterable[TopicState], wrong: list[Difference]) -> str:
    """Return what to do about partition counts: keys would move to other partitions, so no count is ever changed."""
    shared = {state.partitions for state in states if state.exists and state.topic.kind.shared}
    alone = [one.topic for one in wrong if not any(s.name == one.topic and s.topic.kind.shared for s in states)]
    if len(shared) == 1 and not alone:
        return f"set LTRR_PARTITIONS={shared.pop()}: the count of a topic that is in use stays as it is"
    return f"delete {', '.join(one.topic for one in wrong)} if nothing in there is needed, and create them again"


def _command(bootstrap: Brokers, partitions: int, *flags: str) -> str:
    return f"`{' '.join(['ltrr topics create --bootstrap', str(bootstrap), '--partitions', str(partitions), *flags])}`"


def _wish(topic: Topic, partitions: int, replication: int | None) -> dict[str, Any]:
    return {
        "num_partitions": topic.kind.partitions(partitions),
        "replication_factor": _BROKER_DECIDES if replication is None else replication,
        "configs": {name: setting.value for name, setting in topic.kind.settings.items()},
    }


def _states(client: KafkaAdminClient, partitions: int, prefix: str) -> list[TopicState]:
    names = {prefix + topic: topic for topic in TOPICS}
    held = {name: found for name, found in _partitions(client, names).items() if found}
    asked = [ConfigResource(ConfigResourceType.TOPIC, n, dict.fromkeys(names[n].kind.settings)) for n in held]
    settings = client.describe_configs(asked, config_filter="all")["topic"] if asked else {}
    tps = [TopicPartition(name, number) for name, found in held.items() for number in range(len(found))]
    begin, end = [client.list_partition_offsets(dict.fromkeys(tps, spec)) if tps else {} for spec in _OFFSETS]
    states = []
    for name, topic in names.items():
        numbers = range(len(held.get(name, ())))
        values = {key: str(one["value"]) for key, one in settings.get(name, {}).items()}
        states.append(
            TopicState(
                topic,
                name,
                partitions=len(numbers),
                replication=len(held[name][0]["replica_nodes"]) if numbers else 0,
                settings=values,
                begin=tuple(begin[TopicPartition(name, number)].offset for number in numbers),
                end=tuple(end[TopicPartition(name, number)].offset for number in numbers),
                differences=_differences(name, topic, len(numbers), values, partitions) if numbers else (),
            )
        )
    return states


def _partitions(client: KafkaAdminClient, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the partitions of each topic, none for a missing one."""
    found = {}
    for one in client.describe_topics(list(names)):
        if one["error_code"] not in (0, UnknownTopicOrPartitionError.errno):
            raise EngineFailed("kafka", f"{one['name']} cannot be described: {for_code(one['error_code']).__name__}")
        found[one["name"]] = one["partitions"]
    return found


def _differences(
    name: str, topic: Topic, count: int, values: Mapping[str, str], partitions: int
) -> tuple[Difference, ...]:
    wanted = topic.kind.partitions(partitions)
    wrong = [] if count == wanted else [Difference(name, "partitions", str(count), str(wanted))]
    for key, setting in topic.kind.settings.items():
        if not setting.fits(values.get(key)):
            wrong.append(Difference(name, key, values.get(key, "unknown to this broker"), setting.expected))
    return tuple(wrong)
