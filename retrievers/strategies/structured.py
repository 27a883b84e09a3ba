"""Structured: every reading of the query as a weighted search of names, attributes and relations."""

from collections.abc import Iterator, Mapping
from typing import Final

from ltrr.models.records.query import Interpretation, Query, Slot
from ltrr.retrievers.documents.documents import titled
from ltrr.retrievers.requests.requests import Clause, Request, Scale, Sum, Term, TextRequest, facets, weighted
from ltrr.retrievers.strategies.base import Strategy

_ALIAS: Final = 0.8
_RELATED: Final = 0.5
_POPULARITY: Final = 0.3
_TOPIC_POPULARITY: Final = 0.4
_QUALITY: Final = 0.1


class Structured(Strategy):
    """The sum over readings of likelihood times what of the reading an entity fits.

    A slot counts by how well it fits and by its share of the words that its reading explains. Entities that belong
    to a named one (an artist's songs) fit its name by half. The more likely the query is a topic, the more popularity
    decides: many entities fit it as well. Nothing is asked where nothing was understood.
    """

    name = "structured"
    description = "query understanding's readings as weighted searches of names, attributes and relations"
    calls = ("text:structured",)

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for all readings in one weighted sum."""
        weights: dict[tuple[str, str], float] = {}
        for interpretation in query.understanding.interpretations:
            for place, weight in _places(interpretation):
                weights[place] = weights.get(place, 0.0) + weight
        if not weights:
            return {}
        clauses = tuple(_clause(field, value, weight) for (field, value), weight in sorted(weights.items()))
        topic = query.understanding.features.get("topic_mass", 0.0)
        popularity = _POPULARITY + _TOPIC_POPULARITY * topic
        clause = Sum(clauses, (Scale("popularity", popularity), Scale("quality", _QUALITY)))
        return {"text:structured": TextRequest(clause, query.application, depth, facets(query.filters))}


def _places(interpretation: Interpretation) -> Iterator[tuple[tuple[str, str], float]]:
    """Return (field or attribute, value) and its weight for each thing that the slots name."""
    explained = sum(slot.end - slot.start for slot in interpretation.slots)
    for slot in interpretation.slots:
        weight = interpretation.likelihood * slot.weight * (slot.end - slot.start) / explained
        for place, share in _parts(slot):
            yield place, weight * share


def _parts(slot: Slot) -> Iterator[tuple[tuple[str, str], float]]:
    if slot.category != "name":
        yield (f"={slot.category}", slot.value), 1.0
        return
    title = titled(slot.value)
    yield ("title", title), 1.0
    yield ("alias", title), _ALIAS
    for object_id in slot.object_ids:
        yield ("related", object_id), _RELATED / len(slot.object_ids)


def _clause(field: str, value: str, weight: float) -> Clause:
    return weighted(field[1:], value, weight) if field.startswith("=") else Term(field, value, weight)
