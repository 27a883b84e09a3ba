"""Keys and topics of state records: version/application/partition/kind:name."""

from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from models.records import RecordKey
from streams.topics import Topic

STATE_TOPICS: Final = (Topic.POLICY, Topic.MEMORY, Topic.PROFILES)
_TOPICS: Final = {"query": Topic.MEMORY, "user": Topic.PROFILES, "session": Topic.PROFILES}


class StateKey(NamedTuple):
    """What a record on a compacted topic is about. partition: of the sources that it was learned from."""

    version: str
    partition: int
    record: RecordKey

    def encode(self) -> bytes:
        """Return the Kafka key."""
        application = quote(self.record.application, safe="")
        return f"{self.version}/{application}/{self.partition}/{self.record.kind}:{self.record.name}".encode()

    @property
    def topic(self) -> Topic:
        """Return the topic that holds the record."""
        return _TOPICS.get(self.record.kind, Topic.POLICY)


def decode_key(raw: bytes) -> StateKey | None:
    """Return what a Kafka key is about, None for records of other kinds (`active/...`, `predicted/...`)."""
    try:
        version, application, partition, rest = raw.decode().split("/", 3)
        kind, name = rest.split(":", 1)
        return StateKey(version, int(partition), RecordKey(kind, unquote(application), name))
    except ValueError:
        return None
