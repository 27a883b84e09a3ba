"""`ltrr evaluate --metrics FILE`: estimates as a metric, in the file format of Prometheus' textfile collectors."""

import math
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from ltrr.models.errors import InvalidInput, StorageFailed
from ltrr.models.evaluation.estimators.estimate import Verdict
from ltrr.models.evaluation.evaluation import Result

LOGGED: Final = "(logged)"  # no policy has such a name
SUFFIX: Final = ".prom"


def check_file(path: Path) -> None:
    """Raise InvalidInput where no collector would find the file: better now than after the evaluation."""
    if path.suffix != SUFFIX:
        raise InvalidInput(f"--metrics {path}: collectors read *{SUFFIX} alone; give it such a name")
    if not path.parent.is_dir():
        raise InvalidInput(f"--metrics {path}: there is no folder {path.parent}; make it, or name the collector's")


class EstimateMetrics:
    """The metrics of one evaluation, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.estimate = Gauge(
            "ltrr_estimate",
            "Reward for each decision that a policy would have earned; absent where there is no verdict.",
            ["policy", "estimator"],
            registry=self.registry,
        )

    def show(self, result: Result) -> None:
        """Take the mean of what was logged, and each estimate that may be trusted."""
        if math.isfinite(result.reward):
            self.estimate.labels(LOGGED, "mean").set(result.reward)
        for target in result.targets:
            for one in target.estimates:
                if one.verdict is not Verdict.NONE:
                    self.estimate.labels(target.target.label, one.estimator).set(one.value)

    def write(self, path: Path) -> None:
        """Put the metrics in place of what the file held, all at once. Raises StorageFailed."""
        try:
            write_to_textfile(str(path), self.registry)
        except OSError as error:
            raise StorageFailed(
                f"cannot write {path}: {error.strerror}; free some space or make it writable"
            ) from error
