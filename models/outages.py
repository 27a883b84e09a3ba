"""What is to be told of something that may be away: that it is, at times while it lasts, and that it is back."""

from dataclasses import dataclass, field
from typing import Final

AGAIN_S: Final = 60.0
"""How long after it was told something is told again, in seconds."""


@dataclass(slots=True)
class Outage:
    """Tells of one thing that is asked again and again. name: of it; meanwhile: what becomes of work while it is away.

    Times are of one clock that never goes back, in seconds. What comes and goes is told of once a minute.
    """

    name: str
    meanwhile: str
    _since_s: float | None = field(default=None, init=False)
    _told_s: float | None = field(default=None, init=False)
    _open: bool = field(default=False, init=False)

    def failed(self, reason: str, now_s: float) -> str | None:
        """Return what to tell of a failure; None where that was told less than a minute ago."""
        since_s = self._since_s = now_s if self._since_s is None else self._since_s
        if self._told_s is not None and now_s - self._told_s < AGAIN_S:
            return None
        lasted = f" (for {now_s - since_s:.0f} s now)" if now_s > since_s else ""
        self._told_s, self._open = now_s, True
        return f"{reason}{lasted}; {self.meanwhile}"

    def answered(self, now_s: float) -> str | None:
        """Return what to tell of an answer; None where no failure was told since the last one."""
        since_s, was_open = self._since_s, self._open
        self._since_s, self._open = None, False
        if since_s is None or not was_open:
            return None
        return f"{self.name} answers again, after {now_s - since_s:.0f} s"
