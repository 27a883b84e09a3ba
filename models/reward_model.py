"""What each arm at each level is expected to be worth in a context."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from models.context import context_matrix
from models.credit import Credit
from models.decay import DecayedCount
from models.overlap import Overlaps
from models.plan import PlanRules
from models.regressors import OURS, new_regressor
from models.statistics import Array


class RewardModel:
    """One linear regression for each arm over phi(x, l) = [x, g(l) x].

    x is the context, and behind it the history of the arm (`history_names`, logged as "arm.name"); g runs from 0 at
    the smallest budget to 1 at the largest, linear in 1 / budget, so that the best budget can depend on the context and
    more brings ever less. Before larger budgets are tried they are worth what the smallest is. Level 0 is worth 0 by
    definition: credit is against it. `overlaps` says what arms have in common, where credit does. Models of the same
    shape can be added. regressor: a name of `regressors()`.

    at_once: whether a decision can be learned before all its actions are known, and corrected later; River's regressors
    learn each decision once, when no action can come any more.
    """

    def __init__(
        self,
        rules: PlanRules,
        context_names: tuple[str, ...],
        prior_precision: float,
        half_life_s: float = math.inf,
        regressor: str = OURS,
        history_names: tuple[str, ...] = (),
    ) -> None:
        self.at_once = regressor == OURS
        self.regressor = regressor
        self.rules = rules
        self.context_names = context_names
        self.history_names = history_names
        self.input_names = (*context_names, *history_names)
        names = tuple(f"{part}{name}" for part in ("", "budget:") for name in self.input_names)
        self.regressors = {arm: new_regressor(regressor, names, prior_precision, half_life_s) for arm in rules.names}
        self.count = DecayedCount(half_life_s)
        self.overlaps = Overlaps(rules.names, half_life_s)
        inverse = 1 / np.array(rules.ladder[1:], dtype=np.float64)
        spread = inverse[0] - inverse[-1]
        self._history = tuple(f"{arm}.{name}" for arm in rules.names for name in history_names)
        self._budget = np.concatenate([[0.0], (inverse[0] - inverse) / spread if spread else [0.0]])

    @property
    def decisions(self) -> int:
        """Return how many decisions were learned."""
        return self.count.events

    def inputs(self, context: Mapping[str, float]) -> Array:
        """Return what the regression of each arm sees of a logged context; shape (arms, inputs)."""
        return np.asarray(self._inputs((context,))[:, 0])

    def predict(self, inputs: Array) -> Array:
        """Return the expected credit of each arm at each level, before prices; shape (arms, levels).

        inputs: shape (arms, inputs), or (inputs,) where they are the same for all arms.
        """
        return self.worth(np.array([self.regressors[arm].weights for arm in self.rules.names]), inputs)

    def draw(self, rng: np.random.Generator, noise: float) -> Array:
        """Draw the weights of all arms from their posterior; shape (arms, d). noise: standard deviation of credit."""
        regressors = [self.regressors[arm] for arm in self.rules.names]
        means = np.array([regressor.weights for regressor in regressors])
        numbers = rng.standard_normal(means.shape)
        drawn = [
            regressor.spread @ row for regressor, row in zip(regressors, numbers, strict=True)
        ]  # large: not copied
        return np.asarray(means + noise * np.array(drawn))

    def worth(self, weights: Array, inputs: Array) -> Array:
        """Return what weights of shape (arms, d) say of each arm at each level; shape (arms, levels)."""
        base, slope = np.split(weights, 2, axis=1)
        worth = (base * inputs).sum(axis=1)[:, None] + (slope * inputs).sum(axis=1)[:, None] * self._budget
        worth[:, 0] = 0.0
        return np.asarray(worth)

    def mean_credit(self, arm: str) -> float:
        """Return the mean credit of an arm over all levels that were learned, 0 before any."""
        return self.regressors[arm].mean(self.context_names.index("bias"))

    def learn_one(self, context: Mapping[str, float], credit: Credit, previous: Credit | None = None) -> None:
        """Learn the credit of one decision, or replace what `previous` taught of the same decision.

        Arms that this model does not have are left out.
        """
        if previous is None:
            self.count.add(credit.time_s)
        values = credit.values if previous is None else credit.values - previous.values
        self.overlaps.learn_one(credit, previous)
        if previous is not None and not values.any():
            return
        inputs = self.inputs(context)
        places: dict[str, list[int]] = {}
        for place, arm in enumerate(credit.arms):
            places.setdefault(arm, []).append(place)
        ones = np.ones(len(self._budget))
        for arm, vector in zip(self.rules.names, inputs, strict=True):
            at = places.get(arm, [])
            mine = values[at]
            if not at or (previous is not None and not mine.any()):
                continue
            g = self._budget[[credit.levels[place] for place in at]]
            rows = np.concatenate([np.broadcast_to(vector, (len(at), len(vector))), g[:, None] * vector], axis=1)
            learn = self.regressors[arm].add if previous is None else self.regressors[arm].correct
            learn(rows, mine, ones[: len(at)], credit.time_s)

    def learn_many(self, decisions: Sequence[tuple[Mapping[str, float], Credit]]) -> None:
        """Learn the credit of many decisions at once: what learn_one of each teaches, to rounding, but faster."""
        if not self.at_once:
            for context, credit in decisions:
                self.learn_one(context, credit)
            return
        if not decisions:
            return
        inputs = self._inputs([context for context, _ in decisions])
        times_s = np.array([credit.time_s for _, credit in decisions], dtype=np.float64)
        place = {arm: index for index, arm in enumerate(self.rules.names)}
        place_of = [place.get(arm, -1) for _, credit in decisions for arm in credit.arms]
        arms = np.array(place_of, dtype=np.intp)
        of = np.repeat(np.arange(len(decisions)), [len(credit.arms) for _, credit in decisions])
        g = self._budget[np.array([level for _, credit in decisions for level in credit.levels], dtype=np.intp)]
        y = np.concatenate([credit.values for _, credit in decisions])
        sums = np.zeros((len(place), len(decisions), 5))
        known = arms >= 0
        terms = np.column_stack([np.ones(len(y)), g, g * g, y, g * y])
        np.add.at(sums, (arms[known], of[known]), terms[known])
        for arm, index in place.items():
            taught = np.flatnonzero(sums[index, :, 0])
            if len(taught):
                self.regressors[arm].add_interacted(inputs[index, taught], sums[index, taught].T, times_s[taught])
        for _, credit in decisions:
            self.overlaps.learn_one(credit)
            self.count.add(credit.time_s)

    def _inputs(self, contexts: Sequence[Mapping[str, float]]) -> Array:
        """Return what the regressions see of contexts; shape (arms, contexts, inputs)."""
        shared = context_matrix(contexts, self.context_names)
        arms, own = len(self.rules.names), len(self.history_names)
        inputs = np.empty((arms, len(contexts), shared.shape[1] + own))
        inputs[:, :, : shared.shape[1]] = shared
        if own:
            history = context_matrix(contexts, self._history).reshape(len(contexts), arms, own)
            inputs[:, :, shared.shape[1] :] = history.transpose(1, 0, 2)
        return inputs

    def informed(self, others: Sequence["RewardModel"]) -> "RewardModel":
        """Return this model, to be read only, with what others of the same shape expect together as prior mean."""
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__)
        view.regressors = {
            arm: model.informed([other.regressors[arm] for other in others]) for arm, model in self.regressors.items()
        }
        return view

    def __add__(self, other: "RewardModel") -> "RewardModel":
        """Return the model that has learned what both have."""
        merged = object.__new__(type(self))
        merged.__dict__.update(self.__dict__)
        merged.regressors = {arm: model + other.regressors[arm] for arm, model in self.regressors.items()}
        merged.overlaps = self.overlaps + other.overlaps
        merged.count = self.count + other.count
        return merged
