"""What a run plays: each query with all that does not depend on who answers it, asked once of the embedded engines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ltrr.models.errors import EngineFailed
from ltrr.models.records.entity import Entity, Place
from ltrr.models.records.query import Hit, Query, Understanding
from ltrr.models.text import split, typed
from ltrr.retrievers.index.index import Index
from ltrr.serving.demo.people.request import Request


@dataclass(frozen=True, slots=True)
class Wish:
    """A request with what was known of its user when it was made. recent: what the user took before, newest first."""

    request: Request
    profile: tuple[Hit, ...] = ()
    recent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Era:
    """Wishes for which the catalogue stays the same. changes: of it before they are asked."""

    changes: Sequence[Entity | Place]
    wishes: Sequence[Wish]


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish, how the catalogue reads it, and what each arm brings for it.

    era: whose cards hold. predicted: what the index predicts of its query. rows, scores: of each arm, best first,
    shape (arms, budget); a row is a place in `Material.ids`, -1 where there is no further hit.
    """

    wish: Wish
    era: int
    understanding: Understanding
    predicted: Mapping[str, float]
    rows: NDArray[np.int32]
    scores: NDArray[np.float64]

    def query(self, seed: int = 0) -> Query:
        """Return the query as arms see it, without what a system remembers."""
        request, normalised = self.wish.request, typed(self.wish.request.text)
        return Query(
            text=request.text,
            normalised=normalised,
            tokens=split(normalised),
            time_s=request.time_s,
            seed=seed,
            user_id=request.user_id,
            understanding=self.understanding,
            profile=self.wish.profile,
        )


@dataclass(frozen=True, slots=True)
class Material:
    """All queries of a run in order. arms: those that are asked once. budget: of each. cards: by era and id."""

    arms: tuple[str, ...]
    budget: int
    asked: Sequence[Asked]
    ids: Sequence[str]
    cards: Sequence[Mapping[str, Entity]]
    engines: tuple[str, ...]


async def prepare(index: Index, eras: Iterable[Era], arms: Sequence[str], budget: int) -> Material:
    """Ask every arm for every query, era after era. Raises EngineFailed where one does not answer."""
    rows: dict[str, int] = {}
    asked: list[Asked] = []
    cards: list[dict[str, Entity]] = []
    held: dict[str, Entity] = {}
    for number, era in enumerate(eras):
        await index.change(era.changes)
        held = {**held}
        for change in era.changes:
            if isinstance(change, Entity):
                held[change.object_id] = change
            else:
                held.pop(change.object_id, None)
        cards.append(held)
        asked += [await _ask(index, wish, number, rows, arms, budget) for wish in era.wishes]
    engines = tuple(f"{name}: {engine.kind}" for name, engine in index.engines.items())
    return Material(tuple(arms), budget, asked, tuple(rows), cards, engines)


async def _ask(index: Index, wish: Wish, era: int, rows: dict[str, int], arms: Sequence[str], budget: int) -> Asked:
    predicted = index.predicted.of("default", typed(wish.request.text)) if index.predicted else {}
    shape = (len(arms), budget)
    one = Asked(
        wish,
        era,
        index.understand(wish.request.text),
        predicted,
        np.full(shape, -1, dtype=np.int32),
        np.zeros(shape),
    )
    found = await index.retrieve(one.query(), dict.fromkeys(arms, budget))
    if found.failures:
        raise EngineFailed(", ".join(set(found.failures.values())), "no answer; run the bench again")
    for at, arm in enumerate(arms):
        hits = found.lists.get(arm, ())
        one.rows[at, : len(hits)] = [rows.setdefault(hit.object_id, len(rows)) for hit in hits]
        one.scores[at, : len(hits)] = [hit.score for hit in hits]
    return one


def users(asked: Iterable[Asked]) -> Iterator[str]:
    """Yield who asks."""
    return (one.wish.request.user_id for one in asked)
