"""Self-normalised inverse propensity scoring."""

from typing import ClassVar, Literal

import numpy as np

from ltrr.models.evaluation.estimators.base import Estimator
from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.statistics.least_squares import Array


class SelfNormalisedInversePropensity(Estimator):
    """sum of w r over sum of w with w = target over logged P(plan): a little biased, less noisy than `ips`.

    Source: Swaminathan and Joachims 2015.
    """

    name: ClassVar[str] = "snips"
    weighs: ClassVar[Literal["plan", "arm"]] = "plan"

    def terms(self, samples: Samples) -> Array:
        """Return the linearised ratio; shape (n,). NaN where the target runs none of the logged plans."""
        weights = samples.joint_weights
        total = weights.sum()
        if not total > 0:
            return np.full(len(samples), np.nan)
        value = (weights * samples.rewards).sum() / total
        return np.asarray(value + weights * (samples.rewards - value) * (len(samples) / total))
