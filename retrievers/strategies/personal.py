"""Personal: what lies near to what this user, and this session, took; gated by the query."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ltrr.models.records.query import Hit, Query
from ltrr.retrievers.documents.documents import embedded_text
from ltrr.retrievers.requests.requests import Mixture, Request, VectorRequest, facets
from ltrr.retrievers.strategies.base import MAX_CHARACTERS, Strategy

_LIKED: Final = 32
_HALF: Final = 1.0
_KNOWN: Final = ("attribute_exact", "name_exact", "alias_exact")


class Personal(Strategy):
    """The nearest embeddings to a mixture of the query, the user's profile and the session's.

    A profile counts by its strength: by half once its weights sum to _HALF, as much as a known query when they are
    many. The query counts where the catalogue knows the whole of it as an attribute or a name: what it has never
    seen says nothing, and what is near to the user is then the best guess. A user without history has nothing to ask
    for, and the list is empty: `dense` is what asks for the query alone.
    """

    name = "personal"
    description = "near to what this user and session took before, and to the query"
    calls = ("vector:personal",)
    learned = True

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for the neighbours of the mixture."""
        liked = [part for hits in (query.profile, query.session) for part in self._parts(query.application, hits)]
        if not query.tokens or not liked:
            return {}
        known = max(query.understanding.features.get(name, 0.0) for name in _KNOWN)
        mixture = Mixture(((query.normalised[:MAX_CHARACTERS], known), *liked))
        return {"vector:personal": VectorRequest(mixture, query.application, depth, facets(query.filters))}

    def _parts(self, application: str, hits: Sequence[Hit]) -> Iterator[tuple[str, float]]:
        """Return the texts of a profile's entities, whose weights sum to less than 1; what is gone is left out."""
        cards = self.cards(application, [hit.object_id for hit in hits[:_LIKED]])
        known = [(hit.score, card) for hit, card in zip(hits, cards, strict=False) if card]
        strength = sum(weight for weight, _ in known)
        for weight, card in known:
            yield embedded_text(card), weight / (strength + _HALF)
