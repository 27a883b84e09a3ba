"""Hybrid: full text and dense, fused by reciprocal rank."""

from collections.abc import Mapping, Sequence

from ltrr.models.records.query import Hit, Query
from ltrr.retrievers.requests.fusion import ranked, reciprocal_rank
from ltrr.retrievers.requests.requests import Request
from ltrr.retrievers.strategies.base import Strategy
from ltrr.retrievers.strategies.dense import Dense
from ltrr.retrievers.strategies.fulltext import FullText


class Hybrid(Strategy):
    """Makes no call of its own: it shares those of `fulltext` and `dense`."""

    name = "hybrid"
    description = "reciprocal rank fusion of fulltext and dense"
    calls = (*FullText.calls, *Dense.calls)

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask what the two arms ask."""
        parts = FullText(self.cards), Dense(self.cards)
        return {call: request for part in parts for call, request in part.requests(query, depth).items()}

    def fuse(self, query: Query, lists: Mapping[str, Sequence[Hit]], depth: int) -> Sequence[Hit]:
        """Fuse the two lists at full depth."""
        del query
        return reciprocal_rank(ranked(lists.get(call, ()), depth) for call in self.calls)
