"""What searches in a process of its own on Kafka: an index and a state that are both read from there."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ltrr.models.errors import InvalidSettings
from ltrr.models.memory.prediction import Predictions
from ltrr.models.records.entity import Entity, Place
from ltrr.models.state.records import RecordKey
from ltrr.retrievers.engines.base import HEALTHY
from ltrr.serving.metrics import Metrics
from ltrr.serving.processes.folders import folder_of
from ltrr.serving.processes.kafka_feed import KafkaFeed
from ltrr.serving.retrieval.opening import open_index, open_recall
from ltrr.serving.search.paging import Paging
from ltrr.serving.settings.settings import Settings


class KafkaSearching:
    """Searches over an index of its own, and follows what the service follows. number: of this process."""

    def __init__(self, settings: Settings, folder: Path, number: int) -> None:
        if settings.brokers is None:
            raise InvalidSettings("a process that follows Kafka needs LTRR_KAFKA")
        own, predictions = folder_of(folder, number), Predictions()
        self.metrics = Metrics()
        self._index = open_index(settings, own)
        self._feed = KafkaFeed(settings.brokers, settings, own, self._index, predictions)
        self.paging = Paging(
            self._index,
            self._feed.versions,
            self.metrics,
            applications=settings.applications,
            placement=settings.placement,
            ours=lambda _: True,  # the service asks here for its own only
            recall=open_recall(predictions),
        )

    def start(self) -> None:
        """Begin to read."""
        self._feed.start()

    async def caught_up(self) -> None:
        """Wait until what was there at the start is read."""
        await self._feed.caught_up()

    def learned(self, records: Mapping[RecordKey, bytes | None]) -> None:
        """Take over nothing: the state comes from Kafka."""

    async def change(self, changes: Sequence[Entity | Place]) -> int:
        """Change nothing: the catalogue comes from Kafka."""
        del changes
        return 0

    def trouble(self) -> str:
        """Say what cannot work; nothing where all can."""
        return next((said for said in self._feed.conditions().values() if said != HEALTHY), "")

    async def stop(self) -> None:
        """End reading, and let go of the index."""
        await self._feed.stop()
        await self._index.stop()
        self._index.close()
