"""What the log holds, what one process learns from it, and how far from that others are."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from aiokafka import ConsumerRecord

from ltrr.models.learning.fold import Fold
from ltrr.models.records.impression import Impression
from ltrr.models.records.visitors import Visitors
from ltrr.models.state.learning import Learning
from ltrr.models.state.records import RecordKey
from ltrr.models.statistics.snapshot import Snapshot
from ltrr.streams.events.messages import DeadLetter, read_message
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from ltrr.streams.workers.learner import origin_of

_SMALL: Final = 1e-3  # below it numbers differ by what they differ, not by their share


@dataclass(slots=True)
class Pure:
    """What one process makes of the whole log. pages, actions: what identifies an event -> how often it is there."""

    folds: list[Fold] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    pages: Counter[tuple[str, int]] = field(default_factory=Counter)
    actions: Counter[tuple[str, str, str]] = field(default_factory=Counter)


async def logged(bootstrap: Brokers, partitions: int) -> list[list[ConsumerRecord]]:
    """Return the messages of each partition, both topics merged in one order."""
    async with KafkaReader(bootstrap) as reader:
        found = []
        for partition in range(partitions):
            runs = [[record async for record in reader.read(topic, partition)] for topic in EVENT_TOPICS]
            found.append(list(heapq.merge(*runs, key=lambda r: (r.timestamp, r.topic, r.offset))))
        return found


def learn(
    messages: Sequence[Sequence[ConsumerRecord]],
    learning: Learning,
    seals: Seals | None = None,
    visitors: Visitors | None = None,
) -> Pure:
    """Learn the messages of each partition with the pure fold. seals, visitors: see read_message."""
    pure = Pure()
    for records in messages:
        fold = Fold(learning)
        for record in records:
            origin = origin_of(record)
            events, bad = read_message(origin, record.value, len(messages), seals=seals, visitors=visitors)
            absorb: Any = fold.absorb_impressions if origin.topic is Topic.IMPRESSIONS else fold.absorb_actions
            absorb(origin.offset, origin.recorded_s, events)
            pure.letters += bad
            for event in events:
                if isinstance(event, Impression):
                    pure.pages[event.query_id, event.page] += 1
                else:
                    pure.actions[event.query_id, event.object_id, event.action_name] += 1
        pure.folds.append(fold)
    return pure


def written(fold: Fold) -> dict[RecordKey, bytes]:
    """Return the records of a fold."""
    return {key: fold.write(key) for key in fold.keys()}  # noqa: SIM118  # a method of records, not of a mapping


def difference(one: Mapping[RecordKey, bytes], other: Mapping[RecordKey, bytes]) -> tuple[int, float]:
    """Return how many records differ in what is counted, or are missing, and the largest difference of real numbers.

    The latter is relative to the number, of an array to its largest.
    """
    differ, largest = len(one.keys() ^ other.keys()), 0.0
    for key in one.keys() & other.keys():
        same, distance = _apart(key, Snapshot.unpack(one[key]), Snapshot.unpack(other[key]))
        differ += not same
        largest = max(largest, distance)
    return differ, largest


def _apart(key: RecordKey, one: Snapshot, other: Snapshot) -> tuple[bool, float]:
    same, largest = _values_apart(_counted(key, one.meta), _counted(key, other.meta))
    for left, right in zip(one.arrays, other.arrays, strict=True):
        if left.shape != right.shape:
            return False, largest
        scale = max(_SMALL, float(np.abs(left).max(initial=0.0)))
        largest = max(largest, float(np.abs(left - right).max(initial=0.0)) / scale)
    return same, largest


def _counted(key: RecordKey, meta: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what has to be equal: where a replay began stands in its progress alone."""
    return {name: meta[name] for name in ("offsets", "counts")} if key.kind == "progress" else meta


def _values_apart(one: object, other: object) -> tuple[bool, float]:
    """Tell whether JSON values are equal but for real numbers, and how far those are apart."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if one.keys() != other.keys():
            return False, 0.0
        one, other = list(one.values()), [other[name] for name in one]
    if isinstance(one, list) and isinstance(other, list):
        found = [_values_apart(mine, theirs) for mine, theirs in zip(one, other, strict=False)]
        same = len(one) == len(other) and all(equal for equal, _ in found)
        return same, max((distance for _, distance in found), default=0.0)
    if isinstance(one, float) and isinstance(other, float):
        return True, abs(one - other) / max(_SMALL, abs(one))
    return one == other, 0.0
