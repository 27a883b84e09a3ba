"""Facets: how many candidates carry each value of a field."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.records.fields import FieldKinds
from ltrr.models.text import normalise, number_text
from ltrr.retrievers.documents.documents import numbers
from ltrr.serving.search.conditions import read_range, written
from ltrr.serving.search.messages import Bounds, FacetCount, FacetRequest
from ltrr.streams.events.timestamps import write_date

MOST_VALUES: Final = 50


def count_facets(
    cards: Iterable[Entity], fields: Sequence[str | FacetRequest], kinds: FieldKinds | None = None
) -> dict[str, list[FacetCount]]:
    """Return for each field its values and how many of the entities carry them, most frequent first, at most 50.

    Values that filters take for one (by case, accents, punctuation) are counted as one, written as it was seen most.
    Ranges are counted in the order that they are asked in. kinds: of the fields, where ranges are asked.
    """
    held = list(cards)
    found: dict[str, list[FacetCount]] = {}
    for field in fields:
        if isinstance(field, FacetRequest):
            found[field.field] = [_count(held, field.field, bounds, kinds or {}) for bounds in field.ranges]
        else:
            found[field] = _counts(_values(card, field) for card in held)
    return found


def _count(cards: Sequence[Entity], field: str, bounds: Bounds, kinds: FieldKinds) -> FacetCount:
    accepted = read_range("facets", field, bounds, kinds)
    count = sum(any(map(accepted.holds, numbers(card).get(field, ()))) for card in cards)
    said = ", ".join(f"{name} {written(bound)}" for name, bound in bounds.model_dump(exclude_none=True).items())
    return FacetCount(value=said, count=count, range=bounds)


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
    compared = [*map(number_text, card.numbers.get(field, ())), *map(write_date, card.dates.get(field, ()))]
    return {**{normalise(value): value for value in card.texts(field)}, **{value: value for value in compared}}
