"""`bench regret` on a few queries."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from ltrr.bench.peers.linear import MabWiserLinTs, RiverLinUcb
from ltrr.bench.peers.textbook import Knobs, LinearByArms, LinearSingle
from ltrr.bench.peers.vowpal import VowpalByArms, VowpalCcb, VowpalSingle
from ltrr.bench.regret import Sizes, run
from ltrr.bench.world.arms import world_rules
from ltrr.bench.world.play import Player, play
from ltrr.bench.world.visits import Visits
from ltrr.bench.world.world import World
from ltrr.models.plans.plan import PlanRules
from tests.bench.documents import check

pytestmark = pytest.mark.whole


def test_all_play_and_nobody_beats_the_oracle():
    """Everybody is measured against the same oracle, free and capped, and a miss is said."""
    document = run(sizes=Sizes(queries=120, switch=60, after=60, window=30, variety=4))
    check(document, "regret")
    shares = {name: figure.value for name, figure in document.figures.items() if " over " not in name}
    for cap in ("free", "two calls"):
        of_cap = [share for name, share in shares.items() if name.endswith(cap) and "until" not in name]
        assert len(of_cap) == 15 + 1 + 1 + 3  # who plays, from a baseline too; its cost; the first queries of three
        assert max(of_cap) <= 105
    assert not all(target.met for target in document.targets)


PEERS = {
    "SquareCB on single arms": VowpalSingle,
    "Cover on single arms": partial(VowpalSingle, explorer="--cover 2"),
    "CCB": VowpalCcb,
    "SquareCB by arm": VowpalByArms,
    "RND by arm": partial(VowpalByArms, explorer="--rnd 1"),
    "MABWiser": MabWiserLinTs,
    "River": RiverLinUcb,
    "LinUCB on single arms": partial(LinearSingle, knobs=Knobs("ucb", 0.3)),
    "LinTS by arm": partial(LinearByArms, knobs=Knobs("ts", 0.1)),
}


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_peers_learn(peer: Callable[[PlanRules, float, int], Player]):
    """Each peer's bandit earns more after a thousand queries than at the start, and keeps the caps."""
    world, rules = World(1, queries=20), world_rules(2)
    visits = Visits(world, 1, 1000)
    played = play([world], visits, peer(rules, 0.03, 1))
    values = np.array([visit.value for visit in played])
    assert all(rules.feasible(visit.plan) for visit in played)
    assert values[-300:].mean() > values[:300].mean() + 0.03
