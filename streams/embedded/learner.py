"""Feeds the learner fold from the embedded log: the adaptor that Faust agents are on Kafka."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ltrr.models.errors import SnapshotMismatch, StorageFailed
from ltrr.models.learning.fold import Fold
from ltrr.models.learning.join import Outcome
from ltrr.models.learning.page import KEPT
from ltrr.models.records.visitors import Visitors
from ltrr.models.rewards.drift import Drift
from ltrr.models.state.learning import Learning
from ltrr.models.state.records import RecordKey
from ltrr.streams.embedded.checkpoint import merge_checkpoint, read_checkpoint, set_aside
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.events.messages import DeadLetter, Event, Origin, read_message
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.files.record_file import Record

_LOG = logging.getLogger(__name__)
PARTITION = 0
_PORTION: Final = 200
_MANY: Final = 1_000  # pages that take a second or more to read back
Enough = Callable[[], bool]
"""Asked after each step of what is done in pieces: whether others should be served before it goes on."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The records of a state that changed, all as of one moment; None: one that is gone.

    offsets: up to where both topics are learned; since_s: from which record timestamp on a restart reads them.
    """

    records: Mapping[RecordKey, bytes | None]
    offsets: Mapping[str, int]
    since_s: float


class EmbeddedLearner:
    """Keeps one fold up with both topics of an embedded log, which have one partition each.

    checkpoint: file that the state is kept in; None keeps it in memory. seals: of pages that teach, see read_message.
    accept_shorter: learn a log that does not go with the checkpoint anew, and keep the checkpoint aside. visitors:
    names those of whom the log, or the checkpoint, has ids. What cannot be read goes to the dead letter topic with its
    reason, offset and index, and is counted in dead_letters. tell: told what takes a while until it is made. Raises
    StorageFailed where the log lacks records, at its end or behind the checkpoint's, and that is not accepted.
    """

    def __init__(
        self,
        log: EmbeddedLog,
        learning: Learning,
        checkpoint: Path | None = None,
        *,
        seals: Seals | None = None,
        accept_shorter: bool = False,
        visitors: Visitors | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._log = log
        self._learning = learning
        self._path = checkpoint
        self._seals = seals
        self._anew = False
        self._steps: Iterator[object] = iter(())
        self._half = False  # whether a record is learned in part
        self._staged: dict[RecordKey, bytes | None] = {}
        self._fresh: dict[RecordKey, bytes | None] | None = None
        self._before = Counter[tuple[str, str]]()  # what a state had learned in whose place the log is learned
        self._visitors = visitors
        self._tell = tell
        self.dead_letters: Counter[str] = Counter()
        self.drift = Drift()
        self.fold = self._restored(learning, accept_shorter=accept_shorter)

    @property
    def ends(self) -> dict[str, int]:
        """Return up to where the log can be learned as of now: topic -> next offset."""
        return {topic: self._log.end_offset(topic, PARTITION) for topic in EVENT_TOPICS}

    @property
    def waiting(self) -> int:
        """Return how many records are not learned yet."""
        return self._waiting(self.fold)

    def behind(self, ends: Mapping[str, int]) -> bool:
        """Tell whether something before these offsets is not learned yet, or not whole."""
        return self._half or any(offset < ends[topic] for topic, offset in _offsets(self.fold).items())

    def poll(self, now_s: float, ends: Mapping[str, int] | None = None, enough: Enough | None = None) -> int:
        """Absorb what was appended since the last call; return how many records were begun. now_s: the log's clock.

        ends: go no further than these offsets. enough: tells when to leave the rest to the next call, which may be that
        of a record that holds much; without, all is done.
        """
        if self._goes_on(enough):
            return 0
        starts, count = _offsets(self.fold), 0
        for record in self._log.read_merged(list(starts), PARTITION, starts, ends, enough and _PORTION):
            count += 1
            self._steps = self._absorb(record)
            if self._goes_on(enough):
                return count
        if not self.behind(self.ends):
            self._steps = self.fold.past_in_steps(now_s, now_s)  # the log's clock never goes back
            self._goes_on(enough)
            self._compare()
        return count

    def _absorb(self, record: Record) -> Iterator[object]:
        events, letters = self._read(record)
        if record.topic == Topic.IMPRESSIONS:
            yield from self.fold.impressions_in_steps(record.offset, record.timestamp_s, events)  # type: ignore[arg-type]  # as the topic says
        else:
            yield from self.fold.actions_in_steps(record.offset, record.timestamp_s, events)  # type: ignore[arg-type]  # as the topic says
        for letter in letters:
            self.dead_letters[letter.reason] += 1
            self._keep(record.topic, letter, record.timestamp_s)

    def _goes_on(self, enough: Enough | None) -> bool:
        """Go on with what was begun; tell whether something of it may be left."""
        self._half = any(enough is not None and enough() for _ in self._steps)
        return self._half

    def _compare(self) -> None:
        """Say what a log that was learned anew teaches less than it did."""
        before, self._before = self._before, Counter()
        for topic in EVENT_TOPICS if before else ():
            was, now = (
                Counter({outcome: count for (of, outcome), count in counts.items() if of == topic.short})
                for counts in (before, self.fold.state.counts)
            )
            lost = was[Outcome.ACCEPTED] - now[Outcome.ACCEPTED]
            if lost > 0:
                more = ", ".join(f"{count:,} more {outcome}" for outcome, count in sorted((now - was).items()))
                said = f"{lost:,} of {was[Outcome.ACCEPTED]:,} {topic.short} that had taught teach no more"
                _LOG.warning(
                    "%s%s: go back to the settings from before where that is not meant", said, more and f" ({more})"
                )

    def stage(self, enough: Enough | None = None) -> bool:
        """Write records that changed since the last checkpoint, until it is enough; tell whether none is left.

        What changes again meanwhile is written again: when none is left, all that was written is as of now.
        """
        if self._goes_on(enough):
            return False  # half a record is not as of any moment
        changed = self.fold.changed
        if self._path is None:
            changed.clear()
        while changed:
            key = changed.pop()
            written = self._staged[key] = self.fold.write(key) if self.fold.holds(key) else None
            if self._fresh is not None and key.kind != KEPT:
                self._fresh[key] = written
            if enough is not None and enough():
                break
        return not changed

    def follow(self) -> Iterator[Mapping[RecordKey, bytes | None]]:
        """Yield what was learned, some records at a time, for who follows it; what changes from here on is `fresh`."""
        self._fresh = {} if self._fresh is None else self._fresh
        keys = self.fold.keys()
        for first in range(0, len(keys), _PORTION):
            held = (key for key in keys[first : first + _PORTION] if key.kind != KEPT and self.fold.holds(key))
            yield {key: self.fold.write(key) for key in held}

    def fresh(self) -> Mapping[RecordKey, bytes | None]:
        """Return the records that have changed since the last call, as of now; None: one that is gone.

        Nothing where no one follows, or a record is learned in part, which is as of no moment.
        """
        if self._fresh is None or self._half:
            return {}
        self.stage()
        taken, self._fresh = self._fresh, {}
        return taken

    def staged(self) -> Checkpoint:
        """Return what was staged, to be committed; to be called when nothing is left."""
        taken, self._staged = self._staged, {}
        return Checkpoint(taken, _offsets(self.fold), self.fold.warm_since_s)

    def commit(self, checkpoint: Checkpoint, now_s: float) -> None:
        """Write a checkpoint, then drop what the log need not keep any more; in any thread. Raises StorageFailed.

        Where that fails, what was staged is back for the next try.
        """
        try:
            if self._path is not None:
                # as long as both are there, the old and the new
                self._log.need_room(self._path.stat().st_size if self._path.exists() else 0)
                self._log.flush()  # a power cut must not leave a checkpoint of records that are gone
                merge_checkpoint(self._path, checkpoint.records, anew=self._anew)
                self._anew = False
        except (StorageFailed, SnapshotMismatch) as error:
            self._staged = {**checkpoint.records, **self._staged}
            if isinstance(error, SnapshotMismatch):  # somebody else has written to it
                self._anew = True
                self.fold.changed.update(self.fold.keys())
            raise StorageFailed(str(error)) from error
        # a restart reads back from there
        needed = {topic: (offset, checkpoint.since_s) for topic, offset in checkpoint.offsets.items()}
        self._log.trim(now_s, needed)

    def save(self, now_s: float) -> None:
        """Write the checkpoint at once. Raises StorageFailed."""
        if self.fold.changed or self._staged:
            self.stage()
            self.commit(self.staged(), now_s)

    def _restored(self, learning: Learning, *, accept_shorter: bool) -> Fold:
        """Return the fold as of the checkpoint, or of the whole log where there is none that fits."""
        fold, mismatch = Fold(learning, self.drift, tells=False), ""
        try:
            for first in (True, False):  # what was learned and under what is told before all else
                for key, data in read_checkpoint(self._path) if self._path else ():
                    if (key.kind == "progress") is first:
                        fold.read(key, data, self._visitors)
        except SnapshotMismatch as error:
            self._before = fold.state.counts
            fold, mismatch = Fold(learning, self.drift, tells=False), str(error)
        lacking = self._lacking(_offsets(fold))
        if lacking:
            self._refuse_less(lacking, mismatch, accept=accept_shorter)
            fold, self._anew = Fold(learning, self.drift, tells=False), True
            begins = {topic.short: self._log.begin_offset(topic, PARTITION) for topic in EVENT_TOPICS}
            if any(begins.values()):
                fold.begin_at(begins)
            return fold
        if mismatch:
            self._anew = True
            _LOG.warning("%s; learning the whole log again", mismatch)
        offsets = _offsets(fold)
        starts = {topic: self._log.offset_at(topic, PARTITION, fold.warm_since_s) for topic in offsets}
        pages = offsets[Topic.IMPRESSIONS] - starts[Topic.IMPRESSIONS]
        if pages >= _MANY:
            self._tell(f"reading back {pages:,} pages of the last {fold.join.reach_s / 60:.0f} minutes")
        read_back = self._log.read_merged(list(offsets), PARTITION, starts, offsets)
        fold.warm((record.timestamp_s, self._read(record)[0]) for record in read_back)
        if self._waiting(fold) >= _MANY:
            self._tell(f"learning {self._waiting(fold):,} pages and actions of the log")
        return fold

    def _waiting(self, fold: Fold) -> int:
        return sum(self.ends.values()) - sum(_offsets(fold).values())

    def _keep(self, topic: str, letter: DeadLetter, time_s: float) -> None:
        """Append a dead letter; where that cannot be, its message is still in the log."""
        try:
            self._log.append(Topic.DEADLETTER, topic, letter.encode(), time_s)
        except StorageFailed as error:
            _LOG.warning("a dead letter (%s, offset %d) is not kept: %s", letter.reason, letter.origin.offset, error)

    def _lacking(self, offsets: Mapping[str, int]) -> str:
        """Say which records lie between where a state ends and where the log is; nothing where it can go on there."""
        found = []
        for topic, offset in offsets.items():
            begin, end = self._log.begin_offset(topic, PARTITION), self._log.end_offset(topic, PARTITION)
            if not begin <= offset <= end:
                found.append(f"{topic} {min(offset, end)} to {max(offset, begin)}")
        return " and ".join(found)

    def _refuse_less(self, lacking: str, mismatch: str, *, accept: bool) -> None:
        """Raise StorageFailed for a log that does not go with the checkpoint, or set that aside."""
        if self._path is None:
            return
        said = f"the log in {self._log.place} lacks {lacking} to go with {self._path}"
        said += f" ({mismatch})" if mismatch else ""
        if not accept:
            raise StorageFailed(
                f"{said}: bring back log, state or settings from before; or start once with `ltrr serve "
                f"--accept-shorter-log`, which keeps that state aside and learns anew from what the log has"
            )
        _LOG.warning("%s; learning what the log has", said)
        if self._path.exists():
            _LOG.warning("the state from before is kept as %s", set_aside(self._path))

    def _read(self, record: Record) -> tuple[list[Event], list[DeadLetter]]:
        origin = Origin(Topic(record.topic), record.partition, record.offset, record.timestamp_s)
        return read_message(origin, record.value, 1, self._learning.ordinal_base, self._seals, self._visitors)


def _offsets(fold: Fold) -> dict[str, int]:
    """Return up to where a fold has read each topic."""
    return {topic: fold.progress.offsets[topic.short] for topic in EVENT_TOPICS}
