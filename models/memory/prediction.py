"""Predicted queries: what an entity may be searched with, before anybody has. A prior of the memory, never summed."""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ltrr.models.records.entity import Entity

MOST_PREDICTED: Final = 128
_RECALLED: Final = 100
_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class PredictedQuery:
    """A normalised query, and in [0, 1] what an entity is expected to be worth for it once it is looked at."""

    query: str
    score: float


class QueryGenerator(Protocol):
    """Predicts queries for entities. name: as settings say it; other names give other predictions."""

    name: str

    def follow(self, old: Sequence[Entity | None], new: Sequence[Entity | None]) -> None:
        """Take note of what entities were, if anything, and what they are now, if anything; pairwise."""
        ...

    def predict(self, entities: Sequence[Entity]) -> list[tuple[PredictedQuery, ...]]:
        """Return at most MOST_PREDICTED queries for each entity, each once, best first."""
        ...


class PredictedScores(Protocol):
    """Where predictions are looked up."""

    def of(self, application: str, query: str) -> Mapping[str, float]:
        """Return entity -> score of those that are predicted best for a normalised query."""
        ...


class Predictions:
    """The predictions of all entities, by query. For one thread."""

    def __init__(self) -> None:
        self._entities: dict[tuple[str, str], tuple[PredictedQuery, ...]] = {}
        self._queries = defaultdict[tuple[str, str], dict[str, float]](dict)
        self._best: dict[tuple[str, str], Mapping[str, float]] = {}

    def __len__(self) -> int:
        return len(self._entities)

    def put(self, application: str, object_id: str, predicted: Sequence[PredictedQuery]) -> None:
        """Replace what is predicted for an entity; an empty sequence removes it."""
        for one in self._entities.pop((application, object_id), ()):
            place = application, one.query
            self._best.pop(place, None)
            self._queries[place].pop(object_id, None)
            if not self._queries[place]:
                del self._queries[place]
        if predicted:
            self._entities[application, object_id] = tuple(predicted)
        for one in predicted:
            self._best.pop((application, one.query), None)
            self._queries[application, one.query][object_id] = one.score

    def of(self, application: str, query: str) -> Mapping[str, float]:
        """Return the at most 100 entities that are predicted best, with their scores."""
        place = application, query
        best = self._best.get(place)
        if best is None:
            scores = self._queries.get(place, {})
            best = dict(heapq.nsmallest(_RECALLED, scores.items(), key=lambda item: (-item[1], item[0])))
            if len(self._best) >= _KEPT:
                self._best.clear()
            self._best[place] = best
        return best
