"""Facets: how many candidates carry each value of a field."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.text import normalise
from ltrr.serving.search.messages import FacetCount

MOST_VALUES: Final = 50


def count_facets(cards: Iterable[Entity], fields: Sequence[str]) -> dict[str, list[FacetCount]]:
    """Return for each field its values and how many of the entities carry them, most frequent first, at most 50.

    Values that filters take for one (by case, accents, punctuation) are counted as one, written as it was seen most.
    """
    held = list(cards)
    return {field: _counts(_values(card, field) for card in held) for field in fields}


def _counts(values_of: Iterable[Mapping[str, str]]) -> list[FacetCount]:
    counts = Counter[str]()
    spellings: dict[str, Counter[str]] = {}
    for values in values_of:
        counts.update(values.keys())
        for folded, value in values.items():
            spellings.setdefault(folded, Counter())[value] += 1
    best = sorted(counts, key=lambda folded: (-counts[folded], folded))[:MOST_VALUES]
    return [FacetCount(value=_usual(spellings[folded]), count=counts[folded]) for folded in best]


def _usual(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda value: (-spellings[value], value))


def _values(card: Entity, field: str) -> Mapping[str, str]:
    """Return normalised value -> value as it is written."""
    values = (card.type,) if field == "type" else card.attributes.get(field, {})
    return {normalise(value): value for value in values}
