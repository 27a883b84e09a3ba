"""`ltrr bench credit`: what arms are credited with, beside what they are truly worth."""

import copy

import numpy as np

from ltrr.bench.world.arms import SKILLS, world_rules
from ltrr.bench.world.learner import logged
from ltrr.bench.world.play import Plan, Visit, impression, page, page_value
from ltrr.bench.world.positions import harvest
from ltrr.bench.world.visits import Visits
from ltrr.bench.world.world import CURVE, PAGE, World
from ltrr.models.plans.placement import Placement
from ltrr.models.plans.space import PlanDistribution, PlanSpace, Tables
from ltrr.models.rewards.credit import PageCredit
from ltrr.models.statistics.least_squares import Array
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

TRUTH, LEAVE_ONE_OUT = "truth", "leave-one-out"
SCHEMES = (TRUTH, LEAVE_ONE_OUT, "full", "equal split", "session", "Horvitz-Thompson")
_OFF = 0.4
_WORTH = 0.03
_SEEDS = 3


def run(seed: int = 0, visits: int = 4000, visitors: int = 20) -> BenchDocument:
    """Compare credit with the exact counterfactual: the same page without the arm. visitors: to each page."""
    seeds = list(range(seed, seed + _SEEDS))
    means = np.array([_means(one, visits, visitors) for one in seeds])
    names = [skill.name for skill in SKILLS]
    figures = {
        f"{scheme}: {name}": Figure.mean(means[:, row, arm], "reward")
        for arm, name in enumerate(names)
        for row, scheme in enumerate(SCHEMES)
    }
    truth, credit, full = means[:, 0], means[:, 1], means[:, 2]
    worthy = truth.mean(axis=0) > _WORTH
    for arm in np.flatnonzero(worthy):
        figures[f"ratio to the truth: {names[arm]}"] = Figure.mean(credit[:, arm] / truth[:, arm], "times")
    ratios = credit.mean(axis=0)[worthy] / truth.mean(axis=0)[worthy]
    off = np.abs(ratios - 1)
    spread = np.abs(credit[:, worthy] / truth[:, worthy] - 1).max(axis=1)
    largest = "largest error of the ratio, arms worth over 0.03"
    figures[largest] = Figure(float(off.max()), "share", float(min(off.max(), spread.min())), float(spread.max()))
    poor = [names.index("worthless"), names.index("meaning_again"), names.index("meaning")]
    distance = np.abs(credit - truth)[:, poor].max(axis=1)
    figures["clones and worthless: distance from the truth"] = Figure.mean(distance, "reward")
    figures["clone: full credit over the truth"] = Figure.mean(full[:, poor[1]] / truth[:, poor[1]], "times")
    errors = np.array([_position_errors(one, visits * visitors) for one in seeds])
    figures["position curve: largest error, learned"] = Figure.mean(errors[:, 0], "probability")
    figures["position curve: largest error, logarithmic"] = Figure.mean(errors[:, 1], "probability")
    figures["position curve: positions within their interval"] = Figure.mean(errors[:, 2], "share")
    targets = [
        Target.below(largest, figures, 0.1),
        Target.below("clones and worthless: distance from the truth", figures, 0.01),
        Target.below("position curve: largest error, learned", figures, 0.05),
    ]
    return BenchDocument("credit", seeds, figures, targets, [_NOTE.format(off=_OFF, visits=visits, visitors=visitors)])


_NOTE = (
    "{visits} pages of random plans for each seed, each arm off with probability {off}, {visitors} visitors to each; "
    "the truth is the exact value of the page minus that of the page without the arm, over the pages that ran it; the "
    "position curve is learned from as many visits, one page in twenty explored and one in ten with a swap, where "
    "position k is looked at with probability 1 / k"
)


def _means(seed: int, visits: int, visitors: int) -> Array:
    """Return what each scheme gives each arm on average over the pages that ran it; shape (schemes, arms)."""
    world, rules = World(seed), world_rules()
    space = PlanSpace(rules)
    share = np.full(space.shape, (1 - _OFF) / (space.shape[1] - 1))
    share[:, 0] = _OFF
    tables = Tables(space, share)
    logging = PlanDistribution(tables, tables)
    on = 1 - logging.marginals[:, 0]
    rng = np.random.default_rng([seed, 4])
    come = Visits(world, seed, visits)
    sums, runs = np.zeros((len(SCHEMES), len(SKILLS))), np.zeros(len(SKILLS))
    for number, query in enumerate(come.queries.tolist()):
        plan = logging.sample(rng)
        visit = Visit(number, query, come.contexts[number], plan, page(world, query, plan), world)
        decision = logged("random", rules, logging, visit)
        clicks = rng.random((visitors, PAGE))[:, : len(visit.order)] < world.appeal[query, visit.order]
        clicks &= rng.random(clicks.shape) < CURVE[: len(visit.order)]
        credit = PageCredit(impression(visit, decision), decision)
        running = np.flatnonzero(plan)
        runs[running] += 1
        sums[0, running] += _truth(world, query, plan)[running]
        sums[1, running] += _leave_one_out(credit, visit, clicks)[running]
        brought = np.array([visit.sources(arm) for arm in range(len(SKILLS))], dtype=np.float64)
        taken = clicks.mean(axis=0)
        sums[2] += brought @ taken
        sums[3] += (brought / np.maximum(brought.sum(axis=0), 1)) @ taken
        sums[4, running] += taken.sum()
        runs_now = np.array(plan) > 0
        sums[5] += taken.sum() * (runs_now / on - ~runs_now / (1 - on))
    means = sums / runs
    means[5] = sums[5] / visits
    return means


def _position_errors(seed: int, visits: int) -> Array:
    """Return the largest error of the learned and of the logarithmic curve, and how many intervals hold the truth."""
    truth = 1 / np.arange(1.0, PAGE + 1)
    world = World(seed)
    curve = harvest(world, Visits(world, seed, visits), truth, Placement(0.05, 0.1), seed).curve
    learned = np.abs(np.array(curve.looks[:PAGE]) - truth).max()
    low, high = np.array(curve.low[1:PAGE]), np.array(curve.high[1:PAGE])
    within = (low <= truth[1:]) & (truth[1:] <= high)
    return np.array([learned, np.abs(CURVE - truth).max(), within.mean()])


def _truth(world: World, query: int, plan: Plan) -> Array:
    """Return what the page would lose without each arm of a plan."""
    whole = page_value(world, query, plan)
    without = [
        page_value(world, query, (*plan[:arm], 0, *plan[arm + 1 :])) if plan[arm] else whole for arm in range(len(plan))
    ]
    return np.array([whole - value for value in without])


def _leave_one_out(credit: PageCredit, visit: Visit, clicks: Array) -> Array:
    """Return the mean credit of each arm at its level over some visitors. clicks: (visitors, positions)."""
    names = [skill.name for skill in SKILLS]
    at = [
        (names.index(arm), row)
        for row, arm in enumerate(credit.arms)
        if credit.levels[row] == visit.plan[names.index(arm)]
    ]
    total = np.zeros(len(SKILLS))
    for clicked in clicks:
        one = copy.deepcopy(credit)
        for place in np.flatnonzero(clicked):
            one.observe(str(visit.order[place]), 1.0, float(CURVE[place]))
        values = one.credit().values
        for arm, row in at:
            total[arm] += values[row]
    return total / len(clicks)
