"""Full text: BM25 over names, aliases, attributes and descriptions."""

from collections.abc import Mapping

from ltrr.models.records.query import Query
from ltrr.retrievers.requests.requests import Request, Sum, Term, TextRequest, Words, facets
from ltrr.retrievers.strategies.base import Strategy, cut

FIELDS = (("name", 2.0), ("aliases", 2.0), ("attributes", 1.5), ("description", 1.0))


class FullText(Strategy):
    """BM25; a name or an alias that is the whole query gets a bonus of about one rare word."""

    name = "fulltext"
    description = "BM25 over name, aliases, attributes and description"
    calls = ("text:fulltext",)

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for the words of the query."""
        tokens = cut(query)
        if not tokens:
            return {}
        clause = Sum((words(tokens),), whole(tokens))
        return {"text:fulltext": TextRequest(clause, query.application, depth, facets(query.filters))}


def words(tokens: tuple[str, ...]) -> Words:
    """Return BM25 of the tokens over all fields."""
    return Words(tokens, FIELDS)


def whole(tokens: tuple[str, ...]) -> tuple[Term, ...]:
    """Return the bonuses of entities that the query names in full."""
    text = " ".join(tokens)
    return Term("title", text, 10.0), Term("alias", text, 5.0)
