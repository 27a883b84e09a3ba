"""What every estimator does."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.statistics.least_squares import Array


class Estimator(ABC):
    """Estimates a target policy's reward for each decision from samples, which are its state and add up.

    weighs: what has to overlap for the estimate to mean anything: whole plans ("plan"), or the levels of each arm by
    itself ("arm"), which is enough where the reward is nearly a sum over arms.
    """

    name: ClassVar[str]
    weighs: ClassVar[Literal["plan", "arm"]]

    @abstractmethod
    def terms(self, samples: Samples) -> Array:
        """Return one number for each decision; shape (n,). Their mean is the estimate, their spread its error.

        For an estimate that is no plain mean these are its linearisation (influence function). NaN where there is no
        estimate.
        """
