"""A query worker on Kafka: events go there through a spool, learned state comes from there."""

import asyncio
import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from ltrr.models.errors import EngineTimeout, StorageFailed
from ltrr.models.memory.prediction import Predictions
from ltrr.models.records.entity import Entity, Place
from ltrr.retrievers.engines.base import HEALTHY
from ltrr.serving.processes.kafka_feed import KafkaFeed
from ltrr.serving.processes.on_kafka import KafkaSearching
from ltrr.serving.processes.searchers import Searchers
from ltrr.serving.retrieval.opening import open_index, open_recall, strategy_arms
from ltrr.serving.service.service import Clock, Service
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.signing_key import Secrets
from ltrr.serving.versions.retention import prune_after
from ltrr.serving.versions.secret import hold_to_secret
from ltrr.streams.catalogue.writer import CatalogueWriter
from ltrr.streams.events.topics import Topic
from ltrr.streams.files.room import Room
from ltrr.streams.kafka.admin import check
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.publishing.publisher import Publisher
from ltrr.streams.state.follower import Follower
from ltrr.streams.versions.active import Mode
from ltrr.streams.versions.promotion import promote, roll_back
from ltrr.streams.versions.sources import Sources

_LOG = logging.getLogger(__name__)
_CAUGHT_UP_S = 60.0
_STOPPED_S = 10.0


class KafkaService(Service):
    """One query worker; as many as wanted run beside each other, each with a data folder of its own.

    workers: processes that search for it; 1 for none besides this one.

    Raises EngineFailed where Kafka is away at the start, and InvalidSettings where its topics do not fit.
    """

    def __init__(
        self,
        settings: Settings,
        bootstrap: Brokers,
        clock: Clock,
        unique: Callable[[], str] = lambda: uuid.uuid4().hex,
        workers: int = 1,
    ) -> None:
        settings.learning(strategy_arms())  # a bad setting is told before anything is opened
        check(bootstrap, settings.partitions)
        folder = settings.data_dir
        secrets = Secrets(settings, folder)
        hold_to_secret(settings, bootstrap, secrets)
        self._newest_s = 0.0
        predictions = Predictions()
        self._bootstrap = bootstrap
        self._writer: CatalogueWriter | None = None
        self._writing = threading.Lock()
        self._room = room = Room(folder, settings.disk_reserve_mb)
        self._publisher = Publisher(bootstrap, folder / "spool", settings.partitions, fsync=settings.fsync, room=room)
        try:
            index = open_index(settings, folder)
        except BaseException:
            self._publisher.close()
            raise
        self._feed = KafkaFeed(bootstrap, settings, folder, index, predictions, self._followed)
        self._versions = self._feed.versions
        self._sources = Sources(bootstrap, settings.partitions, self._versions.reached)
        self._watching: asyncio.Task[None] | None = None
        recall = open_recall(predictions)
        if settings.secret is None:
            _LOG.warning("LTRR_SECRET is not set: other query workers know this one's visitors by other names")
        searchers = None
        if workers > 1:
            searchers = Searchers(partial(KafkaSearching, settings, folder, number) for number in range(workers))
        super().__init__(
            settings, clock, index, self._versions, secrets=secrets, unique=unique, recall=recall, searchers=searchers
        )

    def start(self) -> None:
        """Begin to follow the state, and to index what is written to `ltrr.entities`."""
        self._feed.start()
        if self._watching is None:
            self._watching = asyncio.get_running_loop().create_task(self._sources.run())
        super().start()

    async def stop(self) -> None:
        """End following and indexing."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching], timeout=_STOPPED_S)
        await self._feed.stop()
        await super().stop()

    async def caught_up(self) -> None:
        """Wait until the learned state as of now is served. Raises EngineTimeout."""
        try:
            await asyncio.wait_for(self._versions.caught_up.wait(), _CAUGHT_UP_S)
        except TimeoutError:
            raise EngineTimeout("kafka", f"the learned state was not read within {_CAUGHT_UP_S:.0f} s") from None

    def keep(self, topic: Topic, events: Sequence[tuple[str, bytes]]) -> None:
        """Put events into the spool, from where they go to Kafka."""
        self.secrets.keep()
        self._publisher.publish_batch(topic, events)

    @property
    def partitions(self) -> int:
        """Return how many partitions the log of impressions has."""
        return self.settings.partitions

    async def change(self, changes: Sequence[Entity | Place]) -> int:
        """Write changes to the catalogue's topic; they are found once the index agents have read them."""
        return await asyncio.to_thread(self._write, changes)

    def _write(self, changes: Sequence[Entity | Place]) -> int:
        with self._writing:
            if self._writer is None:
                self._writer = CatalogueWriter(self._bootstrap, self.settings.applications)
            for change in changes:
                self._writer.write(change)
            self._writer.flush()
        return len(changes)

    def refresh_gauges(self) -> None:
        """Bring the gauges up to the state; to be called when metrics are read."""
        self.metrics.show(self._versions.states(), self._versions.pairs)
        self.views.show_applications(self.metrics)
        self.metrics.spool_events.set(self._publisher.report().lag)
        seen = self._sources.seen
        self.metrics.show_behind({} if seen is None else self._versions.behind(seen.ends))
        self.metrics.show_tables(self.tables())
        self.metrics.show_conditions(self.conditions(), self._room)

    def versions(self) -> dict[str, Any]:
        """Return the versions on Kafka, as far as they are known here, and what each application is served from."""
        return {"several": True, **self._versions.described()}

    def conditions(self) -> dict[str, str]:
        """Return the condition of each dependency without which the service cannot work; "ok" when it can."""
        return {
            "spool": self._spool_condition(),
            **self._feed.conditions(),
            "index": "ok" if len(self.index) else "empty: load a catalogue with `ltrr index FILE`",
        }

    def _spool_condition(self) -> str:
        try:
            self._publisher.need_room()
        except StorageFailed as error:
            return str(error)
        return self._publisher.report().trouble or "ok"

    def close(self) -> None:
        """Deliver what can be delivered, keep the rest in the spool, and let go of everything."""
        try:
            self._publisher.close()
            if self._writer is not None:
                self._writer.close()
        finally:
            self.index.close()

    def notes(self) -> dict[str, str]:
        """Return the condition of what searches go on without; "ok" when it works."""
        trouble = self._versions.shadow_trouble
        return super().notes() | {"learning": self._learning()} | ({} if trouble is None else {"shadow": trouble})

    def learns(self) -> bool:
        """Tell whether what is told here can be learned, as far as that is known."""
        return self._learning() == HEALTHY

    def _learning(self) -> str:
        seen = self._sources.seen
        return HEALTHY if seen is None else next(iter(seen.replaced.values()), HEALTHY)

    async def promote(self, version: str, application: str | None, mode: Mode) -> dict[str, Any]:
        """Serve an application from a version, or put that into the shadow; all query workers change over.

        Then remove the versions that are not kept.
        """
        name, settings = self._application(application), self.settings
        active = await promote(self._bootstrap, settings.partitions, name, version, settings.active, mode)
        # in a thread and a loop of its own: searches go on while it reads and writes much
        removed = await asyncio.to_thread(lambda: asyncio.run(prune_after(settings, self._bootstrap)))
        return {"application": name, **asdict(active), "removed": removed}

    async def roll_back(self, application: str | None) -> dict[str, Any]:
        """Serve an application from what came before, or end its shadow; all query workers change over."""
        name, settings = self._application(application), self.settings
        active = await roll_back(self._bootstrap, settings.partitions, name, settings.active)
        return {"application": name, **asdict(active)}

    def _followed(self, follower: Follower) -> None:
        """Observe how old the newest action is that the served policy has learned."""
        newest_s = follower.newest_action_s
        if newest_s > self._newest_s:
            if self._newest_s:
                self.metrics.freshness_seconds.observe(max(0.0, self._clock() - newest_s))
            self._newest_s = newest_s
