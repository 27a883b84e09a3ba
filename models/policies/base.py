"""What every policy does."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from ltrr.models.errors import InvalidSettings
from ltrr.models.plans.search import FoundPlans, PlanSearch
from ltrr.models.plans.space import Levels, PlanDistribution, PlanSpace, Tables
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.statistics.least_squares import Array

_BESIDES: Final = 2.0


@dataclass(frozen=True, slots=True)
class PolicyOptions:
    """Settings of policies; each reads what it knows.

    price_weight: lambda; arms of a baseline that is left with caution have no price up to its level, where calls are
    capped the first call of them. exploration: the probability that is kept for choices that do not look best; under
    caps also that of a plan drawn uniformly. greed: how fast inverse gap weighting turns to what looks best. budgets:
    arm -> candidates, the plan of `static`; empty for the baseline. noise: standard deviation of credit, to which
    `thompson` scales its draws, and in which what is not known yet is measured. caution: by how many of these a lower
    budget of a baseline's arm has to look better; 0 for no caution.
    """

    price_weight: float = 0.01
    exploration: float = 0.02
    greed: float = 80.0
    budgets: Mapping[str, int] = field(default_factory=dict)
    noise: float = 0.25
    caution: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.exploration <= 1:
            raise InvalidSettings(f"exploration must lie in (0, 1], not {self.exploration}")
        if not self.greed > 0:
            raise InvalidSettings(f"greed must be above 0, not {self.greed}")
        if not self.noise > 0:
            raise InvalidSettings(f"noise must be above 0, not {self.noise}")
        if not 0 <= self.caution < math.inf:
            raise InvalidSettings(f"caution must be at least 0, not {self.caution}")


class Policy(ABC):
    """Chooses plans. `distribution` is pure and exact; `choose` is the only sampler.

    learns: whether distributions depend on what was learned. draws: whether it draws from a posterior of the weights.
    """

    name: ClassVar[str]
    learns: ClassVar[bool] = True
    draws: ClassVar[bool] = False

    def __init__(self, space: PlanSpace, model: RewardModel, options: PolicyOptions) -> None:
        self.space = space
        self.model = model
        self.options = options
        self._search = None
        if space.rules.max_calls is not None:
            self._search = PlanSearch(space.rules, first_is_paid=self.is_cautious)

    @abstractmethod
    def distribution(self, context: Mapping[str, float], seed: int) -> PlanDistribution:
        """Return the exact distribution over feasible plans in a context. seed: for parameters that are drawn."""

    def choose(self, distribution: PlanDistribution, seed: int) -> Levels:
        """Draw a plan: the level of each arm."""
        return distribution.sample(np.random.default_rng(seed))

    def learn_one(self, context: Mapping[str, float], credit: Credit, previous: Credit | None = None) -> None:
        """Learn the credit of a logged decision, however late; it replaces the `previous` credit of the same one."""
        self.model.learn_one(context, credit, previous)

    def net_values(self, context: Mapping[str, float]) -> Array:
        """Return the expected worth of each level of each arm minus its price; shape (arms, levels)."""
        return self._net(self.model.predict(self.model.inputs(context)))

    @property
    def is_cautious(self) -> bool:
        """Return whether there is a baseline, which is left with caution."""
        return bool(self.space.rules.baseline and self.options.caution)

    def guarded(self, worth: Array, inputs: Array) -> Array:
        """Return worth by which a departure from the baseline looks as good as it is for sure; shape (arms, levels).

        A lower level of a baseline's arm loses `caution` standard deviations of what it saves. What is run besides the
        baseline puts little at risk and is to be tried: it loses in proportion to its variance, which falls faster.
        Nothing changes where there is no baseline. worth: of each arm at each level. inputs: what the model saw.
        Source: conservative bandits, Wu et al. 2016 (arXiv 1602.04282), Kazerouni et al. 2017 (arXiv 1611.06426); the
        mean-variance criterion, Sani, Lazaric and Munos 2012 (arXiv 1301.1936).
        """
        if not self.is_cautious:
            return worth
        usual = self._usual_levels
        variances = np.zeros(worth.shape)
        variances[:, 1:] = self.options.noise**2 * np.cumsum(self.model.variances(inputs), axis=1)
        away = np.abs(variances - np.take_along_axis(variances, usual, axis=1))
        left = np.arange(worth.shape[1]) < usual
        guarded = worth - self.options.caution * np.where(left, np.sqrt(away), _BESIDES * away)
        return np.asarray(guarded - guarded[:, :1])

    def _net(self, worth: Array) -> Array:
        """Return worth less prices. Where the baseline is left with caution, and calls have no cap, it is paid for."""
        prices = self.space.rules.arm_prices()
        if self.is_cautious and self._search is None:
            prices = np.maximum(prices - np.take_along_axis(prices, self._usual_levels, axis=1), 0.0)
        return worth - self.options.price_weight * prices

    @cached_property
    def _usual_levels(self) -> NDArray[np.intp]:
        """The level of each arm in the baseline, where there is one; shape (arms, 1)."""
        return np.array(self.space.rules.baseline, dtype=np.intp)[:, None]

    @property
    def shared_value(self) -> float:
        """Return what a plan saves, in units of reward, for each sub-request that its arms share."""
        return self.options.price_weight * self.space.rules.price_per_call

    def best_by_level(self, context: Mapping[str, float]) -> Array:
        """Return the expected net worth of the best feasible plan that has a level of an arm; (arms, levels)."""
        inputs = self.model.inputs(context)
        worth = self.guarded(self.model.predict(inputs), inputs)
        if self._search is None:
            return self.space.best_by_level(self._net(worth), self.shared_value)
        return self._found(worth, self._search).by_level(self.space.shape[1])

    def best(self, worth: Array) -> Levels:
        """Return the best feasible plan. worth: of each arm at each level, before prices; shape (arms, levels)."""
        if self._search is None:
            return self.space.best(self._net(worth), self.shared_value)
        return self._found(worth, self._search).best()

    def _found(self, worth: Array, search: PlanSearch) -> FoundPlans:
        return search.find(worth, self.model.overlaps.shares(), self.options.price_weight)

    def floored(self, probabilities: Array) -> PlanDistribution:
        """Return the plans of a product of arms, with every level kept possible. probabilities: (arms, levels).

        The reserved arm has its own, whatever they say.
        """
        exploration = self.options.exploration
        factors = self.space.reserving((1 - exploration) * probabilities + exploration / probabilities.shape[1])
        rules = self.space.rules
        capped = rules.max_calls is not None or rules.max_candidates is not None
        return PlanDistribution(Tables(self.space, factors), self.space.uniform, exploration if capped else 0.0)
