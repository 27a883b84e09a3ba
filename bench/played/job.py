"""A run in its processes, under the settings that hold."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from ltrr.bench.played.lineup import Fitted, Lineup
from ltrr.bench.played.material import Era, Material, prepare
from ltrr.bench.played.play import Scores, play
from ltrr.bench.played.turn import Turn
from ltrr.serving.demo.people.clicks import ClickModel
from ltrr.serving.retrieval.opening import open_generator, open_index, strategy_arms
from ltrr.serving.settings.settings import Settings, load_settings


class Job:
    """One seed's run, in a process of its own. out: an arm that brings nothing from query number `middle` on."""

    def __init__(
        self,
        material: Material,
        settings: Settings,
        middle: int | None,
        out: str | None,
        delay: int,
        calls: int | None,
        *,
        grid: bool,
    ) -> None:
        self._material, self._settings = material, settings
        self._middle, self._out = middle, out
        self._delay, self._calls, self._grid = delay, calls, grid

    def fit(self, seed: int) -> tuple[Fitted, Scores]:
        """Choose the plans that do not learn."""
        return self._lineup().fit(ClickModel(seed), self._calls)

    def play(self, fitted: Fitted, seed: int, *, all_of_them: bool) -> Scores:
        """Play a seed."""
        lineup = self._lineup()
        systems = list(lineup.compared(fitted, self._calls, seed))
        if all_of_them:
            systems += lineup.others(fitted, self._calls, seed, grid=self._grid)
        return play(lineup.turn, systems, ClickModel(seed)).scores

    def _lineup(self) -> Lineup:
        turn = Turn(self._material, self._out, self._middle or 0)
        return Lineup(turn, self._settings, self._middle, self._delay)


def prepared(settings: Settings, eras: Iterable[Era]) -> Material:
    """Ask all that calls for every query of some eras, of an index of their own. Raises EngineFailed."""
    return asyncio.run(_prepared(settings, eras))


async def _prepared(settings: Settings, eras: Iterable[Era]) -> Material:
    arms = strategy_arms()
    index = open_index(settings, None, open_generator(settings))
    try:
        return await prepare(index, eras, [name for name in settings.arms if arms[name].calls], settings.ladder[-1])
    finally:
        index.close()


def played(job: Job, fitted: Fitted, seeds: Sequence[int]) -> list[Scores]:
    """Play some seeds, two at a time."""
    if len(seeds) == 1:
        return [job.play(fitted, seeds[0], all_of_them=True)]
    workers = min(len(seeds), os.cpu_count() or 1, 2)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(job.play, fitted, seed, all_of_them=seed == seeds[0]) for seed in seeds]
        return [one.result() for one in jobs]


def pooled(played: Sequence[Scores]) -> dict[str, "np.ndarray[tuple[int, int], np.dtype[np.float64]]"]:
    """Return the mean over seeds of what systems reached."""
    return {name: np.mean([one[name] for one in played if name in one], axis=0) for name in played[0]}


def settings_of(budget: int, calls: int | None) -> Settings:
    """Return the settings that hold, with the caps of a bench. budget: in candidates, of each query."""
    ranked = tuple(name for name, arm in strategy_arms().items() if not arm.reserved)
    return load_settings(
        arms=ranked,
        ladder=(0, budget // 4, budget // 2, budget),
        max_calls=calls,
        max_candidates=budget,
        price_weight=0.0,  # the cap is what calls cost
        text_deadline_s=60.0,
        vector_deadline_s=60.0,
        stable_s=0.0,  # played queries follow one another faster than people's do
        visitor_searches=0.0,
        visitor_query_searches=0.0,
    )
