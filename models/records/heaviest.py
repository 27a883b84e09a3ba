"""Who made most of some pages: one visitor among many is mostly a program."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

_SHARE: Final = 0.1
_FEW: Final = 20


@dataclass(frozen=True, slots=True)
class Heaviest:
    """The sender of most decisions. share: of the decisions; voiced: the same as learning weighs them, by voices."""

    sender: str
    decisions: int
    share: float
    voiced: float

    @property
    def matters(self) -> bool:
        """Return whether what is said of the decisions may be the doing of this one sender."""
        return self.share >= _SHARE and self.decisions >= _FEW

    @classmethod
    def of(cls, decisions: Iterable[tuple[str | None, float]]) -> Self | None:
        """Return who made most of some decisions, None where nobody said who asked. decisions: (sender, voice)."""
        counted, voices = Counter[str | None](), defaultdict[str | None, float](float)
        for sender, voice in decisions:
            counted[sender] += 1
            voices[sender] += voice
        named = [(count, sender) for sender, count in counted.items() if sender is not None]
        if not named:
            return None
        most, sender = max(named)
        return cls(sender, most, most / counted.total(), voices[sender] / max(sum(voices.values()), 1e-9))
