"""Feeds the learner fold from the embedded log: the adaptor that Faust agents are on Kafka."""

import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ltrr.models.errors import SnapshotMismatch, StorageFailed
from ltrr.models.learning.fold import Fold
from ltrr.models.rewards.drift import Drift
from ltrr.models.state.learning import Learning
from ltrr.models.state.progress import ACTIONS, IMPRESSIONS
from ltrr.streams.embedded.checkpoint import read_checkpoint, set_aside, write_checkpoint
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.events.messages import DeadLetter, Event, Origin, read_message
from ltrr.streams.events.topics import Topic
from ltrr.streams.files.record_file import Record

_LOG = logging.getLogger(__name__)
PARTITION = 0


class EmbeddedLearner:
    """Keeps one fold up with both topics of an embedded log, which have one partition each.

    checkpoint: file that the state is kept in; None keeps it in memory. ordinal_base: of the senders of actions.
    accept_shorter: learn a log that ends before the checkpoint does anew, and keep the checkpoint aside. What
    cannot be read goes to the dead letter topic with its reason, offset and index, and is counted in dead_letters.
    Raises StorageFailed where the log is shorter and that is not accepted.
    """

    def __init__(
        self,
        log: EmbeddedLog,
        learning: Learning,
        checkpoint: Path | None = None,
        ordinal_base: int = 1,
        *,
        accept_shorter: bool = False,
    ) -> None:
        self._log = log
        self._checkpoint = checkpoint
        self._ordinal_base = ordinal_base
        self.dead_letters: Counter[str] = Counter()
        self.drift = Drift()
        self.fold = self._restored(learning, accept_shorter=accept_shorter)

    def poll(self, now_s: float) -> int:
        """Absorb what was appended since the last call; return how many records. now_s: the log's clock."""
        offsets = self.fold.progress.offsets
        starts: dict[str, int] = {Topic.IMPRESSIONS: offsets[IMPRESSIONS], Topic.ACTIONS: offsets[ACTIONS]}
        count = 0
        for record in self._log.read_merged(list(starts), PARTITION, starts):
            count += 1
            events, letters = self._read(record)
            if record.topic == Topic.IMPRESSIONS:
                self.fold.absorb_impressions(record.offset, record.timestamp_s, events)  # type: ignore[arg-type]  # as the topic says
            else:
                self.fold.absorb_actions(record.offset, record.timestamp_s, events)  # type: ignore[arg-type]  # as the topic says
            for letter in letters:
                self.dead_letters[letter.reason] += 1
                self._keep(record.topic, letter, record.timestamp_s)
        self.fold.read_past(now_s, now_s)  # the log's clock never goes back, so no older record can come
        return count

    def save(self) -> None:
        """Write the checkpoint. Raises StorageFailed."""
        if self._checkpoint is not None and self.fold.changed:
            with suppress(FileNotFoundError):
                self._log.need_room(self._checkpoint.stat().st_size)  # as long as both are there, the old and the new
            self._log.flush()  # a power cut must not leave a checkpoint of records that are gone
            write_checkpoint(self._checkpoint, ((key, self.fold.write(key)) for key in self.fold.keys()))  # noqa: SIM118
            self.fold.changed.clear()

    def _restored(self, learning: Learning, *, accept_shorter: bool) -> Fold:
        """Return the fold as of the checkpoint, or of the whole log where there is none that fits."""
        fold = Fold(learning, self.drift)
        try:
            for key, data in read_checkpoint(self._checkpoint) if self._checkpoint else ():
                fold.read(key, data)
        except SnapshotMismatch as mismatch:
            _LOG.warning("%s; learning the whole log again", mismatch)
            return Fold(learning, self.drift)
        offsets: dict[str, int] = {
            Topic.IMPRESSIONS: fold.progress.offsets[IMPRESSIONS],
            Topic.ACTIONS: fold.progress.offsets[ACTIONS],
        }
        missing = self._missing(offsets)
        if missing and self._checkpoint:
            self._refuse_less(missing, self._checkpoint, accept=accept_shorter)
            return Fold(learning, self.drift)
        fold.warm(
            (record.timestamp_s, self._read(record)[0])
            for record in self._log.read_merged(list(offsets), PARTITION)
            if record.offset < offsets[record.topic] and record.timestamp_s >= fold.warm_since_s
        )
        return fold

    def _keep(self, topic: str, letter: DeadLetter, time_s: float) -> None:
        """Append a dead letter; where that cannot be, its message is still in the log."""
        try:
            self._log.append(Topic.DEADLETTER, topic, letter.encode(), time_s)
        except StorageFailed as error:
            _LOG.warning("a dead letter (%s, offset %d) is not kept: %s", letter.reason, letter.origin.offset, error)

    def _missing(self, offsets: Mapping[str, int]) -> str:
        """Say what the log lacks of the records before these offsets, nothing where it has them all."""
        ends = {topic: self._log.end_offset(topic, PARTITION) for topic in offsets}
        return " and ".join(
            f"{offset - ends[topic]} of {offset} {topic}" for topic, offset in offsets.items() if ends[topic] < offset
        )

    def _refuse_less(self, missing: str, checkpoint: Path, *, accept: bool) -> None:
        """Raise StorageFailed for a log that lacks what was learned, or set the checkpoint aside."""
        lacking = f"the log in {self._log.place} lacks {missing} that {checkpoint} has learned"
        if not accept:
            raise StorageFailed(
                f"{lacking}: bring back the log's folder from a copy; or start once with `ltrr serve "
                f"--accept-shorter-log`, which keeps that state aside and learns anew from what the log has"
            )
        _LOG.warning("%s; kept as %s, learning the whole log again", lacking, set_aside(checkpoint))

    def _read(self, record: Record) -> tuple[list[Event], list[DeadLetter]]:
        origin = Origin(Topic(record.topic), record.partition, record.offset, record.timestamp_s)
        return read_message(origin, record.value, 1, self._ordinal_base)
