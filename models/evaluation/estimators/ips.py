"""Inverse propensity scoring."""

from typing import ClassVar, Literal

from ltrr.models.evaluation.estimators.base import Estimator
from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.statistics.least_squares import Array


class InversePropensity(Estimator):
    """mean of w r with w = target over logged P(plan): unbiased whatever the reward depends on, and very noisy.

    Source: Horvitz and Thompson 1952; Strehl et al. 2010.
    """

    name: ClassVar[str] = "ips"
    weighs: ClassVar[Literal["plan", "arm"]] = "plan"

    def terms(self, samples: Samples) -> Array:
        """Return w r; shape (n,)."""
        return samples.joint_weights * samples.rewards
