"""Textbook bandits: their regressions are ridge regressions, their scores those of the papers."""

import numpy as np
import pytest

from ltrr.bench.peers.textbook import Knobs, LinearModels

pytestmark = pytest.mark.whole


def taught(ridge: float) -> tuple[LinearModels, np.ndarray, np.ndarray]:
    """Return two arms, of which the second has learned, with what it has learned."""
    rng = np.random.default_rng(2)
    vectors, rewards = rng.normal(size=(50, 4)), rng.normal(size=50)
    models = LinearModels(2, 4, ridge)
    for vector, reward in zip(vectors, rewards, strict=True):
        models.learn(1, vector, reward)
    return models, vectors, rewards


@pytest.mark.parametrize("ridge", [0.3, 1.0])
def test_means_and_widths_are_those_of_ridge_regression(ridge: float):
    """Solved at once from all that was learned they are the same; an arm without feedback has the prior's."""
    models, vectors, rewards = taught(ridge)
    context = np.array([1.0, -0.5, 0.2, 2.0])
    precision = ridge * np.eye(4) + vectors.T @ vectors
    mean = context @ np.linalg.solve(precision, vectors.T @ rewards)
    width = np.sqrt(context @ np.linalg.solve(precision, context))
    assert models.means(context) == pytest.approx([0.0, mean])
    assert models.widths(context) == pytest.approx([np.linalg.norm(context) / np.sqrt(ridge), width])
    assert models.scores(context, Knobs("ucb", 0.7), [0]) == pytest.approx(
        models.means(context) + 0.7 * models.widths(context)
    )


def test_drawn_scores_are_those_of_drawn_parameters():
    """Each arm has a draw of its own, around its mean and as wide as v says; the same seed draws the same."""
    models, _, _ = taught(1.0)
    context = np.array([1.0, -0.5, 0.2, 2.0])
    drawn = np.array([models.scores(context, Knobs("ts", 0.3), [0, number]) for number in range(4_000)])
    assert drawn.mean(axis=0) == pytest.approx(models.means(context), abs=0.05)
    assert drawn.std(axis=0) == pytest.approx(0.3 * models.widths(context), rel=0.05)
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.06
    assert np.array_equal(models.scores(context, Knobs("ts", 0.3), [0, 5]), drawn[5])
