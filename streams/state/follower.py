"""Follows the state that workers commit, and sums its partitions."""

import logging
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce

from aiokafka import ConsumerRecord, TopicPartition

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.learning.fold import Fold
from ltrr.models.learning.page import KEPT
from ltrr.models.memory.prediction import Predictions
from ltrr.models.state.learning import Learning
from ltrr.models.state.progress import ACTIONS
from ltrr.models.state.records import RecordKey
from ltrr.models.state.state import ApplicationState, State
from ltrr.models.statistics.decay import Changes
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.tail import Tail
from ltrr.streams.state.keys import STATE_TOPICS, decode_key
from ltrr.streams.state.predicted_records import PredictedKey, decode_predicted, unpack_predicted
from ltrr.streams.state.replaying import told_to_replay

_LOG = logging.getLogger(__name__)


class Follower:
    """The state of one version, as far as it is committed. To be run as a task beside what reads it.

    changed: called after each batch of records that belongs to the version, with the state as it is then. predictions:
    is told what is predicted for entities, whatever the version. took: called with the key of each record taken over.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        learning: Learning,
        version: str,
        partitions: int,
        changed: Callable[["Follower"], None] = lambda _: None,
        predictions: Predictions | None = None,
        took: Callable[[RecordKey], None] = lambda _: None,
    ) -> None:
        self.learning = learning
        self.version = version
        self._misfits: dict[tuple[int, RecordKey], str] = {}
        self._told: set[str] = set()
        self._changed = changed
        self._predictions = predictions
        self._took = took
        self._folds = [Fold(learning) for _ in range(partitions)]
        self._merged: dict[str, ApplicationState] = {}
        self._tail = Tail(bootstrap, STATE_TOPICS, partitions, self._take, self._touched)
        self.caught_up = self._tail.caught_up

    @property
    def mismatch(self) -> str | None:
        """Return why records of the version are left out; None where none is.

        What the record of progress has comes first: it knows all settings that a partition was learned under.
        """
        whole = (self._misfits.get((partition, RecordKey("progress"))) for partition in range(len(self._folds)))
        return next(filter(None, whole), None) or next(iter(self._misfits.values()), None)

    @property
    def revision(self) -> int:
        """Return how many messages the state has absorbed."""
        return sum(fold.state.revision for fold in self._folds)

    @property
    def newest_action_s(self) -> float:
        """Return when the newest action that the state has learned was recorded; 0 before any."""
        return max(fold.progress.read_s.get(ACTIONS, 0.0) for fold in self._folds)

    def application(self, name: str) -> ApplicationState:
        """Return what all partitions have learned for an application."""
        if name not in self._merged:
            known = (fold.state.applications.get(name) for fold in self._folds)
            parts = (part for part in known if part is not None)
            self._merged[name] = reduce(ApplicationState.__add__, parts, ApplicationState.empty(self.learning, name))
        return self._merged[name]

    def others(self, name: str) -> list[ApplicationState]:
        """Return what each partition has learned for all other applications."""
        parts = [fold.state.applications for fold in self._folds]
        names = sorted({other for part in parts for other in part} - {name})
        return [part[other] for other in names for part in parts if other in part]

    def state(self) -> State:
        """Return the sum of the partitions, to look at."""
        total = State(self.learning)
        total.revision = self.revision
        for fold in self._folds:
            total.counts += fold.state.counts
            total.applications |= {name: self.application(name) for name in fold.state.applications}
        return total

    @property
    def pairs(self) -> int:
        """Return how many pairs of memory are held, each partition's for itself."""
        applications = (application for fold in self._folds for application in fold.state.applications.values())
        return sum(one.memory.size for one in applications)

    def offsets(self) -> list[dict[str, int]]:
        """Return the absorbed offsets of each partition."""
        return [dict(fold.progress.offsets) for fold in self._folds]

    @property
    def positions(self) -> Mapping[TopicPartition, int]:
        """Return the offset after the last record read of each partition of the topics of state.

        Topics are read side by side, so that offsets may be of a commit whose other records are still to be read.
        """
        return self._tail.positions

    def counts(self) -> list[Counter[tuple[str, str]]]:
        """Return what became of the events of each partition: (topic, outcome) -> events."""
        return [fold.state.counts.copy() for fold in self._folds]

    def reschedule(self, forgetting: Mapping[str, Changes]) -> None:
        """Let what is read fade by these changes of the half-life, by application."""
        if forgetting == self.learning.forgetting:
            return
        self.learning = replace(self.learning, forgetting=forgetting)
        for fold in self._folds:
            fold.state.reschedule(forgetting)
        self._merged.clear()

    async def run(self) -> None:
        """Follow until cancelled; where Kafka is away, the last state goes on to be served."""
        await self._tail.run()

    def _touched(self) -> None:
        self._changed(self)

    def _take(self, record: ConsumerRecord) -> bool:
        predicted = decode_predicted(record.key or b"")
        if predicted is not None:
            self._predict(predicted, record.value)
            return False
        key = decode_key(record.key or b"")
        if key is None or key.version != self.version or key.partition != record.partition:
            return False
        if key.record.kind == KEPT:  # of the learner alone
            return False
        self._merged.clear()
        self._misfits.pop((record.partition, key.record), None)
        if record.value is None:
            self._folds[record.partition].forget(key.record)
            self._took(key.record)
            return True
        try:
            with told_to_replay():
                self._folds[record.partition].read(key.record, record.value)
        except SnapshotMismatch as mismatch:
            self._misfits[record.partition, key.record] = sys.intern(str(mismatch))
            self._tell(self.mismatch or "")
            return False
        self._took(key.record)
        return True

    def _tell(self, mismatch: str) -> None:
        """Tell once of each: many records have the same."""
        if mismatch not in self._told:
            self._told.add(mismatch)
            _LOG.error("version %s is not read in full: %s", self.version, mismatch)

    def _predict(self, key: PredictedKey, value: bytes | None) -> None:
        if self._predictions is None:
            return
        try:
            queries = () if value is None else unpack_predicted(value)[0]
        except SnapshotMismatch as mismatch:
            _LOG.error("%s", mismatch)
            return
        self._predictions.put(key.application, key.object_id, queries)
