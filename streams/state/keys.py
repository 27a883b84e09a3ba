"""Keys of the state topics: version/application/partition/kind:name, and those of records about versions.

The latter are active/application, settings/version, settings/version/application/time and secret/installation.
"""

from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from ltrr.models.learning.page import KEPT
from ltrr.models.state.records import RecordKey
from ltrr.streams.events.topics import Topic

STATE_TOPICS: Final = (Topic.POLICY, Topic.MEMORY, Topic.PROFILES)
_TOPICS: Final = dict.fromkeys(("sender", "user", "session", KEPT), Topic.PROFILES) | {"query": Topic.MEMORY}
ACTIVE: Final = "active"
SETTINGS: Final = "settings"
SECRET: Final = "secret"  # noqa: S105  # a kind of key
CONTROLS: Final = (ACTIVE, SETTINGS, SECRET)
INSTALLATION: Final = "installation"


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


class ControlKey(NamedTuple):
    """Key of a record that is about versions, or all of them. kind: one of CONTROLS.

    name: of an application, or a version; INSTALLATION of a secret.
    """

    kind: str
    name: str

    def encode(self) -> bytes:
        """Return the Kafka key."""
        return f"{self.kind}/{quote(self.name, safe='')}".encode()


class ChangeKey(NamedTuple):
    """Key of a record that changes how a version learns for an application, for impressions from a time on.

    time_ms: since the epoch.
    """

    version: str
    application: str
    time_ms: int

    def encode(self) -> bytes:
        """Return the Kafka key."""
        return f"{SETTINGS}/{self.version}/{quote(self.application, safe='')}/{self.time_ms}".encode()


def decode_change(raw: bytes) -> ChangeKey | None:
    """Return what a Kafka key is about, None for other records."""
    try:
        kind, version, application, time_ms = raw.decode().split("/")
        return ChangeKey(version, unquote(application), int(time_ms)) if kind == SETTINGS else None
    except ValueError:
        return None


def learner_group(version: str) -> str:
    """Return the consumer group of the workers that learn a version."""
    return f"ltrr-{version}"


def decode_control(raw: bytes) -> ControlKey | None:
    """Return what a Kafka key is about, None for other records."""
    try:
        kind, name = raw.decode().split("/")
    except ValueError:
        return None
    return ControlKey(kind, unquote(name)) if kind in CONTROLS else None


def decode_key(raw: bytes) -> StateKey | None:
    """Return what a Kafka key is about, None for records of other kinds (`active/...`, `settings/...`)."""
    try:
        version, application, partition, rest = raw.decode().split("/", 3)
        kind, name = rest.split(":", 1)
        return StateKey(version, int(partition), RecordKey(kind, unquote(application), name))
    except ValueError:
        return None
