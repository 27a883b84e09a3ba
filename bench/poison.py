"""`ltrr bench poison`: one visitor who clicks all, buys all, replays or forges, beside the same run without him."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.bench.poisoned.attacks import ATTACKER, PLANS, Attack, Plan
from ltrr.bench.poisoned.site import Asked, Site
from ltrr.models.records.entity import Entity
from ltrr.models.retrieval import Retriever
from ltrr.retrievers.index.index import Index
from ltrr.serving.demo.lanes import SharedRetrieval
from ltrr.serving.demo.music import catalogue as music
from ltrr.serving.demo.people.clicks import ClickModel
from ltrr.serving.demo.people.listeners import Listeners
from ltrr.serving.demo.people.request import Request
from ltrr.serving.retrieval.opening import open_generator, open_index, open_recall, strategy_arms
from ltrr.serving.retrieval.recall import Recall
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

QUERIES: Final = 1_000
_SEEDS: Final = 5
_ASKED: Final = 150
_VISITORS: Final = 99
_ARTISTS: Final = 100
_HESITATION_S: Final = 5.0
_PATIENCE_S: Final = 60.0
_MOST_LOST: Final = 0.02
_MOST_CUT: Final = 0.01


@dataclass(frozen=True, slots=True)
class _World:
    """What all runs of a seed share. searched: by visitors, in order; asked: by strangers afterwards."""

    retriever: Retriever
    recall: Recall
    settings: Settings
    seed: int
    searched: Sequence[Request]
    asked: Sequence[Request]


@dataclass(frozen=True, slots=True)
class _Run:
    """What came of one run. cut: of the weight that visitors would have without bounds, what they lost."""

    answers: Sequence[Asked]
    cut: float


def run(seed: int = 0, queries: int = QUERIES) -> BenchDocument:
    """Measure how far one visitor in a hundred moves what all others get.

    queries: searches of the others in each run; the attacker makes 100 beside 1,000 of them, or 400.
    """
    settings = load_settings(text_deadline_s=_PATIENCE_S, vector_deadline_s=_PATIENCE_S, vector_exact=True)
    settings = settings.model_copy(update={"elasticsearch": None, "qdrant": None})
    entities = music.catalogue(np.random.default_rng(seed), _ARTISTS)
    seeds = [seed + number for number in range(_SEEDS)]
    clean, runs = list[_Run](), {name: list[_Run]() for name in PLANS}
    with closing(open_index(settings, None, open_generator(settings))) as index:
        asyncio.run(_index(index, entities))
        recall = open_recall(index.predicted)
        for one in seeds:
            listeners = Listeners(np.random.default_rng([one, 1]), entities, _VISITORS)
            asked = max(1, _ASKED * queries // QUERIES)
            requests = list(islice(iter(listeners.next, None), queries + asked))
            depth = settings.learning(strategy_arms()).rules.ladder[-1]
            shared = [name for name, arm in strategy_arms().items() if arm.calls]
            retriever = SharedRetrieval(index, shared, depth, most=10 * queries + _ASKED)
            world = _World(retriever, recall, settings, one, requests[:queries], requests[queries:])
            clean.append(asyncio.run(_play(world, None)))
            for name, attacked in runs.items():
                attacked.append(asyncio.run(_play(world, PLANS[name])))
    figures, targets = _compared(clean, runs)
    few, many = _times(100, queries), _times(400, queries)
    notes = [
        f"{len(entities)} entities, policy {settings.policy}; {queries} searches of {_VISITORS} listeners in each run",
        f"{len(clean[0].answers)} searches of strangers afterwards, who teach nothing, tell of relevance and shares",
        f"the attacker, one client id, makes {few} searches evenly among theirs, or {many}",
        "relevance: summed over the page, less that of the run without the attacker; intervals are clustered by seed",
        "worth: relevance@10 of an arm's own list, in the mean of all runs; of the arms that run, as often as they do",
        "share: P(an arm runs), in points; of the arm whose mean of the seeds moved furthest; no measure of",
        "harm: arms that are worth the same may change places",
        "replays: one query, the last of its page bought, and all of that sent twenty times",
        "forges: 20 pages for each search, in names of others, with the plan of a real page, written to the log",
        "cut: of the weight of the listeners' pages, what bounds took from them",
        "only searches: one visitor more, who does nothing; what moves then is the run's own unrest, not an attack",
        "without bounds: for comparison alone; each target is kept by the value, whatever its interval",
    ]
    return BenchDocument("poison", seeds, figures, targets, notes)


async def _index(index: Index, entities: Sequence[Entity]) -> None:
    await index.index(entities)
    await index.stop()


async def _play(world: _World, plan: Plan | None) -> _Run:
    """Let visitors and perhaps an attacker search and act, then ask."""
    bounded = plan is None or plan.bounded
    site = Site(world.retriever, world.recall, world.settings, world.seed, bounded=bounded)
    rng = np.random.default_rng([world.seed, 2])
    order = rng.permutation(len(world.searched)).tolist()
    attack = Attack(site, [world.searched[place].text for place in order])
    searches = 0 if plan is None else _times(plan.searches, len(world.searched))
    clicks = ClickModel(world.seed)
    for number, request in enumerate(world.searched):
        answer = await site.search(request.text, request.user_id, "visitors", request.time_s)
        done = clicks.clicks(number, [item.object_id for item in answer.items], request.relevance)
        site.act(answer.query_id, [(one.object_id, one.kind) for one in done], request.time_s + _HESITATION_S)
        while plan is not None and attack.number * len(world.searched) < searches * (number + 1):
            await plan.step(attack, request.time_s)
    said = [voice for visitor, voices in site.said.items() if visitor != f"client:{ATTACKER}" for voice in voices]
    answers = await site.ask(world.asked)
    site.close()
    return _Run(answers, 1.0 - sum(said) / len(said))


def _times(searches: int, queries: int) -> int:
    return max(1, searches * queries // QUERIES)


def _compared(clean: list[_Run], runs: Mapping[str, list[_Run]]) -> tuple[dict[str, Figure], list[Target]]:
    """Return what each attack has moved, against the runs without one."""
    clusters = np.repeat(np.arange(len(clean)), [len(one.answers) for one in clean])
    without = _relevance(clean)
    figures = {
        "relevance@10, nobody attacks": Figure.clustered_mean(without, clusters, "relevance"),
        "cut, listeners": Figure.mean(np.array([one.cut for one in clean]), "share"),
    }
    targets = [Target.below("cut, listeners", figures, _MOST_CUT)]
    alone = _alone([one for those in (clean, *runs.values()) for one in those])
    before = _worth(clean, alone)
    for name, attacked in runs.items():
        relevance, worth, share = (f"{what} moved, {name}" for what in ("relevance@10", "worth", "share"))
        figures[relevance] = Figure.clustered_mean(_relevance(attacked) - without, clusters, "relevance")
        figures[worth] = Figure.clustered_mean(_worth(attacked, alone) - before, clusters, "relevance")
        figures[share] = _moved([(one.answers, other.answers) for one, other in zip(clean, attacked, strict=True)])
        if PLANS[name].held:
            targets += [Target(one, ">", -_MOST_LOST, figures[one].value > -_MOST_LOST) for one in (relevance, worth)]
    return figures, targets


def _relevance(runs: Sequence[_Run]) -> NDArray[np.float64]:
    return np.array([answer.relevance for one in runs for answer in one.answers])


def _alone(runs: Sequence[_Run]) -> dict[str, float]:
    """Return what each arm is worth by itself: relevance of its list, in the mean of all answers for which it ran."""
    answers = [answer for one in runs for answer in one.answers]
    arms = {arm for answer in answers for arm in answer.alone}
    return {arm: float(np.mean([a.alone[arm] for a in answers if arm in a.alone])) for arm in arms}


def _worth(runs: Sequence[_Run], alone: Mapping[str, float]) -> NDArray[np.float64]:
    """Return what the arms are worth in the mean that run for each answer, as often as they do."""
    return np.array([_mean_worth(answer.on, alone) for one in runs for answer in one.answers])


def _mean_worth(on: Mapping[str, float], alone: Mapping[str, float]) -> float:
    known = [(share, alone[arm]) for arm, share in on.items() if arm in alone]
    return sum(share * worth for share, worth in known) / (sum(share for share, _ in known) or 1.0)


def _moved(runs: Sequence[tuple[Sequence[Asked], Sequence[Asked]]]) -> Figure:
    """Return by how many points the share of the arm has moved that moved furthest, in the mean of the seeds.

    runs: of each seed before and after. One run in which two arms are worth the same may end with either; an attack
    moves all runs one way.
    """
    arms = sorted({arm for before, _ in runs for answer in before for arm in answer.on})
    moved = [np.array([100.0 * (_share(after, arm) - _share(before, arm)) for before, after in runs]) for arm in arms]
    furthest = max(moved, key=lambda points: abs(points.mean()))
    return Figure.mean(furthest if furthest.mean() >= 0 else -furthest, "points")


def _share(answers: Sequence[Asked], arm: str) -> float:
    return float(np.mean([answer.on.get(arm, 0.0) for answer in answers]))
