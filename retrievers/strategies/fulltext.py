"""Full text: BM25 over names, aliases, attributes and descriptions."""

from collections.abc import Mapping
from typing import Final

from ltrr.models.records.query import Query
from ltrr.models.text import joined, unmarked
from ltrr.retrievers.requests.requests import Clause, Request, Sum, Term, TextRequest, Words, facets
from ltrr.retrievers.strategies.base import MAX_CHARACTERS, Strategy, cut

FIELDS: Final = (("name", 2.0), ("aliases", 2.0), ("attributes", 1.5), ("description", 1.0), ("forms", 0.7))
_OTHER: Final = 0.5
_OTHER_FIELDS: Final = tuple((field, _OTHER * boost) for field, boost in FIELDS)
_NAMED: Final = 10.0


class FullText(Strategy):
    """BM25 of words as they are, for less without spaces or marks; who is named in full gets a bonus of a rare word."""

    name = "fulltext"
    description = "BM25 over name, aliases, attributes and description; an entity's own id"
    calls = ("text:fulltext",)

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for the words of the query."""
        tokens = cut(query)
        if not tokens:
            return {}
        clause = Sum(words(query, tokens), whole(query))
        return {"text:fulltext": TextRequest(clause, query.application, depth, facets(query.filters))}


def words(query: Query, tokens: tuple[str, ...]) -> tuple[Clause, ...]:
    """Return BM25 of the tokens, and of neighbours as one word; of words without their marks for less; and the id."""
    clauses: list[Clause] = [Words((*tokens, *(spelling for _, _, spelling in joined(tokens))), FIELDS)]
    others = tuple(form for token in tokens for form in unmarked(token))
    if others:
        clauses.append(Words(others, _OTHER_FIELDS))
    return *clauses, Term("code", query.normalised.replace(" ", "")[:MAX_CHARACTERS], _NAMED)


def whole(query: Query) -> tuple[Term, ...]:
    """Return the bonuses of entities that the query names in full."""
    text = query.normalised[: 2 * MAX_CHARACTERS]
    return Term("title", text, _NAMED), Term("alias", text, _NAMED / 2)
