"""Explore: new and rare entities by chance, for diversity and for data on what is never shown."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ltrr.models.records.query import Hit, Query
from ltrr.retrievers.requests.draws import SIDES, age, period, picks, side
from ltrr.retrievers.requests.requests import Best, Clause, Request, Scale, Sum, Term, TextRequest, facets
from ltrr.retrievers.strategies.base import Strategy

_DRAWN: Final = 400
_MORE_OF_NEW: Final = 8
_MORE_IF_FILTERED: Final = 16
_BUCKETS: Final = 16
_NEW_PERIODS: Final = 7
_NEW: Final = 0.3
_RARE: Final = 0.3


class Explore(Strategy):
    """Chance from the query's seed, larger for what is new or rare: little is known of it, so most is learned.

    Some 400 entities are drawn whatever the size of the catalogue, those of the last 28 weeks 8 times as often as
    others, and all 16 times as often under filters. What memory holds for the query is left out: that is certain
    enough. The words of the query have no part in it, but an empty one gives nothing.
    """

    name = "explore"
    description = "new, rare and random entities: diversity and counterfactual data"
    calls = ("text:explore",)
    reserved = True

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for what the seed draws, ordered by chance, age and rarity."""
        if not query.tokens:
            return {}
        rng = random.Random(query.seed)  # noqa: S311  no secret depends on it
        wanted = _DRAWN * (_MORE_IF_FILTERED if query.filters else 1)
        drawn = Best(tuple(_drawn(rng, wanted / max(query.understanding.catalogue_size, wanted), query.time_s)))
        chance = (Term("draw", side(number), rng.random() / 2) for number in range(SIDES))
        bonuses: tuple[Clause, ...] = (*chance, *_new(query.time_s), Scale("popularity", _RARE, falling=True))
        clause = Sum((drawn,), bonuses)
        return {"text:explore": TextRequest(clause, query.application, depth, facets(query.filters))}

    def fuse(self, query: Query, lists: Mapping[str, Sequence[Hit]], depth: int) -> Sequence[Hit]:
        """Leave out what is remembered."""
        known = {hit.object_id for hit in query.remembered}
        return [hit for hit in super().fuse(query, lists, depth) if hit.object_id not in known]


def _drawn(rng: random.Random, share: float, time_s: float) -> Iterator[Term]:
    """Return terms, of which what is drawn has one, with half of its chance."""
    for term in picks(rng, share, _BUCKETS):
        yield Term("draw", term, rng.random() / 2)
    for back in range(_NEW_PERIODS):
        for term in picks(rng, min(_MORE_OF_NEW * share, 1.0), 1, period(time_s) - back):
            yield Term("draw", term, rng.random() / 2)


def _new(time_s: float) -> Iterator[Term]:
    for back in range(_NEW_PERIODS):
        yield Term("draw", age(period(time_s) - back), _NEW * (1.0 - back / _NEW_PERIODS))
