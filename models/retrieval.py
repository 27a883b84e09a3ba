"""What the query worker and the learner need of retrieval: results and protocols, no engine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from models.entity import Entity
from models.query import Hit, Query, Understanding


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What one wave of retrieval brought.

    lists: arm -> its hits, best first, at most the arm's budget; arms that were off or failed are absent.
    latencies_ms: engine -> milliseconds. failures: arm -> the engine that did not answer.
    """

    lists: Mapping[str, Sequence[Hit]]
    latencies_ms: Mapping[str, float] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)


class Retriever(Protocol):
    """Runs strategies over engines."""

    def understand(self, text: str, application: str) -> Understanding:
        """Read a query with what the catalogue knows."""
        ...

    async def retrieve(self, query: Query, budgets: Mapping[str, int]) -> Retrieval:
        """Draw at most budgets[arm] candidates from each arm, all in one wave."""
        ...

    def entities(self, application: str, object_ids: Sequence[str]) -> Sequence[Entity | None]:
        """Return the cards of entities, None where an id is unknown, in the order asked."""
        ...


class Indexer(Protocol):
    """Keeps engines in step with the catalogue."""

    def index(self, entities: Iterable[Entity]) -> int:
        """Add or replace entities; an update older than what is held is left out. Return how many were taken."""
        ...

    def delete(self, application: str, object_ids: Iterable[str]) -> int:
        """Remove entities. Return how many there were."""
        ...
