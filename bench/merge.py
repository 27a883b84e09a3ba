"""`ltrr bench merge`: whether the states of partitions add up to the state of one."""

from collections.abc import Sequence

import numpy as np

from ltrr.bench.world.arms import world_rules
from ltrr.bench.world.learner import logged
from ltrr.bench.world.play import Visit, impression, page
from ltrr.bench.world.visits import CONTEXT_NAMES, Visits
from ltrr.bench.world.world import World
from ltrr.models.learning.fold import Fold
from ltrr.models.plans.space import Levels, PlanDistribution, PlanSpace
from ltrr.models.policies import policies
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.state.learning import Learning
from ltrr.models.state.state import State, merge
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.streams.events.partitions import partition_of

PARTITIONS = (1, 2, 8)
_SEEDS = 3
Log = list[tuple[float, Impression | Action]]


def run(seed: int = 0, visits: int = 600, contexts: int = 30) -> BenchDocument:
    """Learn one log in 1, 2 and 8 partitions, and compare the policies' probabilities over the merged states."""
    seeds = list(range(seed, seed + _SEEDS))
    differences = np.array([_differences(one, visits, contexts) for one in seeds])
    figures = {}
    for column, count in enumerate(PARTITIONS):
        found = differences[:, column]
        name = f"largest difference of a probability, {count} partitions"
        figures[name] = Figure(float(found.mean()), "probability", float(found.min()), float(found.max()))
    targets = [Target.below(name, figures, 1e-9) for name in figures]
    notes = [
        f"{visits} impressions and their actions for each seed, partitioned by query id, against one fold over all",
        f"marginals, and the joint of the plan drawn, in {contexts} contexts, free and under two calls",
        "credit as under a cap, so that what pairs of arms have in common is learned and merged, too",
        f"policies: {', '.join(policies())}",
    ]
    return BenchDocument("merge", seeds, figures, targets, notes)


def _differences(seed: int, visits: int, decided: int) -> list[float]:
    """Return the largest difference for each number of partitions."""
    log, contexts = _log(seed, visits)
    contexts = contexts[:decided]
    learning = Learning(world_rules(2), half_life_s=visits / 3, context_names=CONTEXT_NAMES)
    whole = _learned(learning, log)
    reference = _decided(whole, contexts)
    found = []
    for count in PARTITIONS:
        parts: list[Log] = [[] for _ in range(count)]
        for recorded_s, event in log:
            parts[partition_of(event.query_id, count)].append((recorded_s, event))
        merged = merge([whole] if count == 1 else [_learned(learning, part) for part in parts], learning)
        worst = 0.0
        for (one, plan), (other, _) in zip(reference, _decided(merged, contexts), strict=True):
            joint = abs(one.joint(plan) - other.joint(plan))
            worst = max(worst, joint, float(np.abs(one.marginals - other.marginals).max()))
        found.append(worst)
    return found


def _log(seed: int, count: int) -> tuple[Log, list[dict[str, float]]]:
    """Return the events of uniformly drawn plans in the order of their records, and some contexts."""
    world, rules = World(seed), world_rules()
    visits, space = Visits(world, seed, count), PlanSpace(rules)
    uniform = PlanDistribution(space.uniform, space.uniform)
    log: Log = []
    contexts = []
    for number, query in enumerate(visits.queries.tolist()):
        plan = uniform.sample(np.random.default_rng([seed, number]))
        visit = Visit(number, query, visits.contexts[number], plan, page(world, query, plan), world)
        contexts.append(dict(visit.context))
        log.append((float(number), impression(visit, logged("uniform", rules, uniform, visit))))
        for place in visits.acted(number, world, visit.order):
            late_s = number + float(visits.delays[number, place])
            log.append((late_s, Action(str(number), str(visit.order[place]), "like", late_s)))
    return sorted(log, key=lambda record: record[0]), contexts


def _learned(learning: Learning, log: Log) -> State:
    """Return the state after a log."""
    fold = Fold(learning)
    for recorded_s, event in log:
        if isinstance(event, Impression):
            fold.absorb_impressions(fold.progress.offsets["impressions"], recorded_s, [event])
        else:
            fold.absorb_actions(fold.progress.offsets["actions"], recorded_s, [event])
    return fold.state


def _decided(state: State, contexts: Sequence[dict[str, float]]) -> list[tuple[PlanDistribution, Levels]]:
    """Return what every policy would do, and a plan that it draws."""
    found = []
    options = PolicyOptions(budgets={"names": 10})
    for rules in (world_rules(), world_rules(2)):
        space = PlanSpace(rules)
        for policy in policies().values():
            over = policy(space, state.application("default").reward_model, options)
            for seed, context in enumerate(contexts):
                distribution = over.distribution(context, seed)
                found.append((distribution, over.choose(distribution, seed)))
    return found
