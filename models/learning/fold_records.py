"""A fold's state as records: what was learned, the kept pages, how far it has read, and where it begins."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.learning.erasure import disown, forget
from ltrr.models.learning.feedback import Feedback
from ltrr.models.learning.join import Join, Outcome
from ltrr.models.learning.page import KEPT, read_kept, write_kept
from ltrr.models.memory.memory import stretch_of
from ltrr.models.records.visitors import Visitors
from ltrr.models.rewards.credit import PageCredit
from ltrr.models.rewards.engagement import EVERYONE
from ltrr.models.state.learning import Learning
from ltrr.models.state.progress import ACTIONS, IMPRESSIONS, Progress
from ltrr.models.state.records import RecordKey, check_teaching, read_record, write_counts, write_record
from ltrr.models.state.state import State
from ltrr.models.statistics.decay import Changes, parting_s
from ltrr.models.statistics.snapshot import Snapshot

Steps = Iterator[Sequence[Feedback]]
"""What is made of a message, step by step: between two of them others are served."""


class FoldRecords:
    """What a fold writes, takes over and forgets, and how its progress is set from outside."""

    learning: Learning
    state: State
    progress: Progress
    join: Join
    changed: set[RecordKey]
    _arm_keys: dict[str, dict[str, RecordKey]]

    def begin_at(self, offsets: Mapping[str, int]) -> None:
        """Learn nothing before these offsets, now or after a restart. To be called before anything is absorbed."""
        self.progress.start = dict(offsets)
        self.changed.add(RecordKey("progress"))
        self.pass_over(offsets)

    def pass_over(self, offsets: Mapping[str, int]) -> None:
        """Take note that there is nothing to absorb before these offsets: topic -> next message."""
        for topic, offset in offsets.items():
            passed = offset - self.progress.offsets[topic]
            if passed > 0:
                self.state.revision += passed
                self.progress.offsets[topic] = offset
                self.changed.add(RecordKey("progress"))

    def reschedule(self, forgetting: Mapping[str, Changes]) -> None:
        """Take over all changes of the half-life, by application.

        Raises SnapshotMismatch where one that was not known until now lies before what was learned.
        """
        changed_s = parting_s(self.progress.forgetting, forgetting)
        learned_s = self.progress.read_s.get(IMPRESSIONS, -math.inf) + self.learning.late_s  # no page is from later
        if changed_s <= learned_s:
            raise SnapshotMismatch(
                f"a change of forgetting holds from {changed_s:.3f}, but pages of up to {learned_s:.3f} may have been "
                "learned without it"
            )
        self.progress.forgetting = forgetting
        self.state.reschedule(forgetting)
        self.learning = self.state.learning
        if math.isfinite(changed_s):
            self.changed.add(RecordKey("progress"))

    def write(self, key: RecordKey) -> bytes:
        """Return one state record of this partition."""
        if key.kind == KEPT:
            return write_kept(self.join.kept[key.name]).pack()
        if key.kind != "progress":
            return write_record(self.state, key).pack()
        meta = {**self.progress.write(), "counts": write_counts(self.state.counts)}
        meta |= {"newest": self.join.newest.write(), "teaching": self.learning.teaching}
        return Snapshot("progress", meta).pack()

    def holds(self, key: RecordKey) -> bool:
        """Return whether there is something to write under a key; what was forgotten is not."""
        held = self._forgettable(key)
        return held is None or key.name in held

    def forget(self, key: RecordKey) -> None:
        """Take over that the owner of this partition has forgotten a record."""
        held = self._forgettable(key)
        if held is not None and key.kind == "query":
            self.state.application(key.application).memory.drop(key.name)
        elif held is not None:
            held.pop(key.name, None)

    def sweep(self, recorded_s: float) -> Steps:
        """Let memories, senders and profiles drop what is too much, where a stretch of the impressions' log has ended.

        recorded_s: of the impressions that come next. That is done before they are absorbed; who exhausts it himself,
        before that, can do other things between its pieces.
        """
        before, stretch = self.progress.stretch, stretch_of(recorded_s)
        if stretch <= before:
            return
        for name, application in self.state.applications.items():
            for kind, table in application.bounded:
                for changed in table.sweep(before, stretch):
                    self.changed.update(RecordKey(kind, name, one) for one in changed)
                    yield ()
        self.progress.stretch = stretch

    @property
    def warm_since_s(self) -> float:
        """Return from which record timestamp on a restart has to read both topics again, up to what was absorbed."""
        return self.read_s - self.join.reach_s

    @property
    def read_s(self) -> float:
        """Return up to which record timestamp both topics were read."""
        return min(self.progress.read_s.get(topic, -math.inf) for topic in (IMPRESSIONS, ACTIONS))

    def _forgettable(self, key: RecordKey) -> MutableMapping[str, Any] | None:
        """Return what holds records of this kind by name; None where such records are never forgotten."""
        if key.kind == KEPT:
            return self.join.kept
        application = self.state.applications.get(key.application)
        if application is None:
            return None
        if key.kind == "query":
            return application.memory.queries
        if key.kind == "sender":
            return application.senders.own
        return application.profiles[key.kind].own if key.kind in application.profiles else None

    def read(self, key: RecordKey, data: bytes, visitors: Visitors | None = None) -> None:
        """Take over one state record of this partition. visitors: names those that the record has under their ids."""
        record = Snapshot.unpack(data)
        if key.kind == KEPT:
            self._read_kept(key, record, visitors)
            return
        if key.kind != "progress":
            named = _named(key, visitors)
            if named != key:
                self.changed |= {key, named}
                if named.name in (self._forgettable(named) or ()):
                    return  # what was learned since has the name already
            read_record(self.state, named, record)
            return
        self.state.counts = Counter({(topic, outcome): n for topic, outcome, n in record.meta["counts"]})
        check_teaching(record.meta.get("teaching", {}), self.learning.teaching)
        self.progress = Progress.read(record.meta)
        self.join.newest.read(record.meta.get("newest", ()))
        self.state.revision = sum(self.progress.offsets.values())

    def erase(self, visitors: Collection[str]) -> Steps:
        """Forget visitors, of whom the log had told before, in steps."""
        self._count(IMPRESSIONS, Outcome.ERASURE)
        for keys in forget(self.state, visitors):
            self.changed |= keys
            yield ()
        for page in self.join:
            disown(page, visitors)
            self.join.settle()
            yield ()
        for query_id, pages in self.join.kept.items():
            if sum(disown(page, visitors) for page in pages):
                self.changed.add(RecordKey(KEPT, name=query_id))
            self.join.settle()
            yield ()

    def _note_arms(self, application: str, credit: PageCredit) -> None:
        """Take note that the arms of a credit have learned."""
        keys = self._know_arms(application)
        self.changed.update([keys[arm] for arm in keys.keys() & credit.arms])

    def _know_arms(self, application: str) -> Mapping[str, RecordKey]:
        """Return the keys of an application's arms; when they are first asked for, each has a record to be written."""
        keys = self._arm_keys.get(application)
        if keys is None:
            keys = {arm: RecordKey("arm", application, arm) for arm in self.learning.rules.names}
            self._arm_keys[application] = keys
            self.changed.update(keys.values())
        return keys

    def _count(self, topic: str, outcome: str) -> None:
        self.state.counts[topic, str(outcome)] += 1

    def _read_kept(self, key: RecordKey, record: Snapshot, visitors: Visitors | None) -> None:
        try:
            pages = read_kept(record, self.join.packing)
        except (ValueError, TypeError, LookupError) as error:
            raise SnapshotMismatch(f"the contents of the record of {key} do not fit") from error
        if visitors is not None:
            for page in pages:
                named = visitors.of(page.impression)
                if named != page.impression:
                    page.change().impression = named
                    self.changed.add(key)
        self.join.restore(key.name, pages)

    def keys(self) -> list[RecordKey]:
        """Return the keys of all records of this partition."""
        keys = [RecordKey("progress"), *(RecordKey(KEPT, name=query_id) for query_id in self.join.kept)]
        for name, application in self.state.applications.items():
            keys += [*(RecordKey(kind, name) for kind in ("ranker", "position", "baseline"))]
            keys += [RecordKey("arm", name, arm) for arm in application.reward_model.regressors]
            keys += [RecordKey("query", name, query) for query in application.memory.queries]
            keys += [RecordKey("sender", name, sender) for sender in application.senders.own]
            keys += [RecordKey(kind, name, whose) for kind, of in application.profiles.items() for whose in of.own]
        return keys


def _named(key: RecordKey, visitors: Visitors | None) -> RecordKey:
    """Return the key of a record with the visitor's name in it."""
    if visitors is None or key.kind not in {"user", "session", "sender"} or key.name == EVERYONE:
        return key
    kind, colon, whose = key.name.partition(":") if key.kind == "sender" else ("", "", key.name)
    return key._replace(name=f"{kind}{colon}{visitors.kept(whose)}")
