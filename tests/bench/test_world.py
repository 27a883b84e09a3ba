"""The world: its truths are exact, its visitors the same for all, its best plans the best."""

import itertools

import numpy as np
import pytest

from ltrr.bench.world.arms import LADDER, SHARES, SKILLS, TYPES, world_rules
from ltrr.bench.world.learner import Learner
from ltrr.bench.world.oracle import Truth, best_plans
from ltrr.bench.world.play import Visit, page, page_value, play
from ltrr.bench.world.visits import CONTEXT_NAMES, LATEST, Visits
from ltrr.bench.world.world import CURVE, PAGE, World
from ltrr.models.plans.plan import PlanRules
from ltrr.models.policies.base import PolicyOptions

pytestmark = pytest.mark.whole

WORLD = World(1, queries=20)
NAMES = [skill.name for skill in SKILLS]
MIXED = (1, 0, 2, 0, 1, 3, 0, 1, 0)


class Fixed:
    """Runs one plan and writes down what it is told."""

    def __init__(self, plan: tuple[int, ...]) -> None:
        self.plan = plan
        self.acts: list[tuple[int, int, int]] = []
        self.settled: list[Visit] = []
        self.now = 0

    def choose(self, vector: np.ndarray, visit: int) -> tuple[int, ...]:
        """Return the plan."""
        assert len(vector) == len(CONTEXT_NAMES)
        self.now = visit
        return self.plan

    def serve(self, visit: Visit) -> None:
        """Nothing was acted on yet."""
        assert not visit.clicked

    def act(self, visit: Visit, place: int) -> None:
        """Write down what came when."""
        self.acts.append((visit.number, place, self.now))

    def settle(self, visit: Visit) -> None:
        """Write down the page."""
        self.settled.append(visit)


def test_values_are_those_of_many_visitors():
    """The exact value of a plan is the mean number of actions of its pages."""
    visits = Visits(WORLD, 2, 3000)
    player = Fixed(MIXED)
    played = play([WORLD], visits, player)
    assert [visit.plan for visit in played] == [MIXED] * 3000
    counted = [len(visit.clicked) for visit in player.settled]
    expected = WORLD.page_values(MIXED)[visits.queries]
    assert [visit.value for visit in played] == pytest.approx(expected.tolist())
    assert len(counted) == 3000
    assert np.mean(counted) == pytest.approx(expected.mean(), abs=4 * np.std(counted) / np.sqrt(3000))


def test_value_of_one_page_is_that_of_all():
    """A page worked out by itself has the value that it has among all."""
    values = WORLD.page_values(MIXED)
    assert [page_value(WORLD, query, MIXED) for query in range(100)] == pytest.approx(values.tolist())
    assert len(page(WORLD, 3, MIXED)) == PAGE
    alone = page(WORLD, 3, (1, *(0,) * 8))
    assert page_value(WORLD, 3, (1, *(0,) * 8)) == pytest.approx(WORLD.appeal[3, alone] @ CURVE[: len(alone)])


def test_lists_are_prefixes_with_clones_and_junk():
    """Each list has every rank once; the clone's list is its twin's; the worthless arm's entities nobody wants."""
    for arm, query in itertools.product(range(len(SKILLS)), range(0, 100, 7)):
        ranks = WORLD.ranks[arm, query]
        assert sorted(ranks[np.isfinite(ranks)].tolist()) == list(range(1, LADDER[-1] + 1))
    assert np.array_equal(WORLD.ranks[NAMES.index("meaning")], WORLD.ranks[NAMES.index("meaning_again")])
    assert WORLD.page_values((0,) * 8 + (3,)).mean() < 0.05


def test_arms_find_by_type_what_they_should():
    """Names are found by their arm, moods by meaning, misspelt ones by spelling; a switch changes that."""
    world, rules = World(3), world_rules()
    truth = Truth(world, rules, 0.0)
    singles = {name: tuple(3 * int(name == other) for other in NAMES) for name in NAMES}
    for kind, arm in (("name", "names"), ("topic", "topics"), ("mood", "meaning"), ("typo", "spelling")):
        worth = {name: truth.by_type(plan)[TYPES.index(kind)] for name, plan in singles.items()}
        assert max(worth, key=worth.get) == arm
    switched = Truth(World(3, phase=1), rules, 0.0)
    assert switched.by_type(singles["names"])[0] < truth.by_type(singles["names"])[0] / 2
    assert np.array_equal(switched.world.appeal, world.appeal)
    assert world.shares.sum() == pytest.approx(1.0)
    assert world.shares[:60].sum() == pytest.approx(SHARES[0])


def test_best_plans_under_a_cap_are_those_of_all():
    """With two calls, no feasible plan is better for a type, or as one plan for all."""
    rules = world_rules(2)
    truth = Truth(WORLD, rules, 0.03)
    best = best_plans(truth)
    plans = [p for p in itertools.product(range(4), repeat=9) if sum(map(bool, p)) <= 2 and rules.feasible(p)]
    for number, plan in enumerate(best.by_type):
        assert truth.by_type(plan)[number] == max(truth.by_type(p)[number] for p in plans)
    assert truth.mean(best.fixed) == max(map(truth.mean, plans))


def test_climbed_plans_are_the_best_of_a_small_space():
    """Where all plans could be listed, climbing finds the same."""
    ladder_of_two = PlanRules(world_rules().arms, (0, 5), price_per_candidate=0.02)
    truth = Truth(WORLD, ladder_of_two, 0.03)
    climbed = best_plans(truth)
    listed = [p for p in itertools.product(range(2), repeat=9) if any(p)]
    assert truth.mean(climbed.fixed) == pytest.approx(max(map(truth.mean, listed)), abs=1e-3)


def test_visitors_are_common_and_late():
    """Two players see the same visitors; actions come after their delay, each once, and none after the last moment."""
    visits = Visits(WORLD, 5, 600)
    one, other = Fixed(MIXED), Fixed(MIXED)
    play([WORLD], visits, one)
    play([WORLD], Visits(WORLD, 5, 600), other)
    assert one.acts == other.acts
    assert len({(visit, place) for visit, place, _ in one.acts}) == len(one.acts)
    delays = [now - visit for visit, _, now in one.acts if now < 599]
    assert min(delays) >= 0
    assert 20 < np.mean(delays) < 60
    assert max(delays) < LATEST
    assert [visit.number for visit in one.settled] == list(range(600))


def test_our_policies_play():
    """A policy learns from the pages it is shown and their late actions, and repeats to the last bit."""
    rules = world_rules(2)
    plans = []
    for _ in range(2):
        learner = Learner(
            "igw", rules, PolicyOptions(price_weight=0.03, exploration=0.04, greed=40.0), half_life=1000.0
        )
        played = play([WORLD, World(1, 1, queries=20)], Visits(WORLD, 6, 400), learner, [200])
        plans.append([visit.plan for visit in played])
        assert learner.policy.model.decisions == 400
        assert all(rules.feasible(plan) for plan in plans[-1])
    assert plans[0] == plans[1]
    assert learner.policy.model.mean_credit("names") > learner.policy.model.mean_credit("worthless")
