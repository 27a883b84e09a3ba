"""What is wrong with a file, by kind: how often, and the first example of each."""

import re
from collections.abc import Iterator
from typing import Any, Final

from ltrr.models.errors import InvalidEvent

_MOST_KINDS: Final = 100
_PARTICULAR: Final = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9]+")


class Refusals:
    """Counts what is refused by its reason and what its message says, whatever values that names."""

    def __init__(self, unit: str = "line") -> None:
        self.unit = unit
        self._kinds: dict[tuple[str, str], tuple[int, int, str]] = {}

    def add(self, number: int, refused: InvalidEvent) -> None:
        """Count one. number: of its line."""
        kind = refused.reason, _PARTICULAR.sub("", str(refused))
        if kind not in self._kinds and len(self._kinds) >= _MOST_KINDS:
            kind = refused.reason, ""
        count, first, said = self._kinds.get(kind, (0, number, str(refused)))
        self._kinds[kind] = count + 1, first, said

    @property
    def report(self) -> list[dict[str, Any]]:
        """Return [{reason, count, first, message}], the most frequent first."""
        found = [
            {"reason": reason, "count": count, "first": first, "message": said}
            for (reason, _), (count, first, said) in self._kinds.items()
        ]
        return sorted(found, key=lambda one: (-one["count"], one["first"]))

    def lines(self) -> Iterator[str]:
        """Yield one line for each kind."""
        for one in self.report:
            many = f"{one['count']:,} {self.unit}s, the first" if one["count"] > 1 else self.unit
            yield f"{many} {one['first']:,}: {one['reason']}: {one['message']}"
