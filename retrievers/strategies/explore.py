"""Explore: new and rare entities by chance, for diversity and for data on what is never shown."""

import random
from collections.abc import Iterator, Mapping
from typing import Final

from models.query import Query
from retrievers.documents import DRAW_SIDES, DRAWS, WEEK_S
from retrievers.requests import SEPARATOR, Clause, Request, Scale, Sum, Term, TextRequest, facets
from retrievers.strategy import Strategy

_NEW_WEEKS: Final = 26
_NEW: Final = 0.3
_RARE: Final = 0.3


class Explore(Strategy):
    """Chance from the query's seed, larger for what is new or rare: little is known of it, so most is learned.

    The words of the query have no part in it, but an empty one gives nothing.
    """

    name = "explore"
    description = "new, rare and random entities: diversity and counterfactual data"
    calls = ("text:explore",)

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for everything, ordered by chance, age and rarity."""
        if not query.tokens:
            return {}
        bonuses: tuple[Clause, ...] = (Scale("popularity", _RARE, falling=True), *_new(query.time_s))
        clause = Sum(tuple(_chance(query.seed)), bonuses)
        return {"text:explore": TextRequest(clause, query.application, depth, facets(query.filters))}


def _chance(seed: int) -> Iterator[Term]:
    """Return terms of which every entity has DRAWS; their sum is its lot, in [0, 1]."""
    rng = random.Random(seed)  # noqa: S311  no secret depends on it
    for draw in range(DRAWS):
        for side in range(DRAW_SIDES):
            yield Term("draw", f"{draw}{SEPARATOR}{side}", rng.random() / DRAWS)


def _new(time_s: float) -> Iterator[Term]:
    week = int(time_s // WEEK_S)
    for age in range(_NEW_WEEKS):
        yield Term("week", str(week - age), _NEW * (1.0 - age / _NEW_WEEKS))
