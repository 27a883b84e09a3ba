"""Deciding and learning over a memory of so many pairs, and with so many arms."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import process_time
from typing import Final, TypeVar

import numpy as np

from ltrr.bench.core import union_page
from ltrr.bench.sizes.process import Measured, resident_mb
from ltrr.models.learning.fold import Fold
from ltrr.models.memory.query_memory import Pair, QueryMemory
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanSpace
from ltrr.models.policies import policy_named
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.state.learning import Learning
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import load_settings

OF_QUERY: Final = 20
_PAGES: Final = 64  # of a round: as many as are learned at once
_ACTIONS: Final = 4
_START_S: Final = 1_767_225_600.0
_APPLICATION: Final = "default"
T = TypeVar("T")
DECISION, PAGE, ACTION = "decision", "page joined and learned", "action joined and learned"


def of_memory(pairs: int, rounds: int, seed: int) -> Measured:
    """Measure over a memory of queries of 20 pairs each, with the arms of the settings."""
    fold = Fold(load_settings().learning(strategy_arms()))
    before_mb = resident_mb()
    rng = np.random.default_rng(seed)
    memory = fold.state.application(_APPLICATION).memory
    queries = max(1, pairs // OF_QUERY)
    for number in range(queries):
        sums = rng.random((OF_QUERY, 2)).tolist()
        memory.queries[_query(number)] = QueryMemory({f"entity{rng.integers(1 << 40)}": Pair(*both) for both in sums})
    held_mb = resident_mb() - before_mb
    return {"memory": [held_mb], **_measure(fold, rounds, rng, queries)}


def of_arms(arms: int, rounds: int, seed: int) -> Measured:
    """Measure over so many arms of one call each."""
    rules = PlanRules(tuple(Arm(f"arm{number}", (f"text:{number}",)) for number in range(arms)))
    return _measure(Fold(Learning(rules)), rounds, np.random.default_rng(seed), 50)


def _measure(fold: Fold, rounds: int, rng: np.random.Generator, queries: int) -> Measured:
    """Return milliseconds of a decision, with all that the memory knows of its query, and microseconds of an event."""
    rules = fold.learning.rules
    found: Measured = {DECISION: [], PAGE: [], ACTION: []}
    at = 0
    for _ in range(rounds + 1):
        pages = [_page(rng, rules, at + number, int(rng.integers(queries))) for number in range(_PAGES)]
        clicks = [Action(p.query_id, f"entity{n}", "click", p.time_s + 1) for p in pages for n in range(_ACTIONS)]
        taken_s = _each(pages, lambda offset, page: fold.absorb_impressions(offset, page.time_s, [page]), at)
        found[PAGE].append(1e6 * taken_s)
        taken_s = _each(clicks, lambda offset, one: fold.absorb_actions(offset, one.time_s, [one]), _ACTIONS * at)
        found[ACTION].append(1e6 * taken_s)
        application = fold.state.application(_APPLICATION)
        policy = policy_named("igw")(PlanSpace(rules), application.reward_model, PolicyOptions())

        def decide(seed: int, page: Impression) -> None:
            list(application.memory.scored(page.normalised_query, page.time_s))  # noqa: B023  # used at once
            policy.choose(policy.distribution(page.context, seed), seed)  # noqa: B023  # used at once

        found[DECISION].append(1e3 * _each(pages, decide, 0))
        at += _PAGES
    return {name: values[1:] for name, values in found.items()}  # the first one warms


def _page(rng: np.random.Generator, rules: PlanRules, number: int, query: int) -> Impression:
    return replace(union_page(rng, rules, number, _START_S + number), normalised_query=_query(query))


def _query(number: int) -> str:
    return f"query number {number}"


def _each(things: Sequence[T], work: Callable[[int, T], object], first: int) -> float:
    """Return the mean seconds of the processor for work with each of some things, numbered from `first` on."""
    began_s = process_time()
    for number, thing in enumerate(things, first):
        work(number, thing)
    return (process_time() - began_s) / len(things)
