"""`ltrr bench strategies`: how well each arm by itself answers each type of query of a Last.fm folder."""

import asyncio
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.models.errors import EngineFailed
from ltrr.models.evaluation.relevance import ndcg, recall, reciprocal_rank
from ltrr.models.records.query import Hit, Query, RememberedHit
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers import strategies
from ltrr.retrievers.documents.vectors import named
from ltrr.retrievers.engines.base import TEXT, VECTOR
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from ltrr.serving.demo.people.lastfm import START_MONTH, month_of, read_entities, read_requests
from ltrr.serving.demo.people.request import Request
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

QUERIES: Final = 1_500
DEPTH: Final = 50
RECENCY: Final = "recency list"
_SEMANTIC: Final = ("dense", "sparse")
_PATIENT: Final = {TEXT: 60.0, VECTOR: 60.0}
_PROFILE: Final = 256
_REMEMBERED: Final = 100
_ALL: Final = "all queries"
_TOPIC: Final = "topic_"

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query of the log with what its user, and all users of the same query, took before it."""

    request: Request
    profile: tuple[Hit, ...]
    remembered: tuple[RememberedHit, ...]
    recent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Floor:
    """What a prototype reached in nDCG@10. arms: of those that should win there, the best counts."""

    kind: str
    arms: tuple[str, ...]
    limit: float


_FLOORS: Final = (
    _Floor("spear_exact", ("fuzzy",), 0.99),
    _Floor("spear_typo", ("fuzzy",), 0.96),
    _Floor("spear_partial", ("fuzzy",), 0.82),
    _Floor("topic_head", ("structured", "popular"), 0.10),
    _Floor("topic_head", ("fulltext",), 0.03),
    _Floor("topic_head", ("dense",), 0.03),
    _Floor("topic_cold", ("personal",), 0.11),
)
_BEST_ARM: Final = 0.32
_ORACLE: Final = 0.51


class _Measured:
    """The measures of each list of each query: arm -> measure -> one number for each query."""

    def __init__(self, asked: Sequence[_Asked], arms: Sequence[str]) -> None:
        self.kinds = np.array([one.request.kind for one in asked])
        self.fresh = np.array([one.request.fresh for one in asked])
        self._users = np.unique([one.request.user_id for one in asked], return_inverse=True)[1]
        self.scores: dict[str, dict[str, Scores]] = {
            arm: {measure: np.zeros(len(asked)) for measure in _measures([], {""})} for arm in arms
        }

    def put(self, at: int, arm: str, ranked: Sequence[str], relevant: Collection[str]) -> None:
        """Measure the list of an arm for the query at a place."""
        for measure, value in _measures(ranked, relevant).items():
            self.scores[arm][measure][at] = value

    def figure(self, values: Scores, which: NDArray[np.bool_], unit: str) -> Figure:
        """Return a mean over some queries; its 95% interval takes the queries of one user for one observation."""
        return Figure.clustered_mean(values[which], self._users[which], unit)

    def of_kinds(self, start: str) -> NDArray[np.bool_]:
        """Return which queries are fresh and of the types that begin so."""
        chosen = [fresh and kind.startswith(start) for kind, fresh in zip(self.kinds.tolist(), self.fresh, strict=True)]
        return np.array(chosen, dtype=bool)


def run(
    data: Path,
    seed: int = 0,
    queries: int | None = None,
    encoder: str = "wordllama",
    sparse_encoder: str = "expansion",
) -> BenchDocument:
    """Measure every arm that there is on a sample of the query log, over the engines in this process.

    data: a Last.fm folder (docs/demo.md). queries: size of the sample, 1,500 where None. The index is that of before
    the log, and stays so; topics are asked again of one that learns each month's tags, as a prototype's did. Raises
    InvalidInput.
    """
    arms = sorted(strategy.name for strategy in strategies.discover())
    asked = _sample(list(_asked(read_requests(data))), queries or QUERIES, seed)
    index = open_index(encoders=named(encoder, sparse_encoder), depth=DEPTH, deadlines_s=_PATIENT)
    try:
        frozen, rolled = asyncio.run(_measure(index, data, asked, arms))
        engines = ", ".join(f"{name}: {engine.kind}" for name, engine in index.engines.items())
    finally:
        index.close()
    figures: dict[str, Figure] = {}
    figures |= _by_kind(frozen, [*arms, RECENCY])
    figures |= {f"rolled {said}": one for said, one in _by_kind(rolled, arms).items() if said.startswith(_TOPIC)}
    claims, claim_targets = _claims(frozen)
    floors, floor_targets, missing = _floors(rolled, arms)
    notes = [
        f"engines: {engines}; encoders: {encoder}, {sparse_encoder}",
        f"index as of before {START_MONTH}; {DEPTH} candidates",
        "rolled, and in all floors: the index of topics has the tags of every month before the query's",
        f"{len(asked)} queries sampled; fresh ones unless a figure says repeat or {_ALL}",
        "profile and memory of a query: the relevant artists of the user's, and of the same text's, earlier queries",
        "a floor is met by the value, a claim by its whole interval",
        *missing,
    ]
    return BenchDocument("strategies", [seed], figures | claims | floors, [*claim_targets, *floor_targets], notes)


def _asked(log: Iterator[Request]) -> Iterator[_Asked]:
    """Yield each query with what came before it in the log."""
    took: defaultdict[str, OrderedDict[str, float]] = defaultdict(OrderedDict)
    of_text: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for request in log:
        own, same = took[request.user_id], of_text[normalise(request.text)]
        recent = tuple(reversed(own))
        ranked = sorted(recent, key=lambda object_id: -own[object_id])[:_PROFILE]
        remembered = sorted(same.items(), key=lambda pair: (-pair[1], pair[0]))[:_REMEMBERED]
        yield _Asked(
            request,
            tuple(Hit(object_id, own[object_id]) for object_id in ranked),
            tuple(RememberedHit(object_id, float(count)) for object_id, count in remembered),
            recent[:DEPTH],
        )
        for object_id in request.relevance:
            own[object_id] = own.pop(object_id, 0.0) + 1.0
            same[object_id] += 1


def _sample(asked: list[_Asked], size: int, seed: int) -> list[_Asked]:
    if size >= len(asked):
        return asked
    chosen = np.random.default_rng(seed).choice(len(asked), size, replace=False)
    return [asked[place] for place in np.sort(chosen)]


async def _measure(
    index: Index, data: Path, asked: Sequence[_Asked], arms: Sequence[str]
) -> tuple[_Measured, _Measured]:
    """Return what is measured on the frozen index, and with its topics asked on the rolled one instead."""
    held = read_entities(data)
    await index.index(held)
    measured = _Measured(asked, [*arms, RECENCY])
    for place, one in enumerate(asked):
        measured.put(place, RECENCY, one.recent, one.request.relevance)
    await _ask(index, asked, range(len(asked)), measured, arms)
    rolled = deepcopy(measured)
    topics = [place for place, one in enumerate(asked) if one.request.kind.startswith(_TOPIC)]
    for month, places in groupby(topics, key=lambda place: month_of(asked[place].request.time_s)):
        known = read_entities(data, before=month)
        await index.index(one for one, before in zip(known, held, strict=True) if one != before)
        held = known
        await _ask(index, asked, places, rolled, arms)
    return measured, rolled


async def _ask(
    index: Index, asked: Sequence[_Asked], places: Iterable[int], measured: _Measured, arms: Sequence[str]
) -> None:
    for place in places:
        found = await index.retrieve(_query(index, asked[place], place), dict.fromkeys(arms, DEPTH))
        if found.failures:
            raise EngineFailed(", ".join(set(found.failures.values())), "no answer; run the bench again")
        for arm in arms:
            ranked = [hit.object_id for hit in found.lists[arm]]
            measured.put(place, arm, ranked, asked[place].request.relevance)


def _query(index: Index, one: _Asked, seed: int) -> Query:
    request, text = one.request, normalise(one.request.text)
    return Query(
        text=request.text,
        normalised=text,
        tokens=tokenise(text),
        time_s=request.time_s,
        seed=seed,
        user_id=request.user_id,
        understanding=index.understand(request.text),
        remembered=one.remembered,
        profile=one.profile,
    )


def _measures(ranked: Sequence[str], relevant: Collection[str]) -> dict[str, float]:
    return {
        "nDCG@10": ndcg(ranked, relevant, 10),
        "MRR": reciprocal_rank(ranked, relevant),
        "recall@20": recall(ranked, relevant, 20),
        "recall@50": recall(ranked, relevant, DEPTH),
    }


def _by_kind(measured: _Measured, arms: Sequence[str]) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for kind in sorted(set(measured.kinds.tolist())):
        for fresh, said in ((True, kind), (False, f"{kind}, repeat")):
            which = (measured.kinds == kind) & (measured.fresh == fresh)
            count = int(which.sum())
            figures[f"{said}: queries"] = Figure(count, "queries", count, count)
            for arm in arms if count else ():
                for measure, values in measured.scores[arm].items():
                    figures[f"{said}: {measure} of {arm}"] = measured.figure(values, which, measure)
    return figures


def _claims(measured: _Measured) -> tuple[dict[str, Figure], list[Target]]:
    """Return by how much the semantic arms beat full text on topics, and full text beats them on names."""
    figures: dict[str, Figure] = {}
    topics, names = measured.of_kinds(_TOPIC), measured.of_kinds("spear_")
    for arm in (arm for arm in _SEMANTIC if arm in measured.scores):
        for measure in ("nDCG@10", "recall@20"):
            ahead = measured.scores[arm][measure] - measured.scores["fulltext"][measure]
            for said, values, which in (
                (f"topics: {measure} of {arm} minus fulltext", ahead, topics),
                (f"names: {measure} of fulltext minus {arm}", -ahead, names),
            ):
                if which.any():
                    figures[said] = measured.figure(values, which, measure)
    return figures, [Target.above(name, figures) for name in figures]


def _floors(measured: _Measured, arms: Sequence[str]) -> tuple[dict[str, Figure], list[Target], list[str]]:
    """Return what a prototype reached beside what the arms that should win reach, over fresh and other queries."""
    ndcgs = {arm: measured.scores[arm]["nDCG@10"] for arm in arms}
    everything = np.ones(len(measured.fresh), dtype=bool)
    figures: dict[str, Figure] = {}
    targets: list[Target] = []
    missing: list[str] = []

    def put(said: str, values: Scores, which: NDArray[np.bool_], limit: float) -> None:
        figures[said] = measured.figure(values, which, "nDCG@10")
        targets.append(Target(said, ">=", limit, figures[said].value >= limit))

    for floor in _FLOORS:
        which = measured.kinds == floor.kind
        there = [arm for arm in floor.arms if arm in ndcgs]
        if not there or not which.any():
            missing.append(
                f"floor {floor.limit} on {floor.kind} not looked at: no {' or '.join(floor.arms)}, or none asked"
            )
            continue
        best = _best(ndcgs, there, which)
        put(f"{floor.kind}, {_ALL}: nDCG@10 of {best}", ndcgs[best], which, floor.limit)
    best = _best(ndcgs, arms, everything)
    put(f"{_ALL}: nDCG@10 of the best single arm, {best}", ndcgs[best], everything, _BEST_ARM)
    put(f"{_ALL}: nDCG@10 of the best arm for each", np.max(list(ndcgs.values()), axis=0), everything, _ORACLE)
    return figures, targets, missing


def _best(ndcgs: Mapping[str, Scores], arms: Sequence[str], which: NDArray[np.bool_]) -> str:
    return max(arms, key=lambda arm: float(ndcgs[arm][which].mean()))
