"""Policies: each draws a plan for a query and says with what probability.

One file each, found by walking; or an entry point of the group `ltrr.policies`.
"""

import sys

from ltrr.models.discovery import discover
from ltrr.models.errors import UnknownName
from ltrr.models.policies.base import Policy


def policies() -> dict[str, type[Policy]]:
    """Return all policies by name."""
    return discover(sys.modules[__name__], Policy, "ltrr.policies")  # type: ignore[type-abstract]


def policy_named(name: str) -> type[Policy]:
    """Return a policy. Raises UnknownName."""
    known = policies()
    if name not in known:
        raise UnknownName("policy", name, known)
    return known[name]
