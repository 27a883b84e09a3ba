"""Tables of those who are shown pages: something of each is kept, for no more of them than there is room for."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Generic, Self, TypeVar

from ltrr.models.memory.memory import FADED, STRETCH_S, STRETCHES_OF_A_DAY
from ltrr.models.memory.pieces import least, pieces
from ltrr.models.statistics.decay import Decay, DecayedSums, shift

MOST: Final = 100_000


@dataclass(slots=True)
class Visits(DecayedSums):
    """Pages that somebody was shown, and what they have told of him; decayed to one epoch (see Decay).

    born: the stretch of the log in which he was first counted.
    """

    pages: float = 0.0
    epoch: int = 0
    born: int = 0

    @abstractmethod
    def _absorb_more(self, other: Self, factor: float) -> None:
        """Add so much of what others' pages have told."""

    @abstractmethod
    def _scale_more(self, factor: float) -> None:
        """Multiply what the pages have told."""

    def absorb(self, other: Self) -> None:
        """Add what another partition has counted of the same one."""
        self.move(other.epoch)
        factor = shift(other.epoch, self.epoch)
        self.pages += factor * other.pages
        self._absorb_more(other, factor)

    def is_empty(self) -> bool:
        """Tell whether nothing was counted yet."""
        return not self.pages

    def _scale(self, factor: float) -> None:
        self.pages *= factor
        self._scale_more(factor)


V = TypeVar("V", bound=Visits)


class VisitTable(ABC, Generic[V]):
    """Those who are shown pages of an application, by name; tables can be added.

    As in Memory, a new one is taken in where there is room, which `sweep` makes at the ends of stretches of the
    impressions' log, by pages alone; an action counts where its page was logged in the stretch of his birth or later.
    So the order in which impressions and actions are read leaves no trace. A sum of partitions reads through to them:
    what is asked for is added up then, so that adding copies nothing. most: that are kept.
    """

    spared: ClassVar[frozenset[str]] = frozenset()
    """Names that always have room."""
    faded: ClassVar[float] = FADED
    """How much has to be left of the pages of one who stays."""

    def __init__(self, decay: Decay, most: int = MOST, others: tuple[dict[str, V], ...] = ()) -> None:
        self.decay = decay
        self.most = most
        self.own: dict[str, V] = {}
        self.others = others

    @abstractmethod
    def _new(self, born: int = 0) -> V:
        """Return what is kept of one of whom nothing is known."""

    def count(self, name: str, time_s: float, stretch: int = 0, voice: float = 1.0) -> bool:
        """Count a page of somebody; return whether he is kept.

        stretch: of the log, in which it was recorded. voice: how much it counts, in [0, 1].
        """
        held = self.own.get(name)
        if held is None:
            if name not in self.spared and len(self.own) >= self.most + len(self.spared):
                return False
            held = self.own[name] = self._new(stretch)
        weight = held.reach(self.decay, time_s)  # moves the sums
        held.pages += voice * weight
        return True

    def counted(self, name: str, stretch: int) -> V | None:
        """Return what is kept of somebody for an action to be added; None where its page was not counted."""
        held = self.own.get(name)
        return held if held is not None and held.born <= stretch else None

    def whole(self, name: str | None) -> V:
        """Return what all partitions keep of somebody."""
        whole = self._new()
        for held in (self.own, *self.others):
            if name in held:
                whole.absorb(held[name])
        return whole

    @property
    def _rest(self) -> int:
        """Return after how many stretches those that have faded are looked for: a day, or a half-life."""
        return int(max(1, min(STRETCHES_OF_A_DAY, self.decay.half_life_s // STRETCH_S)))

    def sweep(self, before: int, stretch: int) -> Iterator[Sequence[str]]:
        """Drop those of least pages where there are too many, and at times those that have faded; yield them.

        To be exhausted between the last message of the stretch `before` and the first of a later one, before anything
        is written down of it. Between two yields no more than PIECE of them are looked at.
        """
        now_s, most, fading = stretch * STRETCH_S, max(2, self.most), before // self._rest != stretch // self._rest
        if not fading and len(self.own) < most:
            return
        known, pages = [name for name in self.own if name not in self.spared], list[float]()
        for part in pieces(known):
            pages += [one.fade(self.decay, now_s) * one.pages for one in map(self.own.__getitem__, part)]
            yield []
        gone = [name for name, left in zip(known, pages, strict=True) if left < self.faded] if fading else []
        if len(known) - len(gone) >= most:
            gone = []  # faded ones are the least of all
            for part in least(known, pages, len(known) - max(1, 3 * self.most // 4)):
                gone += part
                yield []
        for part in pieces(gone):
            for name in part:
                del self.own[name]
            yield part

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for held in (self.own, *self.others) for name in held))

    def __add__(self, other: Self) -> Self:
        """Return the table of both, for reading."""
        parts = (self.own, *self.others, other.own, *other.others)
        return type(self)(self.decay, self.most, tuple(part for part in parts if part))
