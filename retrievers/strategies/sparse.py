"""Sparse: the words of the query and what they expand into."""

from collections.abc import Mapping

from ltrr.models.records.query import Query
from ltrr.retrievers.requests.requests import SPARSE, Request, VectorRequest, facets
from ltrr.retrievers.strategies.base import MAX_CHARACTERS, Strategy


class Sparse(Strategy):
    """Words that are shared, and words that mean nearly the same: query and entities are expanded alike."""

    name = "sparse"
    description = "SPLADE-style term expansion: shared words and their neighbours, the rare ones first"
    calls = ("vector:sparse",)

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for the terms of the normalised query."""
        if not query.tokens:
            return {}
        text = query.normalised[:MAX_CHARACTERS]
        return {"vector:sparse": VectorRequest(text, query.application, depth, facets(query.filters), SPARSE)}
