"""Dense: the nearest sentence embeddings."""

from collections.abc import Mapping

from ltrr.models.records.query import Query
from ltrr.retrievers.requests.requests import Request, VectorRequest, facets
from ltrr.retrievers.strategies.base import MAX_CHARACTERS, Strategy


class Dense(Strategy):
    """What means the same in other words; scores are cosines."""

    name = "dense"
    description = "nearest neighbours of the query's sentence embedding"
    calls = ("vector:dense",)

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for the neighbours of the normalised query."""
        if not query.tokens:
            return {}
        text = query.normalised[:MAX_CHARACTERS]
        return {"vector:dense": VectorRequest(text, query.application, depth, facets(query.filters))}
