"""Learn a stretch of the event topics again, into a version of its own."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from ltrr.models.errors import EngineFailed, InvalidInput
from ltrr.models.learning.fold import Fold
from ltrr.models.records.visitors import Visitors
from ltrr.models.state.learning import Learning
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import EVENT_TOPICS
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.replay.merged_reader import MergedReader
from ltrr.streams.state.partition_store import PartitionStore, Store
from ltrr.streams.versions.versions import Offsets
from ltrr.streams.workers.learner import KafkaLearner, origin_of

CHECKPOINT_EVENTS: Final = 20_000
_TOLD_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a rebuild is. done, messages: of all partitions, earlier calls included; events: of this call."""

    partition: int
    done: int
    messages: int
    events: int


@dataclass(slots=True)
class Rebuilt:
    """What came of a rebuild. digest: of all state records; resumed: messages that earlier calls had absorbed.

    counts: outcomes, of earlier calls too; waiting: actions that may still find their page, and have none yet. events,
    messages and dead_letters are of this call.
    """

    digest: str = ""
    revision: int = 0
    resumed: int = 0
    messages: int = 0
    events: int = 0
    waiting: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    dead_letters: Counter[str] = field(default_factory=Counter)


class Rebuild:
    """The replay of a stretch, partition by partition, through the fold of the agents.

    start, end: the stretch, by partition. checkpoint_events: after so many, what was learned is committed; a call that
    was ended in whatever way goes on from there. seals: of pages that teach, see read_message. store: of a partition's
    records, the state topics where absent. What observers read (feedback, dead letters) is not written again.
    visitors: as a learner has them. Raises EngineFailed; InvalidInput where the version has gone on beyond the stretch.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        learning: Learning,
        version: str,
        start: Offsets,
        end: Offsets,
        *,
        seals: Seals | None = None,
        checkpoint_events: int = CHECKPOINT_EVENTS,
        store: Callable[[int], Store] | None = None,
        visitors: Visitors | None = None,
    ) -> None:
        self._bootstrap = bootstrap
        self._learning = learning
        self._version = version
        self._start = start
        self._end = end
        self._seals = seals
        self._checkpoint_events = checkpoint_events
        self._visitors = visitors
        self._store = store or (lambda partition: PartitionStore(bootstrap, version, partition))
        self._told: Callable[[Advance], None] = lambda _: None
        self._told_s = 0.0
        self._done = 0
        self._total = sum(to - start[p].get(t, 0) for p, ends in enumerate(end) for t, to in ends.items())
        self._rebuilt = Rebuilt()

    async def run(self, told: Callable[[Advance], None]) -> Rebuilt:
        """Read all partitions one after the other. told: called some times a second."""
        self._told = told
        digest = hashlib.sha256()
        try:
            async with MergedReader(self._bootstrap) as reader:
                for partition in range(len(self._end)):
                    fold = await self._rebuild(reader, partition)
                    add_digest(digest, partition, fold)
                    self._rebuilt.counts += fold.state.counts
                    self._rebuilt.revision += fold.state.revision
                    self._rebuilt.waiting += fold.join.undecided
        except KafkaError as error:
            raise EngineFailed("kafka", f"the replay stopped: {error}; run it again then, it goes on") from error
        self._rebuilt.digest = digest.hexdigest()
        return self._rebuilt

    async def _rebuild(self, reader: MergedReader, partition: int) -> Fold:
        learner = KafkaLearner(
            self._bootstrap,
            self._learning,
            self._version,
            partition,
            len(self._end),
            seals=self._seals,
            store=self._store(partition),
            observed=False,
            visitors=self._visitors,
        )
        try:
            await learner.open(self._start[partition])
            await self._read(reader, learner)
            learner.fold.pass_over(self._end[partition])  # offsets without messages, such as those of aborted ones
            await learner.flush()
        finally:
            await learner.close()
        self._rebuilt.dead_letters += learner.dead_letters
        return learner.fold

    async def _read(self, reader: MergedReader, learner: KafkaLearner) -> None:
        partition, fold = learner.partition, learner.fold
        start, end = dict(fold.progress.offsets), self._end[partition]
        beyond = [topic for topic, offset in start.items() if offset > end[topic]]
        if beyond:
            raise InvalidInput(
                f"{self._version!r} has gone on beyond the end of the replay: it was followed by workers, "
                "or replayed to a later end; name another version with --into"
            )
        before = self._done - sum(self._start[partition].values())
        self._rebuilt.resumed += before + sum(start.values()) - self._done
        unsaved = 0
        stretches = {TopicPartition(t, partition): (start[t.short], end[t.short]) for t in EVENT_TOPICS}
        async for records in reader.read(stretches):
            for record in records:
                events = learner.absorb(origin_of(record), record.value)
                self._rebuilt.events += events
                unsaved += events
                if unsaved >= self._checkpoint_events and fold.is_cut:  # however often it stops, sums round alike
                    await learner.flush()
                    unsaved = 0
                self._tell(partition, before + sum(fold.progress.offsets.values()))
            self._rebuilt.messages += len(records)
        self._done = before + sum(end.values())

    def _tell(self, partition: int, done: int) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s >= _TOLD_S:
            self._told_s = now_s
            self._told(Advance(partition, done, self._total, self._rebuilt.events))


def add_digest(digest: "hashlib._Hash", partition: int, fold: Fold) -> None:
    """Add the canonical bytes of all records of a partition."""
    for key in sorted(fold.keys()):
        data = fold.write(key)
        digest.update(json.dumps([partition, *key, len(data)]).encode())
        digest.update(data)
