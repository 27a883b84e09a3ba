"""The plan that searches are not to be worse than, as the settings name it or as it usually is."""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from ltrr.models.errors import InvalidSettings
from ltrr.models.plans.plan import PlanRules
from ltrr.retrievers.strategies.memory import Memory

USUAL: Final = ("fulltext", "fuzzy", "structured")
"""Arms of the baseline where none is named; under caps the first of them that fit: who asks for less than all is still
to find what words say, then what they nearly say. Beside them `memory`, which costs no call."""


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
    words = _first_that_fits(rules, (dict.fromkeys(arms, budget) for arms in several for budget in falling[:-1]))
    if not words or Memory.name not in rules.names:
        return words
    return _first_that_fits(rules, ({**rules.budgets(words), Memory.name: budget} for budget in falling))


def _first_that_fits(rules: PlanRules, plans: Iterable[Mapping[str, int]]) -> tuple[int, ...]:
    """Return the levels of the first plan, arm -> candidates, that keeps the caps; none where no plan does."""
    for budgets in plans:
        with contextlib.suppress(InvalidSettings):
            return rules.levels(budgets)
    return ()
