"""`ltrr bench poison`: one visitor who clicks all, buys all, replays or forges, beside the same run without him."""

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.bench.poisoned.attacks import ATTACKS, FOR_COMPARISON, nothing
from ltrr.bench.poisoned.runs import QUERIES, Run, World, cut, play, taught, times
from ltrr.bench.poisoned.worths import disputed, lost, worth
from ltrr.models.records.entity import Entity
from ltrr.models.statistics.least_squares import Array
from ltrr.retrievers.index.index import Index
from ltrr.serving.demo.lanes import SharedRetrieval, of_the_query
from ltrr.serving.demo.music import catalogue as music
from ltrr.serving.demo.people.listeners import Listeners
from ltrr.serving.demo.people.request import Request
from ltrr.serving.retrieval.opening import open_generator, open_index, strategy_arms
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

_SEEDS: Final = 5
_CUT_SEEDS: Final = 100
_ASKED: Final = 500
_VISITORS: Final = 99
_ARTISTS: Final = 100
_PATIENCE_S: Final = 60.0
_MOST_LOST: Final = 0.02
_MOST_MOVED: Final = 2.0
_MOST_CUT: Final = 0.01
_VISITS: Final = list(dict.fromkeys(visit for visit, _ in (ATTACKS | FOR_COMPARISON).values()))


def run(seed: int = 0, queries: int = QUERIES, seeds: int = _SEEDS) -> BenchDocument:
    """Measure how far one visitor in a hundred moves what all others get.

    queries: searches of the others in each run; the attacker makes 100 beside 1,000 of them, or 400.
    """
    settings = load_settings(text_deadline_s=_PATIENCE_S, vector_deadline_s=_PATIENCE_S, vector_exact=True)
    settings = settings.model_copy(update={"elasticsearch": None, "qdrant": None})
    entities = music.catalogue(np.random.default_rng(seed), _ARTISTS)
    numbers, asked = list(range(seed, seed + seeds)), max(1, _ASKED * queries // QUERIES)
    with closing(open_index(settings, None, open_generator(settings))) as index:
        asyncio.run(_index(index, entities))
        depth = settings.learning(strategy_arms()).rules.ladder[-1]
        retriever = SharedRetrieval(index, of_the_query(), depth, most=10 * queries + asked)
        worlds = (
            World(retriever, index.predicted, settings, one, requests[:queries], requests[queries:])
            for one in numbers
            for requests in [_requests(entities, one, queries + asked)]
        )
        runs = asyncio.run(_runs(worlds))
    cuts = [cut(_requests(entities, one, queries), settings) for one in range(seed, seed + _CUT_SEEDS)]
    figures, targets = _compared(runs)
    figures["cut, listeners"] = Figure.mean(np.array(cuts), "share")
    targets.append(Target.below("cut, listeners", figures, _MOST_CUT))
    few, many = times(100, queries), times(400, queries)
    notes = [
        f"{len(entities)} entities, policy {settings.policy}; {queries} searches of {_VISITORS} listeners in each run",
        f"{asked} searches of strangers, who teach nothing, their plans drawn by the final policy, are compared",
        f"the attacker, one client id, makes {few} searches evenly among theirs, or {many}",
        "relevance: summed over the page, by the listeners; intervals are clustered by seed",
        "moved: less that of the same run with one visitor more who searches as often, and does nothing",
        "same pages: the log of the run with him who only searches, learned again with actions on his pages: the",
        "interval is of what these teach, and not of what all see otherwise, and click on, from then on",
        "whole runs: he acts while it is played, so that two runs become two sites; undecided by design, no targets",
        "seeds that would tell: with which the interval of whole runs would be .02 to either side",
        "only searches: against nobody; what moves then is the run's own unrest, not an attack",
        "lost by shares: P(an arm runs) moved x relevance of the arm's own list for the query, summed over arms; of",
        "all runs of arms as many count after as before; may exceed what pages lose, as lists have much in common",
        "share moved at a cost: lost by shares, in points of P(an arm runs) of a list of the usual worth, for nothing",
        "believed: what the policy takes an arm to be worth, as often as it runs; how far apart, summed over arms",
        "share: P(an arm runs), in points; of the arm whose mean of the seeds moved furthest",
        "replays: one query, the last of its page bought, and all of that sent twenty times",
        "forges: 20 pages for each search, in names of others, with the plan of a real page, written to the log",
        f"cut: of the weight of the listeners' pages, what bounds took from them; {_CUT_SEEDS} seeds",
        "without bounds: for comparison alone",
    ]
    tabled = [name for name in figures if "whole runs" not in name or name.startswith("relevance")]
    return BenchDocument("poison", numbers, figures, targets, notes, tabled)


def _requests(entities: Sequence[Entity], seed: int, count: int) -> list[Request]:
    listeners = Listeners(np.random.default_rng([seed, 1]), entities, _VISITORS)
    return list(islice(iter(listeners.next, None), count))


async def _runs(worlds: Iterator[World]) -> dict[str, list[Run]]:
    """Return what came of each kind of run, in each world."""
    runs: dict[str, list[Run]] = {}
    for world in worlds:
        clean = await play(world)
        runs.setdefault("nobody attacks", []).append(clean.bare)
        for visit in _VISITS:
            before = await play(world, visit)
            runs.setdefault(str(visit), []).append(before.bare)
            runs.setdefault(f"{visit}, same pages", []).append((await taught(world, before, nothing)).bare)
            for name, (of, deed) in (ATTACKS | FOR_COMPARISON).items():
                if of == visit:
                    runs.setdefault(f"{name}, same pages", []).append((await taught(world, before, deed)).bare)
        for name, (visit, deed) in ATTACKS.items():
            runs.setdefault(name, []).append((await play(world, visit, deed)).bare)
    return runs


async def _index(index: Index, entities: Sequence[Entity]) -> None:
    await index.index(entities)
    await index.stop()


def _compared(runs: Mapping[str, Sequence[Run]]) -> tuple[dict[str, Figure], list[Target]]:
    """Return what each attack has moved, against those who only search as often, and what is held of that."""
    clean, figures, targets = runs["nobody attacks"], dict[str, Figure](), list[Target]()
    relevance = np.concatenate([one.relevance for one in clean])
    figures["relevance@10, nobody attacks"] = Figure.clustered_mean(relevance, _clusters(clean), "relevance")
    for name, (visit, _) in (ATTACKS | FOR_COMPARISON).items():
        same = f"{name}, same pages"
        figures |= _moved(same, runs[f"{visit}, same pages"], runs[same])
        if name in ATTACKS:
            targets += [
                Target.above(f"relevance@10 moved, {same}", figures, -_MOST_LOST),
                Target.below(f"share moved at a cost, {same}", figures, _MOST_MOVED),
            ]
    for visit in (one for one in _VISITS if one.bounded):
        figures |= _moved(f"{visit}, whole runs", clean, runs[str(visit)])
    for name, (visit, _) in ATTACKS.items():
        whole = f"{name}, whole runs"
        figures |= _moved(whole, runs[str(visit)], runs[name])
        figures[f"seeds that would tell, {name}"] = _deciding(figures[f"relevance@10 moved, {whole}"], len(clean))
    return figures, targets


def _deciding(moved: Figure, seeds: int) -> Figure:
    """Return with how many seeds the interval of what was moved would be as wide as a target asks."""
    half = (moved.high - moved.low) / 2
    return Figure(round(seeds * (half / _MOST_LOST) ** 2, 1) if seeds > 1 else 0.0, "seeds", -math.inf, math.inf)


def _moved(name: str, before: Sequence[Run], after: Sequence[Run]) -> dict[str, Figure]:
    """Return how runs differ from those before them, in each seed."""
    clusters, pairs = _clusters(before), list(zip(before, after, strict=True))
    gained = np.concatenate([other.relevance - one.relevance for one, other in pairs])
    cost = np.concatenate([lost(one.on, other.on, one.worths) for one, other in pairs])
    apart = np.array([disputed(one.believed, other.believed, one.levels.mean(axis=0)) for one, other in pairs])
    share = 100.0 * cost / np.mean([worth(one.on, one.worths) for one, _ in pairs])
    points = np.array([100.0 * (other.on - one.on).mean(axis=0) for one, other in pairs])
    return {
        f"relevance@10 moved, {name}": Figure.clustered_mean(gained, clusters, "relevance"),
        f"lost by shares, {name}": Figure.clustered_mean(cost, clusters, "relevance"),
        f"share moved at a cost, {name}": Figure.clustered_mean(share, clusters, "points"),
        f"believed moved, {name}": Figure.mean(apart, "reward"),
        f"share moved, {name}": _furthest(points),
    }


def _clusters(runs: Sequence[Run]) -> NDArray[np.intp]:
    return np.repeat(np.arange(len(runs)), [len(one.relevance) for one in runs])


def _furthest(points: Array) -> Figure:
    """Return by how much the share of the arm has moved whose mean of the seeds moved furthest.

    points: shape (seeds, arms). One run in which two arms are worth the same may end with either; an attack moves all
    runs one way.
    """
    means = points.mean(axis=0)
    furthest = int(np.abs(means).argmax())
    return Figure.mean(points[:, furthest] * (1.0 if means[furthest] >= 0 else -1.0), "points")
