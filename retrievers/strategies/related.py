"""Related: what belongs to the entities that understanding names and memory holds, and to what they belong."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query
from ltrr.retrievers.requests.requests import Request, Scale, Sum, Term, TextRequest, facets
from ltrr.retrievers.strategies.base import Strategy

_SEEDS: Final = 8
_FORWARD: Final = 32
_TERMS: Final = 128
_SIBLING: Final = 0.3
_POPULARITY: Final = 0.3


class Related(Strategy):
    """An artist's songs, a song's artist and album, playlists with it; and, for less, what else belongs to these.

    An entity that is named counts by the likelihood of the reading times the weight of the slot, less for each more
    popular one of that name; a remembered one by its score. What they relate to is read from their cards, what relates
    to them is asked for in the same request: no second round trip.
    """

    name = "related"
    description = "entities related to those that the query names, or that earlier users acted on for it"
    calls = ("text:related",)
    learned = True

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for relations in both directions, the heaviest 128."""
        if not query.tokens:
            return {}
        seeds = _seeds(query)
        first = sorted(seeds, key=lambda object_id: (-seeds[object_id], object_id))[:_SEEDS]
        weights = defaultdict[tuple[str, str], float](float)
        for object_id, card in zip(first, self.cards(query.application, first), strict=True):
            if card is not None:
                for place, share in self._places(card):
                    weights[place] += seeds[object_id] * share
        if not weights:
            return {}
        heaviest = sorted(weights, key=lambda place: (-weights[place], place))[:_TERMS]
        clause = Sum(
            tuple(Term(field, value, weights[field, value]) for field, value in heaviest),
            (Scale("popularity", _POPULARITY),),
        )
        return {"text:related": TextRequest(clause, query.application, depth, facets(query.filters))}

    def _places(self, seed: Entity) -> Iterator[tuple[tuple[str, str], float]]:
        """Return where what is related to an entity is found: (field, value) and its share of the weight."""
        yield ("related", seed.object_id), 1.0
        found = [card for card in self.cards(seed.application, seed.related) if card is not None]
        for card in sorted(found, key=lambda card: (-card.popularity, card.object_id))[:_FORWARD]:
            yield ("object_id", card.object_id), 1.0
            yield ("related", card.object_id), _SIBLING


def _seeds(query: Query) -> Mapping[str, float]:
    """Return the entities that are named or remembered, with their weights."""
    weights = defaultdict[str, float](float)
    for interpretation in query.understanding.interpretations:
        for slot in interpretation.slots:
            for place, object_id in enumerate(slot.object_ids, start=1):
                weights[object_id] += interpretation.likelihood * slot.weight / place
    for hit in query.remembered:
        weights[hit.object_id] += hit.score
    return weights
