"""Memory: what earlier users took for this query or a near one, and before that what is predicted for it."""

from collections.abc import Mapping, Sequence

from ltrr.models.records.query import Hit, Query
from ltrr.retrievers.documents.documents import passes
from ltrr.retrievers.requests.requests import Request, facets
from ltrr.retrievers.strategies.base import Strategy


class Memory(Strategy):
    """The query-to-entity memory, read with the query: no backend call. What is gone or filtered is left out."""

    name = "memory"
    description = "entities that earlier users acted on for this query or a near one, or that are predicted for it"
    calls = ()
    learned = True

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask nothing."""
        del query, depth
        return {}

    def fuse(self, query: Query, lists: Mapping[str, Sequence[Hit]], depth: int) -> Sequence[Hit]:
        """Return the remembered entities of the query."""
        del lists, depth
        if not query.tokens:
            return ()
        hits = query.remembered
        cards = self.cards(query.application, [hit.object_id for hit in hits])
        wanted = facets(query.filters)
        return [hit for hit, card in zip(hits, cards, strict=True) if card and passes(card, wanted)]
