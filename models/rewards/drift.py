"""Changes of what arms are worth, for a metric: nothing is learned from them."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.statistics.least_squares import Array

DELTA: Final = 0.002
FIRST: Final = 100
LATER: Final = 2000
"""Decisions after which expectations are made of what was learned since.

A model that follows a change at once would hide it; and solving for each decision would slow the learner.
"""


class Drift:
    """Watches, for each arm of each application, by how much credit differs from what the reward model expected.

    Credit alone would change with the mix of queries; its difference from the expectation changes when an arm is worth
    another amount to the same queries. A change of the mean counts where it leads away from 0: a model that learns
    brings it back, which is no news. delta: of ADWIN, the lower the fewer alarms. changes: arm -> detected since they
    were taken last.

    Source: Bifet and Gavalda 2007 (ADWIN).
    """

    def __init__(self, delta: float = DELTA) -> None:
        self.changes: Counter[str] = Counter()
        self._detectors: defaultdict[tuple[str, str], _Detector] = defaultdict(partial(_Detector, delta))
        self._weights: dict[str, tuple[int, Array]] = {}

    def expect(
        self, application: str, model: RewardModel, context: Mapping[str, float], credit: Credit
    ) -> dict[str, float]:
        """Return what is expected of each arm at the level that was run, before the model learns the decision."""
        asked, weights = self._weights.get(application, (0, None))
        if weights is None or model.decisions - asked >= min(max(asked, FIRST), LATER):
            weights = model.weights
            self._weights[application] = model.decisions, weights
        worth = model.worth(weights, model.inputs(context))
        known = {arm: row for row, arm in enumerate(model.rules.names)}
        run = dict(zip(credit.arms, credit.levels, strict=True))  # the last of an arm's levels is the one that was run
        return {arm: float(worth[known[arm], level]) for arm, level in run.items() if arm in known}

    def observe(self, application: str, credit: Credit, expected: Mapping[str, float]) -> None:
        """Take the final credit of a decision; to be called once for each."""
        for arm, value in credit.at_run().items():
            if arm not in expected:
                continue
            detector = self._detectors[application, arm]
            before = abs(detector.estimation)
            changed = detector.update(credit.weight * (value - expected[arm]))  # of mean 0 where the model has it right
            if changed and abs(detector.estimation) > before:
                self.changes[arm] += 1

    def take_changes(self) -> Counter[str]:
        """Return what was detected since the last call: arm -> changes."""
        taken, self.changes = self.changes, Counter()
        return taken


class _Detector:
    """ADWIN as `river.drift.ADWIN` has it, whose package loads SciPy, pandas and scikit-learn besides: 110 MB."""

    def __init__(self, delta: float) -> None:
        self._made = partial(_windowing(), delta)
        self._window = self._made()
        self._changed = False

    @property
    def estimation(self) -> float:
        """The mean of the window, 0 where it is empty."""
        width = self._window.get_width()
        return float(self._window.get_total() / width) if width else 0.0

    def update(self, number: float) -> bool:
        """Take a number and return whether the mean has changed; after a change it begins with an empty window."""
        if self._changed:
            self._window = self._made()
        self._changed = bool(self._window.update(number))
        return self._changed


def _windowing() -> Any:  # noqa: ANN401  # has no annotations
    from river._river_rust.drift import AdaptiveWindowing  # noqa: PLC0415  # what watches nothing does not wait for it

    return AdaptiveWindowing
