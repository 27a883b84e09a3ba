"""Intent: whether a query is after one name, a topic, or may be after several things."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ltrr.models.records.query import Intent, Interpretation

NAME: Final = "name"
_MAJORITY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Masses:
    """How the likelihood of a query's readings is spread, in [0, 1].

    name: of all readings with the likeliest name (or names side by side), whatever attributes are beside it. topic: of
    all readings as attributes alone. What is left is of other names.
    """

    name: float
    topic: float

    @property
    def intent(self) -> Intent:
        """What has more than half of the likelihood; "ambiguous" where nothing has."""
        if self.name > _MAJORITY:
            return "spearfishing"
        if self.topic > _MAJORITY:
            return "topic"
        return "ambiguous" if self.name or self.topic else "unknown"


def masses(read: Sequence[Interpretation]) -> Masses:
    """Return the masses of a query's interpretations; both are 0 where nothing was read."""
    names = defaultdict[tuple[str, ...], float](float)
    for reading in read:
        names[tuple(slot.value for slot in reading.slots if slot.category == NAME)] += reading.likelihood
    topic = names.pop((), 0.0)
    return Masses(min(max(names.values(), default=0.0), 1.0), min(topic, 1.0))
