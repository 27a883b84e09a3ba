"""What each arm at each level is expected to be worth in a context."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ltrr.models.plans.plan import PlanRules
from ltrr.models.rewards.context import context_matrix
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.overlap import Overlaps
from ltrr.models.statistics.decay import Decay, DecayedCount
from ltrr.models.statistics.least_squares import Array
from ltrr.models.statistics.regression import BayesianLinearRegressor, solve
from ltrr.models.statistics.regressors import OURS, ArmRegressor, new_regressor

Steps = tuple[ArmRegressor, ...]


class RewardModel:
    """One linear regression for each step of each arm's ladder: what the arm adds by going from one level to the next.

    The first step goes from off to the smallest budget. An arm's worth at a level is the sum of its steps up to there.
    One page tells all of them, and what happened by chance on it is in all its levels alike: the differences between
    budgets are known far better than their worths, and are learned apart from them. A step that was never tried adds 0.

    A regression sees the context, and behind it the history of the arm (`history_names`, logged as "arm.name"), so that
    the best budget can depend on them. `overlaps` says what arms have in common, where credit does. Models of the same
    shape can be added. regressor: a name of `regressors()`. regressors: of each arm, one for each step.

    at_once: whether a decision can be learned before all its actions are known, and corrected later; River's regressors
    learn each decision once, when no action can come any more. What ours learn waits until somebody asks for them: then
    each takes all of it as one matrix product.
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
        self._waiting: list[tuple[Mapping[str, float], Credit, Credit | None]] = []
        self._regressors: Mapping[str, Steps] = {
            arm: tuple(
                new_regressor(regressor, self.input_names, prior_precision, half_life_s) for _ in rules.ladder[1:]
            )
            for arm in rules.names
        }
        self.count = DecayedCount(half_life_s)
        self.overlaps = Overlaps(rules.names, half_life_s)
        self._history = tuple(f"{arm}.{name}" for arm in rules.names for name in history_names)

    @property
    def regressors(self) -> Mapping[str, Steps]:
        """Return the regressors of each arm, which have learned all decisions."""
        self.settle()
        return self._regressors

    @property
    def decisions(self) -> int:
        """Return how many decisions were learned."""
        return self.count.events

    @property
    def weights(self) -> Array:
        """The weights of all steps of all arms; shape (arms, steps, inputs)."""
        return np.array([step.weights for step in self._steps()]).reshape(
            len(self.rules.names), -1, len(self.input_names)
        )

    def inputs(self, context: Mapping[str, float]) -> Array:
        """Return what the regression of each arm sees of a logged context; shape (arms, inputs)."""
        return np.asarray(self._inputs((context,))[:, 0])

    def predict(self, inputs: Array) -> Array:
        """Return the expected credit of each arm at each level, before prices; shape (arms, levels).

        inputs: shape (arms, inputs), or (inputs,) where they are the same for all arms.
        """
        return self.worth(self.weights, inputs)

    def draw(self, rng: np.random.Generator, noise: float) -> Array:
        """Draw weights from their posterior; shape (arms, steps, inputs). noise: standard deviation of credit."""
        means = self.weights
        numbers = rng.standard_normal(means.shape)
        rows = numbers.reshape(-1, means.shape[-1])
        drawn = [step.spread @ row for step, row in zip(self._steps(), rows, strict=True)]  # large: not copied
        return np.asarray(means + noise * np.array(drawn).reshape(means.shape))

    def variances(self, inputs: Array) -> Array:
        """Return how little is known of what each arm adds by each step, for noise of variance 1; shape (arms, steps).

        A regressor that knows no posterior is taken to know as much of every input as it has observations.
        """
        shape = len(self.rules.names), len(self.rules.ladder) - 1
        rows = np.repeat(np.broadcast_to(inputs, (shape[0], inputs.shape[-1])), shape[1], axis=0)
        if self.at_once:
            known = np.array([x @ step.spread for step, x in zip(self._steps(), rows, strict=True)])
        else:
            known = rows / np.sqrt(1 + np.array([step.observations for step in self._steps()]))[:, None]
        return np.asarray((known**2).sum(axis=1).reshape(shape))

    def _steps(self) -> list[ArmRegressor]:
        """Return the regressors of all steps of all arms, which have learned all decisions."""
        regressors = self.regressors
        steps = [step for arm in self.rules.names for step in regressors[arm]]
        solve(step for step in steps if isinstance(step, BayesianLinearRegressor))
        return steps

    def worth(self, weights: Array, inputs: Array) -> Array:
        """Return what weights of shape (arms, steps, inputs) say of each arm at each level; shape (arms, levels)."""
        worth = np.zeros((len(weights), len(self.rules.ladder)))
        worth[:, 1:] = np.cumsum((weights @ (inputs[..., None]))[..., 0], axis=1)
        return worth

    def observations(self, arm: str) -> float:
        """Return how many decisions an arm was learned from, as far as they are not forgotten."""
        return self.regressors[arm][0].observations

    def mean_credit(self, arm: str) -> float:
        """Return the mean credit of an arm at the levels at which it ran, 0 before any."""
        bias, first = self.context_names.index("bias"), self.regressors[arm][0]
        total = sum(step.total(bias, first.epoch) for step in self.regressors[arm])
        return total / first.observations if first.observations else 0.0

    def learn_one(self, context: Mapping[str, float], credit: Credit, previous: Credit | None = None) -> None:
        """Learn the credit of one decision, or replace what `previous` taught of the same decision.

        The weight of a decision may grow, but not fall. Arms that this model does not have are left out.
        """
        before = 0.0 if previous is None else previous.weight
        grown = credit.weight - before
        if previous is None or grown:
            self.count.add(credit.time_s, grown, events=int(previous is None))
        self.overlaps.learn_one(credit, previous)
        if self.at_once:
            self._waiting.append((context, credit, previous))
        else:
            self._learn_in_order(context, credit)

    def learn_many(self, decisions: Sequence[tuple[Mapping[str, float], Credit]]) -> None:
        """Learn the credit of many decisions."""
        for context, credit in decisions:
            self.learn_one(context, credit)
        self.settle()

    def settle(self) -> None:
        """Let the regressors take what waits.

        A decision of weight w and value v is a row of weight w whose response is w v; one that takes the place of
        another adds by how much these differ. Those of one context, such as a page's, are one row.
        """
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        contexts = {id(context): context for context, *_ in waiting}
        places = {one: place for place, one in enumerate(contexts)}
        of = np.repeat(np.arange(len(waiting)), [len(credit.arms) for _, credit, _ in waiting])
        levels = np.array([level for _, credit, _ in waiting for level in credit.levels], dtype=np.intp)
        known = {arm: place for place, arm in enumerate(self.rules.names)}
        arms = np.array([known.get(arm, -1) for _, credit, _ in waiting for arm in credit.arms], dtype=np.intp)
        now = np.array([credit.weight for _, credit, _ in waiting])[of]
        then = np.array([previous.weight if previous else 0.0 for *_, previous in waiting])[of]
        values = np.concatenate([credit.values for _, credit, _ in waiting])
        before = np.concatenate([(previous or credit).values for _, credit, previous in waiting])
        weights, responses = now - then, now * _added(levels, values) - then * _added(levels, before)
        # what adds nothing must not move the epoch: that would depend on which topic is read first
        taught = np.flatnonzero((arms >= 0) & ((weights != 0) | (responses != 0)))
        ours = [step for arm in known for step in self._regressors[arm] if isinstance(step, BayesianLinearRegressor)]
        width = len(self.rules.ladder) - 1
        cells = arms[taught] * width + levels[taught] - 1
        ages = np.array([self.count.decay.age(credit.time_s) for _, credit, _ in waiting])[of[taught]]
        newest = np.full(len(ours), -math.inf)
        np.maximum.at(newest, cells, np.floor(ages))
        heard = np.flatnonzero(np.isfinite(newest))
        epochs = np.zeros(len(ours))
        epochs[heard] = [ours[cell].move(int(newest[cell])) for cell in heard]
        factors = 2.0 ** (ages - epochs[cells])
        rows = np.array([places[id(context)] for context, *_ in waiting])[of[taught]]
        at, size = cells * len(contexts) + rows, len(ours) * len(contexts)
        sums = np.array(
            [np.bincount(at, factors * parts[taught], size) for parts in (weights, responses)], dtype=np.float64
        ).reshape(2, len(ours), len(contexts))
        inputs = self._inputs(tuple(contexts.values()))[heard // width]
        halves = inputs * np.sqrt(sums[0, heard])[:, :, None]
        moments = halves.transpose(0, 2, 1) @ halves  # exactly symmetric
        added = (sums[1, heard][:, None] @ inputs)[:, 0], sums[0, heard].sum(axis=1).tolist()
        for cell, moment, response, weight in zip(heard, moments, *added, strict=True):
            ours[cell].absorb(moment, response, weight)

    def _learn_in_order(self, context: Mapping[str, float], credit: Credit) -> None:
        rows = dict(zip(self.rules.names, self.inputs(context)[:, None], strict=True))
        for arm, level, target in zip(credit.arms, credit.levels, _added(credit.levels, credit.values), strict=True):
            if arm in rows and credit.weight:
                regressor, weight = self._regressors[arm][level - 1], np.array([credit.weight])
                regressor.add(rows[arm], np.array([target]), weight, credit.time_s)

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

    def reschedule(self, decay: Decay) -> None:
        """Forget by another decay from now on; what was learned stays as it is."""
        steps_of_arms = self.regressors.values()  # which have learned what waits
        self.overlaps.decay = self.count.decay = decay
        for steps in steps_of_arms:
            for step in steps:
                step.decay = decay

    def informed(self, others: Sequence["RewardModel"]) -> "RewardModel":
        """Return this model, to be read only, with what others of the same shape expect together as prior mean."""
        return self.having(
            {
                arm: tuple(
                    step.informed([other.regressors[arm][number] for other in others])
                    for number, step in enumerate(steps)
                )
                for arm, steps in self.regressors.items()
            }
        )

    def __add__(self, other: "RewardModel") -> "RewardModel":
        """Return the model that has learned what both have."""
        merged = self.having(
            {
                arm: tuple(one + two for one, two in zip(steps, other.regressors[arm], strict=True))
                for arm, steps in self.regressors.items()
            }
        )
        merged.overlaps = self.overlaps + other.overlaps
        merged.count = self.count + other.count
        return merged

    def having(self, regressors: Mapping[str, Steps]) -> "RewardModel":
        """Return this model with other regressors."""
        model = object.__new__(type(self))
        model.__dict__.update(self.__dict__)
        model._regressors, model._waiting = regressors, []
        return model


def _added(levels: Sequence[int] | NDArray[np.intp], values: Array) -> Array:
    """Return by how much each level is worth more than the one below it, which stands before it; shape (n,)."""
    below = np.zeros_like(values)
    below[1:] = values[:-1]
    return np.asarray(values - np.where(np.asarray(levels) > 1, below, 0.0))
