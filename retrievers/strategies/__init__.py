"""Strategies: one arm in one module, found by being here; or an entry point of the group `ltrr.strategies`."""

import sys

from ltrr.models import discovery
from ltrr.retrievers.strategies.base import Strategy


def discover() -> tuple[type[Strategy], ...]:
    """Return all strategies, by name. Raises TypeError or InvalidSettings on a double name."""
    found = discovery.discover(sys.modules[__name__], Strategy, "ltrr.strategies")  # type: ignore[type-abstract]
    return tuple(found[name] for name in sorted(found))
