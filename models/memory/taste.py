"""Taste: what a profile says of a query and of candidates."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit, Understanding
from ltrr.models.text import normalise

_folded = lru_cache(maxsize=65_536)(normalise)
_STRONG: Final = 50.0


@dataclass(frozen=True, slots=True)
class Taste:
    """What a user, or a session, took.

    hits: entities with their weights, the strongest first. shares: (attribute, normalised value) -> its weight over
    that of the strongest value, in (0, 1]; an entity gives each of its values its own weight for it.
    """

    hits: tuple[Hit, ...] = ()
    shares: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @classmethod
    def of(cls, hits: tuple[Hit, ...], cards: Sequence[Entity | None]) -> "Taste":
        """Return the taste of a profile. cards: of the hits; what is gone tells nothing."""
        sums: dict[tuple[str, str], float] = {}
        for hit, card in zip(hits, cards, strict=True):
            for attribute, values in card.attributes.items() if card else ():
                for value, weight in values.items():
                    key = attribute, _folded(value)
                    sums[key] = sums.get(key, 0.0) + hit.score * weight
        largest = max(sums.values(), default=1.0)
        return cls(hits, {key: weight / largest for key, weight in sums.items()})

    @property
    def strength(self) -> float:
        """Return how much is known, in [0, 1]: 1 from some fifty entities on."""
        return min(1.0, math.log1p(sum(hit.score for hit in self.hits)) / math.log1p(_STRONG))

    def match(self, understanding: Understanding) -> float:
        """Return how far the attribute values that a query names are those of the profile, in [0, 1]."""
        return sum(
            reading.likelihood
            * max((self.shares.get((slot.category, slot.value), 0.0) for slot in reading.slots), default=0.0)
            for reading in understanding.interpretations
        )

    def like(self, card: Entity) -> float:
        """Return how far an entity's attribute values are those of the profile, in [0, 1]: the mean by weight."""
        weights = [
            (weight, self.shares.get((attribute, _folded(value)), 0.0))
            for attribute, values in card.attributes.items()
            for value, weight in values.items()
        ]
        total = sum(weight for weight, _ in weights)
        return sum(weight * share for weight, share in weights) / total if total else 0.0


def affinity(user: Taste, session: Taste, cards: Mapping[str, Entity]) -> dict[str, dict[str, float]]:
    """Return the ranker's group `affinity` of candidates; nothing where nothing is known of who asks."""
    if not (user.hits or session.hits):
        return {}
    features: dict[str, dict[str, float]] = {}
    for kind, taste in (("user", user), ("session", session)):
        taken = {hit.object_id: hit.score for hit in taste.hits}
        features[f"affinity.{kind}"] = {object_id: math.log1p(taken.get(object_id, 0.0)) for object_id in cards}
    features["affinity.attributes"] = {
        object_id: max(user.like(card), session.like(card)) for object_id, card in cards.items()
    }
    return features
