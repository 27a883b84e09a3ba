"""Blind clicks: they are told from those of people who look, and taken out of what is learned."""

import numpy as np
import pytest

from ltrr.models.ranking.blind_clicks import blind_share, blind_sums, seeing
from ltrr.models.ranking.groups import group_of
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.position import log_curve
from ltrr.models.ranking.ranked_page import Comparisons, PageRows, RankedPage
from ltrr.models.records.impression import Candidate, Impression
from ltrr.models.statistics.least_squares import Array

LAYOUT = RankerLayout(("fulltext",))
QUALITY = LAYOUT.columns.index("entity.quality")
LOOKS = np.array(log_curve(10))
ANYWHERE = np.full(10, 0.1)


def compared(qualities: Array, looks: Array = LOOKS) -> Comparisons:
    """Return pages of entities that have a quality alone; shape (pages, places)."""
    pages = []
    for number, of_page in enumerate(qualities.tolist()):
        shown = tuple(Candidate(f"e{at}", position=at + 1, features=(value,)) for at, value in enumerate(of_page))
        page = Impression(
            f"q{number}", 0.0, "q", "q", feature_names=("entity.quality",), candidates=shown, curve=tuple(looks)
        )
        pages.append(RankedPage(LAYOUT, page, page.looks(), group_of(page)))
    return Comparisons(PageRows(LAYOUT, pages), LAYOUT.prior, range(len(pages)))


def share(chances: Array, clicks: float = 3_000.0, looks: Array = LOOKS) -> float:
    """Return the share of blind clicks where they fall on positions by their chances."""
    gained = clicks * chances[None] / chances.sum()
    return blind_share(blind_sums(compared(np.zeros((1, 10)), looks), gained)[0])


def test_who_looks_from_the_top_is_not_blind():
    """All alike: none is blind where people look down the page or take what is first, all are where chance clicks."""
    assert share(LOOKS) == pytest.approx(0.0, abs=1e-4)
    assert share(LOOKS**3) == 0.0
    assert share(ANYWHERE) == pytest.approx(1.0, abs=1e-3)
    assert share(LOOKS[::-1]) == 1.0
    assert share(LOOKS / LOOKS.sum() + ANYWHERE) == pytest.approx(0.5, abs=1e-3)


def test_without_clicks_nobody_is_blind():
    """Nothing is said before there are clicks, little after the first, and nothing where all positions are alike."""
    assert share(ANYWHERE, clicks=0.0) == 0.0
    assert share(ANYWHERE, clicks=1.0) == pytest.approx(0.55, abs=0.2)
    assert share(ANYWHERE, looks=np.ones(10)) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.whole
def test_what_the_others_click_is_left():
    """People who take what is good, wherever they look, and as many blind: the weight is that of people alone."""
    rng, curve = np.random.default_rng(0), LOOKS / LOOKS.sum()
    good = rng.permuted(np.tile(np.repeat([0.0, 1.0], 5), (4_000, 1)), axis=1)
    chances = np.where(np.arange(len(good))[:, None] % 2, curve * (1 + good), ANYWHERE)
    clicked = [rng.choice(10, p=row / row.sum()) for row in chances]
    pages, gained = compared(good), np.eye(10)[clicked]

    def fitted(gained: Array) -> tuple[float, float]:
        moment, response = pages.moment(gained), pages.responses(gained).sum(axis=0)
        seen, heard = seeing(moment, response, blind_sums(pages, gained).sum(axis=0))
        return response[QUALITY] / moment[QUALITY, QUALITY], heard[QUALITY] / seen[QUALITY, QUALITY]

    people, _ = fitted(np.where(np.arange(len(good))[:, None] % 2, gained, 0.0))
    plain, seeing_ones = fitted(gained)
    assert seeing_ones == pytest.approx(people, rel=0.15)
    assert plain < 0.7 * people
