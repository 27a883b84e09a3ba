"""Strategies: one arm in one module, found by being here."""

import sys

from ltrr.models import discovery
from ltrr.retrievers.strategies.base import Strategy


def discover() -> tuple[type[Strategy], ...]:
    """Return the strategies that the modules of this package define, by name. Raises TypeError on a double name."""
    found = discovery.discover(sys.modules[__name__], Strategy)  # type: ignore[type-abstract]
    return tuple(found[name] for name in sorted(found))
