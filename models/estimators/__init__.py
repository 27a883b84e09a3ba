"""Estimators: what another policy would have earned on logged decisions. One file each; found by walking."""

import sys

from models.discovery import discover
from models.estimators.base import Estimator


def estimators() -> dict[str, type[Estimator]]:
    """Return all estimators by name."""
    return discover(sys.modules[__name__], Estimator)  # type: ignore[type-abstract]
