"""`ltrr bench regret`: what policies earn in the simulated world, beside the best there is and other libraries."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ltrr.bench.peers.linear import MabWiserLinTs, RiverLinUcb
from ltrr.bench.peers.tuned import SINGLE, peers
from ltrr.bench.world.arms import world_rules
from ltrr.bench.world.learner import Learner
from ltrr.bench.world.oracle import Truth, best_plans
from ltrr.bench.world.play import Plan, Player, Visit, play
from ltrr.bench.world.visits import Visits
from ltrr.bench.world.world import World
from ltrr.models.plans.plan import PlanRules
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.statistics.least_squares import Array
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

PRICE_WEIGHT = 0.03
EXPLORATION = 0.01
ESTIMATE_LOOKS = 2.0
HALF_LIFE = 16_000.0
HALF_LIFE_SWITCHING = 500.0
_LAST = 4
_SEEDS = 3
_RECOVERED = 0.98
CAPS: dict[str, int | None] = {"free": None, "two calls": 2}
BASELINES = {"free": ("names", "topics", "meaning"), "two calls": ("names", "meaning")}
GUARDED = "ltrr igw from a baseline"
_MOST_COST = 0.3
_FIRST = 1_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many queries are played: without a switch; before one and after it; and over how many it is recovered.

    variety: different queries of each type.
    """

    queries: int = 12_000
    switch: int = 4_000
    after: int = 4_000
    window: int = 500
    variety: int = 60


FULL = Sizes()


def run(seed: int = 0, sizes: Sizes = FULL) -> BenchDocument:
    """Play three worlds, free and under a cap of two calls; in each all players meet the same visitors."""
    seeds = list(range(seed, seed + _SEEDS))
    figures: dict[str, Figure] = {}
    targets: list[Target] = []
    single: dict[str, list[list[Visit]]] = {}
    for cap, max_calls in CAPS.items():
        rules = world_rules(max_calls)
        stages = [_Stage(one, rules, sizes) for one in seeds]
        played = dict(single)  # who runs a single arm does the same under the cap
        played |= {
            name: [stage.play(make) for stage in stages] for name, make in _players(cap).items() if name not in single
        }
        single = {name: visits for name, visits in played.items() if name.endswith(SINGLE)}
        shares = {
            name: np.array([stage.share(net_values(visits, rules)) for stage, visits in zip(stages, each, strict=True)])
            for name, each in played.items()
        }
        ours = shares["ltrr igw"]
        cost = f"cost of starting from a baseline, {cap}"
        figures[cost] = _percent(ours - shares[GUARDED])
        targets.append(Target(cost, "<", _MOST_COST, figures[cost].value < _MOST_COST))
        earned = {name: [net_values(visits, rules) for visits in played[name]] for name in ("ltrr igw", GUARDED)} | {
            "the baseline": [stage.baseline(cap) for stage in stages]
        }
        for name, each in earned.items():
            share = np.array([stage.first(values) for stage, values in zip(stages, each, strict=True)])
            figures[f"{name}, first {_FIRST} queries, {cap}"] = _percent(share)
        fixed = np.array([stage.share(stage.fixed) for stage in stages])
        shares["best fixed plan"] = fixed
        for name, share in shares.items():
            figures[f"{name}, {cap}"] = _percent(share)
        targets.append(Target.above(f"ltrr igw, {cap}", figures, 98.0))
        for name, share in shares.items():
            if not name.startswith("ltrr"):
                figures[f"ltrr igw over {name}, {cap}"] = _percent(ours - share)
                targets.append(Target.above(f"ltrr igw over {name}, {cap}", figures))
        waits = np.array([_recovery(stage, rules, sizes) for stage in stages], dtype=np.float64)
        figures[f"queries until recovered from a switch, {cap}"] = Figure.mean(waits, "queries")
        targets.append(Target.below(f"queries until recovered from a switch, {cap}", figures, 3000.0))
    return BenchDocument("regret", seeds, figures, targets, _notes(sizes))


def _players(cap: str) -> dict[str, Callable[[PlanRules, int], Player]]:
    """Return who plays, by name."""
    others = {
        f"MABWiser LinTS {SINGLE}": MabWiserLinTs,
        f"River LinUCBDisjoint {SINGLE}": RiverLinUcb,
        **peers(cap, ESTIMATE_LOOKS),
    }
    made: dict[str, Callable[[PlanRules, int], Player]] = {
        name: lambda rules, seed, peer=peer: peer(rules, PRICE_WEIGHT, seed + 1)  # type: ignore[misc]
        for name, peer in others.items()
    }
    ours: dict[str, Callable[[PlanRules, int], Player]] = {
        "ltrr igw": lambda rules, _seed: _ours("igw", rules),
        GUARDED: lambda rules, _seed: _ours("igw", replace(rules, baseline=_baseline(rules, cap))),
    }
    return ours | made


def _baseline(rules: PlanRules, cap: str) -> Plan:
    return rules.levels(dict.fromkeys(BASELINES[cap], rules.ladder[-1]))


def _ours(name: str, rules: PlanRules, half_life: float = HALF_LIFE) -> Learner:
    return Learner(name, rules, PolicyOptions(PRICE_WEIGHT, EXPLORATION), half_life, ESTIMATE_LOOKS)


class _Stage:
    """A seeded world with its visitors and its truth."""

    def __init__(self, seed: int, rules: PlanRules, sizes: Sizes) -> None:
        self.seed = seed
        self.world = World(seed, queries=sizes.variety)
        self.visits = Visits(self.world, seed, sizes.queries)
        truth = Truth(self.world, rules, PRICE_WEIGHT)
        self.best = best_plans(truth)
        queries = self.visits.queries
        self.rules = rules
        self.oracle = oracle_values(truth, self.best.by_type, queries)
        self.fixed = truth.net(self.best.fixed)[queries]
        self._truth = truth

    def baseline(self, cap: str) -> Array:
        """Return the net value of the baseline for each visit."""
        return self._truth.net(_baseline(self.rules, cap))[self.visits.queries]

    def first(self, values: Array) -> float:
        """Return what was earned over the first visits, as a share of the oracle by type."""
        return float(values[:_FIRST].sum() / self.oracle[:_FIRST].sum())

    def share(self, values: Array) -> float:
        """Return what was earned over the last quarter of the visits, as a share of the oracle by type."""
        last = slice(-(len(values) // _LAST), None)
        return float(values[last].sum() / self.oracle[last].sum())

    def play(self, make: Callable[[PlanRules, int], Player]) -> list[Visit]:
        """Let somebody play all visits."""
        return play([self.world], self.visits, make(self.rules, self.seed))


def net_values(visits: list[Visit], rules: PlanRules) -> Array:
    """Return the exact net value of each plan that was served."""
    return np.array([visit.value - PRICE_WEIGHT * rules.price(visit.plan) for visit in visits])


def oracle_values(truth: Truth, by_type: tuple[Plan, ...], queries: NDArray[np.intp]) -> Array:
    """Return the net value of the best plan of each query's type."""
    values = np.array([truth.net(plan) for plan in by_type])
    return np.asarray(values[truth.world.type_of[queries], queries])


def _recovery(stage: _Stage, rules: PlanRules, sizes: Sizes) -> int:
    """Return how many queries after a switch the policy earns as large a share of the new oracle as it did before.

    It has recovered at the end of the first window whose share is at least 0.98 of the share before the switch.
    """
    worlds = [stage.world, World(stage.seed, 1, sizes.variety)]
    visits = Visits(stage.world, stage.seed, sizes.switch + sizes.after)
    played = play(worlds, visits, _ours("igw", rules, HALF_LIFE_SWITCHING), [sizes.switch])
    shares = net_values(played, rules)
    for world, part in zip(worlds, (slice(0, sizes.switch), slice(sizes.switch, None)), strict=True):
        truth = Truth(world, rules, PRICE_WEIGHT)
        best = stage.best if world is stage.world else best_plans(truth)
        shares[part] /= oracle_values(truth, best.by_type, visits.queries[part]).mean()
    steady = shares[sizes.switch // 2 : sizes.switch].mean()
    windows = np.convolve(shares[sizes.switch :], np.ones(sizes.window) / sizes.window, mode="valid")
    good = np.flatnonzero(windows >= _RECOVERED * steady)
    return int(good[0]) + sizes.window if len(good) else sizes.after


def _percent(shares: Array) -> Figure:
    return Figure.mean(100 * shares, "% of the oracle by type")


def _notes(sizes: Sizes) -> list[str]:
    last = sizes.queries // _LAST
    return [
        f"net reward in the last {last} of {sizes.queries} queries, exact for each plan that was served",
        f"exploration {EXPLORATION}, half-life {HALF_LIFE:.0f} queries, lambda {PRICE_WEIGHT}",
        f"where the world switches, the half-life is {HALF_LIFE_SWITCHING:.0f} queries: set for such a world",
        "all players meet the same contexts and visitors; those on single arms run one at its largest budget",
        f"in our credit, for both who use it, the ranker's estimate counts like {ESTIMATE_LOOKS:.0f} looks",
        "the ranker's estimates are right on average: they are what the appeal of entities was drawn around",
        "peers learn a page when all of its actions have come",
        "Vowpal Wabbit, and LinUCB and LinTS by their papers, have what earned most on other seeds, of a grid of knobs",
        "MABWiser and River are as they come: MABWiser draws once for all arms, River hardly explores",
        "from a baseline: with caution, "
        + "; ".join(f"{cap} from {', '.join(arms)} at the largest budget" for cap, arms in BASELINES.items()),
        f"the world switches after {sizes.switch} queries; recovered is the end of the first {sizes.window} that earn",
        f"{_RECOVERED} of the share of the oracle that was earned before; never counts as {sizes.after}",
    ]
