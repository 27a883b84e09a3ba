"""Feeds the learner fold from the embedded log: the adaptor that Faust agents are on Kafka."""

import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic_core import to_json

from models.action import Action
from models.errors import InvalidEvent, SnapshotMismatch
from models.fold import ACTIONS, IMPRESSIONS, Fold
from models.impression import Impression
from models.learning import Learning
from streams.checkpoint import read_checkpoint, write_checkpoint
from streams.codec import Raw, parse_action, parse_impression, split_batch
from streams.embedded_log import EmbeddedLog
from streams.record_file import Record
from streams.topics import Topic

_LOG = logging.getLogger(__name__)
PARTITION = 0
_Event = TypeVar("_Event")


class EmbeddedLearner:
    """Keeps one fold up with both topics of an embedded log, which have one partition each.

    checkpoint: file that the state is kept in; None keeps it in memory. ordinal_base: of the senders of actions. What
    cannot be read goes to the dead letter topic with its reason, offset and index, and is counted in dead_letters.
    """

    def __init__(
        self, log: EmbeddedLog, learning: Learning, checkpoint: Path | None = None, ordinal_base: int = 1
    ) -> None:
        self._log = log
        self._checkpoint = checkpoint
        self._ordinal_base = ordinal_base
        self.dead_letters: Counter[str] = Counter()
        self.fold = self._restored(learning)

    def poll(self, now_s: float) -> int:
        """Absorb what was appended since the last call; return how many records. now_s: the log's clock."""
        offsets = self.fold.progress.offsets
        starts: dict[str, int] = {Topic.IMPRESSIONS: offsets[IMPRESSIONS], Topic.ACTIONS: offsets[ACTIONS]}
        count = 0
        for record in self._log.read_merged(list(starts), PARTITION, starts):
            count += 1
            if record.topic == Topic.IMPRESSIONS:
                self.fold.absorb_impressions(record.offset, record.timestamp_s, self._impressions(record))
            else:
                self.fold.absorb_actions(record.offset, record.timestamp_s, self._actions(record))
        self.fold.read_past(now_s, now_s)  # the log's clock never goes back, so no older record can come
        self.fold.progress.read_s = {IMPRESSIONS: self.fold.join.impressions_s, ACTIONS: self.fold.join.actions_s}
        return count

    def save(self) -> None:
        """Write the checkpoint. Raises StorageFailed."""
        if self._checkpoint is not None and self.fold.changed:
            write_checkpoint(self._checkpoint, ((key, self.fold.write(key)) for key in self.fold.keys()))  # noqa: SIM118
            self.fold.changed.clear()

    def _restored(self, learning: Learning) -> Fold:
        """Return the fold as of the checkpoint, or of the whole log where there is none that fits."""
        fold = Fold(learning)
        try:
            for key, data in read_checkpoint(self._checkpoint) if self._checkpoint else ():
                fold.read(key, data)
        except SnapshotMismatch as mismatch:
            _LOG.warning("%s; learning the whole log again", mismatch)
            return Fold(learning)
        offsets: dict[str, int] = {
            Topic.IMPRESSIONS: fold.progress.offsets[IMPRESSIONS],
            Topic.ACTIONS: fold.progress.offsets[ACTIONS],
        }
        if any(self._log.end_offset(topic, PARTITION) < offset for topic, offset in offsets.items()):
            _LOG.warning("the checkpoint is ahead of the log; learning the whole log again")
            return Fold(learning)
        since = min(fold.progress.read_s.values(), default=0.0) - fold.join.reach_s
        for record in self._log.read_merged(list(offsets), PARTITION):
            if record.offset < offsets[record.topic] and record.timestamp_s >= since:
                read = self._impressions if record.topic == Topic.IMPRESSIONS else self._actions
                fold.warm(record.timestamp_s, read(record, keep=False))
        read_s = fold.progress.read_s
        fold.join.read_past(read_s.get(IMPRESSIONS), read_s.get(ACTIONS))  # given up, and counted, before
        return fold

    def _impressions(self, record: Record, *, keep: bool = True) -> list[Impression]:
        return self._readable(record, parse_impression, keep=keep)

    def _actions(self, record: Record, *, keep: bool = True) -> list[Action]:
        return self._readable(record, lambda raw: parse_action(raw, self._ordinal_base), keep=keep)

    def _readable(self, record: Record, parse: Callable[[Raw], _Event], *, keep: bool) -> list[_Event]:
        events: list[_Event] = []
        for index, event in split_batch(record.value, parse):
            if not isinstance(event, InvalidEvent):
                events.append(event)
            elif keep:
                self.dead_letters[event.reason] += 1
                letter = {
                    "topic": record.topic,
                    "partition": record.partition,
                    "offset": record.offset,
                    "index": index,
                    "reason": event.reason,
                    "message": str(event),
                    "raw": record.value.decode(errors="replace"),
                }
                self._log.append(Topic.DEADLETTER, record.topic, to_json(letter), record.timestamp_s)
        return events
