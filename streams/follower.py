"""Follows the state that workers commit, and sums its partitions."""

import asyncio
import logging
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from models.errors import SnapshotMismatch
from models.fold import ACTIONS, Fold
from models.learning import Learning
from models.prediction import Predictions
from models.records import RecordKey
from models.state import ApplicationState, State, merge
from streams.predicted_records import PredictedKey, decode_predicted, unpack_predicted
from streams.state_keys import STATE_TOPICS, decode_key

_LOG = logging.getLogger(__name__)
_POLL_MS = 20
_BATCH = 5_000
_RETRY_S = 1.0


class Follower:
    """The state of one version, as far as it is committed. To be run as a task beside what reads it.

    changed: called after each batch of records that belongs to the version, with the state as it is then. predictions:
    is told what is predicted for entities, whatever the version. took: called with the key of each record taken over.
    """

    def __init__(
        self,
        bootstrap: str,
        learning: Learning,
        version: str,
        partitions: int,
        changed: Callable[["Follower"], None] = lambda _: None,
        predictions: Predictions | None = None,
        took: Callable[[RecordKey], None] = lambda _: None,
    ) -> None:
        self.learning = learning
        self.version = version
        self.caught_up = asyncio.Event()
        self._bootstrap = bootstrap
        self._changed = changed
        self._predictions = predictions
        self._took = took
        self._folds = [Fold(learning) for _ in range(partitions)]
        self._merged: dict[str, ApplicationState] = {}
        self._positions: dict[TopicPartition, int] = {}

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
            self._merged[name] = self.state().application(name)
        return self._merged[name]

    def state(self) -> State:
        """Return the sum of the partitions."""
        return merge((fold.state for fold in self._folds), self.learning)

    def offsets(self) -> list[dict[str, int]]:
        """Return the absorbed offsets of each partition."""
        return [dict(fold.progress.offsets) for fold in self._folds]

    async def run(self) -> None:
        """Follow until cancelled; where Kafka is away, the last state goes on to be served."""
        tps = [TopicPartition(t, p) for t in STATE_TOPICS for p in range(len(self._folds))]
        while True:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap,
                enable_auto_commit=False,
                isolation_level="read_committed",
                auto_offset_reset="earliest",
                fetch_max_wait_ms=_POLL_MS,
            )
            try:
                await consumer.start()
                consumer.assign(tps)
                for tp, offset in {**await consumer.beginning_offsets(tps), **self._positions}.items():
                    consumer.seek(tp, offset)
                await self._follow(consumer, await consumer.end_offsets(tps))
            except KafkaError as error:
                _LOG.warning("the state cannot be followed: %s; trying again", error)
                await asyncio.sleep(_RETRY_S)
            finally:
                await consumer.stop()

    async def _follow(self, consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> None:
        while True:
            batch = await consumer.getmany(timeout_ms=_POLL_MS, max_records=_BATCH)
            touched = False
            for tp, records in batch.items():
                for record in records:
                    touched |= self._take(tp.partition, record.key, record.value)
                    self._positions[tp] = record.offset + 1
            if touched:
                self._merged.clear()
            if not self.caught_up.is_set():
                if all([await consumer.position(tp) >= end for tp, end in ends.items()]):
                    self.caught_up.set()
                    self._changed(self)
            elif touched:
                self._changed(self)

    def _take(self, partition: int, raw_key: bytes | None, value: bytes | None) -> bool:
        predicted = decode_predicted(raw_key or b"")
        if predicted is not None:
            self._predict(predicted, value)
            return False
        key = decode_key(raw_key or b"")
        if key is None or key.version != self.version or key.partition != partition:
            return False
        if value is None:
            self._folds[partition].forget(key.record)
            self._took(key.record)
            return True
        try:
            self._folds[partition].read(key.record, value)
        except SnapshotMismatch as mismatch:
            _LOG.error("%s", mismatch)
            return False
        self._took(key.record)
        return True

    def _predict(self, key: PredictedKey, value: bytes | None) -> None:
        if self._predictions is None:
            return
        try:
            queries = () if value is None else unpack_predicted(value)[0]
        except SnapshotMismatch as mismatch:
            _LOG.error("%s", mismatch)
            return
        self._predictions.put(key.application, key.object_id, queries)
