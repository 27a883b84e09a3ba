"""The query whose turn it is: a retriever over what was asked once, which all systems of a run share."""

from collections.abc import Mapping, Sequence
from typing import Final

from ltrr.bench.played.material import Asked, Material
from ltrr.models.memory.taste import Taste, affinity
from ltrr.models.records.entity import Entity
from ltrr.models.records.fields import FieldKinds
from ltrr.models.records.query import Bounded, Hit, Order, Query, Understanding
from ltrr.models.retrieval import Retrieval
from ltrr.models.rewards.context import context_features
from ltrr.retrievers.requests.fusion import ranked, reciprocal_rank
from ltrr.retrievers.strategies.memory import Memory
from ltrr.serving.search.union import free_features

RRF: Final = "rrf"
MEMORY: Final = Memory.name


class Turn:
    """Answers as an index does, from the material; what a system remembers is its own.

    `RRF` is an arm besides: the reciprocal rank fusion of all that were asked. out: an arm that brings nothing any more
    from the query number `out_from` on.
    """

    def __init__(self, material: Material, out: str | None = None, out_from: int = 0) -> None:
        self.material = material
        self.number = -1
        self.asked: Asked
        self.query: Query
        self.user = Taste()
        self._out, self._out_from = out, out_from
        self._memory = Memory(self.entities)
        self._cards: Mapping[str, Entity] = {}
        self._hits: dict[str, Sequence[Hit]] = {}
        self._free: dict[str, dict[str, float]] = {}
        self._described: set[str] = set()

    def begin(self, number: int) -> None:
        """Make it another query's turn."""
        self.number, self.asked = number, self.material.asked[number]
        self._cards = self.material.cards[self.asked.era]
        self.query = self.asked.query()
        profile = self.asked.wish.profile
        self.user = Taste.of(profile, self.entities("default", [hit.object_id for hit in profile]))
        self._hits, self._free, self._described = {}, {}, set()

    def hits(self, arm: str) -> Sequence[Hit]:
        """Return what an arm brings that remembers nothing, best first."""
        if arm not in self._hits:
            self._hits[arm] = self._read(arm)
        return self._hits[arm]

    def understand(self, text: str, application: str) -> Understanding:
        """Read the query."""
        del text, application
        return self.asked.understanding

    def bounded(self, text: str, application: str) -> Bounded:
        """Return a query of a log as it is."""
        del application
        return Bounded(text)

    def respelt(self, text: str, application: str) -> Understanding | None:
        """Return nothing: what is found of a query of a log is given."""
        del text, application
        return None

    async def retrieve(self, query: Query, budgets: Mapping[str, int], patience: float = 1.0) -> Retrieval:
        """Draw at most budgets[arm] candidates from each arm."""
        del patience
        return self.drawn(query, budgets)

    def drawn(self, query: Query, budgets: Mapping[str, int]) -> Retrieval:
        """Draw at most budgets[arm] candidates from each arm."""
        lists = {}
        for arm, budget in budgets.items():
            hits = self._memory.fuse(query, {}, budget) if arm == MEMORY else self.hits(arm)
            lists[arm] = tuple(hits[:budget])
        return Retrieval(lists)

    async def browse(self, query: Query, order: Order | None, limit: int, patience: float = 1.0) -> Retrieval:
        """Return nothing: no query of a log is sorted."""
        del query, order, limit, patience
        return Retrieval({})

    def kinds(self, application: str) -> FieldKinds:
        """Return nothing: no query of a log has filters."""
        del application
        return {}

    def values_near(self, application: str, attribute: str, text: str) -> Sequence[str]:
        """Return nothing: no query of a log has filters."""
        del application, attribute, text
        return ()

    def entities(self, application: str, object_ids: Sequence[str]) -> Sequence[Entity | None]:
        """Return the cards of entities."""
        del application
        return [self._cards.get(object_id) for object_id in object_ids]

    def context(self, query: Query) -> Mapping[str, float]:
        """Return the context of the query for one who remembers what `query` says."""
        return context_features(query, user=self.user)

    def free(self, cards: Mapping[str, Entity]) -> Mapping[str, Mapping[str, float]]:
        """Return the ranker's features that cost no call and need no memory, of these entities at least."""
        new = {object_id: card for object_id, card in cards.items() if object_id not in self._described}
        if new:
            for name, values in (free_features(self.query, new, ()) | affinity(self.user, Taste(), new)).items():
                self._free.setdefault(name, {}).update(values)
            self._described |= new.keys()
        return self._free

    def _read(self, arm: str) -> Sequence[Hit]:
        if arm == RRF:
            lists = [self.hits(one) for one in self.material.arms]
            return ranked(reciprocal_rank(lists), self.material.budget)
        if arm == self._out and self.number >= self._out_from:
            return ()
        at = self.material.arms.index(arm)
        rows, scores = self.asked.rows[at].tolist(), self.asked.scores[at].tolist()
        ids = self.material.ids
        return tuple(Hit(ids[row], score) for row, score in zip(rows, scores, strict=True) if row >= 0)
