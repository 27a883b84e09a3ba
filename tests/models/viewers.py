"""Simulated people who look at positions by a given curve, and take what is worth it."""

import numpy as np

from ltrr.models.plans.placement import Placement
from ltrr.models.ranking.position_statistics import PositionStatistics
from ltrr.models.records.impression import Candidate, Impression
from ltrr.models.statistics.decay import Decay

PAGE = 10
_UNION = 25


def watch(
    truth: np.ndarray,
    placement: Placement,
    pages: int,
    seed: int,
    worth: np.ndarray | None = None,
    part: tuple[int, int] = (0, 1),
) -> PositionStatistics:
    """Return what pages tell of positions.

    worth: of ranks on the page, falling by default. part: (this one, of how many learners).
    """
    rng = np.random.default_rng(seed)
    usual = np.linspace(0.6, 0.3, PAGE) if worth is None else worth
    means = np.concatenate([usual, np.full(_UNION - PAGE, 0.2)])
    chances = placement.possible(_UNION, PAGE)
    statistics = PositionStatistics(Decay(7_200.0))
    for number in range(pages):
        order = chances.order(_UNION, PAGE, rng)[:PAGE]
        taken = rng.random(PAGE) < np.minimum(1.0, rng.gamma(4.0, means[order] / 4)) * truth
        if not taken.any() or number % part[1] != part[0]:
            continue
        at = {rank: place for place, rank in enumerate(order, start=1)}
        shown = tuple(Candidate(f"e{rank}", position=at[rank], explored=rank >= PAGE) for rank in sorted(order))
        page = Impression(
            str(number), 0.1 * number, "q", "q", candidates=shown,
            slot_share=chances.slot_share, swap_share=chances.swap_share,
        )  # fmt: skip
        for place in np.flatnonzero(taken):
            statistics.act(page, f"e{order[place]}", 1.0, 1.0)
    return statistics
