"""Which searches come from tests: monitors, crawlers, load tests. What they do teaches nothing."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def is_test_agent(names: Iterable[str | None], patterns: Iterable[str]) -> bool:
    """Tell whether any of the names matches any of the patterns (`*`, `?`, `[ab]`), without regard to case."""
    folded = [pattern.casefold() for pattern in patterns]
    return any(fnmatchcase(name.casefold(), pattern) for name in names if name for pattern in folded)
