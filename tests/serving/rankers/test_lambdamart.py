"""LambdaMART learns what a linear ranker cannot, the same each time, from debiased actions; and says what it lacks."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ltrr.models.batch_ranking.groups import compare
from ltrr.models.batch_ranking.log import ActedPage, RankingLog
from ltrr.models.errors import InvalidInput, InvalidSettings, SnapshotMismatch
from ltrr.models.ranking.batch_ranker import batch_features, batch_names
from ltrr.models.ranking.groups import group_of
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.position import log_curve
from ltrr.models.ranking.ranked_page import RankedPage
from ltrr.models.ranking.ranker import Ranker
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Impression
from ltrr.models.statistics.least_squares import Array
from ltrr.serving.rankers.lambdamart import Growth, read_scorer
from ltrr.serving.rankers.training import LEAST_PAGES, Trained, fit
from tests.models.logs import LEARNING, START_S, impression

LAYOUT = RankerLayout(("fulltext", "dense"))
NAMES = batch_names(LAYOUT)
PAGE = 10
CURVE = np.array(log_curve(PAGE))
GROWTH = Growth(trees=60, rate=0.1)


def column(name: str) -> int:
    """Return the place of a raw feature."""
    return LAYOUT.names.index(name)


def appeal(raw: Array) -> Array:
    """Return how many of those who look at it take it: what is either popular or good, but not both; or has no past."""
    popular, good = raw[:, column("entity.popularity")] > 0.5, raw[:, column("entity.quality")] > 0.5
    return np.where(popular != good, 0.5, 0.05) + np.where(np.isnan(raw[:, column("history.rate")]), 0.2, 0.0)


def logged(pages: int, seed: int) -> tuple[list[ActedPage], Ranker]:
    """Return a log's pages with actions, in random order, and the online ranker that has learned all pages."""
    rng = np.random.default_rng(seed)
    online, kept = Ranker(LAYOUT), []
    for number in range(pages):
        raw = rng.random((PAGE, len(LAYOUT.names))).round(6)
        raw[rng.random(PAGE) < 0.5, column("history.rate")] = np.nan
        raw[:, [name.startswith("match.") for name in LAYOUT.names]] = 1.0  # all have the words of the query
        clicked = rng.random(PAGE) < appeal(raw) * CURVE
        shown = tuple(Candidate(f"e{at}", position=at + 1, features=tuple(row)) for at, row in enumerate(raw.tolist()))
        page = Impression(
            f"q{number}", float(number), "q", "q", feature_names=LAYOUT.names, candidates=shown, curve=tuple(CURVE)
        )
        ranked = RankedPage(LAYOUT, page, page.looks(), group_of(page))
        online.examine(ranked)
        online.act(ranked, {f"e{row}": 1.0 for row in np.flatnonzero(clicked)}, {})
        if clicked.any():
            features, scores = batch_features(raw, {}), -np.arange(float(PAGE))
            values = clicked.astype(np.float64)
            kept.append(ActedPage(page.time_s, (page.query_id, 1), features, values, CURVE, scores, "online"))
    return kept, online


@pytest.fixture(scope="module")
def learned() -> tuple[Trained, Ranker]:
    """Return what trees and the online ranker made of the same log."""
    pages, online = logged(1_000, seed=1)
    return fit(pages, NAMES, GROWTH), online


@pytest.mark.whole
def test_learns_what_a_linear_ranker_cannot(learned: tuple[Trained, Ranker]):
    """On later pages the trees order by an exclusive or, and the online ranker, taught by the same log, does not."""
    trained, online = learned
    fresh, _ = logged(600, seed=2)
    features = np.concatenate([page.features for page in fresh])
    raw = features[:, : len(LAYOUT.names)]
    trees = compare(fresh, read_scorer(trained.grown.text, len(NAMES))(features))
    linear = compare(fresh, LAYOUT.expand(raw, {}) @ online.weights)
    ideal = compare(fresh, appeal(raw))
    assert trained.comparison.better
    assert trees.ndcg - linear.ndcg > 0.5 * (ideal.ndcg - linear.ndcg) > 0.03
    assert set(list(trained.grown.gains)[:3]) == {"entity.popularity", "entity.quality", "history.rate"}


def test_missing_is_not_zero(learned: tuple[Trained, Ranker]):
    """What was never examined is scored as it was logged: above 0 and above every value."""
    rng = np.random.default_rng(5)
    raw = rng.random((400, len(LAYOUT.names)))
    means = []
    for value in (np.nan, 0.0, 1.0):
        raw[:, column("history.rate")] = value
        means.append(read_scorer(learned[0].grown.text, len(NAMES))(batch_features(raw, {})).mean())
    assert means[0] > max(means[1:]) + 0.05


def test_same_log_same_trees(learned: tuple[Trained, Ranker]):
    """Training again gives the same weights, byte for byte."""
    pages, _ = logged(1_000, seed=1)
    assert fit(pages, NAMES, GROWTH).grown.text == learned[0].grown.text


def test_shuffled_logs_same_trees():
    """Neither the order of messages of one moment, nor that in which a page lists its candidates, changes a tree."""
    rng = np.random.default_rng(4)
    drawn = (impression(rng, f"q{number}", START_S) for number in range(400))
    pages = [replace(one, application="shop0") for one in drawn if one.looks()]
    actions = [
        Action(one.query_id, object_id, "click", START_S + 5, application="shop0")
        for one in pages
        for object_id in one.looks()
        if rng.random() < 0.3
    ]
    texts = []
    for _ in range(2):
        log = RankingLog(LEARNING, "shop0", START_S)
        log.absorb_impressions(START_S, pages)
        log.absorb_actions(START_S + 5, actions)
        texts.append(fit(log.pages(), batch_names(RankerLayout.of(LEARNING.rules)), Growth(trees=5)).grown.text)
        rng.shuffle(pages)
        rng.shuffle(actions)
        pages = [replace(one, candidates=tuple(rng.permutation(one.candidates))) for one in pages]
    assert texts[0] == texts[1]


def test_too_few_pages():
    """Less than the least is refused with what to do."""
    pages, _ = logged(260, seed=3)
    with pytest.raises(InvalidInput, match=f"199 logged pages .* needs {LEAST_PAGES}: choose a longer range"):
        fit(pages[: LEAST_PAGES - 1], NAMES, GROWTH)
    assert sum(fit(pages[:LEAST_PAGES], NAMES, GROWTH).pages.values()) == LEAST_PAGES


def test_model_that_does_not_fit(learned: tuple[Trained, Ranker]):
    """A text that is no model, or one of other features, is refused."""
    with pytest.raises(SnapshotMismatch, match="train it again"):
        read_scorer("no model", len(NAMES))
    with pytest.raises(SnapshotMismatch, match=f"has {len(NAMES)} features, not 3"):
        read_scorer(learned[0].grown.text, 3)


def test_absent_library_is_named(monkeypatch: pytest.MonkeyPatch):
    """Without the extra the message says what to install."""
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(InvalidSettings, match=r"pip install '\.\[lambdamart\]'"):
        read_scorer("", 1)


def test_absent_openmp_is_named(tmp_path: Path):
    """Where the system lacks OpenMP, as slim images do, the message says what to install."""
    error = "libgomp.so.1: cannot open shared object file: No such file or directory"
    (tmp_path / "lightgbm.py").write_text(f"raise OSError({error!r})\n")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from ltrr.models.errors import InvalidSettings\n"
        "from ltrr.serving.rankers.lambdamart import read_scorer\n"
        "try:\n    read_scorer('', 1)\nexcept InvalidSettings as error:\n    print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "libgomp.so.1" in said
    assert "apt-get install libgomp1" in said
