"""What a process that searches reads from Kafka: the catalogue, and what workers have learned."""

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ltrr.models.errors import StorageFailed
from ltrr.models.memory.prediction import Predictions
from ltrr.retrievers.index.index import Index
from ltrr.serving.settings.settings import Settings
from ltrr.serving.versions.versions import ServedVersions
from ltrr.streams.catalogue.index_agent import IndexAgent
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reach import Reach
from ltrr.streams.state.follower import Follower
from ltrr.streams.state.keys import STATE_TOPICS

_STOPPED_S: Final = 10.0
_AWAY: Final = "events wait in the spool, and searches go on with what was learned until then"


class KafkaFeed:
    """Follows the served versions, and keeps an index in step with `ltrr.entities`.

    folder: that has the index. changed, predictions: as ServedVersions has them.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        settings: Settings,
        folder: Path,
        index: Index,
        predictions: Predictions,
        changed: Callable[[Follower], None] = lambda _: None,
    ) -> None:
        self.versions = ServedVersions(bootstrap, settings, changed, predictions)
        name, data_dir = _name(folder / "index"), folder / "index" / "faust"
        self._index = index
        self._agent = IndexAgent(bootstrap, index, name, "own", settings.applications, data_dir)
        self.reach = Reach(bootstrap, (*EVENT_TOPICS, *STATE_TOPICS, Topic.ENTITIES), _AWAY)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin, in the running event loop."""
        if not self._tasks:
            loop = asyncio.get_running_loop()
            work = (self.versions.run(), self._agent.start(), self._read(), self.reach.run())
            self._tasks = [loop.create_task(one) for one in work]

    async def stop(self) -> None:
        """End that."""
        if self._tasks:
            following, indexing, catching_up, reaching = self._tasks
            for task in (following, catching_up, reaching):
                task.cancel()
            await asyncio.wait([following, indexing, reaching], timeout=_STOPPED_S)
            await asyncio.wait([asyncio.ensure_future(self._agent.stop())], timeout=_STOPPED_S)

    async def caught_up(self) -> None:
        """Wait until both have read what was there at the start."""
        await self.versions.caught_up.wait()
        await asyncio.wait(self._tasks[2:3])

    async def _read(self) -> None:
        """Wait until the catalogue is read, then open what reads queries: so it need not grow with each entity."""
        await self._agent.caught_up()
        await asyncio.to_thread(self._index.open)

    def conditions(self) -> dict[str, str]:
        """Return the condition of each part; "ok" where it works."""
        following = bool(self._tasks) and not self._tasks[0].done()
        return {
            "kafka": (self.reach.trouble or "ok")
            if following
            else "the state is not followed: restart this query worker",
            "catalogue": self._catalogue_condition(),
            "state": self.versions.trouble
            or ("ok" if self.versions.caught_up.is_set() else "the learned state is still being read"),
        }

    def _catalogue_condition(self) -> str:
        if self._agent.crashed:
            return f"{self._agent.crashed}; restart this query worker when that is mended"
        read = bool(self._tasks) and self._tasks[2].done()
        return self._agent.trouble or ("ok" if read else "the catalogue is still being read")


def _name(folder: Path) -> str:
    """Return the name under which an index reads the catalogue; it lives and dies with the index's folder."""
    path = folder / "name"
    try:
        if not path.exists():
            path.write_text(uuid.uuid4().hex)
        return path.read_text().strip()
    except OSError as error:
        raise StorageFailed(f"cannot write {path}: {error.strerror}; free some space or make it writable") from error
