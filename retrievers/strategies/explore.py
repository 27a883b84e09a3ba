"""Explore: new and rare entities that have a telling word of the query, by chance, for data on what is never shown."""

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Final

from ltrr.models.records.query import Hit, Query, Understanding
from ltrr.models.text import common_forms
from ltrr.models.wording import emphasis
from ltrr.retrievers.requests.draws import SIDES, age, period, picks, side
from ltrr.retrievers.requests.requests import Best, Clause, Every, Near, Request, Scale, Sum, Term, TextRequest, facets
from ltrr.retrievers.strategies.base import Strategy, ways
from ltrr.retrievers.strategies.fuzzy import may_be_misspelt

_DRAWN: Final = 400
_MORE_OF_NEW: Final = 8
_MORE_IF_FILTERED: Final = 16
_BUCKETS: Final = 16
_NEW_PERIODS: Final = 7
_NEW: Final = 0.3
_RARE: Final = 0.3
_WORDS: Final = 8
_TELLING: Final = 0.75
_FIELDS: Final = ("name", "aliases", "attributes", "description", "forms")
_NEARLY: Final = ("name", "aliases", "values", "description")


class Explore(Strategy):
    """Chance from the query's seed, larger for what is new or rare: little is known of it, so most is learned.

    Of what has a telling word of the query, in whatever text: one that says at least three quarters of what the most
    telling says, by how few entities have it; of one that the catalogue has not, what is named nearly so. Who has more
    of them comes earlier. Where many have one some 400 are drawn, those of the last 28 weeks 8 times as often as
    others, and all 16 times as often under filters.
    What memory holds for the query is left out: that is certain enough.
    """

    name = "explore"
    description = "new and rare entities with a telling word of the query, by chance: counterfactual data"
    calls = ("text:explore",)
    reserved = True

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for what the seed draws of what has a telling word, ordered by chance, age and rarity."""
        understanding = query.understanding
        words = dict(chain.from_iterable(_telling(way.tokens, understanding) for way in ways(query)))
        if not words:
            return {}
        rng = random.Random(query.seed)  # noqa: S311  no secret depends on it
        whole = sum(words.values())
        about: Clause = Sum(tuple(Best(tuple(_has(word, says / whole, understanding))) for word, says in words.items()))
        wanted = _DRAWN * (_MORE_IF_FILTERED if query.filters else 1)
        holders = sum(understanding.frequencies.get(word, 0) for word in words)
        if holders > wanted:
            about = Every((about, Best(tuple(_drawn(rng, wanted / holders, query.time_s)))))
        chance = (Term("draw", side(number), rng.random() / 2) for number in range(SIDES))
        bonuses: tuple[Clause, ...] = (*chance, *_new(query.time_s), Scale("popularity", _RARE, falling=True))
        clause = Sum((about,), bonuses)
        return {"text:explore": TextRequest(clause, query.application, depth, facets(query.filters))}

    def fuse(self, query: Query, lists: Mapping[str, Sequence[Hit]], depth: int) -> Sequence[Hit]:
        """Leave out what is remembered."""
        known = {hit.object_id for hit in query.remembered}
        return [hit for hit in super().fuse(query, lists, depth) if hit.object_id not in known]


def _telling(tokens: Sequence[str], understanding: Understanding) -> Iterator[tuple[str, float]]:
    """Yield the first words that say most of what is meant, and how much, see `Understanding.rarities`."""
    rarities = zip(tokens, understanding.rarities(tokens), strict=True)
    said = {token: rare * emphasis(token, understanding.stemmer) for token, rare in rarities}
    most = max(said.values())
    return islice(((token, says) for token, says in said.items() if says >= _TELLING * most), _WORDS)


def _has(word: str, share: float, understanding: Understanding) -> Iterator[Clause]:
    """Yield how an entity may have a word, or nearly one that the catalogue has not; all score alike."""
    for form in (word, *common_forms(word, understanding.stemmer)):
        yield from (Term(field, form, share) for field in _FIELDS)
    if word not in understanding.frequencies and may_be_misspelt(word):
        yield from (Near(field, word, share, edits=1) for field in _NEARLY)


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
