"""Doubly robust pseudo-inverse estimator: the headline."""

from functools import reduce
from typing import ClassVar, Literal

import numpy as np

from ltrr.models.evaluation.estimators.additive_rewards import AdditiveSums, logged_plans, rewards_of, target_plans
from ltrr.models.evaluation.estimators.base import Estimator
from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.statistics.least_squares import Array

_FOLDS = 5


class DoublyRobustPseudoInverse(Estimator):
    """mean of q(target) + w (r - q(logged plan)): w as in `pi`, q as in `dm`, fitted without the decision's own fold.

    What q explains adds no noise, and w takes off what q gets wrong: unbiased where `pi` is, whatever q is.

    Source: Dudik et al. 2014 (arXiv 1503.02834); Chernozhukov et al. 2018 (cross-fitting); Su et al. 2020.
    """

    name: ClassVar[str] = "dr_pi"
    weighs: ClassVar[Literal["plan", "arm"]] = "arm"

    def terms(self, samples: Samples) -> Array:
        """Return q(target) + w (r - q(logged plan)); shape (n,)."""
        contexts, logged, target = samples.contexts, logged_plans(samples), target_plans(samples)
        folds = list(samples.folds(_FOLDS))
        parts = [AdditiveSums.of(logged[fold], contexts[fold], samples.rewards[fold]) for fold in folds]
        whole = reduce(AdditiveSums.__add__, parts)
        terms, additive = np.empty(len(samples)), samples.additive_weights
        for fold, part in zip(folds, parts, strict=True):
            weights = (whole - part).weights()
            missed = samples.rewards[fold] - rewards_of(logged[fold], weights, contexts[fold])
            terms[fold] = rewards_of(target[fold], weights, contexts[fold]) + additive[fold] * missed
        return terms
