"""Keeps the fold of one partition on Kafka: restored from its records, flushed in transactions."""

import heapq
import logging
from collections import Counter
from collections.abc import Iterable, Mapping

from aiokafka import ConsumerRecord

from ltrr.models.errors import InvalidEvent
from ltrr.models.learning.feedback import Feedback
from ltrr.models.learning.fold import Fold
from ltrr.models.records.visitors import Visitors
from ltrr.models.rewards.drift import Drift
from ltrr.models.state.learning import Learning
from ltrr.models.state.progress import ACTIONS, IMPRESSIONS
from ltrr.models.state.records import RecordKey
from ltrr.streams.events.codec import encode_feedback
from ltrr.streams.events.messages import DeadLetter, Event, Origin, read_message
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from ltrr.streams.state.partition_store import Note, PartitionStore, Store
from ltrr.streams.state.replaying import told_to_replay

_LOG = logging.getLogger(__name__)
SOURCES = {Topic.IMPRESSIONS: IMPRESSIONS, Topic.ACTIONS: ACTIONS}


class KafkaLearner:
    """The learner of one source partition, while this process owns it.

    partitions: of the source topics. `absorb` only changes memory; `flush` makes what was absorbed visible, all of it
    or nothing, together with the offsets that it came from. seals: of pages that teach, see read_message. store: where
    records are kept, the state topics where absent. observed: whether feedback and dead letters are written, and drift
    is looked for. visitors: names those of whom producers, or records from before, have ids.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        learning: Learning,
        version: str,
        partition: int,
        partitions: int,
        *,
        seals: Seals | None = None,
        store: Store | None = None,
        observed: bool = True,
        visitors: Visitors | None = None,
    ) -> None:
        self.partition = partition
        self.drift = Drift() if observed else None
        self.fold = Fold(learning, self.drift, tells=observed)
        self.dead_letters: Counter[str] = Counter()
        self._bootstrap = bootstrap
        self._partitions = partitions
        self._visitors = visitors
        self._seals = seals
        self._store: Store = store or PartitionStore(bootstrap, version, partition)
        self._observed = observed
        self._notes: list[Note] = []
        self._counted: Counter[tuple[str, str]] = Counter()

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """Return (topic, outcome) -> events since the partition was taken over."""
        return self.fold.state.counts - self._counted

    async def open(self, start: Mapping[str, int] | None = None) -> None:
        """Take the partition over: load its records and fill its join table, without learning anything again.

        start: the first offsets to learn, of a partition that has no records yet. Raises SnapshotMismatch.
        """
        records = await self._store.open()
        with told_to_replay():
            for key in sorted(records, key=lambda key: key.kind != "progress"):  # which knows all that was other
                self.fold.read(key, records[key], self._visitors)
            self.fold.reschedule(self.fold.learning.forgetting)
        if start is not None and not records:
            self.fold.begin_at(start)
        self._counted = self.fold.state.counts.copy()
        await self._warm()
        _LOG.info("partition %d goes on from %s", self.partition, self.fold.progress.offsets)

    def absorb(self, origin: Origin, raw: bytes | None) -> int:
        """Learn one message and return how many events it has; what was absorbed before is left out."""
        if origin.offset < self.fold.progress.offsets[SOURCES[origin.topic]]:
            return 0
        events, letters = self._read(origin, raw)
        if origin.topic is Topic.IMPRESSIONS:
            feedback = self.fold.absorb_impressions(origin.offset, origin.recorded_s, events)  # type: ignore[arg-type]  # the topic says which
        else:
            feedback = self.fold.absorb_actions(origin.offset, origin.recorded_s, events)  # type: ignore[arg-type]  # the topic says which
        self._observe(feedback, letters)
        return len(events) + len(letters)

    async def flush(self) -> int:
        """Commit what changed since the last flush; return how many records. Raises Lost, or EngineFailed."""
        keys, notes = set(self.fold.changed), list(self._notes)
        if not keys:
            return 0
        records: dict[RecordKey, bytes | None] = {
            key: self.fold.write(key) if self.fold.holds(key) else None for key in keys
        }
        self.fold.changed.clear()
        self._notes.clear()
        try:
            await self._store.write(records, notes)
        except BaseException:
            self.fold.changed |= keys
            self._notes[:0] = notes
            raise
        return len(records)

    async def close(self) -> None:
        """Let go of the partition without writing."""
        await self._store.close()
        self.fold.join.forget()

    async def _warm(self) -> None:
        async with KafkaReader(self._bootstrap) as reader:
            runs: list[list[ConsumerRecord]] = []
            for topic, name in SOURCES.items():
                start = await reader.offset_at(topic, self.partition, self.fold.warm_since_s)
                start = max(start, self.fold.progress.start[name])
                end = self.fold.progress.offsets[name]
                runs.append([record async for record in reader.read(topic, self.partition, start, end)])
        merged = heapq.merge(*runs, key=lambda r: (r.timestamp, r.topic, r.offset))
        self.fold.warm((record.timestamp / 1000, self._events(record)) for record in merged)

    def _events(self, record: ConsumerRecord) -> list[Event]:
        return self._read(origin_of(record), record.value)[0]

    def _read(self, origin: Origin, raw: bytes | None) -> tuple[list[Event], list[DeadLetter]]:
        base = self.fold.learning.ordinal_base
        return read_message(origin, raw, self._partitions, base, self._seals, self._visitors)

    def _observe(self, feedback: Iterable[Feedback], letters: Iterable[DeadLetter]) -> None:
        for one in feedback:
            try:
                self._notes.append(Note(Topic.FEEDBACK, one.query_id.encode(), encode_feedback(one)))
            except InvalidEvent as error:  # learned all the same
                _LOG.warning("no feedback is written of query id %s: %s", one.query_id, error)
        for letter in letters:
            self.dead_letters[letter.reason] += 1
            if self._observed:
                self._notes.append(Note(Topic.DEADLETTER, letter.origin.topic.encode(), letter.encode()))


def origin_of(record: ConsumerRecord) -> Origin:
    """Return where a record stands."""
    return Origin(Topic(record.topic), record.partition, record.offset, record.timestamp / 1000)
