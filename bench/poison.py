"""`ltrr bench poison`: one visitor who clicks all, buys all, replays or forges, beside the same run without him."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.bench.poisoned.attacks import CONTROL, PLANS, SAME_PAGES
from ltrr.bench.poisoned.runs import QUERIES, Run, World, play, taught, times
from ltrr.bench.poisoned.worths import disputed, lost
from ltrr.models.records.entity import Entity
from ltrr.models.statistics.least_squares import Array
from ltrr.retrievers.index.index import Index
from ltrr.serving.demo.lanes import SharedRetrieval, of_the_query
from ltrr.serving.demo.music import catalogue as music
from ltrr.serving.demo.people.listeners import Listeners
from ltrr.serving.retrieval.opening import open_generator, open_index, strategy_arms
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

_SEEDS: Final = 5
_ASKED: Final = 500
_VISITORS: Final = 99
_ARTISTS: Final = 100
_PATIENCE_S: Final = 60.0
_MOST_LOST: Final = 0.02
_MOST_CUT: Final = 0.01


def run(seed: int = 0, queries: int = QUERIES) -> BenchDocument:
    """Measure how far one visitor in a hundred moves what all others get.

    queries: searches of the others in each run; the attacker makes 100 beside 1,000 of them, or 400.
    """
    settings = load_settings(text_deadline_s=_PATIENCE_S, vector_deadline_s=_PATIENCE_S, vector_exact=True)
    settings = settings.model_copy(update={"elasticsearch": None, "qdrant": None})
    entities = music.catalogue(np.random.default_rng(seed), _ARTISTS)
    seeds = [seed + number for number in range(_SEEDS)]
    clean, runs = list[Run](), {name: list[Run]() for name in PLANS}
    same = {name: list[Run]() for name in SAME_PAGES}
    with closing(open_index(settings, None, open_generator(settings))) as index:
        asyncio.run(_index(index, entities))
        for one in seeds:
            listeners = Listeners(np.random.default_rng([one, 1]), entities, _VISITORS)
            asked = max(1, _ASKED * queries // QUERIES)
            requests = list(islice(iter(listeners.next, None), queries + asked))
            depth = settings.learning(strategy_arms()).rules.ladder[-1]
            retriever = SharedRetrieval(index, of_the_query(), depth, most=10 * queries + asked)
            world = World(retriever, index.predicted, settings, one, requests[:queries], requests[queries:])
            clean.append(asyncio.run(play(world, None)))
            for name, attacked in runs.items():
                attacked.append(asyncio.run(play(world, PLANS[name])))
            for name, again in same.items():
                again.append(asyncio.run(taught(world, runs[CONTROL][-1], SAME_PAGES[name])))
    figures, targets = _compared(clean, runs)
    before = same.pop(CONTROL)
    for name, again in same.items():
        _hold(figures, targets, f"{name}, same pages", before, again)
    few, many = times(100, queries), times(400, queries)
    notes = [
        f"{len(entities)} entities, policy {settings.policy}; {queries} searches of {_VISITORS} listeners in each run",
        f"{asked} searches of strangers, who teach nothing, their plans drawn by the final policy, are compared",
        f"the attacker, one client id, makes {few} searches evenly among theirs, or {many}",
        "relevance: summed over the page, by the listeners; intervals are clustered by seed",
        "moved: less that of the same run without the attacker, or with one visitor more who only searches",
        "lost by shares: P(an arm runs) moved x relevance of the arm's own list for the query, summed over arms; of",
        "all runs of arms as many count after as before; may exceed what pages lose, as lists have much in common",
        "believed: what the policy takes an arm to be worth, as often as it runs; how far apart, summed over arms",
        "share, in the JSON alone: P(an arm runs), in points; of the arm whose mean of the seeds moved furthest; no",
        "measure of harm: arms that are worth the same may change places",
        "replays: one query, the last of its page bought, and all of that sent twenty times",
        "forges: 20 pages for each search, in names of others, with the plan of a real page, written to the log",
        "cut: of the weight of the listeners' pages, what bounds took from them",
        "same pages: the log of the run with him who only searches, learned again with actions on his pages: the",
        "interval is of what these teach, and not of what all see otherwise, and click on, from then on",
        "only searches: one visitor more, who does nothing; what moves then is the run's own unrest, not an attack",
        "without bounds: for comparison alone",
    ]
    tabled = [name for name in figures if not name.startswith("share moved")]
    return BenchDocument("poison", seeds, figures, targets, notes, tabled)


async def _index(index: Index, entities: Sequence[Entity]) -> None:
    await index.index(entities)
    await index.stop()


def _compared(clean: Sequence[Run], runs: Mapping[str, Sequence[Run]]) -> tuple[dict[str, Figure], list[Target]]:
    """Return what each attack has moved, against the runs without one and against those of who only searches."""
    relevance = Figure.clustered_mean(np.concatenate([one.relevance for one in clean]), _clusters(clean), "relevance")
    cut = Figure.mean(np.array([one.cut for one in clean]), "share")
    figures = {"relevance@10, nobody attacks": relevance, "cut, listeners": cut}
    targets = [Target.below("cut, listeners", figures, _MOST_CUT)]
    for name, attacked in runs.items():
        for beside, before in {"": clean, f", beside {CONTROL}": runs[CONTROL]}.items():
            if before is attacked:
                continue
            _hold(figures, targets if PLANS[name].held else [], f"{name}{beside}", before, attacked)
    return figures, targets


def _hold(
    figures: dict[str, Figure], targets: list[Target], name: str, before: Sequence[Run], after: Sequence[Run]
) -> None:
    """Add how runs differ from those before them, and what of that is held to a target."""
    moved = {f"{what}, {name}": figure for what, figure in _moved(before, after).items()}
    figures |= moved
    gained, cost, *_ = moved
    targets += [Target.above(gained, figures, -_MOST_LOST), Target.below(cost, figures, _MOST_LOST)]


def _moved(before: Sequence[Run], after: Sequence[Run]) -> dict[str, Figure]:
    """Return how runs differ from those before them, of each seed."""
    clusters, pairs = _clusters(before), list(zip(before, after, strict=True))
    gained = np.concatenate([other.relevance - one.relevance for one, other in pairs])
    cost = np.concatenate([lost(one.on, other.on, one.worths) for one, other in pairs])
    apart = np.array([disputed(one.believed, other.believed, one.levels.mean(axis=0)) for one, other in pairs])
    points = np.array([100.0 * (other.on - one.on).mean(axis=0) for one, other in pairs])
    return {
        "relevance@10 moved": Figure.clustered_mean(gained, clusters, "relevance"),
        "lost by shares": Figure.clustered_mean(cost, clusters, "relevance"),
        "believed moved": Figure.mean(apart, "reward"),
        "share moved": _furthest(points),
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
