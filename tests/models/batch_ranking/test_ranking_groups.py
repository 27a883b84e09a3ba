"""Debiased gains as labels, weights that take LightGBM's normalisation out again, and comparisons of orders."""

import numpy as np
import pytest

from ltrr.models.batch_ranking.groups import LABEL_GAINS, Groups, best_dcg, compare
from ltrr.models.batch_ranking.log import ActedPage

CURVE = 1 / np.log2(1 + np.arange(1, 11))


def by_place(groups: Groups, number: int = 0) -> list[int]:
    """Return the labels of a page in its logged order. Features of a page are its entities' places, see `page`."""
    rows = slice(10 * number, 10 * number + 10)
    return groups.labels[rows][np.argsort(groups.features[rows, 1])].tolist()


def page(values: dict[int, float], number: int = 0, scores: np.ndarray | None = None) -> ActedPage:
    """Return a page of ten in logged order. values: 0-based position -> value."""
    gained = np.array([values.get(place, 0.0) for place in range(10)])
    own = -np.arange(10.0) if scores is None else scores
    features = np.column_stack([np.full(10, float(number)), np.arange(10.0)])
    return ActedPage(float(number), (f"q{number}", 1), features, gained, CURVE, own, "online")


def test_labels_are_debiased_gains():
    """An action counts as often as its position was looked at seldom; nothing is 0, and a small action is not."""
    groups = Groups.of([page({0: 1.0, 9: 0.5}), page({3: 0.001}, 1)])
    gains = np.array(LABEL_GAINS)[by_place(groups) + by_place(groups, 1)]
    assert gains[0] == 1.0
    assert gains[9] == pytest.approx(0.5 / CURVE[9], abs=0.025)
    assert gains[13] == LABEL_GAINS[1]
    assert np.flatnonzero(gains).tolist() == [0, 9, 13]
    assert groups.sizes.tolist() == [10, 10]


def test_rows_come_in_an_order_of_no_meaning():
    """Each page has its own, the same each time; over many pages each entity is first as often as any other."""
    pages = [page({}, number) for number in range(2_000)]
    places = Groups.of(pages).features[:, 1].reshape(-1, 10)
    assert (np.sort(places) == np.arange(10)).all()
    assert np.array_equal(Groups.of(pages[7:9]).features[:, 1].reshape(-1, 10), places[7:9])
    firsts = np.bincount(places[:, 0].astype(int), minlength=10)
    assert np.abs(firsts - 200).max() < 4 * np.sqrt(200)


def test_one_action_cannot_weigh_without_bound():
    """A value at a place that is hardly looked at is cut to the last label."""
    one = page({0: 1.0})
    one.looks = np.full(10, 1e-6)
    assert Groups.of([one]).labels.max() == len(LABEL_GAINS) - 1


def test_pages_weigh_by_their_best_gain():
    """So a page whose only action was far down weighs as much more as its position is looked at less."""
    groups = Groups.of([page({0: 1.0}), page({9: 1.0})])
    assert groups.weights[0] == pytest.approx(1.0)
    assert groups.weights[10] == pytest.approx(1 / CURVE[9], abs=0.03)
    assert len(set(groups.weights[:10])) == 1


def test_comparison():
    """The best order against the logged one: an interval above 0; the logged order against itself: none."""
    rng = np.random.default_rng(0)
    pages = [page({int(rng.integers(1, 10)): 1.0}, number) for number in range(60)]
    best = compare(pages, np.concatenate([one.values for one in pages]))
    assert best.ndcg == pytest.approx(1.0)
    assert 0 < best.interval.low < best.ndcg - best.logged < best.interval.high
    assert best.better
    same = compare(pages, np.concatenate([one.scores for one in pages]))
    assert (same.ndcg, same.interval.low, same.interval.high) == (same.logged, 0.0, 0.0)
    assert not same.better
    worse = compare(pages, -np.concatenate([one.values for one in pages]))
    assert worse.interval.high < 0


def test_debiased_comparison_finds_the_better_order():
    """Where users look at the top, actions there praise any logged order; debiased they do not.

    The entity at the last place is the one that everybody wants, and is logged as taken only as often as it is seen.
    """
    rng = np.random.default_rng(3)
    pages = []
    for number in range(4_000):
        taken = {at: 1.0 for at, p in ((0, 0.5), (9, 0.9)) if rng.random() < p * CURVE[at]}
        if taken:
            pages.append(page(taken, number))
    moved = np.tile(np.r_[-np.arange(9.0), 1.0], len(pages))
    assert sum(one.values[0] for one in pages) > sum(one.values[9] for one in pages)
    assert compare(pages, moved).better


def test_best_order():
    """The best DCG is that of the gains sorted."""
    one = page({4: 1.0, 2: 0.5})
    gains = np.sort(np.array(LABEL_GAINS)[Groups.of([one]).labels])[::-1]
    assert best_dcg(one) == pytest.approx(gains[0] + gains[1] / np.log2(3))
