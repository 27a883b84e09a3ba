"""Predict queries from structured metadata: names, aliases, attribute values, and what often comes together."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final, TypeVar

from ltrr.models.memory.prediction import MOST_PREDICTED, PredictedQuery
from ltrr.models.records.entity import Entity
from ltrr.retrievers.phrases.phrase import folded

NEEDS_MODEL: Final = False
_VALUES: Final = 6
_TOGETHER: Final = 3
_RARE: Final = 0.02
_LONGEST: Final = 100
_BEGINNINGS: Final = range(3, 9)  # letters: behind so many few names are left that begin so
_BEGUN: Final = 0.3
_Key = TypeVar("_Key", str, tuple[str, str])


class Structured:
    """What the catalogue says of itself. Follows it, to know which values often come together and which are rare.

    A name, or a name with a rare value (an artist), is worth 0.3 to 0.7 by popularity; an alias 0.8 of that. A value
    stands for many entities, so it is worth 0.02 to 0.3 by popularity and weight; two values that come together more
    often than chance would have it 0.05 to 0.5.
    """

    name = "structured"

    def __init__(self) -> None:
        self._entities = 0
        self._top_popularity = 0.0
        self._values = Counter[str]()
        self._pairs = Counter[tuple[str, str]]()

    def follow(self, old: Sequence[Entity | None], new: Sequence[Entity | None]) -> None:
        """Count values and pairs of values."""
        for entities, sign in ((old, -1), (new, 1)):
            for entity in entities:
                if entity is not None:
                    self._count(entity, sign)

    def predict(self, entities: Sequence[Entity]) -> list[tuple[PredictedQuery, ...]]:
        """Return the queries of each entity, best first."""
        return [self._predict(entity) for entity in entities]

    def _count(self, entity: Entity, sign: int) -> None:
        self._entities += sign
        self._top_popularity = max(self._top_popularity, entity.popularity)
        values = sorted(_values(entity))
        _change(self._values, values, sign)
        _change(self._pairs, combinations(values, 2), sign)

    def _predict(self, entity: Entity) -> tuple[PredictedQuery, ...]:
        scores: dict[str, float] = {}
        for query, score in self._all(entity):
            if query and len(query) <= _LONGEST:
                scores[query] = max(score, scores.get(query, 0.0))
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:MOST_PREDICTED]
        return tuple(PredictedQuery(query, round(score, 4)) for query, score in best)

    def _all(self, entity: Entity) -> Iterator[tuple[str, float]]:
        name, values = folded(entity.name), _values(entity)
        top = math.log1p(self._top_popularity)
        fame = min(1.0, math.log1p(max(0.0, entity.popularity)) / top) if top > 0 else 0.0
        named = 0.3 + 0.4 * fame
        yield name, named
        for alias in entity.aliases:
            yield folded(alias), 0.8 * named
        for end in _BEGINNINGS if fame else ():
            if end < len(name):
                yield name[:end], _BEGUN * fame
        rare = [value for value in values if self._values[value] <= max(2.0, _RARE * self._entities)]
        for value in sorted(rare, key=lambda value: (self._values[value], value))[:2]:
            yield f"{name} {value}", named
            yield f"{value} {name}", named
        for value, weight in values.items():
            yield value, weight * (0.02 + 0.28 * fame)
        for one, other, share in self._together(values):
            score = share * (0.05 + 0.45 * fame)
            yield f"{one} {other}", score
            yield f"{other} {one}", score

    def _together(self, values: dict[str, float]) -> list[tuple[str, str, float]]:
        """Return the strongest pairs of values that come together more often than chance would have it."""
        found = []
        for one, other in combinations(sorted(values), 2):
            count = self._pairs[one, other]
            if count > 1 and count * self._entities > self._values[one] * self._values[other]:
                found.append((one, other, values[one] * values[other]))
        return sorted(found, key=lambda pair: (-pair[2], pair))[:_TOGETHER]


def load() -> Structured:
    """Return a generator that knows no entity yet."""
    return Structured()


def _change(counts: Counter[_Key], keys: Iterable[_Key], by: int) -> None:
    for key in keys:
        counts[key] += by
        if not counts[key]:
            del counts[key]


def _values(entity: Entity) -> dict[str, float]:
    """Return the strongest values of all attributes, the type among them, with their weights."""
    weights = {folded(entity.type): 0.5}
    for of_attribute in entity.attributes.values():
        for value, weight in of_attribute.items():
            text = folded(value)
            weights[text] = max(weight, weights.get(text, 0.0))
    weights.pop("", None)
    return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:_VALUES])
