"""One run of a site: its visitors, perhaps an attacker among them, and what strangers get afterwards."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ltrr.bench.poisoned.attacks import ATTACKER, Attack, Plan, Taking
from ltrr.bench.poisoned.site import Kept, Site
from ltrr.models.memory.prediction import PredictedScores
from ltrr.models.retrieval import Retriever
from ltrr.models.statistics.least_squares import Array
from ltrr.serving.demo.people.clicks import ClickModel
from ltrr.serving.demo.people.request import Request
from ltrr.serving.retrieval.opening import open_recall
from ltrr.serving.search.messages import SearchResponse
from ltrr.serving.settings.settings import Settings

QUERIES: Final = 1_000
_HESITATION_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class World:
    """What all runs of a seed share. searched: by visitors, in order; asked: by strangers afterwards."""

    retriever: Retriever
    predicted: PredictedScores | None
    settings: Settings
    seed: int
    searched: Sequence[Request]
    asked: Sequence[Request]


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run, and what strangers get.

    relevance: of their pages, shape (queries,). levels: P(level) of each arm, shape (queries, arms, levels). worths: of
    each arm's own list, shape (queries, arms). believed: what the policy takes each level of an arm to be worth, in
    units of reward, shape (arms, levels). cut: of the weight that visitors would have without bounds, what they lost.
    kept: its log. answers: to the attacker, with their times, and how many events were kept by then.
    """

    relevance: Array
    levels: Array
    worths: Array
    believed: Array
    cut: float
    kept: Sequence[Kept] = field(repr=False)
    answers: Sequence[tuple[int, SearchResponse, float]] = field(repr=False)

    @property
    def on(self) -> Array:
        """Return P(an arm runs), shape (queries, arms)."""
        return np.asarray(1.0 - self.levels[:, :, 0])


async def play(world: World, plan: Plan | None) -> Run:
    """Let visitors and perhaps an attacker search and act, then ask. What finds near queries is the run's own."""
    bounded = plan is None or plan.bounded
    recall = open_recall(world.predicted)
    with closing(Site(world.retriever, recall, world.settings, world.seed, bounded=bounded)) as site:
        rng = np.random.default_rng([world.seed, 2])
        order = rng.permutation(len(world.searched)).tolist()
        attack = Attack(site, [world.searched[place].text for place in order])
        searches = 0 if plan is None else times(plan.searches, len(world.searched))
        clicks = ClickModel(world.seed)
        for number, request in enumerate(world.searched):
            answer = await site.search(request.text, request.user_id, "visitors", request.time_s)
            done = clicks.clicks(number, [item.object_id for item in answer.items], request.relevance)
            site.act(answer.query_id, [(one.object_id, one.kind) for one in done], request.time_s + _HESITATION_S)
            while plan is not None and attack.number * len(world.searched) < searches * (number + 1):
                await plan.step(attack, request.time_s)
        said = [voice for visitor, voices in site.said.items() if visitor != f"client:{ATTACKER}" for voice in voices]
        return await _asked(site, world, 1.0 - sum(said) / len(said), attack.answers)


async def taught(world: World, before: Run, taking: Taking) -> Run:
    """Learn the log of a run again, with actions on its attacker's pages, then ask.

    Two runs show others pages, whatever the attacker does to them: the least difference draws other plans, which people
    click on otherwise. Here all pages and all that others do are the same, so that what differs is what actions teach.
    To be compared with the same without actions: what finds near queries follows more slowly where none is asked for.
    """
    with closing(Site(world.retriever, open_recall(world.predicted), world.settings, world.seed, bounded=True)) as site:
        start = 0
        for end, answer, time_s in before.answers:
            site.keep_again(before.kept[start:end])
            site.act(answer.query_id, taking(answer), time_s)
            start = end
        site.keep_again(before.kept[start:])
        return await _asked(site, world, before.cut, before.answers)


async def _asked(site: Site, world: World, cut: float, answers: Sequence[tuple[int, SearchResponse, float]]) -> Run:
    kept = list(site.kept)
    relevance, levels, worths = map(np.array, zip(*await site.ask(world.asked), strict=True))
    return Run(relevance, levels, worths, site.believed(), cut, kept, answers)


def times(searches: int, queries: int) -> int:
    """Return how many searches there are beside fewer queries or more, where so many are beside 1,000."""
    return max(1, searches * queries // QUERIES)
