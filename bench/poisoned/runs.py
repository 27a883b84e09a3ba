"""One run of a site: its visitors, perhaps an attacker among them, and what strangers get afterwards."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from ltrr.bench.poisoned.attacks import ATTACKER, Attack, Deed, Seen, Visit, nothing
from ltrr.bench.poisoned.site import Kept, Site
from ltrr.models.memory.prediction import PredictedScores
from ltrr.models.retrieval import Retriever
from ltrr.models.statistics.least_squares import Array
from ltrr.models.text import typed
from ltrr.serving.decisions.voices import Voices
from ltrr.serving.demo.people.clicks import ClickModel
from ltrr.serving.demo.people.request import Request
from ltrr.serving.retrieval.opening import open_recall
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
    each arm's own list, shape (queries, arms), where others are compared with the run. believed: what the policy takes
    each level of an arm to be worth, in units of reward, shape (arms, levels). kept: its log. seen: pages of the
    attacker.
    """

    relevance: Array
    levels: Array
    worths: Array
    believed: Array
    kept: Sequence[Kept] = field(repr=False)
    seen: Sequence[Seen] = field(repr=False)

    @property
    def on(self) -> Array:
        """Return P(an arm runs), shape (queries, arms)."""
        return np.asarray(1.0 - self.levels[:, :, 0])

    @property
    def bare(self) -> "Run":
        """Return it without its log and the attacker's pages."""
        return replace(self, kept=(), seen=())


async def play(world: World, visit: Visit | None = None, deed: Deed = nothing) -> Run:
    """Let visitors and perhaps an attacker search and act, then ask. What finds near queries is the run's own."""
    bounded, searches = (True, 0) if visit is None else (visit.bounded, times(visit.searches, len(world.searched)))
    with closing(_site(world, bounded=bounded)) as site:
        order = np.random.default_rng([world.seed, 2]).permutation(len(world.searched)).tolist()
        texts = [world.searched[place].text for place in order]
        attack, seen, clicks = Attack(site), list[Seen](), ClickModel(world.seed)
        for number, request in enumerate(world.searched):
            answer = await site.search(request.text, request.user_id, "visitors", request.time_s)
            done = clicks.clicks(number, [item.object_id for item in answer.items], request.relevance)
            site.act(answer.query_id, [(one.object_id, one.kind) for one in done], request.time_s + _HESITATION_S)
            while visit is not None and len(seen) * len(world.searched) < searches * (number + 1):
                text = texts[0 if visit.one_query else len(seen) % len(texts)]
                seen.append(await _shown(site, text, visit, request.time_s))
                deed(attack, seen[-1])
        return await _asked(site, world, seen, weighed=deed is nothing)


async def taught(world: World, before: Run, deed: Deed) -> Run:
    """Learn the log of a run again, with what a deed does on its attacker's pages, then ask.

    Two runs show others pages, whatever the attacker does to them: the least difference draws other plans, which people
    click on otherwise. Here all pages and all that others do are the same, so that what differs is what actions teach.
    To be compared with the same without actions: what finds near queries follows more slowly where none is asked for.
    """
    with closing(_site(world, bounded=True)) as site:
        attack, start = Attack(site), 0
        for seen in before.seen:
            site.keep_again(before.kept[start : seen.kept])
            deed(attack, seen)
            start = seen.kept
        site.keep_again(before.kept[start:])
        return await _asked(site, world, before.seen, weighed=deed is nothing)


def cut(requests: Sequence[Request], settings: Settings) -> float:
    """Return how much of the weight that visitors would have without bounds they lose by them."""
    voices = Voices(settings.visitor_searches, settings.visitor_query_searches)
    said = [
        voices.voice("", one.user_id, typed(one.text), str(number), one.time_s) for number, one in enumerate(requests)
    ]
    return 1.0 - sum(said) / len(said)


def _site(world: World, *, bounded: bool) -> Site:
    return Site(world.retriever, open_recall(world.predicted), world.settings, world.seed, bounded=bounded)


async def _shown(site: Site, text: str, visit: Visit, time_s: float) -> Seen:
    answer = await site.search(text, ATTACKER, visit.lane, time_s)
    if site.page is None:
        raise AssertionError  # each search appends its page
    return Seen(len(site.kept), answer, site.page, time_s)


async def _asked(site: Site, world: World, seen: Sequence[Seen], *, weighed: bool) -> Run:
    kept = list(site.kept)
    relevance, levels, worths = map(np.array, zip(*await site.ask(world.asked, weighed=weighed), strict=True))
    return Run(relevance, levels, worths, site.believed(), kept, seen)


def times(searches: int, queries: int) -> int:
    """Return how many searches there are beside fewer queries or more, where so many are beside 1,000."""
    return max(1, searches * queries // QUERIES)
