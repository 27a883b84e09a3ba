"""What is asked where no arm decides: all that passes the filters and has the words, in an order."""

from collections.abc import Iterator
from typing import Final

from ltrr.models.records.query import Order, Query
from ltrr.models.wording import weighty
from ltrr.retrievers.requests.requests import Clause, Sum, TextRequest, best, facets
from ltrr.retrievers.strategies import fulltext, fuzzy
from ltrr.retrievers.strategies.base import ways
from ltrr.retrievers.strategies.popular import BIAS

BROWSED: Final = "text:browsed"


def browse_requests(query: Query, order: Order | None, limit: int) -> Iterator[TextRequest]:
    """Yield requests of which the first that finds anything, whatever it passes, is the answer.

    order: None for the most popular first. What is found has all words of the query that say something; else all but
    one of three or more; else one; else what `fuzzy` would understand, half typed or misspelt.
    """
    for clause in _clauses(query, order):
        yield TextRequest(clause, query.application, limit, facets(query.filters), order)


def carrier_request(application: str, attribute: str, value: str) -> TextRequest:
    """Return the request for one entity that has a value of an attribute."""
    return TextRequest(None, application, 1, facets({attribute: (value,)}))


def _clauses(query: Query, order: Order | None) -> Iterator[Clause | None]:
    stemmer = query.understanding.stemmer
    said = [way._replace(tokens=tuple(weighty(way.tokens, stemmer))) for way in ways(query)]
    if not said:
        yield None if order else Sum(BIAS)
        return
    yield best((fulltext.every(way.tokens, stemmer), way.share) for way in said)
    several = [way.tokens for way in said if len(way.tokens) > 2]  # noqa: PLR2004  # else all but one is one
    fewer = [(*words[:at], *words[at + 1 :]) for words in several for at in range(len(words))]
    if fewer:
        yield Sum(tuple(fulltext.every(words, stemmer) for words in fewer))
    yield best((Sum(fulltext.words(query, way)), way.share) for way in said)
    yield fuzzy.nearly(query)
