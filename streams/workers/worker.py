"""The Faust worker: hands the messages of the partitions that it is assigned to their learners."""

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import faust
from aiokafka.errors import KafkaError
from faust.types import TP

from ltrr.models.errors import EngineFailed, LtrrError, SnapshotMismatch
from ltrr.models.records.visitors import Visitors
from ltrr.models.state.learning import Learning
from ltrr.models.statistics.decay import Changes
from ltrr.streams.events.messages import Origin
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reach import Reach
from ltrr.streams.state.keys import STATE_TOPICS, learner_group
from ltrr.streams.state.partition_store import Lost, TooLarge
from ltrr.streams.state.replaying import told_to_replay
from ltrr.streams.versions.forgetting import Forgetting
from ltrr.streams.versions.sources import Mark, Marks, Seen, Sources, unread
from ltrr.streams.workers.faust_app import faust_app, raw_topic
from ltrr.streams.workers.learner import SOURCES, KafkaLearner

_LOG = logging.getLogger(__name__)
_IDLE_S = 0.01
_BUSY_S = 0.1
_LOADED_S = 0.5
_REST = 3.0  # of the time that a commit takes, so that at most a quarter of all goes to commits
_RETRY_S = 1.0
_MOST_FAILURES = 60
_ORPHANED_S = 30.0
_BEAT_S = 1.0
_STILL_S = 30.0
_AWAY = "nothing is learned until it does, and nothing is lost"


class Worker:
    """The learners of one process, and the Faust app that feeds them.

    A message is acknowledged once the state that absorbed it is committed, so that a new owner of its partition reads
    from there or from earlier, and leaves out what the records already hold. name: stable for each worker, such as its
    host name and number, so that a restart is no rebalance. seals: of pages that teach, see read_message. data_dir: of
    Faust's own files; made where missing. visitors: as a learner has them. end: called when this process cannot go on;
    it has to stop the app, and to tell `failed`, why that is and what to do, when nothing else is told any more. reach:
    to be run beside the app, whose own tasks wait until partitions are loaded.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        learning: Learning,
        version: str,
        partitions: int,
        *,
        name: str,
        data_dir: Path,
        end: Callable[[], None],
        seals: Seals | None = None,
        visitors: Visitors | None = None,
        observe: Callable[[KafkaLearner], None] = lambda _: None,
    ) -> None:
        self.failed: str | None = None
        self.reach = Reach(bootstrap, (*SOURCES, *STATE_TOPICS), _AWAY, self._end)
        self._stop = end
        self.forgetting = Forgetting(bootstrap, version, partitions, self._reschedule)
        self.sources = Sources(bootstrap, partitions, self._reached, self._check_sources)
        self._bootstrap = bootstrap
        self._version = version
        self._partitions = partitions
        self._learner: Callable[[int], KafkaLearner] = lambda partition: KafkaLearner(
            bootstrap,
            replace(learning, forgetting=self.forgetting.known),
            version,
            partition,
            partitions,
            seals=seals,
            visitors=visitors,
        )
        self._observe = observe
        self.learners: dict[int, KafkaLearner] = {}
        self._unacknowledged: dict[int, list[Any]] = {}
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._lost_s: dict[int, float] = {}
        self._handover = asyncio.Lock()
        self._revoked_generation: int | None = None
        self._absorbed = asyncio.Event()
        self._failures = Counter[int]()
        self._beat_s = time.monotonic()
        self.app = self._app(bootstrap, version, name, data_dir)

    def lag(self, topic: Topic, partition: int) -> int | None:
        """Return how many messages of a partition are not absorbed yet.

        None where that is not known here: another worker has it, nobody has, or it is not loaded yet.
        """
        learner, tp = self.learners.get(partition), TP(topic, partition)
        if learner is None or tp not in self.app.consumer.assignment():
            return None
        end = self.app.consumer.highwater(tp)
        return None if end is None else unread(end, learner.fold.progress.offsets[SOURCES[topic]])

    def alive(self) -> bool:
        """Tell whether the loop goes round; can be asked from any thread."""
        return time.monotonic() - self._beat_s < _STILL_S

    def conditions(self) -> dict[str, str]:
        """Return of each of its parts "ok", or what is wrong; can be asked from any thread."""
        joined = bool(self.app.consumer_generation_id)
        ours = {tp.partition for tp in self.app.consumer.assignment() if tp.topic in SOURCES} if joined else set()
        waiting = sorted(ours - self.learners.keys())
        failing = ", ".join(f"{p} ({count} in a row)" for p, count in sorted(self._failures.copy().items()) if count)
        return {
            "loop": "ok" if self.alive() else "it stands still",
            "kafka": self.reach.trouble or "ok",
            "group": "ok" if joined else "it has not joined the group yet",
            "state": f"partitions {', '.join(map(str, waiting))} are not loaded yet" if waiting else "ok",
            "commits": f"those of partitions {failing} fail, and are tried again" if failing else "ok",
        }

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something else in this process, from its start until its end."""

        async def task() -> None:
            await work

        self.app.task()(task)

    def _app(self, bootstrap: Brokers, version: str, name: str, data_dir: Path) -> faust.App:
        app = faust_app(learner_group(version), bootstrap, f"ltrr-{version}-{name}", data_dir)
        sources = raw_topic(app, Topic.IMPRESSIONS, Topic.ACTIONS)
        app.agent(sources, name="ltrr.learner")(self._learn)
        app.task()(self._flush_forever)
        app.task()(self._beat)
        app.task()(self._follow_changes)
        app.task()(self._watch_sources)
        give_up: Any = self._give_up  # Faust's types know no signal with arguments
        take_over: Any = self._take_over
        app.on_partitions_revoked.connect(give_up)
        app.on_rebalance_complete.connect(take_over)
        return app

    async def _learn(self, stream: Any) -> None:  # noqa: ANN401  # a Faust stream
        async for event in stream.noack().events():
            message = event.message
            if not await self._knows_all_before(message.timestamp):
                return
            learner = self.learners.get(message.partition)
            if learner is None:
                await self._check_orphan(message.partition)
                continue  # its new owner reads it again
            origin = Origin(Topic(message.topic), message.partition, message.offset, message.timestamp)
            learner.absorb(origin, event.value)
            self._unacknowledged[message.partition].append(event)
            self._absorbed.set()

    def _reschedule(self, known: Mapping[str, Changes]) -> None:
        try:
            with told_to_replay():
                for learner in self.learners.values():
                    learner.fold.reschedule(known)
        except SnapshotMismatch:
            self.learners.clear()  # so that nothing more is learned or committed here
            raise

    async def _knows_all_before(self, recorded_s: float) -> bool:
        """Wait for changes of forgetting; end this process where one comes too late, and return False."""
        try:
            await self.forgetting.reach(recorded_s)
        except SnapshotMismatch as error:
            await self._end(error)
            return False
        return True

    async def _follow_changes(self) -> None:
        """Follow changes of forgetting; end this process where one comes too late."""
        try:
            await self.forgetting.run()
        except SnapshotMismatch as error:
            await self._end(error)

    async def _watch_sources(self) -> None:
        """Look at the event topics; end this process where they are not those any more that were learned from."""
        try:
            await self.sources.run()
        except SnapshotMismatch as error:
            for partition, learner in list(self.learners.items()):
                await self._drop(partition, learner)  # so that nothing more is learned or committed here
            await self._end(error)

    def _reached(self) -> dict[str, Marks]:
        """Return how far the partitions that are ours were learned."""
        found: list[dict[str, Mark]] = [{} for _ in range(self._partitions)]
        for partition, learner in self.learners.items():
            found[partition] = {topic: Mark(offset) for topic, offset in learner.fold.progress.offsets.items()}
        return {self._version: found}

    def _check_sources(self, seen: Seen) -> None:
        if seen.replaced:
            raise SnapshotMismatch(seen.replaced[self._version])

    async def _end(self, error: LtrrError | KafkaError) -> None:
        """Have this process end; the first reason for that counts."""
        if not self.failed:
            self.crashed(error)
            self._stop()

    def crashed(self, reason: BaseException) -> None:
        """Take note that this process is about to end."""
        if isinstance(reason, LtrrError):
            said = str(reason)
        elif isinstance(reason, KafkaError):
            said = f"Kafka at {self._bootstrap}: {reason}; start this worker again when that is mended, nothing is lost"
        else:
            said = f"{reason!r}, as told above: start this worker again, nothing is lost"
        self.failed = self.failed or said

    async def _check_orphan(self, partition: int) -> None:
        """End this process where a partition was lost but is still assigned to us: nobody would learn it."""
        lost_s = self._lost_s.get(partition)
        if lost_s is not None and asyncio.get_running_loop().time() - lost_s > _ORPHANED_S:
            await self._end(Lost(partition))

    async def _take_over(self, app: faust.App, **_: Any) -> None:  # noqa: ANN401  # a Faust signal
        """Load the partitions that are ours now; Faust reads on when this is done. What cannot be loaded ends us."""
        try:
            await self._load(app)
        except (LtrrError, KafkaError) as error:
            await self._end(error)

    async def _load(self, app: faust.App) -> None:
        self._lost_s.clear()
        ours = {tp.partition for tp in app.consumer.assignment() if tp.topic in {Topic.IMPRESSIONS, Topic.ACTIONS}}
        generation = app.consumer_generation_id
        await self.forgetting.look()
        for partition in sorted(ours - self.learners.keys()):
            async with self._handover:
                if self._revoked_generation == generation or app.consumer_generation_id != generation:
                    return  # opening it now would fence its next owner
                learner = self._learner(partition)
                try:
                    with told_to_replay():
                        await learner.open()
                        learner.fold.reschedule(self.forgetting.known)  # as it may be by now
                except BaseException:
                    await learner.close()
                    raise
                self.learners[partition] = learner
                self._unacknowledged[partition] = []
                await self._read_from_records(partition, learner)

    async def _read_from_records(self, partition: int, learner: KafkaLearner) -> None:
        """Make the group's offsets those of the records: Faust reads on from there.

        The group may be ahead of them, such as after its version was deleted and rebuilt: what lies between would be
        lost. Where the group changes just now, the partition is let go of, and taken over again after that.
        """
        offsets = learner.fold.progress.offsets
        committed = {TP(topic, partition): offsets[name] for topic, name in SOURCES.items()}
        consumer: Any = self.app.consumer  # its `commit` takes no offsets
        if not await consumer._commit(committed):  # noqa: SLF001
            self._lost_s[partition] = asyncio.get_running_loop().time()
            await self._drop(partition, learner)

    async def _give_up(self, app: faust.App, revoked: set[TP], **__: Any) -> None:  # noqa: ANN401  # a Faust signal
        """Commit and let go of the partitions that are taken from us; the group waits for this."""
        async with self._handover:
            self._revoked_generation = app.consumer_generation_id
            for partition in sorted({tp.partition for tp in revoked} & self.learners.keys()):
                try:
                    await self._flush(partition)
                except EngineFailed as error:
                    _LOG.warning("%s; what it had not committed is read again by the next owner", error)
                await self._drop(partition, self.learners.get(partition))

    async def _flush_forever(self) -> None:
        """Commit what was absorbed: soon when nothing more comes, else the more seldom the longer that takes.

        At most every half second where more waits to be read than was read since: what is late is so for that.
        """
        loop = asyncio.get_running_loop()
        took_s = 0.0
        while not self.app.should_stop:
            await self._absorbed.wait()
            began_s = loop.time()
            while self._absorbed.is_set():
                self._absorbed.clear()
                await asyncio.sleep(_IDLE_S)
                pause_s = _LOADED_S if self._is_behind() else min(_LOADED_S, max(_BUSY_S, _REST * took_s))
                if loop.time() - began_s >= pause_s:
                    break
            began_s = loop.time()
            await asyncio.gather(*(self._try_flush(partition) for partition in list(self.learners)))
            took_s = loop.time() - began_s

    def _is_behind(self) -> bool:
        """Tell whether more messages wait to be absorbed than were since the last commit."""
        waiting = sum(self.lag(topic, partition) or 0 for topic in SOURCES for partition in self.learners)
        return waiting > sum(map(len, self._unacknowledged.values()))

    async def _beat(self) -> None:
        """Note that the loop goes round."""
        while not self.app.should_stop:
            self._beat_s = time.monotonic()
            await asyncio.sleep(_BEAT_S)

    async def _try_flush(self, partition: int) -> None:
        learner = self.learners.get(partition)
        try:
            await self._flush(partition)
        except Lost as lost:
            _LOG.warning("%s", lost)
            self._lost_s[partition] = asyncio.get_running_loop().time()
            await self._drop(partition, learner)
        except EngineFailed as error:
            self._failures[partition] += 1
            if isinstance(error, TooLarge) or self._failures[partition] >= _MOST_FAILURES:
                await self._end(error)
                return
            _LOG.warning("%s; trying again", error)
            self._absorbed.set()
            await asyncio.sleep(_RETRY_S)
        else:
            self._failures[partition] = 0

    async def _flush(self, partition: int) -> None:
        """Commit what a partition's learner has absorbed, and acknowledge it; one at a time for a partition."""
        async with self._locks[partition]:
            learner = self.learners.get(partition)
            if learner is None:
                return
            done, self._unacknowledged[partition] = self._unacknowledged[partition], []
            try:
                await learner.flush()
            except BaseException:
                self._unacknowledged[partition][:0] = done
                raise
            for event in done:
                event.ack()
            self._observe(learner)

    async def _drop(self, partition: int, learner: KafkaLearner | None) -> None:
        """Let go of a learner, unless it was let go before."""
        async with self._locks[partition]:
            if learner is None or self.learners.get(partition) is not learner:
                return
            del self.learners[partition], self._unacknowledged[partition], self._failures[partition]
            await learner.close()
