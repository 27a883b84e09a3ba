"""Fuzzy: names and aliases in spite of spelling, of spaces, and of a last word half typed."""

from collections.abc import Iterator, Mapping
from typing import Final

from models.query import Query
from retrievers.requests import Best, Clause, Near, Request, Scale, Sum, TextRequest, facets
from retrievers.strategy import MAX_CHARACTERS, Strategy, cut

_WORDS: Final = 8
_SHORT: Final = 4
_LONG: Final = 8
_WHOLE: Final = 2.0
_KEPT: Final = 0.5
_WHOLE_KEPT: Final = 0.35
_WHOLE_PREFIX: Final = 0.8
_NAME_EDITS: Final = 2
_WORD_EDITS: Final = 1
_PREFIX: Final = 0.9
_ALIAS: Final = 0.7
_POPULARITY: Final = 0.3


class Fuzzy(Strategy):
    """The name without its spaces within two edits or by its beginning, and its words within one edit or by theirs.

    A beginning counts for more than an edit: who has typed half of a name has made no mistake yet.

    Two edits cost an engine ten times what one costs, so they are kept for whole names, and each text is asked for
    once exactly and once within its largest number of edits.
    """

    name = "fuzzy"
    description = "spelling-tolerant and prefix match on names and aliases"
    calls = ("text:fuzzy",)

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for the whole name and for its words; a word counts by its share of the letters."""
        tokens = cut(query)[:_WORDS]
        if not tokens:
            return {}
        joined = "".join(tokens)
        clauses: list[Clause] = [Best(tuple(_whole(joined[:MAX_CHARACTERS])))]
        for place, token in enumerate(tokens):
            share = len(token) / len(joined)
            clauses.append(Best(tuple(_word(token, share, last=place == len(tokens) - 1))))
        clause = Sum(tuple(clauses), (Scale("popularity", _POPULARITY),))
        return {"text:fuzzy": TextRequest(clause, query.application, depth, facets(query.filters))}


def _edits(text: str, most: int) -> int:
    """Return how many edits a text of this length may be away."""
    return 0 if len(text) < _SHORT else 1 if len(text) < _LONG else most


def _whole(joined: str) -> Iterator[Near]:
    yield Near("joined", joined, _WHOLE)
    yield Near("joined_names", joined, _WHOLE * _ALIAS)
    yield Near("joined_names", joined, _WHOLE * _WHOLE_PREFIX * _ALIAS, prefix=True)
    if edits := _edits(joined, _NAME_EDITS):
        yield Near("joined_names", joined, _WHOLE * _WHOLE_KEPT * _ALIAS, edits)


def _word(token: str, share: float, *, last: bool) -> Iterator[Near]:
    for field, weight in (("name", share), ("aliases", share * _ALIAS)):
        yield Near(field, token, weight)
        if edits := _edits(token, _WORD_EDITS):
            yield Near(field, token, weight * _KEPT, edits)
        if last:
            yield Near(field, token, weight * _PREFIX, prefix=True)
