"""What the records of `ltrr.entities` do to an index, and an index filled from all of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from ltrr.models.errors import InvalidEvent
from ltrr.models.records.entity import Entity
from ltrr.models.retrieval import Indexer
from ltrr.streams.catalogue.entity_keys import decode_entity_key
from ltrr.streams.events.codec import parse_entity
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader

_BATCH: Final = 1_000


class CatalogueRecord(Protocol):
    """A record of the topic, as any client has it."""

    key: Any
    value: Any


R = TypeVar("R", bound=CatalogueRecord)


class Removal(NamedTuple):
    """Entities of one tenant that go."""

    application: str
    object_ids: list[str]


def runs(
    records: Iterable[R], applications: Sequence[str], refuse: Callable[[R, InvalidEvent], None]
) -> Iterator[list[Entity] | Removal]:
    """Yield what to add and what to remove, in the order of the records.

    applications: tenants, which a tombstone whose key is an object id alone removes from. refuse: told of records that
    cannot be read, which are left out.
    """
    for gone, run in groupby(records, lambda record: record.value is None):
        if gone:
            places = (place for record in run for place in decode_entity_key(record.key or b"", applications))
            removed = defaultdict[str, list[str]](list)
            for place in places:
                removed[place.application].append(place.object_id)
            yield from (Removal(application, object_ids) for application, object_ids in removed.items())
            continue
        entities = []
        for record in run:
            try:
                entities.append(parse_entity(record.value))
            except InvalidEvent as error:
                refuse(record, error)
        yield entities


class CatalogueCopy:
    """Reads the topic from its beginning into an index, with the orders that index agents give.

    offset: of the first record that is not read yet. What index agents have refused is left out here too.
    """

    def __init__(self, bootstrap: Brokers, indexer: Indexer, applications: Sequence[str]) -> None:
        self.offset = 0
        self._bootstrap = bootstrap
        self._indexer = indexer
        self._applications = tuple(applications)

    async def catch_up(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Read on up to the end as of now; return how many records that were. progress: told of each portion."""
        count = 0
        async with KafkaReader(self._bootstrap) as reader:
            batch: list[Any] = []
            async for record in reader.read(Topic.ENTITIES, 0, self.offset):
                batch.append(record)
                if len(batch) == _BATCH:
                    count += await self._take(batch, progress)
                    batch = []
            count += await self._take(batch, progress)
        return count

    async def _take(self, batch: Sequence[Any], progress: Callable[[int], None]) -> int:
        if batch:
            order = batch[-1].offset
            for run in runs(batch, self._applications, lambda *_: None):
                if isinstance(run, Removal):
                    await self._indexer.delete(run.application, run.object_ids, order)
                else:
                    await self._indexer.index(run, order)
            self.offset = order + 1
            progress(len(batch))
        return len(batch)
