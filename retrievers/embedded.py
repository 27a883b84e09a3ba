"""The whole of retrieval in one process: engines, cards and dictionary over one folder."""

import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

from models.entity import Entity
from models.query import Query, Understanding
from models.retrieval import Retrieval
from retrievers import encoders, strategies
from retrievers.cards import Cards
from retrievers.encoders import Encoder
from retrievers.engine import Engine
from retrievers.engines import embedded_text, embedded_vector
from retrievers.engines.embedded_text import EmbeddedText
from retrievers.engines.embedded_vector import EmbeddedVector
from retrievers.understanding.dictionary import Dictionary
from retrievers.wave import Wave

DEPTH: Final = 100
_BATCH: Final = 1_000


class EmbeddedIndex:
    """An `Indexer` and a `Retriever` (models.retrieval) over tantivy, Qdrant Edge and SQLite.

    folder: where it lives, one process at a time; None keeps it for as long as this object is open. encoder: its
    name or itself. depth: the largest budget of the ladder. deadlines_s:
    engine ("text", "vector") -> seconds. Entities and dictionary are held in memory, some 15 KB for each entity.
    Raises StorageFailed where the folder cannot be used, InvalidSettings where it was made with another encoder or
    depth is below 1.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        encoder: str | Encoder = "wordllama",
        depth: int = DEPTH,
        deadlines_s: Mapping[str, float] | None = None,
    ) -> None:
        encoder = encoders.load(encoder) if isinstance(encoder, str) else encoder
        self._lock = threading.Lock()
        self._dictionary = Dictionary()
        with ExitStack() as opened:
            self._cards = opened.enter_context(closing(Cards(folder / "cards.sqlite" if folder else None)))
            self._cards.require(encoder=encoder.name)
            self._text = opened.enter_context(closing(EmbeddedText(folder / "text" if folder else None)))
            vectors = folder or Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="ltrr-")))
            self._vector = opened.enter_context(closing(EmbeddedVector(vectors / "vectors", encoder)))
            self._recover()
            self._opened = opened.pop_all()
        engines: dict[str, Engine[Any]] = {embedded_text.NAME: self._text, embedded_vector.NAME: self._vector}
        arms = [strategy(self._cards.get) for strategy in strategies.discover()]
        self._wave = Wave(arms, engines, depth, deadlines_s)

    def understand(self, text: str, application: str = "default") -> Understanding:
        """Read a query with what the catalogue knows."""
        return self._dictionary.understand(text, application)

    async def retrieve(self, query: Query, budgets: Mapping[str, int]) -> Retrieval:
        """Draw at most budgets[arm] candidates from each arm, all in one wave."""
        return await self._wave.retrieve(query, budgets)

    def entities(self, application: str, object_ids: Sequence[str]) -> Sequence[Entity | None]:
        """Return the cards of entities, None where an id is unknown, in the order asked."""
        return self._cards.get(application, object_ids)

    def index(self, entities: Iterable[Entity]) -> int:
        """Add or replace entities, a thousand at a time; an older update is left out. Return how many were taken."""
        return sum(self._index(batch) for batch in _batches(entities))

    def delete(self, application: str, object_ids: Iterable[str]) -> int:
        """Remove entities. Return how many there were."""
        with self._lock:
            asked = list(dict.fromkeys(object_ids))
            held = [card for card in self._cards.get(application, asked) if card]
            gone = [card.object_id for card in held]
            if gone:
                self._cards.mark(application, gone)
                self._dictionary.replace(held, [None] * len(held))
                self._forget(application, gone)
                self._cards.settle(held)
            return len(gone)

    def optimise(self) -> None:
        """Make vector search approximate and faster: worth some seconds after a large load."""
        self._vector.optimise()

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
                held = [card for entity in taken for card in self._cards.get(entity.application, [entity.object_id])]
                self._cards.put(taken)
                self._dictionary.replace(held, taken)
                self._tell(taken)
                self._cards.settle(taken)
            return len(taken)

    def _tell(self, entities: Sequence[Entity]) -> None:
        self._text.index(entities)
        self._vector.index(entities)

    def _forget(self, application: str, object_ids: Sequence[str]) -> None:
        self._text.delete(application, object_ids)
        self._vector.delete(application, object_ids)

    def _recover(self) -> None:
        """Build the dictionary, and tell the engines what they had not been told when the process ended."""
        held = list(self._cards)
        self._dictionary.replace([None] * len(held), held)
        lacking, left = self._cards.pending()
        for batch in _batches(lacking):
            self._tell(batch)
        for entity in left:
            self._forget(entity.application, [entity.object_id])
        self._cards.settle([*lacking, *left])


def _batches(entities: Iterable[Entity]) -> Iterator[list[Entity]]:
    rest = iter(entities)
    while batch := list(islice(rest, _BATCH)):
        yield batch
