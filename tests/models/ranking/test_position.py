"""The position curve: logarithmic at first, then what the randomised pages tell, never rising."""

import math
from itertools import pairwise

import numpy as np
import pytest

from ltrr.models.plans.placement import Placement
from ltrr.models.ranking.position import POSITIONS, PositionCurve, fit_curve, log_curve
from ltrr.models.ranking.position_statistics import PositionStatistics
from ltrr.models.records.impression import Candidate, Decision, Impression, Source
from ltrr.models.rewards.credit import PageCredit
from tests.models.viewers import PAGE, watch

PLACEMENT = Placement(slot_share=0.05, swap_share=0.9)
STEEPER = np.array(log_curve(PAGE)) ** 1.3
TRUTHS = {
    "inverse": 1 / np.arange(1.0, PAGE + 1),
    "flat": np.ones(PAGE),
    "steeper": STEEPER,
    "logarithmic": np.array(log_curve(PAGE)),
}


@pytest.fixture(scope="module")
def steeper() -> list[PositionCurve]:
    """Return what is learned, three times, where people look at less than the logarithmic curve says."""
    return [watch(STEEPER, PLACEMENT, pages=4_000, seed=seed).curve for seed in range(3)]


def cold() -> PositionCurve:
    """Return the curve without evidence."""
    return fit_curve(np.zeros((2, POSITIONS - 1)), np.zeros((2, POSITIONS - 1)))


def test_without_evidence_it_is_the_logarithmic_curve():
    """Bit for bit on first pages, to rounding on later ones, with an interval around it."""
    curve = cold()
    assert curve.looks == curve.places(0, POSITIONS) == log_curve(POSITIONS)
    for first, count in ((10, 10), (15, 10), (400, 100)):
        assert curve.places(first, count) == pytest.approx(log_curve(first + count)[first:], rel=1e-12)
    assert curve.low[0] == curve.high[0] == 1.0
    assert all(
        low < look < high for low, look, high in zip(curve.low[1:], curve.looks[1:], curve.high[1:], strict=True)
    )


@pytest.mark.whole
@pytest.mark.parametrize("name", TRUTHS)
def test_it_comes_near_to_how_people_look(name: str):
    """After 8,000 pages no position is off by more than 0.1, and nine of ten lie within their intervals."""
    truth = TRUTHS[name]
    curve = watch(truth, PLACEMENT, pages=8_000, seed=1).curve
    assert np.abs(np.array(curve.looks[:PAGE]) - truth).max() < 0.1
    within = [low - 1e-9 <= look <= high + 1e-9 for low, look, high in zip(curve.low, truth, curve.high, strict=False)]
    assert np.mean(within) >= 0.9


def test_intervals_narrow_with_evidence():
    """Twice as wide without as with a few thousand pages."""
    curve, before = watch(STEEPER, PLACEMENT, pages=3_000, seed=0).curve, cold()
    assert curve.high[4] - curve.low[4] < 0.5 * (before.high[4] - before.low[4])


def test_better_entities_at_the_top_do_not_look_like_position_bias():
    """Where all positions are looked at, entities that are worth a tenth further down leave the curve nearly flat."""
    curve = watch(np.ones(PAGE), PLACEMENT, pages=4_000, seed=3, worth=np.geomspace(0.6, 0.06, PAGE)).curve
    assert min(curve.looks[:PAGE]) > 0.8


@pytest.mark.parametrize("seed", range(20))
def test_it_never_rises_and_stays_a_probability(seed: int):
    """Whatever the sums are, even those that contradict each other."""
    rng = np.random.default_rng(seed)
    values = rng.exponential(10.0 ** rng.integers(-3, 6), (2, POSITIONS - 1)) * (rng.random((2, POSITIONS - 1)) < 0.6)
    curve = fit_curve(values, values * rng.random((2, POSITIONS - 1)))
    assert curve.looks[0] == 1.0
    for line in (curve.looks, curve.places(0, 200)):
        assert all(0 < after <= before <= 1 for before, after in pairwise(line))
    assert all(0 < a <= b <= c <= 1 for a, b, c in zip(curve.low, curve.looks, curve.high, strict=True))


@pytest.mark.whole
def test_positions_behind_follow_the_last_exponent(steeper: list[PositionCurve]):
    """The curve goes on where the last position that is told apart leaves off."""
    line = steeper[0].places(0, 60)
    assert line[:POSITIONS] == steeper[0].looks
    ratio = math.log(line[59] / line[19]) / math.log(log_curve(60)[59] / log_curve(60)[19])
    assert ratio == pytest.approx(steeper[0].exponent)


def _page(curve: tuple[float, ...]) -> tuple[PageCredit, list[float]]:
    """Return a page that two arms filled, under a curve, and what its entities are worth."""
    worth = [0.5] * PAGE
    candidates = []
    for row in range(PAGE):
        arm = "even" if row % 2 == 0 else "odd"
        score = 1 - row / PAGE
        candidates.append(Candidate(f"e{row}", (Source(arm, row // 2 + 1, 1.0),), score, {arm: score}, 0.0, row + 1))
    rows = ((0.5, 0.5), (0.5, 0.5))
    decision = Decision("p", "v1", 0, ("even", "odd"), (0, 5), (1, 1), rows, 0.25, 0, 0.0, 2)
    shown = Impression("q", 0.0, "q", "q", decision=decision, candidates=tuple(candidates), curve=curve)
    return PageCredit(shown, decision), worth


def _credits(curve: tuple[float, ...]) -> np.ndarray:
    """Return the expected credit of both arms where people look by STEEPER and `curve` is believed."""
    credit, worth = _page(curve)
    for row, value in enumerate(worth):
        credit.observe(f"e{row}", value * STEEPER[row], curve[row])
    return credit.credit().values


def test_learned_curve_mends_credit(steeper: list[PositionCurve]):
    """Where the exponent was wrong by 0.3, the error of credits falls to less than half."""
    truth = _credits(tuple(STEEPER.tolist()))
    errors = [
        float(np.sqrt(np.mean([(_credits(line) / truth - 1) ** 2 for line in lines])))
        for lines in ([log_curve(PAGE)], [curve.places(0, PAGE) for curve in steeper])
    ]
    assert errors[0] > 0.15
    assert errors[1] < errors[0] / 2


def test_partitions_add_up_to_the_same_curve():
    """Sums of three learners give the curve of one that saw all pages."""
    whole = watch(STEEPER, PLACEMENT, pages=900, seed=4)
    parts = [watch(STEEPER, PLACEMENT, pages=900, seed=4, part=(at, 3)) for at in range(3)]
    summed = sum(parts[1:], start=parts[0])
    assert isinstance(summed, PositionStatistics)
    np.testing.assert_allclose(summed.curve.looks, whole.curve.looks, rtol=1e-9)
    np.testing.assert_allclose(summed.curve.low, whole.curve.low, rtol=1e-9)
