"""Popular: BM25 biased by popularity and quality."""

from collections.abc import Mapping

from ltrr.models.records.query import Query
from ltrr.retrievers.requests.requests import Request, Scale, Sum, TextRequest, best, facets
from ltrr.retrievers.strategies.base import Strategy, ways
from ltrr.retrievers.strategies.fulltext import whole, words

BIAS = (Scale("popularity", 12.0), Scale("quality", 3.0))


class Popular(Strategy):
    """Of what matches, what many like; without words, what most like."""

    name = "popular"
    description = "BM25 biased by popularity and quality; the most popular for an empty query"
    calls = ("text:popular",)

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for the words of the query, if any, with the bias."""
        found = [(Sum(words(query, way), whole(way.text)), way.share) for way in ways(query)]
        clause = Sum((best(found),), BIAS) if found else Sum(BIAS)
        return {"text:popular": TextRequest(clause, query.application, depth, facets(query.filters))}
