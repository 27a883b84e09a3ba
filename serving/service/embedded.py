"""Everything in one process: index, log, learner and query worker over one data folder."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from ltrr.models.errors import StorageFailed
from ltrr.models.learning.fold import Fold
from ltrr.models.records.entity import Entity, Place
from ltrr.serving.decisions.in_folder import InFolder
from ltrr.serving.decisions.modes import States
from ltrr.serving.processes.in_folder import FolderSearching, copy_index, remove_copies
from ltrr.serving.processes.searchers import Searchers
from ltrr.serving.rankers.folder import RankerFolder
from ltrr.serving.retrieval.opening import need_no_servers, open_generator, open_index, open_recall, strategy_arms
from ltrr.serving.service.service import Clock, Service
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.signing_key import Secrets, seals_of
from ltrr.serving.tables import Table, learned_tables
from ltrr.streams.embedded.learner import EmbeddedLearner, Enough
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.embedded.retention import Retention
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.topics import Topic
from ltrr.streams.files.room import Free, Room, free_bytes

_LOG = logging.getLogger(__name__)
_APPENDED: Final = 150  # events that are written to the log before others are served, some 5 ms
_TICK_S: Final = 1.0
_SPREAD_S: Final = 0.25  # to write all that a page changes costs some 2 ms, to take it over each process 5
WAITING: Final = 16
"""Records that wait to be learned beside requests: beyond that, who keeps one learns, too."""


class EmbeddedService(Service):
    """One process that is the whole product.

    folder: its data folder, one process at a time; None keeps everything in memory. clock: seconds since the epoch.
    accept_shorter_log: learn a log that ends before its state does anew, rather than raise StorageFailed. free: reads
    what a disk has left. tell: told what takes a while until it is made. workers: processes that search for it; 1 for
    none besides this one.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        folder: Path | None = None,
        unique: Callable[[], str] = lambda: uuid.uuid4().hex,
        *,
        accept_shorter_log: bool = False,
        free: Free = free_bytes,
        workers: int = 1,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        need_no_servers(settings)
        learning = settings.learning(strategy_arms())
        topics = dict.fromkeys(map(str, (Topic.IMPRESSIONS, Topic.ACTIONS, Topic.DEADLETTER)), 1)
        retention = Retention.of(settings.log_retention_s, settings.log_retention_mb)
        self._room = room = Room(folder, settings.disk_reserve_mb, free) if folder else None
        self._log = EmbeddedLog(
            topics, folder / "log" if folder else None, fsync=settings.fsync, room=room, retention=retention
        )
        with contextlib.ExitStack() as opened:
            opened.callback(self._log.close)
            self._remove_copies: Callable[[], None] = partial(remove_copies, folder) if folder else lambda: None
            opened.callback(self._remove_copies)
            if folder and room:
                copy_index(folder, workers if workers > 1 else 0, room)
            index = open_index(settings, folder, open_generator(settings), free)
            opened.callback(index.close)
            checkpoint = folder / "state.bin" if folder else None
            secrets = Secrets(settings, folder)
            self._learner = EmbeddedLearner(
                self._log,
                learning,
                checkpoint,
                seals=seals_of(settings, secrets),
                accept_shorter=accept_shorter_log,
                visitors=secrets.visitors,
                tell=tell,
            )
            states = States.over(self._learner.fold.state, learning, settings, settings.version)
            serving = InFolder(states.alone(settings.active), RankerFolder(folder))
            self.state = serving.always.state
            recall = open_recall(index.predicted)
            searchers = None
            if workers > 1 and folder:
                processes = [partial(FolderSearching, settings, folder, number) for number in range(workers)]
                searchers = Searchers(processes, self._learner.follow)
            super().__init__(
                settings, clock, index, serving, secrets=secrets, unique=unique, recall=recall, searchers=searchers
            )
            opened.pop_all()
        self._saved_s, self._spread_s, self._taught = clock(), 0.0, False
        self._learning, self._saving, self._changing = asyncio.Lock(), asyncio.Lock(), asyncio.Lock()
        self._beside: list[asyncio.Task[None]] = []
        self._kept = asyncio.Event()
        self._acted_s: float | None = None  # of the first action that is not learned yet
        self.metrics.watch_drift(learning.rules.names)
        self.poll()

    def fold(self) -> Fold:
        """Return the learner's fold, which has learned whatever was kept."""
        return self._learner.fold

    def keep(self, topic: Topic, events: Sequence[tuple[str, bytes]]) -> None:
        """Append events to the log; they are learned beside requests, and here where nothing else does it in time."""
        self._append(topic, events)
        self._kept.set()
        if self._learning.locked():
            return
        if not self._beside:
            self.poll()
        elif self._learner.waiting > WAITING:
            self.poll(enough=lambda: self._learner.waiting <= WAITING)

    async def settle(self) -> None:
        """Learn what was kept up to now, unless much is being learned already."""
        if not self._learning.locked():
            async with self._learning:
                await self._catch_up()

    async def learn(self, kept: Sequence[tuple[Topic, Sequence[tuple[str, bytes]]]]) -> Counter[tuple[str, str]]:
        """Keep events and learn all of them, in pieces between which others are served; return what became of them."""
        async with self._learning:
            await self._catch_up()
            before = self._learner.fold.state.counts.copy()
            for topic, events in kept:
                for first in range(0, len(events), _APPENDED):
                    await self.turns.take()
                    self._append(topic, events[first : first + _APPENDED])
            await self._catch_up()
            self._spread(taught=True)
            return self._learner.fold.state.counts - before

    async def _catch_up(self) -> None:
        ends = self._learner.ends
        while self._learner.behind(ends):
            self.poll(ends, await self.turns.take())

    def _append(self, topic: Topic, events: Sequence[tuple[str, bytes]]) -> None:
        self.secrets.keep()
        recorded_s = self._log.append_batch(topic, events, self._clock())[-1].timestamp_s
        if topic is Topic.ACTIONS and self._acted_s is None:
            self._acted_s = recorded_s

    async def erase(self, user: str) -> str:
        """Forget a visitor, in the checkpoint too."""
        name = await super().erase(user)
        await self._save_beside()
        return name

    async def change(self, changes: Sequence[Entity | Place]) -> int:
        """Make changes of the catalogue; they are found when this returns."""
        async with self._changing:  # in one order in all processes
            made = await self.index.change(changes)
            if self.searchers is not None:
                await self.searchers.change(changes)
            return made

    def poll(self, ends: Mapping[str, int] | None = None, enough: Enough | None = None) -> None:
        """Learn what is new in the log, and keep the state now and then. ends, enough: see EmbeddedLearner."""
        now_s = self._clock()
        learner = self._learner
        counts, letters = learner.fold.state.counts.copy(), learner.dead_letters.copy()
        learner.poll(now_s, ends, enough)
        for arm, count in learner.drift.take_changes().items():
            self.metrics.drift.labels(arm).inc(count)
        for (topic, outcome), count in (learner.fold.state.counts - counts).items():
            self.metrics.events.labels(topic, outcome).inc(count)
        for reason, count in (learner.dead_letters - letters).items():
            self.metrics.dead_letters.labels(reason).inc(count)
        if self._acted_s is not None and not learner.behind(learner.ends):
            self.metrics.freshness_seconds.observe(max(0.0, self._clock() - self._acted_s))
            self._acted_s = None
        if not self._beside and self._is_due(now_s):
            self._try(self.save)

    def save(self) -> None:
        """Keep the learned state in the data folder."""
        self._saved_s = self._clock()
        self._learner.save(self._saved_s)

    def start(self) -> None:
        """Begin to learn what is left over, to close pages, and to keep the state, beside requests."""
        self.index.open()
        super().start()
        loop = asyncio.get_running_loop()
        work = [self._learn_on(), self._go_on(), *([] if self.searchers is None else [self._spread_on()])]
        self._beside = [loop.create_task(one) for one in work]

    async def stop(self) -> None:
        """End that."""
        for task in self._beside:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._beside = []
        await super().stop()

    async def _learn_on(self) -> None:
        """Learn what searches keep, once they are answered."""
        while True:
            await self._kept.wait()
            enough = await self.turns.take()
            self._kept.clear()
            if not self._learning.locked():
                self.poll(enough=enough)
                if self._learner.behind(self._learner.ends):
                    self._kept.set()

    async def _spread_on(self) -> None:
        """Tell the processes that search what pages have taught, and actions that came while they were told."""
        while True:
            await asyncio.sleep(_SPREAD_S)
            self._spread()

    def _spread(self, *, taught: bool = False) -> None:
        """Tell them what was learned, where it is time: whatever they are asked after this knows it.

        taught: whether somebody was just answered that something is learned.
        """
        now_s = time.monotonic()
        self._taught |= taught
        if self.searchers is None or now_s - self._spread_s < (_SPREAD_S if self._taught else _TICK_S):
            return
        self._spread_s = now_s
        if records := self._learner.fresh():
            self._taught = False
            self.searchers.learned(records)

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            async with self._learning:
                await self._catch_up()
                self.poll(enough=await self.turns.take())
                await self._catch_up()  # pages that this has closed
            if self._is_due(self._clock()):
                try:
                    await self._save_beside()
                except StorageFailed as error:  # what was taken is in the log: nobody has to send it again
                    _LOG.warning("%s", error)

    async def _save_beside(self) -> None:
        """Keep the state as of one moment, without holding up anybody for long. Raises StorageFailed."""
        async with self._saving:
            self._saved_s = self._clock()
            async with self._learning:  # nothing is learned meanwhile
                while not self._learner.stage(await self.turns.take()):
                    pass
                checkpoint = self._learner.staged()
            committing = asyncio.ensure_future(asyncio.to_thread(self._learner.commit, checkpoint, self._saved_s))
            try:
                await asyncio.shield(committing)
            except asyncio.CancelledError:
                await asyncio.wait([committing])  # files are closed after that
                raise

    def _is_due(self, now_s: float) -> bool:
        return now_s - self._saved_s >= self.settings.checkpoint_s

    def _try(self, save: Callable[[], None]) -> None:
        try:
            save()
        except StorageFailed as error:  # what was taken is in the log: nobody has to send it again
            _LOG.warning("%s", error)

    def tables(self) -> list[Table]:
        """Return the tables that grow while the process runs."""
        fold = self._learner.fold
        return [
            *super().tables(),
            *learned_tables(fold),
            Table("changed_records", len(fold.changed)),
            Table("entities", len(self.index)),
            Table("dead_letter_reasons", len(self._learner.dead_letters), len(Reason)),
            Table("log_bytes", self._log.size, self._log.most),
        ]

    def refresh_gauges(self) -> None:
        """Bring the gauges up to the state; to be called when metrics are read."""
        fold = self._learner.fold
        tables = {table.name: table for table in self.tables()}
        self.metrics.show({self.state.version: fold.state}, tables["memory_pairs"].entries)
        self.views.show_applications(self.metrics)
        self.metrics.log_bytes.set(self._log.size)
        self.metrics.open_pages.set(fold.join.open_pages)
        self.metrics.show_tables(tables.values())
        self.metrics.show_conditions(self.conditions(), self._room)

    def versions(self) -> dict[str, Any]:
        """Return the one version that there is, as JSON values."""
        served, mode = self.state, self.settings.active.mode.value
        shadow = served.version if self.settings.active.shadow else None
        row = {"version": served.version, "revision": served.revision, "complete": True, "settings": {}}
        everywhere = {"active": served.version, "mode": mode, "shadow": shadow, "trouble": None, "before": None}
        applications = [{"application": name, **everywhere} for name in self.settings.applications]
        return {"several": False, "versions": [row], "applications": applications}

    def conditions(self) -> dict[str, str]:
        """Return the condition of each dependency without which the service cannot work; "ok" when it can."""
        try:
            self._log.need_room()
            log = "ok"
        except StorageFailed as error:
            log = str(error)
        return {"log": log, "index": "ok" if len(self.index) else "empty: load a catalogue with `ltrr index FILE`"}

    def close(self) -> None:
        """Keep the state and give the data folder back."""
        try:
            self._try(self.save)
        finally:
            self._remove_copies()  # while the folder is ours
            self._log.close()
            self.index.close()
