"""The catalogue as arrays, from which hidden relevance is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.models.records.entity import Entity
from ltrr.models.text import normalise
from ltrr.serving.demo.music.vocabulary import GENRES, THEMES
from ltrr.serving.demo.people.epoch import DAY_S, START_S

GENRE_COLUMNS: Final = slice(0, len(GENRES))
LEAST: Final = 0.05

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Entities by row. themes: weights, shape (rows, THEMES). fame: popularity rank within its type, (0, 1]."""

    entities: tuple[Entity, ...]
    themes: Array
    fame: Array
    age_days: Array
    rows: Mapping[str, int]
    named: Mapping[str, tuple[int, ...]]
    of_type: Mapping[str, NDArray[np.intp]] = field(repr=False)

    @classmethod
    def of(cls, entities: Sequence[Entity]) -> "Shelf":
        """Arrange a catalogue; ages are at the simulation's start."""
        types = np.array([entity.type for entity in entities])
        of_type = {str(kind): np.flatnonzero(types == kind) for kind in np.unique(types)}
        popularity = np.array([entity.popularity for entity in entities])
        fame = np.zeros(len(entities))
        for rows in of_type.values():
            fame[rows[np.argsort(popularity[rows], kind="stable")]] = np.arange(1, len(rows) + 1) / len(rows)
        named: dict[str, tuple[int, ...]] = {}
        for row, entity in enumerate(entities):
            key = normalise(entity.name)
            named[key] = (*named.get(key, ()), row)
        return cls(
            entities=tuple(entities),
            themes=np.array([_themes(entity) for entity in entities]),
            fame=fame,
            age_days=np.array([(START_S - (entity.created_s or 0.0)) / DAY_S for entity in entities]),
            rows={entity.object_id: row for row, entity in enumerate(entities)},
            named=named,
            of_type=of_type,
        )

    def theme(self, name: str) -> Array:
        """Return every row's weight for a genre or mood."""
        column: Array = self.themes[:, THEMES.index(name)]
        return column

    def related(self, row: int, kind: str) -> list[int]:
        """Return the rows of a type that belong to the entity at `row`."""
        return [self.rows[other] for other in self.entities[row].related if other.startswith(f"{kind}:")]

    def best(self, scores: Array, keep: int) -> dict[str, float]:
        """Grade the `keep` best rows: the first gets 1, and who just missed would get 0.

        scores: >= 0, one for each row; a row with 0 is irrelevant.
        """
        order = np.argsort(-scores, kind="stable")[: keep + 1]
        low, high = float(scores[order[-1]]), float(scores[order[0]])
        if high == low:
            return {}
        return self.grades({int(row): (float(scores[row]) - low) / (high - low) for row in order})

    def grades(self, values: Mapping[int, float]) -> dict[str, float]:
        """Turn row -> value into object id -> relevance in (0, 1], best first, without what is hardly relevant."""
        ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
        return {self.entities[row].object_id: round(min(v, 1.0), 3) for row, v in ordered if v >= LEAST}


def _themes(entity: Entity) -> list[float]:
    weights = {**entity.attributes.get("genre", {}), **entity.attributes.get("mood", {})}
    return [weights.get(theme, 0.0) for theme in THEMES]
