"""Readings of a whole query: the likeliest ways to cover it with slots that do not overlap; its intent by these."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ltrr.models.records.query import Intent, Interpretation, Slot
from ltrr.retrievers.understanding.slots import Candidate

MOST: Final = 8
NAME: Final = "name"
_MAJORITY: Final = 0.5
_UNKNOWN: Final = 0.02
_SLOT: Final = 0.3
_BEAM: Final = 32
_FAINTEST: Final = 0.01

Path = tuple[float, tuple[Slot, ...]]


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


def readings(found: Sequence[Candidate], size: int) -> tuple[Interpretation, ...]:
    """Return at most 8 interpretations of a query of `size` tokens, most likely first; likelihoods sum to 1.

    The likelihood of a reading is in proportion to the product of its slots' weights and priors, of 0.3 for each
    slot, and of 0.02 for each token left out: so one slot over two tokens beats two that fit as well. A beam of 32
    paths goes from left to right; readings below a hundredth of the best are left out.
    """
    paths: list[list[Path]] = [[] for _ in range(size + 1)]
    paths[0] = [(1.0, ())]
    for place in range(size):
        paths[place] = _best(paths[place], _BEAM)
        starting = [candidate for candidate in found if candidate.slot.start == place]
        for score, slots in paths[place]:
            paths[place + 1].append((score * _UNKNOWN, slots))
            for candidate in starting:
                slot = candidate.slot
                paths[slot.end].append((score * slot.weight * candidate.prior * _SLOT, (*slots, slot)))
    last = _best([path for path in paths[size] if path[1]], MOST)
    kept = [path for path in last if path[0] >= _FAINTEST * last[0][0]]
    total = sum(score for score, _ in kept)
    return tuple(Interpretation(score / total, slots) for score, slots in kept)


def masses(read: Sequence[Interpretation]) -> Masses:
    """Return the masses of a query's interpretations; both are 0 where nothing was read."""
    names = defaultdict[tuple[str, ...], float](float)
    for reading in read:
        names[tuple(slot.value for slot in reading.slots if slot.category == NAME)] += reading.likelihood
    topic = names.pop((), 0.0)
    return Masses(min(max(names.values(), default=0.0), 1.0), min(topic, 1.0))


def _best(paths: Sequence[Path], most: int) -> list[Path]:
    return sorted(paths, key=lambda path: -path[0])[:most]
