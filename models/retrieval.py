"""What the query worker and the learner need of retrieval: results and protocols, no engine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ltrr.models.memory.memory import RememberedPair
from ltrr.models.records.entity import Entity
from ltrr.models.records.fields import FieldKinds
from ltrr.models.records.query import Bounded, Hit, Order, Query, Understanding


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What waves of retrieval brought, mostly one.

    lists: arm -> its hits, best first, at most the arm's budget; arms that were off or failed are absent.
    latencies_ms: engine -> milliseconds. failures: arm -> the engine that did not answer.
    """

    lists: Mapping[str, Sequence[Hit]]
    latencies_ms: Mapping[str, float] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)

    def brought(self, reserved: str | None) -> set[str]:
        """Return what arms have brought but the reserved one: what is ranked."""
        return {hit.object_id for arm, hits in self.lists.items() if arm != reserved for hit in hits}

    def then(self, later: "Retrieval") -> "Retrieval":
        """Return what this wave and a later one brought; an arm of both has its later list, if that has come."""
        lists = {**self.lists, **later.lists}
        failures = {arm: engine for arm, engine in {**self.failures, **later.failures}.items() if arm not in lists}
        engines = dict.fromkeys((*self.latencies_ms, *later.latencies_ms))
        return Retrieval(
            lists, {e: self.latencies_ms.get(e, 0.0) + later.latencies_ms.get(e, 0.0) for e in engines}, failures
        )


class Retriever(Protocol):
    """Runs strategies over engines. patience: how many times its deadline each may take."""

    def understand(self, text: str, application: str) -> Understanding:
        """Read a query with what the catalogue knows."""
        ...

    def bounded(self, text: str, application: str) -> Bounded:
        """Read the bounds that a query sets to numbers and dates of the catalogue, and what else it asks for."""
        ...

    def respelt(self, text: str, application: str) -> Understanding | None:
        """Read a query that has found nothing with words that are spelt less alike, None where there are none."""
        ...

    async def retrieve(self, query: Query, budgets: Mapping[str, int], patience: float = 1.0) -> Retrieval:
        """Draw at most budgets[arm] candidates from each arm, all in one wave."""
        ...

    async def browse(self, query: Query, order: Order | None, limit: int, patience: float = 1.0) -> Retrieval:
        """Return, in one list, what passes a query's filters and has all of its words, or one where none has all.

        No arm runs. order: None for the most popular first, of a query without words.
        """
        ...

    def kinds(self, application: str) -> FieldKinds:
        """Return what entities can be filtered, ordered and counted by; empty where there are none."""
        ...

    def values_near(self, application: str, attribute: str, text: str) -> Sequence[str]:
        """Return at most 3 values of an attribute that are near to a text, normalised: the nearest first."""
        ...

    def entities(self, application: str, object_ids: Sequence[str]) -> Sequence[Entity | None]:
        """Return the cards of entities, None where an id is unknown, in the order asked."""
        ...


class Indexer(Protocol):
    """Keeps engines in step with the catalogue.

    order: where a change stands in the catalogue's log, for engines that several processes write to: of two changes of
    an entity the one with the larger order is kept. A whole batch has the order of its last change.
    """

    async def index(self, entities: Iterable[Entity], order: int = 0) -> int:
        """Add or replace entities; an update older than what is held is left out. Return how many were taken."""
        ...

    async def delete(self, application: str, object_ids: Iterable[str], order: int = 0) -> int:
        """Remove entities. Return how many there were."""
        ...


class SharedIndexer(Indexer, Protocol):
    """An indexer of a server that many processes share."""

    async def prepare(self) -> str:
        """Make what entities are kept in where it is missing, and return its identity: another one each time.

        Raises InvalidSettings where what is there was made for other settings, EngineFailed where the server is away.
        """
        ...

    async def stop(self) -> None:
        """Let go of connections, in the loop that used them; a later request makes new ones."""
        ...


@dataclass(frozen=True, slots=True)
class IndexedPair:
    """A pair of the memory as an index shows it. version: of the state; prior: weight of `predicted`; time_s: as of."""

    version: str
    application: str
    query: str
    pair: RememberedPair
    prior: float
    time_s: float


class MemoryIndex(Protocol):
    """Shows the memory to people and other systems.

    order: grows with what was learned. Of two changes of a pair the one with the larger order is kept.
    """

    async def prepare(self) -> str:
        """Make what pairs are kept in where it is missing, and return its identity: another one each time."""
        ...

    async def write(self, pairs: Iterable[IndexedPair], order: int) -> int:
        """Add or replace pairs. Return how many were taken."""
        ...

    async def delete(self, version: str, application: str, query: str, object_ids: Iterable[str], order: int) -> int:
        """Remove pairs of a query. Return how many there were."""
        ...

    async def prune(self, version: str, order: int) -> int:
        """Remove the pairs of a version that were last written with a smaller order. Return how many there were."""
        ...

    async def stop(self) -> None:
        """Let go of connections, in the loop that used them; a later request makes new ones."""
        ...
