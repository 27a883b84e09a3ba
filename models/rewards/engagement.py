"""How often pages are acted on, by anybody and by each sender: what tells a bad page from a visitor who never acts."""

from dataclasses import dataclass
from typing import ClassVar, Final

from ltrr.models.memory.visits import Visits, VisitTable

EVERYONE: Final = ""
"""Name under which the pages of all senders of an application are counted; no sender has it."""

USUAL_RATE: Final = 0.3
"""Share of pages that are acted on where people click; silence counts in full from there on."""

PRIOR_PAGES: Final = 10.0
PRIOR_SENDER_PAGES: Final = 3.0
"""How many pages a guess counts like: that an application is usual, and that a sender is like the application."""


@dataclass(slots=True)
class Engagement(Visits):
    """First pages that showed something. acted: those of them whose query was acted on."""

    acted: float = 0.0

    def rate(self, usual: float, pages: float) -> float:
        """Return the share of pages that are acted on, as if there were some more of a usual rate."""
        return (self.acted + pages * usual) / (self.pages + pages)

    def _absorb_more(self, other: "Engagement", factor: float) -> None:
        self.acted += factor * other.acted

    def _scale_more(self, factor: float) -> None:
        self.acted *= factor


class Senders(VisitTable[Engagement]):
    """The engagement of each sender of an application, and of everyone."""

    spared: ClassVar[frozenset[str]] = frozenset({EVERYONE})

    def _new(self, born: int = 0) -> Engagement:
        return Engagement(born=born)

    def show(self, sender: str | None, time_s: float, stretch: int = 0, voice: float = 1.0) -> list[str]:
        """Count a page; return who has changed."""
        names = (EVERYONE, sender)
        return [name for name in names if name is not None and self.count(name, time_s, stretch, voice)]

    def act(self, sender: str | None, time_s: float, stretch: int = 0, voice: float = 1.0) -> list[str]:
        """Count that a page was acted on, at the time of its impression; return who has changed."""
        changed = []
        for name in (EVERYONE, sender):
            held = None if name is None else self.counted(name, stretch)
            if name is not None and held is not None:
                weight = held.reach(self.decay, time_s)  # moves the sums
                held.acted += voice * weight
                changed.append(name)
        return changed

    def of(self, name: str, time_s: float) -> Engagement:
        """Return what was counted of a sender, or of EVERYONE, as of a time."""
        whole = self.whole(name)
        fade = whole.fade(self.decay, time_s)
        return Engagement(fade * whole.pages, whole.epoch, acted=fade * whole.acted)

    def weight(self, sender: str | None, time_s: float) -> float:
        """Return how much silence of a sender says of a page, in [0, 1]: how likely it acts, against a usual one."""
        rate = min(USUAL_RATE, self.of(EVERYONE, time_s).rate(USUAL_RATE, PRIOR_PAGES))
        if sender is not None:
            rate = min(USUAL_RATE, self.of(sender, time_s).rate(rate, PRIOR_SENDER_PAGES))
        return rate / USUAL_RATE
