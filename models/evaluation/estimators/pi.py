"""Pseudo-inverse estimator."""

from typing import ClassVar, Literal

from ltrr.models.evaluation.estimators.base import Estimator
from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.statistics.least_squares import Array


class PseudoInverse(Estimator):
    """mean of w r with w = 1 - A + sum over arms of target over logged P(level): unbiased if the reward is a sum.

    That form of w holds where arms are drawn independently; else w is a product with the pseudo-inverse of the logged
    second moments (models/plans/moments.py). Biased as far as the reward is no sum of what each arm adds.

    Source: Swaminathan et al. 2017 (arXiv 1605.04812).
    """

    name: ClassVar[str] = "pi"
    weighs: ClassVar[Literal["plan", "arm"]] = "arm"

    def terms(self, samples: Samples) -> Array:
        """Return w r; shape (n,)."""
        return samples.additive_weights * samples.rewards
