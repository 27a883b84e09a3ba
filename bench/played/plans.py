"""Plans that do not learn online: hand rules, the best fixed mix under a cap, and what an oracle runs for each type."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from ltrr.bench.played.systems import PAGE, Chooser
from ltrr.models.plans.plan import PlanRules
from ltrr.models.records.impression import Candidate

Budgets = Mapping[str, int]


def always(budgets: Budgets) -> Chooser:
    """Return what runs one plan."""
    return lambda _context, _kind: budgets


def by_type(plans: Mapping[str, Budgets], else_: Budgets) -> Chooser:
    """Return what knows the type of each query."""
    return lambda _context, kind: plans.get(kind, else_)


def hand_rules(budget: int) -> Chooser:
    """Return what somebody who knows the arms would write by hand. budget: of both arms together."""

    def choose(context: Mapping[str, float], kind: str) -> Budgets:
        del kind
        return dict.fromkeys(_pair(context), budget // 2)

    return choose


def _pair(context: Mapping[str, float]) -> tuple[str, str]:
    tag, name, title = (context.get(f, 0.0) > 0 for f in ("attribute_exact", "name_exact", "alias_exact"))
    if name:
        return "popular", "fuzzy"
    if tag:
        return "structured", "personal"
    if title:
        return "fulltext", "fuzzy"
    if context.get("attribute_part", 0.0) > 0:
        return "fulltext", "fuzzy"
    return "fuzzy", "personal"


def plans(rules: PlanRules, most: int) -> Iterator[Budgets]:
    """Yield the plans of at most `most` arms that keep the caps."""
    names, steps = rules.names, range(1, len(rules.ladder))
    for size in range(1, most + 1):
        for chosen in combinations(range(len(names)), size):
            for levels in product(steps, repeat=size):
                whole = [0] * len(names)
                for at, level in zip(chosen, levels, strict=True):
                    whole[at] = level
                if rules.feasible(whole):
                    yield rules.budgets(whole)


class Evidence:
    """What any plan would have shown, by the scores that a ranker gave where every arm ran.

    A candidate has without an arm the score without that arm's part of it, as in credit.
    """

    def __init__(self, arms: Sequence[str]) -> None:
        self._arms = tuple(arms)
        self._scores: list[NDArray[np.float64]] = []
        self._ranks: list[NDArray[np.int64]] = []
        self._gains: list[NDArray[np.float64]] = []
        self._best: list[float] = []

    def add(self, union: Sequence[Candidate], relevant: Mapping[str, float]) -> None:
        """Take note of a union."""
        at = {arm: place for place, arm in enumerate(self._arms)}
        scores = np.zeros((len(union), len(at) + 1))
        ranks = np.full((len(union), len(at)), 10**6)
        for row, candidate in enumerate(union):
            scores[row, -1] = candidate.score - sum(candidate.contributions.values())
            for arm, part in candidate.contributions.items():
                scores[row, at[arm]] = part
            for source in candidate.sources:
                ranks[row, at[source.arm]] = source.rank
        self._scores.append(scores)
        self._ranks.append(ranks)
        self._gains.append(np.array([float(candidate.object_id in relevant) for candidate in union]))
        self._best.append(float(_DISCOUNTS[: min(PAGE, len(relevant))].sum()))

    def quality(self, budgets: Budgets, which: Sequence[int]) -> NDArray[np.float64]:
        """Return the nDCG@10 of a plan for some of the queries that were added."""
        limits = np.array([budgets.get(arm, 0) for arm in self._arms])
        found = np.zeros(len(which))
        for place, number in enumerate(which):
            gains = self._gains[number]
            if not gains.any():
                continue
            on = self._ranks[number] <= limits
            brought = on.any(axis=1)
            if not gains[brought].any():
                continue
            scores = self._scores[number]
            ordered = gains[brought][np.argsort(-(scores[:, -1] + (scores[:, :-1] * on).sum(axis=1))[brought])][:PAGE]
            found[place] = ordered @ _DISCOUNTS[: len(ordered)] / self._best[number]
        return found

    def greedy(self, rules: PlanRules, which: Sequence[int]) -> Budgets:
        """Return the best fixed mix: the step that helps most, as long as one does."""
        levels, value = [0] * len(rules.names), -1.0
        while True:
            steps = [
                [*levels[:at], level, *levels[at + 1 :]]
                for at in range(len(levels))
                for level in range(len(rules.ladder))
                if level != levels[at]
            ]
            tried = {tuple(step): step for step in steps if rules.feasible(step)}
            values = {step: float(self.quality(rules.budgets(step), which).mean()) for step in tried}
            best = max(values, key=lambda step: values[step], default=None)
            if best is None or values[best] <= value:
                return rules.budgets(levels)
            levels, value = list(best), values[best]

    def oracle(
        self, tried: Sequence[Budgets], which: Sequence[int], kinds: Sequence[str]
    ) -> tuple[dict[str, Budgets], NDArray[np.float64]]:
        """Return the best plan for each type among some queries, and the nDCG@10 of the best plan for each of them.

        kinds: of all queries that were added. Part of what is best for one query is luck.
        """
        everything = np.array([self.quality(plan, which) for plan in tried])
        of = np.array([kinds[number] for number in which])
        best = {kind: tried[int(everything[:, of == kind].mean(axis=1).argmax())] for kind in sorted({*of.tolist()})}
        return best, everything.max(axis=0)


_DISCOUNTS = 1 / np.log2(2 + np.arange(PAGE))
