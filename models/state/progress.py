"""How far a partition's topics were read, and what is needed to go on from there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ltrr.models.statistics.decay import Changes, read_forgetting, write_forgetting

IMPRESSIONS = "impressions"
ACTIONS = "actions"


@dataclass(slots=True)
class Progress:
    """How far a partition's topics were read.

    offsets: topic -> next message; read_s: topic -> last record's time; start: topic -> first message of the stretch
    that is learned; stretch: of the last message of impressions; forgetting: application -> changes of the half-life
    under which that was learned.
    """

    offsets: dict[str, int] = field(default_factory=lambda: {IMPRESSIONS: 0, ACTIONS: 0})
    read_s: dict[str, float] = field(default_factory=dict)
    start: dict[str, int] = field(default_factory=lambda: {IMPRESSIONS: 0, ACTIONS: 0})
    stretch: int = 0
    forgetting: Mapping[str, Changes] = field(default_factory=dict)

    def write(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return {
            "offsets": self.offsets,
            "read_s": self.read_s,
            "stretch": self.stretch,
            "start": self.start,
            "forgetting": write_forgetting(self.forgetting),
        }

    @classmethod
    def read(cls, meta: Mapping[str, Any]) -> Self:
        """Return what `write` made JSON values of."""
        return cls(
            dict(meta["offsets"]),
            dict(meta["read_s"]),
            dict(meta["start"]),
            int(meta["stretch"]),
            read_forgetting(meta["forgetting"]),
        )
