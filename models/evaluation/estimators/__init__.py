"""Estimators: what another policy would have earned on logged decisions.

One file each, found by walking; or an entry point of the group `ltrr.estimators`.
"""

import sys

from ltrr.models.discovery import discover
from ltrr.models.evaluation.estimators.base import Estimator

HEADLINE = "dr_pi"


def estimators() -> dict[str, type[Estimator]]:
    """Return all estimators by name, the headline first."""
    found = discover(sys.modules[__name__], Estimator, "ltrr.estimators")  # type: ignore[type-abstract]
    return {name: found[name] for name in sorted(found, key=lambda name: (name != HEADLINE, name))}
