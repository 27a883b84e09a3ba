"""The regressor: River's own checks, equal to River's model, mergeable, forgetting by event time."""

import doctest
import importlib
import math
import pkgutil
from collections.abc import Callable

import numpy as np
import pytest
from river import datasets, linear_model
from river.checks import yield_checks

import ltrr.models
from ltrr.models.statistics.regression import BayesianLinearRegressor, solve

Row = tuple[dict[str, float], float, float]
CHECKS = {f"{n}-{check.__name__}": check for n, check in enumerate(yield_checks(BayesianLinearRegressor()))}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
def test_passes_rivers_checks(check: Callable[[BayesianLinearRegressor], None]):
    """River's generic estimator checks hold, none skipped."""
    assert not BayesianLinearRegressor()._unit_test_skips()
    check(BayesianLinearRegressor())


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 1.0), (3.0, 0.5)])
def test_predicts_what_rivers_model_predicts(alpha: float, beta: float):
    """With a prior precision of alpha / beta the predictions along a stream are those of River's own model."""
    ours = BayesianLinearRegressor(prior_precision=alpha / beta)
    rivers = linear_model.BayesianLinearRegression(alpha=alpha, beta=beta)
    for x, y in datasets.TrumpApproval().take(150):
        scaled = {name: value / 100 if name != "ordinal_date" else value / 1e6 for name, value in x.items()}
        assert ours.predict_one(scaled) == pytest.approx(rivers.predict_one(scaled), rel=1e-6, abs=1e-8)
        ours.learn_one(scaled, y)
        rivers.learn_one(scaled, y)


def rows(seed: int, count: int = 60) -> list[Row]:
    """Return (features, target, time): some features appear late, times are in no order."""
    rng = np.random.default_rng(seed)
    names = ["one", "x", "z", "late"]
    found = []
    for at in range(count):
        x = {name: float(rng.normal()) for name in names[: 2 + (at > count // 3) + (at > count // 2)]}
        found.append((x, float(rng.normal() + x["x"]), float(rng.uniform(0, 500))))
    return found


def learned(observations: list[Row], half_life_s: float) -> BayesianLinearRegressor:
    """Return the model of some observations."""
    model = BayesianLinearRegressor(0.7, half_life_s)
    for x, y, time_s in observations:
        model.learn_one(x, y, time_s=time_s)
    return model


def weights(model: BayesianLinearRegressor) -> dict[str, float]:
    """Return a model's weights by feature."""
    return dict(zip(model.names, model.weights.tolist(), strict=True))


@pytest.mark.parametrize("half_life_s", [math.inf, 70.0])
@pytest.mark.parametrize("split", [0, 1, 17, 60])
def test_merge_equals_concatenation(half_life_s: float, split: int):
    """Two models over parts add up to the model over all, whatever features and times either saw, empty ones too."""
    observations = rows(1)
    left, right = learned(observations[:split], half_life_s), learned(observations[split:], half_life_s)
    expected = weights(learned(observations, half_life_s))
    assert weights(left + right) == pytest.approx(expected, rel=1e-9)
    assert weights(right + left) == pytest.approx(expected, rel=1e-9)
    assert weights(left) == weights(learned(observations[:split], half_life_s))


def test_decay_does_not_depend_on_the_order():
    """Observations weigh by their own time, however late they are read."""
    observations = rows(2)
    expected = weights(learned(observations, 70.0))
    assert weights(learned(sorted(observations, key=lambda o: o[2]), 70.0)) == pytest.approx(expected, rel=1e-9)
    assert weights(learned(sorted(observations, key=lambda o: -o[2]), 70.0)) == pytest.approx(expected, rel=1e-9)


def test_decay_is_weighting_by_age():
    """A forgetting model is the least-squares solution with weights 2 ** (age in half-lives), up to the prior."""
    model = BayesianLinearRegressor(1e-9, 100.0)
    for y, time_s in ((1.0, 1000.0), (5.0, 1300.0)):
        model.learn_one({"one": 1.0}, y, time_s=time_s)
    assert model.predict_one({"one": 1.0}) == pytest.approx((1.0 / 8 + 5.0) / (1 / 8 + 1))


def test_old_observations_fade_without_trouble():
    """Decades of half-lives between two observations neither overflow nor leave a trace."""
    model = BayesianLinearRegressor(1.0, 1.0)
    model.learn_one({"one": 1.0}, 9.0, time_s=0.0)
    model.learn_one({"one": 1.0}, 1.0, time_s=1e9)
    model.learn_one({"one": 1.0}, 9.0, time_s=5.0)
    assert model.predict_one({"one": 1.0}) == pytest.approx(0.5, rel=1e-12)


def test_weights_count_as_repetitions():
    """An observation of weight 3 teaches what three teach."""
    heavy, thrice = BayesianLinearRegressor(), BayesianLinearRegressor()
    heavy.learn_one({"x": 2.0}, 1.0, w=3.0)
    for _ in range(3):
        thrice.learn_one({"x": 2.0}, 1.0)
    assert heavy.predict_one({"x": 1.0}) == pytest.approx(thrice.predict_one({"x": 1.0}), rel=1e-12)


def test_corrections_change_targets_alone():
    """A target corrected later, at its own time, is as if it had been known at once."""
    corrected, known = (BayesianLinearRegressor.over(("a", "b"), 0.5, 50.0) for _ in range(2))
    x = np.array([[1.0, 2.0], [0.5, -1.0]])
    one = np.ones(2)
    corrected.add(x, np.array([0.0, 1.0]), one, 10.0)
    corrected.add(x, one, one, 900.0)
    weight = corrected.decay.weight(10.0, corrected.epoch)
    corrected.absorb(np.zeros((2, 2)), weight * np.array([0.7, -0.2]) @ x, 0.0)
    known.add(x, np.array([0.7, 0.8]), one, 10.0)
    known.add(x, one, one, 900.0)
    np.testing.assert_allclose(corrected.weights, known.weights, rtol=1e-12)


def test_ten_million_updates_stay_stable():
    """Sums of ten million updates, of the largest inputs and nearly collinear, keep a Cholesky factor and the truth."""
    rng = np.random.default_rng(6)
    base = rng.normal(size=(100, 1))
    rows = np.clip(100.0 * np.hstack([base, base + 1e-3 * rng.normal(size=(100, 1)), np.ones((100, 1))]), -100, 100)
    model = BayesianLinearRegressor.over(("a", "b", "one"), 2.0)
    model.add(rows, rows @ np.array([0.3, -0.1, 0.02]), np.full(100, 100_000.0), 0.0)
    assert model.statistics.weight == 10_000_000
    assert np.isfinite(model.spread).all()
    precision = model.statistics.moment + 2.0 * np.eye(3)
    np.testing.assert_allclose(model.spread @ model.spread.T @ precision, np.eye(3), atol=1e-4)
    np.testing.assert_allclose(rows @ model.weights, rows @ np.array([0.3, -0.1, 0.02]), atol=1e-5)


@pytest.mark.parametrize(
    "module", [m.name for m in pkgutil.walk_packages(ltrr.models.__path__, "ltrr.models.") if not m.ispkg], ids=str
)
def test_examples_in_docstrings_run(module: str):
    """What the docstrings of models show is what happens."""
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_weights_are_the_solution_whatever_was_learned_meanwhile():
    """Weights solve the normal equations, with what others expect as prior mean, after each way to learn."""
    rng = np.random.default_rng(2)
    one, other = (BayesianLinearRegressor.over(("a", "b", "c"), 2.0, 100.0) for _ in range(2))
    other.add(rng.normal(size=(5, 3)), rng.normal(size=5), np.ones(5), 0.0)
    steps: list[Callable[[], object]] = [
        lambda: one.add(rng.normal(size=(5, 3)), rng.normal(size=5), np.ones(5), 0.0),
        lambda: one.absorb(np.zeros((3, 3)), rng.normal(size=3), 0.0),
        lambda: one.absorb(np.eye(3), rng.normal(size=3), 1.0),
        lambda: one.move(1),
        lambda: one.unpack(*other.pack()),
    ]
    for step in steps:
        step()
        for model, mean in ((one, 0.0), (one.informed([other]), other.weights)):
            np.testing.assert_allclose(model.weights, one.statistics.solve(2.0, mean), rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(
                model.spread @ model.spread.T, np.linalg.inv(one.statistics.moment + 2 * np.eye(3))
            )


@pytest.mark.parametrize("size", [1, 15, 16, 17, 53])
def test_spreads_of_many_models_are_those_of_each(size: int):
    """Solved at once, each model has the square root of its own covariance, and those that know it keep it."""
    rng = np.random.default_rng(size)
    names = tuple(f"x{number}" for number in range(size))
    models = [BayesianLinearRegressor.over(names, prior_precision=0.5) for _ in range(4)]
    for number, model in enumerate(models):
        model.add(rng.normal(size=(number * size, size)), np.ones(number * size), np.ones(number * size), 0.0)
    known = models[1].spread
    solve(models)
    assert models[1].spread is known
    for model in models:
        np.testing.assert_allclose(model.spread @ model.spread.T @ model.precision, np.eye(size), atol=1e-9)
