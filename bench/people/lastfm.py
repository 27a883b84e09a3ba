"""`ltrr bench lastfm`: the product on the query log of a Last.fm folder, beside plans that do not learn."""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from ltrr.bench.played import lastfm, plot
from ltrr.bench.played.figures import Results
from ltrr.bench.played.lineup import EVERY, Fitted, Lineup
from ltrr.bench.played.material import Material, prepare
from ltrr.bench.played.play import Scores, play
from ltrr.bench.played.report import Report
from ltrr.bench.played.turn import Turn
from ltrr.models.errors import InvalidInput
from ltrr.serving.demo.people.clicks import ClickModel
from ltrr.serving.demo.people.request import Request
from ltrr.serving.retrieval.opening import open_generator, open_index, strategy_arms
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.terminal.bench_document import BenchDocument

BUDGET = 20
SEEDS = 5
_CALLS = {"1": 1, "2": 2, "3": 3, "all": None}


def run(
    data: Path,
    seed: int = 0,
    queries: int | None = None,
    *,
    calls: str = "2",
    budget: int = BUDGET,
    grid: bool = False,
    delay: int = 0,
    frozen: bool = False,
    eval_users: Path | None = None,
    seeds: int = SEEDS,
    drift: str | None = None,
    svg: Path | None = None,
) -> BenchDocument:
    """Play the query log, learning online from clicks that are drawn from what people took.

    data: a Last.fm folder (docs/demo.md). calls: the cap of the product, `all` for none. budget: in candidates, of each
    query. grid: all caps. delay: pages that are shown before one is learned. frozen: the index stays as of before the
    log. eval_users: a file of user ids, whose queries alone are counted. drift: what changes in the middle. svg: where
    the picture goes. Raises InvalidInput.
    """
    if calls not in _CALLS:
        raise InvalidInput(f"--calls {calls} is none of {', '.join(_CALLS)}")
    if drift is not None and drift not in lastfm.DRIFTS:
        raise InvalidInput(f"--drift {drift} is none of {', '.join(lastfm.DRIFTS)}")
    if budget % 4:
        raise InvalidInput(f"--budget {budget} has no quarter: give a multiple of 4")
    settings = _settings(budget, _CALLS[calls])
    requests = lastfm.requests_of(data, queries, drift, seed)
    counted = _counted(requests, eval_users)
    material = asyncio.run(_prepared(settings, data, requests, frozen=frozen, drift=drift, seed=seed))
    middle = len(requests) // 2 if drift else None
    job = _Job(material, settings, middle, drift, delay, _CALLS[calls], grid=grid)
    fitted, every = job.fit(seed)
    numbers = list(range(seed, seed + seeds))
    played = _played(job, fitted, numbers)
    scores = {name: np.mean([one[name] for one in played if name in one], axis=0) for name in played[0]}
    results = Results(material.asked, {**scores, EVERY: every[EVERY]}, counted)
    report = Report(results, fitted, _CALLS[calls], middle, drift)
    if svg is not None:
        svg.write_text(_picture(results), encoding="utf-8")
    notes = [
        f"engines: {', '.join(material.engines)}; encoders: {settings.encoder}, {settings.sparse_encoder}",
        f"{len(requests)} queries; {budget} candidates for each; clicks are learned {delay} pages later",
        "fresh queries, unless a figure says repeat; 95% intervals, where the queries of one user are one observation",
        "last: the last 5,000 queries, or the last half where that is less",
        f"{seeds} seeds pooled for what targets compare, the first alone for all else",
        "`explore`, which shows chance alone, is left out; profiles are of the user's own earlier tag events",
        *report.notes(),
    ]
    figures, targets = report.figures(), report.targets()
    return BenchDocument("lastfm", numbers, figures, targets, notes)


class _Job:
    """One seed's run, in a process of its own."""

    def __init__(
        self,
        material: Material,
        settings: Settings,
        middle: int | None,
        drift: str | None,
        delay: int,
        calls: int | None,
        *,
        grid: bool,
    ) -> None:
        self._material, self._settings = material, settings
        self._middle, self._drift = middle, drift
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
        out = lastfm.OUT if self._drift == "outage" else None
        turn = Turn(self._material, out, self._middle or 0)
        return Lineup(turn, self._settings, self._middle, self._delay)


def _played(job: _Job, fitted: Fitted, seeds: Sequence[int]) -> list[Scores]:
    """Play some seeds, two at a time."""
    if len(seeds) == 1:
        return [job.play(fitted, seeds[0], all_of_them=True)]
    workers = min(len(seeds), os.cpu_count() or 1, 2)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(job.play, fitted, seed, all_of_them=seed == seeds[0]) for seed in seeds]
        return [one.result() for one in jobs]


def _settings(budget: int, calls: int | None) -> Settings:
    ranked = tuple(name for name, arm in strategy_arms().items() if not arm.reserved)
    return load_settings(
        arms=ranked,
        ladder=(0, budget // 4, budget // 2, budget),
        max_calls=calls,
        max_candidates=budget,
        text_deadline_s=60.0,
        vector_deadline_s=60.0,
        stable_s=0.0,  # played queries follow one another faster than people's do
        visitor_searches=0.0,
        visitor_query_searches=0.0,
    )


async def _prepared(
    settings: Settings, data: Path, requests: Sequence[Request], *, frozen: bool, drift: str | None, seed: int
) -> Material:
    arms = strategy_arms()
    asked = [name for name in settings.arms if arms[name].calls]
    index = open_index(settings, None, open_generator(settings))
    try:
        eras = lastfm.eras(data, requests, settings.half_life_s, frozen=frozen, drift=drift, seed=seed)
        return await prepare(index, eras, asked, settings.ladder[-1])
    finally:
        index.close()


def _counted(requests: Sequence[Request], eval_users: Path | None) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which queries figures are of."""
    if eval_users is None:
        return np.ones(len(requests), dtype=bool)
    try:
        named = set(eval_users.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot read {eval_users}: {error}; --eval-users names a file of user ids") from error
    counted = np.array([request.user_id.removeprefix("user:") in named for request in requests])
    if not counted.any():
        raise InvalidInput(f"{eval_users} names no user of the log: one id on each line, as in queries.jsonl")
    return counted


def _picture(results: Results) -> str:
    months = np.array([_month(one.wish.request.time_s) for one in results.asked])
    named = sorted({*months[results.fresh].tolist()})
    shown = [name for name in results.scores if name.startswith(("learned", "best mix", "hand", "oracle"))]
    quality = {name: results.of(name, "nDCG@10") for name in results.scores}
    lines = {n: [float(quality[n][results.fresh & (months == m)].mean()) for m in named] for n in shown[:6]}
    points = {
        name: (float(results.of(name, "calls")[results.fresh].mean()), float(values[results.fresh].mean()))
        for name, values in quality.items()
    }
    return plot.svg("bench lastfm", points, named, lines)


def _month(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m")
