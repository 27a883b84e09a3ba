"""Direct method."""

from typing import ClassVar, Literal

import numpy as np

from ltrr.models.evaluation.estimators.additive_rewards import AdditiveSums, logged_plans, rewards_of, target_plans
from ltrr.models.evaluation.estimators.base import Estimator
from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.statistics.least_squares import Array


class DirectMethod(Estimator):
    """mean of q(target) with q an additive regression: quiet, and as wrong as the regression is.

    Its intervals hold the noise of the regression, not its bias.

    Source: Dudik et al. 2014 (arXiv 1503.02834).
    """

    name: ClassVar[str] = "dm"
    weighs: ClassVar[Literal["plan", "arm"]] = "arm"

    def terms(self, samples: Samples) -> Array:
        """Return q(target), and what each decision changed by being fitted; shape (n,)."""
        contexts, logged, target = samples.contexts, logged_plans(samples), target_plans(samples)
        sums = AdditiveSums.of(logged, contexts, samples.rewards)
        weights = sums.weights()
        pull = rewards_of(logged, sums.solve(target.T @ contexts), contexts)
        changes = pull * (samples.rewards - rewards_of(logged, weights, contexts))
        return np.asarray(rewards_of(target, weights, contexts) + changes - changes.mean())
