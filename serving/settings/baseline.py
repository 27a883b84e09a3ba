"""The plan that searches are not to be worse than, as the settings name it or as it usually is."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ltrr.models.errors import InvalidSettings
from ltrr.models.plans.plan import PlanRules
from ltrr.retrievers.strategies.memory import Memory

USUAL: Final[tuple[str, ...]] = ("fuzzy", "fulltext", "structured")
"""Arms of the baseline where none is named; under caps the first of them that fit, which looks everywhere alone. Beside
them `memory`, which costs no call. One call, and candidates for one list, are left for what is learned: what else a
query needs could only be tried in place of what is known to be good."""


def with_baseline(rules: PlanRules, budgets: Mapping[str, int] | None) -> PlanRules:
    """Return rules with a baseline. budgets: arm -> candidates; empty for none, None for the usual arms.

    The usual ones have the largest budget that the caps allow, `memory` what they leave. Raises InvalidSettings.
    """
    if budgets is None:
        return replace(rules, baseline=_usual(rules))
    return replace(rules, baseline=rules.levels(budgets)) if budgets else rules


def _usual(rules: PlanRules) -> tuple[int, ...]:
    known = [arm for arm in USUAL if arm in rules.names]
    falling = rules.ladder[::-1]
    several = (known[:count] for count in range(len(known), 0, -1))
    plans = [dict.fromkeys(arms, budget) for arms in several for budget in falling[:-1]]
    for caps in (_with_room(rules), rules):
        words = _first_that_fits(caps, plans)
        if words and Memory.name in rules.names:
            return _first_that_fits(caps, [{**rules.budgets(words), Memory.name: budget} for budget in falling])
        if words:
            return words
    return ()


def _with_room(rules: PlanRules) -> PlanRules:
    """Return the rules with caps that leave a call, and candidates for the shortest list, where that is not all."""
    calls, candidates = rules.max_calls, rules.max_candidates
    return replace(
        rules,
        max_calls=None if calls is None else max(1, calls - 1),
        max_candidates=None if candidates is None else max(rules.ladder[1], candidates - rules.ladder[1]),
    )


def _first_that_fits(rules: PlanRules, plans: Sequence[Mapping[str, int]]) -> tuple[int, ...]:
    """Return the levels of the first plan, arm -> candidates, that keeps the caps; none where no plan does."""
    for budgets in plans:
        with contextlib.suppress(InvalidSettings):
            return rules.levels(budgets)
    return ()
