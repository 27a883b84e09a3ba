"""What is learned of positions in the world, where people do not look as the prior says."""

import numpy as np

from ltrr.bench.world.arms import LADDER, SKILLS
from ltrr.bench.world.visits import Visits
from ltrr.bench.world.world import PAGE, World
from ltrr.models.plans.placement import Placement
from ltrr.models.ranking.position_statistics import PositionStatistics
from ltrr.models.records.impression import Candidate, Impression
from ltrr.models.statistics.decay import Decay
from ltrr.models.statistics.least_squares import Array


def harvest(world: World, visits: Visits, looks: Array, placement: Placement, seed: int) -> PositionStatistics:
    """Show each visit the union of all arms at the largest budget, and learn from its actions.

    looks: P(looked at) of each position, shape (PAGE,).
    """
    rng = np.random.default_rng([seed, 5])
    statistics = PositionStatistics(Decay())
    plan = (len(LADDER) - 1,) * len(SKILLS)
    scores = world.scores(plan)
    for number, query in enumerate(visits.queries.tolist()):
        union = np.argsort(-scores[query], kind="stable")[: int(np.isfinite(scores[query]).sum())]
        possible = placement.possible(len(union), PAGE)
        order = possible.order(len(union), PAGE, rng)[:PAGE]
        acted = np.flatnonzero(rng.random(len(order)) < world.appeal[query, union[order]] * looks[: len(order)])
        if not len(acted):
            continue
        place = {rank: at for at, rank in enumerate(order, start=1)}
        shown = tuple(Candidate(str(rank), position=place[rank], explored=rank >= PAGE) for rank in sorted(order))
        page = Impression(
            str(number),
            0.0,
            "",
            "",
            candidates=shown,
            slot_share=possible.slot_share,
            swap_share=possible.swap_share,
        )
        for at in acted:
            statistics.act(page, str(order[at]), 1.0, 1.0)
    return statistics
