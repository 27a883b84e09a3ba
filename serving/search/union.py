"""The union of what the arms brought: ranked, with what credit needs of each candidate."""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from ltrr.models.memory.memory import RememberedPair
from ltrr.models.memory.query_memory import is_preferred
from ltrr.models.ranking.batch_ranker import UnionRanker
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.named import naming, worded
from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Candidate, Source
from ltrr.models.records.query import Query
from ltrr.models.retrieval import Retrieval
from ltrr.retrievers.matching.features import match_features

_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Union:
    """Candidates, best first; those that only the reserved arm brought stand behind all others.

    raw: their features, in their order. ranked: how many are not among those. groups: what features that cost no
    call added to the scores of these, where it is known; it is not logged. unlearned: ids of what the baseline would
    have brought with nothing learned, as it would have been ranked.
    """

    candidates: tuple[Candidate, ...]
    raw: NDArray[np.float64]
    ranked: int
    groups: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    unlearned: tuple[str, ...] = ()

    def brought_by(self, arm: str | None) -> tuple[int, ...]:
        """Return the 0-based places of what an arm brought, alone or beside others."""
        rows = enumerate(self.candidates)
        return tuple(row for row, one in rows if any(source.arm == arm for source in one.sources))


def ranked_union(
    ranker: UnionRanker,
    retrieval: Retrieval,
    cards: Mapping[str, Entity],
    free: Mapping[str, Mapping[str, float]],
    context: Mapping[str, float],
    reserved: str | None = None,
    known: AbstractSet[str] = frozenset(),
    remembered: Sequence[RememberedPair] = (),
    plain: Mapping[str, int] = MappingProxyType({}),
    *,
    of_names: bool = False,
) -> Union:
    """Return the union, with what credit needs.

    reserved: the arm that is no source of any score. known: what is ranked whether an arm brought it or not.
    remembered: of the query; who took what tells whether something else than what it names is first. plain: arm ->
    candidates of the baseline before anything is learned. of_names: see `worded`.
    """
    taken = {pair.object_id: pair.groups for pair in remembered if pair.groups}
    ranked = retrieval.brought(reserved) | known
    kept, raw, groups = _sorted(ranker, retrieval, ranked & cards.keys(), free, context, taken, of_names=of_names)
    alone, their_raw, _ = _sorted(ranker, retrieval, cards.keys() - ranked, free, context, taken, of_names=of_names)
    behind = (kept[-1].score if kept else 0.0) - 1.0
    alone = [structs.replace(candidate, score=behind) for candidate in alone]
    unlearned = _unlearned(ranker.layout, kept, raw, context, plain)
    return Union((*kept, *alone), np.concatenate([raw, their_raw]), len(kept), groups, unlearned)


def _unlearned(
    layout: RankerLayout,
    candidates: Sequence[Candidate],
    raw: NDArray[np.float64],
    context: Mapping[str, float],
    plain: Mapping[str, int],
) -> tuple[str, ...]:
    """Return the ids of what some arms brought, in the order of retrieval by what these say of it."""
    rows = [row for row, one in enumerate(candidates) if any(s.rank <= plain.get(s.arm, 0) for s in one.sources)]
    if not rows:
        return ()
    design = layout.expand(raw[rows], context)
    others = [column for column, arm in enumerate(layout.arms) if arm not in plain]
    scores = design @ layout.retrieval - layout.contributions(design, layout.retrieval)[:, others].sum(axis=1)
    pairs = zip(np.round(-scores, _DECIMALS).tolist(), (candidates[row].object_id for row in rows), strict=True)
    return tuple(object_id for _, object_id in sorted(pairs))


def _sorted(
    ranker: UnionRanker,
    retrieval: Retrieval,
    which: set[str],
    free: Mapping[str, Mapping[str, float]],
    context: Mapping[str, float],
    taken: Mapping[str, Sequence[float]],
    *,
    of_names: bool,
) -> tuple[list[Candidate], NDArray[np.float64], Mapping[str, NDArray[np.float64]]]:
    """Return some entities as candidates, best first, and in that order their features and what groups added."""
    if not which:
        return [], np.zeros((0, len(ranker.layout.names))), {}
    object_ids = sorted(which)  # ties are broken by id, as credit breaks them
    lists = {arm: [h for h in hits if h.object_id in which] for arm, hits in retrieval.lists.items()}
    raw = np.round(ranker.layout.raw(replace(retrieval, lists=lists), object_ids, free), _DECIMALS)

    def preferred(row: int, named: int) -> bool:
        return is_preferred(taken.get(object_ids[row], ()), taken.get(object_ids[named], ()))

    ranked = naming(ranker.layout, raw, context, ranker.rank(raw, context), preferred)
    ranked = worded(ranker.layout, raw, ranked, preferred, of_names=of_names)
    sources: dict[str, list[Source]] = {object_id: [] for object_id in object_ids}
    for arm, hits in retrieval.lists.items():
        for rank, hit in enumerate(hits, start=1):
            if hit.object_id in sources:
                sources[hit.object_id].append(Source(arm, rank, round(hit.score, _DECIMALS)))
    candidates = []
    for place, row in enumerate(ranked.order):
        brought = sources[object_ids[row]]
        candidates.append(
            Candidate(
                object_id=object_ids[row],
                sources=tuple(brought),
                score=round(float(ranked.scores[place]), _DECIMALS),
                contributions={
                    s.arm: round(float(ranked.contributions[s.arm][place]), _DECIMALS)
                    for s in brought
                    if s.arm in ranked.contributions
                },
                estimate=round(float(ranked.estimates[place]), _DECIMALS),
            )
        )
    return candidates, raw[ranked.order], ranked.groups


def free_features(
    query: Query, cards: Mapping[str, Entity], remembered: Sequence[RememberedPair]
) -> dict[str, dict[str, float]]:
    """Return the ranker's features that cost no call."""
    return match_features(query, cards) | {
        "history.rate": {pair.object_id: pair.score for pair in remembered},
        "history.examined": {pair.object_id: math.log1p(pair.examinations) / 5 for pair in remembered},
        "entity.popularity": {
            object_id: math.log1p(max(0.0, card.popularity)) / 10 for object_id, card in cards.items()
        },
        "entity.quality": {object_id: card.quality for object_id, card in cards.items()},
    }
