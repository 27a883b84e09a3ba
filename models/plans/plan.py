"""Plans: which arms run and how many candidates each may bring; what plans may be made of, and what they cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ltrr.models.errors import InvalidSettings
from ltrr.models.statistics.least_squares import Array


@dataclass(frozen=True, slots=True)
class Arm:
    """A strategy as the policy sees it.

    calls: its distinct backend sub-requests, each `engine:what`; arms may share them. reserved: whether its candidates
    are shown in the page's reserved place alone (see Placement): it is ranked by nothing, teaches no policy, and makes
    no plan by itself. learned: whether what it brings depends on what was learned.
    """

    name: str
    calls: tuple[str, ...] = ()
    reserved: bool = False
    learned: bool = False

    @property
    def engines(self) -> frozenset[str]:
        """Return the engines that are called."""
        return frozenset(call.partition(":")[0] for call in self.calls)


@dataclass(frozen=True)  # without slots: what is asked for at every search is worked out once
class PlanRules:
    """What plans may be made of, and what they cost.

    ladder: budgets in candidates, ascending, first 0. max_calls, max_candidates: caps for each query, None for no
    cap. price_per_call, price_per_candidate: in units of reward (before lambda). baseline: the level of each arm in the
    plan that others are held against; empty where there is none. explore_share: P(the reserved arm is on), whatever the
    others do and was learned, in [0, 1].
    """

    arms: tuple[Arm, ...]
    ladder: tuple[int, ...] = (0, 5, 10, 20)
    max_calls: int | None = None
    max_candidates: int | None = None
    price_per_call: float = 1.0
    price_per_candidate: float = 0.0
    baseline: tuple[int, ...] = ()
    explore_share: float = 0.05

    def __post_init__(self) -> None:
        names = [arm.name for arm in self.arms]
        if not names or len(set(names)) != len(names):
            raise InvalidSettings("arms must be named, at least one, each once")
        if not self.ranked or len(self.ranked) < len(names) - 1:
            raise InvalidSettings("one arm may be reserved for exploration, beside others that are ranked")
        shared = {call for arm in self.arms if not arm.reserved for call in arm.calls}
        if any(shared.intersection(arm.calls) for arm in self.arms if arm.reserved):
            raise InvalidSettings(f"the reserved arm {self.reserved} must share no call with another")
        if len(self.ladder) < 2 or self.ladder[0] != 0 or list(self.ladder) != sorted(set(self.ladder)):  # noqa: PLR2004
            raise InvalidSettings(f"the ladder must start with 0 and rise, such as 0,5,10,20; not {self.ladder}")
        if min(self.price_per_call, self.price_per_candidate) < 0:
            raise InvalidSettings("prices must not be below 0")
        for name, cap in (("max_calls", self.max_calls), ("max_candidates", self.max_candidates)):
            if cap is not None and cap < 1:
                raise InvalidSettings(f"{name} must be at least 1, not {cap}")
        if not 0 <= self.explore_share <= 1:
            raise InvalidSettings(f"explore_share must lie in [0, 1], not {self.explore_share}")
        if self.baseline and (len(self.baseline) != len(names) or not self.feasible(self.baseline)):
            raise InvalidSettings("the baseline must give each arm a level, run something and keep the caps")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the arms' names in order."""
        return tuple(arm.name for arm in self.arms)

    @cached_property
    def unlearned(self) -> Mapping[str, int]:
        """Return arm -> candidates of what the baseline runs before anything is learned."""
        budgets = self.budgets(self.baseline)
        plain = (arm.name for arm in self.arms if not (arm.learned or arm.reserved))
        return {name: budgets[name] for name in plain if name in budgets}

    @cached_property
    def reserved(self) -> str | None:
        """Return the arm that has the reserved place, if any."""
        return next((arm.name for arm in self.arms if arm.reserved), None)

    @property
    def ranked(self) -> tuple[str, ...]:
        """Return the arms whose candidates are ranked."""
        return tuple(arm.name for arm in self.arms if not arm.reserved)

    @property
    def crowded_out(self) -> tuple[str, ...]:
        """Return the ranked arms that are not in the baseline, and that no cap leaves room for beside all of it."""
        return tuple(
            arm.name
            for at, (arm, level) in enumerate(zip(self.arms, self.baseline, strict=bool(self.baseline)))
            if not (arm.reserved or level) and not self.within_caps((*self.baseline[:at], 1, *self.baseline[at + 1 :]))
        )

    def calls(self, levels: Sequence[int]) -> int:
        """Return the distinct backend sub-requests of a plan."""
        return len({call for arm, level in zip(self.arms, levels, strict=True) if level for call in arm.calls})

    def price(self, levels: Sequence[int]) -> float:
        """Return what a plan costs."""
        candidates = sum(self.ladder[level] for level in levels)
        return self.price_per_call * self.calls(levels) + self.price_per_candidate * candidates

    def arm_prices(self) -> Array:
        """Return what each arm costs alone at each level; shape (arms, levels)."""
        budgets = np.array(self.ladder, dtype=np.float64)
        calls = np.array([len(set(arm.calls)) for arm in self.arms], dtype=np.float64)
        on = (budgets > 0).astype(np.float64)
        return self.price_per_call * calls[:, None] * on + self.price_per_candidate * budgets

    def levels(self, budgets: Mapping[str, int]) -> tuple[int, ...]:
        """Return the plan that gives arms their budgets, in candidates; others are off. Raises InvalidSettings."""
        unknown = budgets.keys() - set(self.names)
        if unknown:
            raise InvalidSettings(
                f"budgets name arms that do not exist: {', '.join(sorted(unknown))}; there are: {', '.join(self.names)}"
            )
        wrong = [f"{arm} {budget}" for arm, budget in budgets.items() if budget not in self.ladder]
        if wrong:
            steps = ", ".join(map(str, self.ladder))
            raise InvalidSettings(f"{', '.join(wrong)}: a budget is a step of the ladder, which has {steps}")
        levels = tuple(self.ladder.index(budgets.get(arm, 0)) for arm in self.names)
        if not self.within_caps(levels):
            named = ", ".join(f"{arm} {budget}" for arm, budget in budgets.items())
            raise InvalidSettings(f"the plan of {named} breaks a cap: name fewer arms, or smaller budgets")
        if not self.feasible(levels):
            raise InvalidSettings("the plan runs nothing that is ranked: name arms of it")
        return levels

    def budgets(self, levels: Sequence[int]) -> dict[str, int]:
        """Return the arms that a plan runs, with their budgets in candidates."""
        return {arm: self.ladder[level] for arm, level in zip(self.names, levels, strict=bool(levels)) if level}

    def feasible(self, levels: Sequence[int]) -> bool:
        """Tell whether a plan runs anything that is ranked and keeps the caps."""
        runs = any(level for arm, level in zip(self.arms, levels, strict=True) if not arm.reserved)
        return runs and self.within_caps(levels)

    def within_caps(self, levels: Sequence[int]) -> bool:
        """Tell whether a plan keeps the caps."""
        candidates = sum(self.ladder[level] for level in levels)
        within_calls = self.max_calls is None or self.calls(levels) <= self.max_calls
        return within_calls and (self.max_candidates is None or candidates <= self.max_candidates)
