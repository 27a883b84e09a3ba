"""How often pages are acted on, by anybody and by each sender: what tells a bad page from a visitor who never acts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ltrr.models.memory.memory import FADED, STRETCH_S, ends_a_day
from ltrr.models.memory.pieces import least, pieces
from ltrr.models.statistics.decay import Decay, DecayedSums, shift

EVERYONE: Final = ""
"""Name under which the pages of all senders of an application are counted; no sender has it."""

USUAL_RATE: Final = 0.3
"""Share of pages that are acted on where people click; silence counts in full from there on."""

PRIOR_PAGES: Final = 10.0
PRIOR_SENDER_PAGES: Final = 3.0
"""How many pages a guess counts like: that an application is usual, and that a sender is like the application."""


@dataclass(slots=True)
class Engagement(DecayedSums):
    """First pages that showed something, and those of them whose query was acted on; decayed to one epoch (see Decay).

    born: the stretch of the log in which the sender was first counted.
    """

    pages: float = 0.0
    acted: float = 0.0
    epoch: int = 0
    born: int = 0

    def rate(self, usual: float, pages: float) -> float:
        """Return the share of pages that are acted on, as if there were some more of a usual rate."""
        return (self.acted + pages * usual) / (self.pages + pages)

    def absorb(self, other: "Engagement") -> None:
        """Add what another partition has counted of the same sender."""
        self.move(other.epoch)
        factor = shift(other.epoch, self.epoch)
        self.pages += factor * other.pages
        self.acted += factor * other.acted

    def is_empty(self) -> bool:
        """Tell whether nothing was counted yet."""
        return not self.pages

    def _scale(self, factor: float) -> None:
        self.pages *= factor
        self.acted *= factor


@dataclass(slots=True)
class Senders:
    """The engagement of each sender of an application, and of everyone; they can be added.

    As in Memory, a new sender is taken in where there is room, which `sweep` makes at the ends of stretches of the
    impressions' log, by pages alone; an action counts where its page was logged in the stretch of the sender's birth
    or later. So the order in which impressions and actions are read leaves no trace. A sum of partitions adds up what
    it is asked for. most: senders that are kept.
    """

    decay: Decay
    most: int = 100_000
    own: dict[str, Engagement] = field(default_factory=dict)
    others: tuple[dict[str, Engagement], ...] = ()

    def show(self, sender: str | None, time_s: float, stretch: int = 0, voice: float = 1.0) -> list[str]:
        """Count a page; return who has changed. stretch: of the log, in which it was recorded.

        voice: how much it counts, in [0, 1].
        """
        changed = [EVERYONE]
        if sender is not None and (sender in self.own or len(self.own) <= self.most):  # everyone is one more
            changed.append(sender)
        for name in changed:
            held = self.own.setdefault(name, Engagement(born=stretch))
            weight = held.reach(self.decay, time_s)  # moves the sums
            held.pages += voice * weight
        return changed

    def act(self, sender: str | None, time_s: float, stretch: int = 0, voice: float = 1.0) -> list[str]:
        """Count that a page was acted on, at the time of its impression; return who has changed."""
        changed = []
        for name in (EVERYONE, sender):
            held = None if name is None else self.own.get(name)
            if name is not None and held is not None and held.born <= stretch:
                weight = held.reach(self.decay, time_s)  # moves the sums
                held.acted += voice * weight
                changed.append(name)
        return changed

    def of(self, name: str, time_s: float) -> Engagement:
        """Return what was counted of a sender, or of EVERYONE, as of a time."""
        whole = Engagement()
        for held in (self.own, *self.others):
            if name in held:
                whole.absorb(held[name])
        fade = whole.fade(self.decay, time_s)
        return Engagement(fade * whole.pages, fade * whole.acted, whole.epoch)

    def weight(self, sender: str | None, time_s: float) -> float:
        """Return how much silence of a sender says of a page, in [0, 1]: how likely it acts, against a usual one."""
        rate = min(USUAL_RATE, self.of(EVERYONE, time_s).rate(USUAL_RATE, PRIOR_PAGES))
        if sender is not None:
            rate = min(USUAL_RATE, self.of(sender, time_s).rate(rate, PRIOR_SENDER_PAGES))
        return rate / USUAL_RATE

    def sweep(self, before: int, stretch: int) -> Iterator[Sequence[str]]:
        """Drop the senders of least pages where there are too many, and once a day those that have faded; yield them.

        To be exhausted between the last message of the stretch `before` and the first of a later one, before anything
        is written down of it. Between two yields no more than PIECE senders are looked at.
        """
        now_s, most, day = stretch * STRETCH_S, max(2, self.most), ends_a_day(before, stretch)
        if not day and len(self.own) < most:
            return
        known, pages = [name for name in self.own if name != EVERYONE], list[float]()
        for part in pieces(known):
            pages += [one.fade(self.decay, now_s) * one.pages for one in map(self.own.__getitem__, part)]
            yield []
        gone = [name for name, left in zip(known, pages, strict=True) if left < FADED] if day else []
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

    def __add__(self, other: "Senders") -> "Senders":
        """Return the senders of both, for reading."""
        parts = (self.own, *self.others, other.own, *other.others)
        return Senders(self.decay, self.most, others=tuple(part for part in parts if part))
