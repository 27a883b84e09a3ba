"""Blind clicks: they are told from those of people who look, and taken out of what is learned."""

from collections.abc import Callable

import numpy as np
import pytest

from ltrr.models.ranking.blind_clicks import BlindClicks
from ltrr.models.ranking.position import log_curve
from ltrr.models.statistics.least_squares import Array, LinearStatistics

LOOKS = np.array(log_curve(10))
ANYWHERE = np.full(10, 0.1)


def taught(centred: Array) -> Callable[[Array], Array]:
    """Return what gains teach the order of rows that are compared with the mean of their page."""
    return lambda gained: gained @ centred


def clicked(chances: Array, pages: int = 1_500, looks: Array = LOOKS) -> BlindClicks:
    """Return what pages teach of which one entity is clicked, at positions by their chances."""
    clicks, rng = BlindClicks(1), np.random.default_rng(0)
    for position in rng.choice(10, size=pages, p=chances / chances.sum()):
        features = rng.random((10, 1))
        centred = features - looks @ features / looks.sum()
        clicks.add(taught(centred), looks, np.eye(10)[position])
    return clicks


def test_who_looks_from_the_top_is_not_blind():
    """All alike: none is blind where people look down the page or take what is first, all are where chance clicks."""
    assert clicked(LOOKS).share == pytest.approx(0.0, abs=0.1)
    assert clicked(LOOKS**3).share == 0.0
    assert clicked(ANYWHERE).share == pytest.approx(1.0, abs=0.1)
    assert clicked(LOOKS[::-1]).share == 1.0
    half = LOOKS / LOOKS.sum() + ANYWHERE
    assert clicked(half, 5_000).share == pytest.approx(0.5, abs=0.1)


def test_without_clicks_nobody_is_blind():
    """Nothing is said before there are clicks, little after the first, and nothing where all positions are alike."""
    assert BlindClicks(1).share == 0.0
    assert clicked(LOOKS[::-1] ** 50, pages=1).share == pytest.approx(1.0, abs=0.5)
    assert clicked(ANYWHERE, looks=np.ones(10)).share == pytest.approx(0.0, abs=1e-9)


@pytest.mark.whole
def test_what_the_others_click_is_left():
    """People who take what has the feature, wherever they look, and as many blind: their weight is found again."""
    rng, pairs, clicks = np.random.default_rng(0), LinearStatistics.empty(1), BlindClicks(1)
    curve = LOOKS / LOOKS.sum()
    for number in range(20_000):
        good = rng.permutation(np.repeat([0.0, 1.0], 5))
        taken = curve * (1 + good) if number % 2 else ANYWHERE
        gained = np.eye(10)[rng.choice(10, p=taken / taken.sum())]
        centred = (good - curve @ good)[:, None]
        pairs.add(centred, gained / LOOKS, LOOKS)
        clicks.add(taught(centred), LOOKS, gained)
    moment, response = clicks.seeing(pairs)
    people = (2 - 1) / (1.5 * LOOKS.sum())  # P(taken | looked at), with the feature less without
    assert response[0] / moment[0, 0] == pytest.approx(people, rel=0.15)
    assert pairs.response[0] / pairs.moment[0, 0] < 0.7 * people


def test_sums_add_up_at_one_epoch():
    """Parts, the older of them faded, have the share of the whole; what was packed comes back."""
    one, other = clicked(LOOKS, 50), clicked(ANYWHERE, 50)
    other.epoch = 2
    both = one + other
    np.testing.assert_allclose(both.pack(), one.pack() / 4 + other.pack())
    assert both.epoch == 2
    again = BlindClicks(1)
    again.restore(both.pack(), both.epoch)
    assert (again.share, again.epoch) == (both.share, 2)
    assert (BlindClicks(1) + one).pack().tolist() == one.pack().tolist()
    with pytest.raises(ValueError, match="not \\(2,\\)"):
        again.restore(np.zeros(2), 0)
