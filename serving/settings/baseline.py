"""The plan that searches are not to be worse than, as the settings name it or as it usually is."""

import contextlib
from collections.abc import Mapping
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
    for count in range(len(known), 0, -1):
        for budget in reversed(rules.ladder[1:]):
            with contextlib.suppress(InvalidSettings):
                return _remembering(rules, dict.fromkeys(known[:count], budget))
    return ()


def _remembering(rules: PlanRules, budgets: Mapping[str, int]) -> tuple[int, ...]:
    """Return the levels of a plan with what the memory brings, as far as the caps leave room for it."""
    levels = rules.levels(budgets)
    for budget in reversed(rules.ladder[1:] if Memory.name in rules.names else ()):
        with contextlib.suppress(InvalidSettings):
            return rules.levels({**budgets, Memory.name: budget})
    return levels
