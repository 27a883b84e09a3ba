"""A ranker trained in batches orders by its scorer, and tells what each arm adds to a score; the rest stays online."""

from collections.abc import Mapping

import numpy as np

from ltrr.models.ranking.batch_ranker import BatchRanker, batch_features, batch_names
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.ranker import Ranker
from ltrr.models.statistics.least_squares import Array

LAYOUT = RankerLayout(("fulltext", "dense"))
CONTEXT = {"bias": 1.0, "name_exact": 0.5, "attribute_exact": 1.0, "memory_known": 1.0}


def column(name: str) -> int:
    """Return the place of a feature."""
    return batch_names(LAYOUT).index(name)


def product(features: Array) -> Array:
    """Score by a relation that is no sum: both arms at once are worth more than either alone."""
    fulltext, dense = features[:, column("fulltext.gain")], features[:, column("dense.gain")]
    quality = np.nan_to_num(features[:, column("entity.quality")])
    return np.asarray(quality + np.nan_to_num(fulltext) + np.nan_to_num(dense) + 3 * np.nan_to_num(fulltext * dense))


def union(count: int = 40, seed: int = 0) -> Array:
    """Return the features of candidates that one arm or both brought."""
    rng = np.random.default_rng(seed)
    raw = rng.random((count, len(LAYOUT.names)))
    for arm, missing in (("fulltext", rng.random(count) < 0.4), ("dense", rng.random(count) < 0.4)):
        raw[np.ix_(missing, [LAYOUT.names.index(f"{arm}.{name}") for name in ("gain", "share", "score")])] = np.nan
    return raw


def online() -> Ranker:
    """Return an online ranker that thinks something of everything."""
    ranker = Ranker(LAYOUT)
    rng = np.random.default_rng(1)
    rows = rng.random((200, len(LAYOUT.columns)))
    ranker.point.add(rows.T @ rows, [0], np.array([[*(rng.random(200) @ rows), 200.0]]))
    return ranker


def test_orders_by_the_scorer():
    """Scores come best first, and are the scorer's for the features with what they are crossed with."""
    raw = union()
    ranked = BatchRanker(online(), product).rank(raw, CONTEXT)
    expected = product(batch_features(raw, CONTEXT))
    assert np.array_equal(ranked.scores, expected[ranked.order])
    assert (np.diff(ranked.scores) <= 0).all()


def test_contributions_leave_one_arm_out():
    """A score less an arm's contribution is the score of the candidate with that arm's features missing."""
    raw = union()
    ranked = BatchRanker(online(), product).rank(raw, CONTEXT)
    for arm, parts in ranked.contributions.items():
        without = raw.copy()
        without[:, [at for at, name in enumerate(LAYOUT.names) if name.startswith(f"{arm}.")]] = np.nan
        left = product(batch_features(without, CONTEXT))[ranked.order]
        np.testing.assert_allclose(ranked.scores - parts, left, atol=1e-12)
        brought = ~np.isnan(raw[ranked.order, LAYOUT.names.index(f"{arm}.gain")])
        assert (parts[~brought] == 0).all()
        assert (parts[brought] > 0).all()


def test_estimates_are_those_of_the_online_ranker():
    """Another order changes no estimate."""
    raw, ranker = union(), online()
    ours, theirs = BatchRanker(ranker, product).rank(raw, CONTEXT), ranker.rank(raw, CONTEXT)
    assert not np.array_equal(ours.order, theirs.order)
    by_row = dict(zip(theirs.order.tolist(), theirs.estimates.tolist(), strict=True))
    np.testing.assert_allclose(ours.estimates, [by_row[row] for row in ours.order.tolist()])


def test_features_of_the_query_stand_behind_those_of_the_entity():
    """What the online ranker crosses is a feature of its own, and what is missing stays missing."""
    features = batch_features(union(), CONTEXT)
    assert features.shape == (40, len(batch_names(LAYOUT)))
    shared: Mapping[str, float] = {"name_like": 0.5, "topic_like": 1.0, "memory_known": 1.0}
    for name, value in shared.items():
        assert (features[:, column(name)] == value).all()
    assert np.array_equal(features[:, : len(LAYOUT.names)], union(), equal_nan=True)


def test_an_empty_union():
    """Nothing is ranked as nothing."""
    ranked = BatchRanker(online(), product).rank(np.empty((0, len(LAYOUT.names))), CONTEXT)
    assert ranked.order.size == ranked.scores.size == ranked.estimates.size == 0
