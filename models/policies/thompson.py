"""Linear Thompson sampling on the partition matroid of arm x level."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ltrr.models.plans.space import PlanDistribution
from ltrr.models.policies.base import Policy


class Thompson(Policy):
    """The best feasible plan under parameters that are drawn from their posterior.

    The seed draws the weights of all arms; with probability `exploration` the plan is drawn uniformly instead. The
    distribution is exact given the seed: its joint and marginals are those of this mixture, not averaged over draws,
    which have no closed form. An arm whose credit is not known well gets a wide draw, and so is tried.

    Source: Agrawal and Goyal 2013 (arXiv 1209.3352); Wen, Kveton and Ashkan 2015 (arXiv 1406.7443) for combinations.
    """

    name: ClassVar[str] = "thompson"
    draws: ClassVar[bool] = True

    def distribution(self, context: Mapping[str, float], seed: int) -> PlanDistribution:
        """Return the exact distribution over feasible plans, given what the seed draws."""
        model, inputs = self.model, self.model.inputs(context)
        drawn = model.draw(np.random.default_rng([seed, 2]), self.options.noise)  # its own stream, apart from `choose`
        best = self.best(self.guarded(model.worth(drawn, inputs), inputs))
        return PlanDistribution(self.space.around(best), self.space.uniform, self.options.exploration)
