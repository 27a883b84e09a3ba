"""Write changes of the catalogue to `ltrr.entities`, and wait until indexes have taken them in."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Final, Self

from kafka.errors import KafkaError
from kafka.producer.future import FutureRecordMetadata

from ltrr.models.errors import EngineFailed, EngineTimeout
from ltrr.models.records.entity import Entity, Place
from ltrr.streams.catalogue.entity_keys import encode_entity_key
from ltrr.streams.catalogue.index_agent import index_group
from ltrr.streams.events.codec import encode_entity
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka import cluster
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.client import abandon, connect

_CLIENT: Final[dict[str, Any]] = {
    "acks": "all",
    "enable_idempotence": True,
    "compression_type": "gzip",
    "linger_ms": 20,
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
    "delivery_timeout_ms": 60_000,
}
_UNDER_WAY: Final = 5_000
_POLL_S: Final = 0.1


class CatalogueWriter:
    """Writes entities and deletes, in order. applications: tenants, the first of which needs no name in keys.

    At most some thousand changes are under way. Raises EngineFailed where Kafka is away, or refuses one.
    """

    def __init__(self, bootstrap: Brokers, applications: Sequence[str]) -> None:
        self._bootstrap = bootstrap
        self._applications = applications
        self._under_way: deque[tuple[Place, FutureRecordMetadata]] = deque()
        try:
            self._producer = connect({**bootstrap.client(), **_CLIENT})
        except KafkaError as error:
            raise EngineFailed("kafka", f"no producer at {bootstrap}: {error}; is Kafka running?") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            self.close()
        else:
            abandon(self._producer)

    def write(self, change: Entity | Place) -> None:
        """Write one change; waits where too many are under way."""
        place, value = (change.place, encode_entity(change)) if isinstance(change, Entity) else (change, None)
        if len(self._under_way) >= _UNDER_WAY:
            self._finish()
        try:
            sent = self._producer.send(Topic.ENTITIES, value, encode_entity_key(place, self._applications))
        except KafkaError as error:
            raise EngineFailed(
                "kafka", f"entity {place.object_id}: {error}; what was written before is kept"
            ) from error
        self._under_way.append((place, sent))

    def flush(self) -> None:
        """Wait until Kafka has everything."""
        while self._under_way:
            self._finish()

    def await_index(self, name: str, timeout_s: float, progress: Callable[[int], None] = lambda _: None) -> None:
        """Wait until the index of this name has taken in all that is on the topic now.

        progress: told how many changes it still has to take in. Raises EngineTimeout where nothing happens for a time.
        """
        read, end = cluster.group_offsets(self._bootstrap, index_group(name), Topic.ENTITIES)
        least, since_s = end + 1, time.monotonic()
        while (lag := end - read) > 0:
            progress(lag)
            if lag < least:
                least, since_s = lag, time.monotonic()
            if time.monotonic() - since_s > timeout_s:
                raise EngineTimeout(
                    "kafka",
                    f"{lag} changes of the catalogue wait for {name}: does `ltrr worker` run for it?",
                )
            time.sleep(_POLL_S)
            read, _ = cluster.group_offsets(self._bootstrap, index_group(name), Topic.ENTITIES)
        progress(0)

    def close(self) -> None:
        """Wait until Kafka has everything, and let go of the connection."""
        self._producer.close()

    def _finish(self) -> None:
        place, sent = self._under_way.popleft()
        try:
            sent.get(timeout=_CLIENT["delivery_timeout_ms"] / 1000)
        except KafkaError as error:
            raise EngineFailed("kafka", f"entity {place.object_id}: {error}; write it again") from error
