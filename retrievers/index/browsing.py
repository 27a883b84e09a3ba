"""What is asked where no arm decides: all that passes the filters and has the words, in an order."""

from typing import Final

from ltrr.models.records.query import Order, Query
from ltrr.retrievers.requests.requests import Clause, Sum, TextRequest, facets
from ltrr.retrievers.strategies import fulltext
from ltrr.retrievers.strategies.base import cut
from ltrr.retrievers.strategies.popular import BIAS

BROWSED: Final = "text:browsed"


def browse_request(query: Query, order: Order | None, limit: int, *, every: bool = True) -> TextRequest:
    """Return the request. order: None for the most popular first. every: whether all words are needed, or one."""
    return TextRequest(_clause(query, order, every=every), query.application, limit, facets(query.filters), order)


def carrier_request(application: str, attribute: str, value: str) -> TextRequest:
    """Return the request for one entity that has a value of an attribute."""
    return TextRequest(None, application, 1, facets({attribute: (value,)}))


def _clause(query: Query, order: Order | None, *, every: bool) -> Clause | None:
    tokens = cut(query)
    if not tokens:
        return None if order else Sum(BIAS)
    return fulltext.every(tokens) if every else Sum(fulltext.words(query, tokens))
