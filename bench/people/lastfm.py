"""`ltrr bench lastfm`: the product on the query log of a Last.fm folder, beside plans that do not learn."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ltrr.bench.played import lastfm, plot
from ltrr.bench.played.figures import Results
from ltrr.bench.played.job import Job, played, pooled, prepared, settings_of
from ltrr.bench.played.lineup import EVERY
from ltrr.bench.played.report import Report
from ltrr.models.errors import InvalidInput
from ltrr.serving.demo.people.lastfm import month_of
from ltrr.serving.demo.people.request import Request
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
    settings = settings_of(budget, _CALLS[calls])
    requests = lastfm.requests_of(data, queries, drift, seed)
    counted = _counted(requests, eval_users)
    eras = lastfm.eras(data, requests, settings.half_life_s, frozen=frozen, drift=drift, seed=seed)
    material = prepared(settings, eras)
    middle = len(requests) // 2 if drift else None
    out = lastfm.OUT if drift == "outage" else None
    job = Job(material, settings, middle, out, delay, _CALLS[calls], grid=grid)
    fitted, every = job.fit(seed)
    numbers = list(range(seed, seed + seeds))
    scores = pooled(played(job, fitted, numbers))
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
    return BenchDocument("lastfm", numbers, figures, targets, notes, report.tabled())


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
    months = np.array([month_of(one.wish.request.time_s) for one in results.asked])
    named = sorted({*months[results.fresh].tolist()})
    shown = [name for name in results.scores if name.startswith(("learned", "best mix", "hand", "oracle"))]
    quality = {name: results.of(name, "nDCG@10") for name in results.scores}
    lines = {n: [float(quality[n][results.fresh & (months == m)].mean()) for m in named] for n in shown[:6]}
    points = {
        name: (float(results.of(name, "calls")[results.fresh].mean()), float(values[results.fresh].mean()))
        for name, values in quality.items()
    }
    return plot.svg("bench lastfm", points, named, lines)
