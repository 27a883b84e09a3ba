"""What a process knows of the catalogue, and the engines that it searches."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from ltrr.models.records.entity import Entity, Place
from ltrr.models.records.fields import FieldKinds
from ltrr.models.records.query import Bounded, Hit, Order, Query, Understanding
from ltrr.models.retrieval import Retrieval
from ltrr.retrievers import strategies
from ltrr.retrievers.documents.batches import batches
from ltrr.retrievers.engines.base import Engine, LocalEngine
from ltrr.retrievers.index.browsing import BROWSED, browse_requests, carrier_request
from ltrr.retrievers.index.cards import Cards
from ltrr.retrievers.index.known import Known
from ltrr.retrievers.index.predicted import Predicted
from ltrr.retrievers.index.wave import Wave
from ltrr.retrievers.requests.requests import TextRequest
from ltrr.retrievers.understanding.overview import Overview
from ltrr.retrievers.understanding.synonyms import NO_SYNONYMS, Synonyms

DEPTH: Final = 100


class Index:
    """An `Indexer` and a `Retriever` (ltrr.models.retrieval) over cards, dictionary and engines.

    engines: by the name that calls use ("text", "vector"). local: those of them that this process alone keeps, which
    are told of every change; servers are told by index agents. depth: the largest budget of the ladder. deadlines_s:
    engine -> seconds. opened: what to close with it. predicted: queries for each entity, where this process is to make
    them. need_room: raises StorageFailed where the disk has too little left for a batch. known: the file of `Known`.
    synonyms: of queries. Raises StorageFailed where the folder cannot be used, InvalidSettings where depth is below 1.
    """

    def __init__(
        self,
        cards: Cards,
        engines: Mapping[str, Engine[Any]],
        local: Sequence[LocalEngine[Any]],
        opened: ExitStack,
        depth: int = DEPTH,
        deadlines_s: Mapping[str, float] | None = None,
        predicted: Predicted | None = None,
        need_room: Callable[[], None] = lambda: None,
        known: Path | None = None,
        synonyms: Synonyms = NO_SYNONYMS,
    ) -> None:
        self.engines = engines
        self.predicted = predicted
        self._cards = cards
        self._local = local
        self._need_room = need_room
        self._lock = threading.Lock()
        self._known = Known(cards, known, self._lock, need_room, synonyms)
        self._recover()
        arms = [strategy(cards.get) for strategy in strategies.discover()]
        self._wave = Wave(arms, engines, depth, deadlines_s)
        self._opened = opened.pop_all()

    def open(self) -> None:
        """Open what reads queries, which else the first one waits for."""
        self._known.dictionary  # noqa: B018  # opens it

    def understand(self, text: str, application: str = "default") -> Understanding:
        """Read a query with what the catalogue knows."""
        return self._known.dictionary.understand(text, application)

    def bounded(self, text: str, application: str) -> Bounded:
        """Read the bounds that a query sets to numbers and dates of the catalogue, and what else it asks for."""
        kinds, cards = self.kinds(application), partial(self.entities, application)
        return self._known.dictionary.bounded(text, application, kinds, cards)

    def respelt(self, text: str, application: str) -> Understanding | None:
        """Read a query that has found nothing with words that are spelt less alike, None where there are none."""
        return self._known.dictionary.respelt(text, application)

    async def overview(self, application: str) -> Overview:
        """Return what an application's catalogue is about, some ten milliseconds of work, in another thread."""
        outline = await asyncio.to_thread(lambda: self._known.dictionary.outline(application))
        asked = {f"{BROWSED}:{place}": carrier_request(application, *one) for place, one in enumerate(outline.values)}
        found = await self._wave.ask(asked) if asked else Retrieval({})
        carriers = [self._carrier(application, found.lists.get(call, ())) for call in asked]
        held = zip(outline.values, carriers, strict=True)
        named = self._cards.get(application, outline.named)
        return outline.overview(filter(None, named), {value: card for value, card in held if card})

    def _carrier(self, application: str, hits: Sequence[Hit]) -> Entity | None:
        return self._cards.get(application, [hits[0].object_id])[0] if hits else None

    async def retrieve(self, query: Query, budgets: Mapping[str, int], patience: float = 1.0) -> Retrieval:
        """Draw at most budgets[arm] candidates from each arm, all in one wave."""
        return await self._wave.retrieve(query, budgets, patience)

    async def browse(self, query: Query, order: Order | None, limit: int, patience: float = 1.0) -> Retrieval:
        """Return what passes a query's filters and has its words, see `browse_requests`, in an order."""
        found = Retrieval({})
        for request in browse_requests(query, order, limit):
            found = found.then(await self._wave.ask({BROWSED: request}, patience))
            if any(found.lists.values()) or found.failures:
                break
            if request.filters and await self._finds(replace(request, filters=(), order=None, limit=1)):
                break  # a filter takes away, and lets no fewer words do
        return found

    async def _finds(self, request: TextRequest) -> bool:
        return any((await self._wave.ask({BROWSED: request})).lists.values())

    def kinds(self, application: str) -> FieldKinds:
        """Return what entities can be filtered, ordered and counted by; empty where there are none."""
        return self._known.fields.kinds(application)

    def values_near(self, application: str, attribute: str, text: str) -> Sequence[str]:
        """Return at most 3 values of an attribute that are near to a text, normalised: the nearest first."""
        return self._known.dictionary.values_near(application, attribute, text)

    def entities(self, application: str, object_ids: Sequence[str]) -> Sequence[Entity | None]:
        """Return the cards of entities, None where an id is unknown, in the order asked."""
        return self._cards.get(application, object_ids)

    def lacking(self, application: str, object_ids: Iterable[str]) -> set[str]:
        """Return those of some ids that no entity has."""
        return self._cards.lacking(application, object_ids)

    def example(self, application: str) -> str | None:
        """Return the id of one of an application's entities, None where there are none."""
        return self._cards.example(application)

    async def index(self, entities: Iterable[Entity], order: int = 0) -> int:
        """Add or replace entities, a thousand at a time; older updates, and what is held already, are left out.

        Return how many were taken.
        """
        del order  # this process alone writes here, one change after the other
        return sum([await asyncio.to_thread(self._index, batch) for batch in batches(entities)])

    async def delete(self, application: str, object_ids: Iterable[str], order: int = 0) -> int:
        """Remove entities. Return how many there were."""
        del order  # as in `index`
        return await asyncio.to_thread(self._delete, application, list(dict.fromkeys(object_ids)))

    async def change(self, changes: Sequence[Entity | Place]) -> int:
        """Make changes in their order: put entities, and remove those at places. Return how many made a difference."""
        done = 0
        for gone, run in groupby(changes, lambda one: one.application if isinstance(one, Place) else None):
            if gone is None:
                done += await self.index(one for one in run if isinstance(one, Entity))
            else:
                done += await self.delete(gone, [one.object_id for one in run])
        return done

    async def optimise(self) -> None:
        """Make the next start and the local engines faster after a large load: not while others search.

        As `compact` and `Known.pack` do.
        """
        await self.compact()
        await asyncio.to_thread(self._known.pack)

    async def compact(self) -> None:
        """Have the local engines hold less of what was loaded, as `LocalEngine.optimise` does: not while others search.

        Called every STRETCH entities, it keeps what a load takes from growing with the catalogue.
        """
        for engine in self._local:
            await asyncio.to_thread(engine.optimise)

    async def stop(self) -> None:
        """Let go of connections to servers."""
        for engine in self.engines.values():
            await engine.stop()

    def close(self) -> None:
        """Let go of the folder."""
        with self._lock:
            self._opened.close()

    def __len__(self) -> int:
        return len(self._cards)

    def _index(self, batch: Sequence[Entity]) -> int:
        with self._lock:
            taken = self._cards.newest(batch)
            if taken:
                self._need_room()
                held = self._cards.held(taken)
                self._cards.put(taken)
                self._known.replace(held, taken)
                if self.predicted:
                    self.predicted.replace(held, taken)
                self._tell(taken)
                self._cards.settle(taken)
            return len(taken)

    def _delete(self, application: str, asked: Sequence[str]) -> int:
        with self._lock:
            held = [card for card in self._cards.get(application, asked) if card]
            gone = [card.object_id for card in held]
            if gone:
                self._cards.mark(application, gone)
                self._known.replace(held, [None] * len(held))
                if self.predicted:
                    self.predicted.replace(held, [None] * len(held))
                self._forget(application, gone)
                self._cards.settle(held)
            return len(gone)

    def _tell(self, entities: Sequence[Entity]) -> None:
        for engine in self._local:
            engine.index(entities)

    def _forget(self, application: str, object_ids: Sequence[str]) -> None:
        for engine in self._local:
            engine.delete(application, object_ids)

    def _recover(self) -> None:
        """Tell the engines what they had not been told when the process ended."""
        lacking, left = self._cards.pending()
        if self.predicted:
            self.predicted.open(self._cards)
            self.predicted.replace(lacking, lacking)
        for batch in batches(lacking):
            self._tell(batch)
        for entity in left:
            self._forget(entity.application, [entity.object_id])
        self._cards.settle([*lacking, *left])
