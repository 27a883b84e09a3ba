"""The topics: one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 24 * 60 * _MINUTE_MS
_MIB: Final = 1024 * 1024
_FOREVER: Final = -1


class Topic(StrEnum):
    """Every topic's name."""

    IMPRESSIONS = "ltrr.impressions"
    ACTIONS = "ltrr.actions"
    FEEDBACK = "ltrr.feedback"
    POLICY = "ltrr.policy"
    MEMORY = "ltrr.memory"
    PROFILES = "ltrr.profiles"
    ENTITIES = "ltrr.entities"
    DEADLETTER = "ltrr.deadletter"

    @property
    def short(self) -> str:
        """Return the name without its prefix, as metrics label it."""
        return self.value.removeprefix("ltrr.")

    @property
    def kind(self) -> "TopicKind":
        """Return what the table says of it."""
        return TOPICS[self]


@dataclass(frozen=True, slots=True)
class Setting:
    """A topic setting. value: at creation.

    least: a number that a later change must not go below; -1 is no limit. free: an operator may change it at will.
    Where neither is given, the value must stay as it is.
    """

    value: str
    least: int | None = None
    free: bool = False

    def fits(self, found: str | None) -> bool:
        """Return whether a value that was found will do."""
        if self.free:
            return True
        if self.least is not None and found is not None:
            number = int(found)
            return number == _FOREVER or number >= self.least
        return found == self.value

    @property
    def expected(self) -> str:
        """Return what is expected, in words."""
        return self.value if self.least is None else f"{self.least} or more"


@dataclass(frozen=True, slots=True)
class TopicKind:
    """What is said of a topic. key: of its messages, in words; shared: it has the partition count all shared ones have.

    Impressions and actions are joined partition by partition, and what is learned from partition p goes to partition p.
    """

    key: str
    shared: bool
    settings: Mapping[str, Setting]

    def partitions(self, shared: int) -> int:
        """Return its number of partitions. shared: the setting."""
        return shared if self.shared else 1

    @property
    def compacted(self) -> bool:
        """Return whether the last message of each key is kept for ever; others go by age."""
        return self.settings["cleanup.policy"].value == "compact"


def _events(retention_days: int, **others: Setting) -> Mapping[str, Setting]:
    """Return the settings of a topic whose messages go by age."""
    settings = {
        "cleanup.policy": Setting("delete"),
        # a day at least: the join window and late events, and a worker that was down over night
        "retention.ms": Setting(str(retention_days * _DAY_MS), least=_DAY_MS),
        # a message has 256 KB at most; a producer may put several into one batch, which is what this limits
        "max.message.bytes": Setting(str(_MIB), least=_MIB),
    }
    return MappingProxyType(settings | {name.replace("_", "."): setting for name, setting in others.items()})


def _state() -> Mapping[str, Setting]:
    """Return the settings of a topic that holds the last message of each key.

    A reader starts from the first message, so what is not compacted yet is what a start waits for; compacting copies
    what is kept, so doing it often costs disk and processor.
    """
    settings = {
        "cleanup.policy": Setting("compact"),
        # a state record has some 30 KB for 40 features and grows with their square: room for five times as many
        "max.message.bytes": Setting(str(_MIB), least=_MIB),
        # the newest segment is never compacted. 12 records of 30 KB six times a second fill 32 MiB in 15 s, which a
        # reader takes in well under a second; where less is written a segment ends after 10 minutes
        "segment.bytes": Setting(str(32 * _MIB), free=True),
        "segment.ms": Setting(str(10 * _MINUTE_MS), free=True),
        # compact when 30% is outdated: then 2.3 bytes are copied for each byte that came in. At the 50% that Kafka has
        # by itself a start reads twice what is kept, at 10% nine bytes are copied
        "min.cleanable.dirty.ratio": Setting("0.3", free=True),
        # whatever the share, within a day: what `ltrr privacy delete` removed is gone from the disk then
        "max.compaction.lag.ms": Setting(str(_DAY_MS), free=True),
        # a reader that has been away for a day still sees what was deleted; that is also what Kafka has by itself
        "delete.retention.ms": Setting(str(_DAY_MS), least=_DAY_MS),
    }
    return MappingProxyType(settings)


EVENT_TOPICS: Final = (Topic.IMPRESSIONS, Topic.ACTIONS)
"""What is learned from."""

# the broker's clock stamps each message: whether an action came in time is decided by these times, which never go back
_STAMPED: Final = Setting("LogAppendTime")
_STATE_KEY: Final = "version/application/partition/"

TOPICS: Final[Mapping[Topic, TopicKind]] = MappingProxyType(
    {
        # 30 days are one half-life of what is learned (LTRR_HALF_LIFE_S), and what a replay can go back
        Topic.IMPRESSIONS: TopicKind("query id", shared=True, settings=_events(30, message_timestamp_type=_STAMPED)),
        Topic.ACTIONS: TopicKind("query id", shared=True, settings=_events(30, message_timestamp_type=_STAMPED)),
        # nothing is learned from it: a week for those who copy it elsewhere
        Topic.FEEDBACK: TopicKind("query id", shared=True, settings=_events(7)),
        Topic.POLICY: TopicKind(
            f"{_STATE_KEY}arm; active/…; settings/…; ranker/…; secret/…", shared=True, settings=_state()
        ),
        Topic.MEMORY: TopicKind(f"{_STATE_KEY}query; predicted/…", shared=True, settings=_state()),
        Topic.PROFILES: TopicKind(f"{_STATE_KEY}user: or session:", shared=True, settings=_state()),
        # one partition keeps the changes of a catalogue in order; one index agent writes faster than engines take
        Topic.ENTITIES: TopicKind("object id", shared=False, settings=_state()),
        # rare; a letter has 64 KiB of an event as JSON text, in which each byte can take up to six
        Topic.DEADLETTER: TopicKind(
            "source topic", shared=False, settings=_events(30, max_message_bytes=Setting(str(2 * _MIB), least=2 * _MIB))
        ),
    }
)
