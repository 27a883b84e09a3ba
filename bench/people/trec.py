"""`ltrr bench trec`: the product on a test collection of documents, queries and judgements."""

from pathlib import Path
from typing import Final

import numpy as np

from ltrr.bench.people.lastfm import BUDGET
from ltrr.bench.played import trec
from ltrr.bench.played.figures import Results, last
from ltrr.bench.played.job import Job, played, pooled, prepared, settings_of
from ltrr.bench.played.lineup import EVERY, HAND, learned_at, mix_at
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

QUERIES: Final = 2_000
_CALLS: Final = 2
_NDCG: Final = "nDCG@10"
_TOLD: Final = (_NDCG, "recall", "MRR", "net clicks", "calls")


def run(data: Path, seed: int = 0, queries: int | None = None, *, seeds: int = 1) -> BenchDocument:
    """Play draws of a collection's queries, learning online from clicks that are drawn from its judgements.

    data: a folder of documents, queries and qrels, as docs/benches.md says. queries: how many draws, 2,000 where
    None. Raises InvalidInput.
    """
    settings = settings_of(BUDGET, _CALLS)
    material = prepared(settings, [trec.era(data, queries or QUERIES, seed)])
    job = Job(material, settings, None, None, 0, _CALLS, grid=False)
    fitted, every = job.fit(seed)
    numbers = list(range(seed, seed + seeds))
    scores = pooled(played(job, fitted, numbers)) | {EVERY: every[EVERY]}
    scores.pop(HAND)  # written for names and tags
    results = Results(material.asked, scores, np.ones(len(material.asked), dtype=bool))
    figures: dict[str, Figure] = {}
    ours, which = learned_at(_CALLS), last(len(material.asked), len(material.asked))
    for name in scores:
        if name != ours:
            figures[f"last: {ours} minus {name}"] = results.ahead(ours, name, _NDCG, which)
    targets = [Target.above(f"last: {ours} minus {name}", figures) for name in (*settings.arms, mix_at(_CALLS))]
    figures |= {f"last: {m} of {name}": results.mean(name, m, which) for name in scores for m in _TOLD}
    entities = len(material.cards[0])
    asked = {one.wish.request.user_id for one in material.asked}
    notes = [
        f"engines: {', '.join(material.engines)}; encoders: {settings.encoder}, {settings.sparse_encoder}",
        f"{entities} documents, {len(asked)} queries, {len(material.asked)} draws; {BUDGET} candidates for each",
        "last: the last half; 95% intervals, where the draws of one query are one observation",
        *(f"{mix_at(cap)}: {dict(budgets)}" for cap, budgets in fitted.mixes.items()),
    ]
    return BenchDocument("trec", numbers, figures, targets, notes)
