"""Least squares with weights that may not fall below 0: the conditions of the optimum hold."""

import numpy as np
import pytest

from ltrr.models.statistics.bounded import solve_rising


@pytest.mark.parametrize("seed", range(30))
def test_the_optimum_is_found(seed: int):
    """Weights keep their bounds; where one is above it, or free, the slope is 0, and at the bound not below 0."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 40))
    rows = rng.normal(size=(3 * size, size)) + rng.normal(size=(3 * size, 1))  # columns that go together
    precision = rows.T @ rows + np.eye(size)
    response, rising = 10 * rng.normal(size=size), rng.random(size) < 0.7
    weights = solve_rising(precision, response, rising)
    slope = precision @ weights - response
    held = rising & (weights == 0)
    assert (weights[rising] >= 0).all()
    np.testing.assert_allclose(slope[~held], 0.0, atol=1e-8 * np.abs(response).max() * size)
    assert (slope[held] >= -1e-8).all()


def test_without_bounds_it_is_the_least_squares_solution():
    """Where nothing has to rise, the weights are those of the normal equations."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(20, 5))
    precision, response = rows.T @ rows, rng.normal(size=5)
    expected = np.linalg.solve(precision, response)
    np.testing.assert_allclose(solve_rising(precision, response, np.zeros(5, dtype=bool)), expected)
