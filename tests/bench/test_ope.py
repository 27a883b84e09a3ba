"""`bench ope` on a few small logs."""

import itertools

import numpy as np
import pytest

from ltrr.bench import ope
from ltrr.models.plans.space import PlanDistribution, Tables
from ltrr.models.policies.igw import inverse_gaps

pytestmark = pytest.mark.whole


def test_document_has_all_worlds():
    """Two runs of each world are enough for every figure; other libraries agree with ours whatever the runs."""
    document = ope.run(3, runs={"additive": 2, "submodular": 1}, decisions=60)
    shown = document.as_json()
    for kind, cap in itertools.product(("additive", "submodular"), ("no cap", "2 calls")):
        for name in ("dr_pi RMSE", "dr_pi bias", "dr_pi bootstrap coverage", "effective plans"):
            assert shown["figures"][f"{name}, {kind}, {cap}"]["value"] is not None
    assert {target["figure"] for target in shown["targets"]} <= set(shown["figures"])
    peers = [target for target in shown["targets"] if target["figure"].startswith("difference to ")]
    assert len(peers) == 2
    assert all(target["met"] for target in peers)


@pytest.mark.parametrize("max_calls", [None, 2])
def test_plans_are_the_feasible_ones(max_calls: int | None):
    """All plans that the rules allow are there, each once, and no other."""
    world = ope.World(1, max_calls, additive=True)
    plans = set(map(tuple, world.plans.tolist()))
    assert len(plans) == len(world.plans)
    assert world.space.uniform.joint(world.plans[0].tolist()) == pytest.approx(1 / len(plans))
    assert all(world.rules.feasible(plan) for plan in world.plans[::101].tolist())


@pytest.mark.parametrize("max_calls", [None, 2])
def test_world_is_exact(max_calls: int | None):
    """Chances of all plans are those of the policies' own distributions, and their marginals fit."""
    world = ope.World(1, max_calls, additive=True)
    assert world.logged.chances.sum(axis=1) == pytest.approx(np.ones(4))
    for choice in (world.logged, world.target):
        for level in range(4):
            share = choice.chances @ (world.plans == level)
            np.testing.assert_allclose(share, choice.marginals[:, :, level], atol=1e-9)
    factors = 0.9 * inverse_gaps(np.random.default_rng(0).random(world.space.shape), 3.0) + 0.025
    mix = 0.1 if max_calls else 0.0
    distribution = PlanDistribution(Tables(world.space, factors), world.space.uniform, mix)
    learned = factors[np.arange(9), world.plans].prod(axis=1)
    chances = (1 - mix) * learned / learned.sum() + mix / len(world.plans)
    for row in np.random.default_rng(1).integers(0, len(world.plans), 20):
        assert distribution.joint(world.plans[row].tolist()) == pytest.approx(chances[row], rel=1e-9)


def test_additive_worlds_add_up():
    """In the additive world a plan's clicks are the sum of its arms' alone; in the other one less."""
    for additive in (True, False):
        world = ope.World(2, None, additive=additive)
        place = {tuple(plan): row for row, plan in enumerate(world.plans.tolist())}
        one, two, both = (1, *[0] * 8), (0, 2, *[0] * 7), (1, 2, *[0] * 7)
        parts = world.clicked[:, place[one]] + world.clicked[:, place[two]]
        if additive:
            np.testing.assert_allclose(world.clicked[:, place[both]], parts)
        else:
            assert (world.clicked[:, place[both]] < parts).all()
