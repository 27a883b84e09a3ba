"""What is wrong with a file, by kind: how often, and the first example of each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ltrr.models.errors import InvalidEvent

_MOST_KINDS: Final = 100
_NAMED: Final = 5
_LONGEST: Final = 60
_PARTICULAR: Final = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9]+")


@dataclass(slots=True)
class _Kind:
    said: str
    count: int = 0
    places: list[dict[str, Any]] = field(default_factory=list)


class Refusals:
    """Counts what is refused by its reason and what its message says, whatever values that names."""

    def __init__(self, unit: str = "line") -> None:
        self.unit = unit
        self._kinds: dict[tuple[str, str], _Kind] = {}

    def add(self, number: int, refused: InvalidEvent) -> None:
        """Count one. number: of its line."""
        kind = refused.reason, _PARTICULAR.sub("", str(refused))
        if kind not in self._kinds and len(self._kinds) >= _MOST_KINDS:
            kind = refused.reason, ""
        found = self._kinds.setdefault(kind, _Kind(str(refused)))
        found.count += 1
        if len(found.places) < _NAMED:
            found.places.append({"at": number, "name": refused.called[:_LONGEST]})

    @property
    def report(self) -> list[dict[str, Any]]:
        """Return [{reason, count, first, message, places: [{at, name}]}], the most frequent first.

        places: the first five; name: of what is refused, empty where that is not known.
        """
        found = [
            {
                "reason": reason,
                "count": one.count,
                "first": one.places[0]["at"],
                "message": one.said,
                "places": one.places,
            }
            for (reason, _), one in self._kinds.items()
        ]
        return sorted(found, key=lambda one: (-one["count"], one["first"]))

    def lines(self) -> Iterator[str]:
        """Yield one line for each kind."""
        for one in self.report:
            many = f"{one['count']:,} {self.unit}s, the first" if one["count"] > 1 else self.unit
            named = any(place["name"] for place in one["places"])
            where = map(_where, one["places"] if named else one["places"][:1])
            yield f"{many} {', '.join(where)}: {one['reason']}: {one['message']}"


def _where(place: Mapping[str, Any]) -> str:
    return f"{place['at']:,} ({place['name']})" if place["name"] else f"{place['at']:,}"
