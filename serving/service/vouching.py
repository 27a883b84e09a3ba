"""What this service vouches for: the pages that it logs, and those that callers who may tell it of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydantic_core import from_json, to_json

from ltrr.models.learning.join import MOST_SKEW_S
from ltrr.models.records.impression import Impression
from ltrr.serving.decisions.voices import Voices
from ltrr.streams.events.codec import encode_impression, parse_impressions
from ltrr.streams.events.seals import Seals

_VOICE = "ltrr_voice"
_HISTORY = "ltrr_history"


@dataclass(frozen=True, slots=True)
class Vouching:
    """Gives pages of other searches the voices of their visitors, and all pages the seal of the installation.

    A page that is told later than clocks differ is of a history. That is written on it, as is its voice: a fact of the
    log, whatever settings it is learned under. clock: seconds since the epoch; ours: tells whether this installation
    issued a query id; its pages are in the log, and so of no history.
    """

    seals: Seals
    voices: Voices
    clock: Callable[[], float]
    ours: Callable[[str], bool]

    def logged(self, impression: Impression) -> bytes:
        """Return a page of this service as it is kept. Raises InvalidEvent where it is too large."""
        return self.seals.seal(encode_impression(impression))

    def told(self, raw: bytes, ordinal_base: int, address: str | None = None) -> tuple[bytes, tuple[Impression, ...]]:
        """Return an event about what another search has shown as it is kept, and its pages. address: of who tells it.

        Its voice is that of its own time, of which nobody gains: what was said since is not given back.
        """
        return self._told(raw, parse_impressions(raw, ordinal_base), address)

    def imported(self, raw: bytes, ordinal_base: int) -> bytes:
        """Return a page of a file as it is kept: as it is with a plan of ltrr, else as one that is told."""
        pages = parse_impressions(raw, ordinal_base)
        if pages[0].decision is None:
            return self._told(raw, pages, None)[0]
        if self._is_past(pages[0]):
            raw = to_json(from_json(raw) | {_HISTORY: True})
        return self.seals.seal(raw)

    def _told(
        self, raw: bytes, pages: Sequence[Impression], address: str | None
    ) -> tuple[bytes, tuple[Impression, ...]]:
        first, now_s = pages[0], self.clock()
        visitor, query = first.sender or address, first.normalised_query
        time_s = min(first.time_s, now_s)  # none of a time to come, which would be taken out of that
        voice = self.voices.voice(first.application, visitor, query, first.query_id, time_s)
        history = self._is_past(first) and not self.ours(first.query_id)
        event = from_json(raw) | {_VOICE: voice, _HISTORY: history}
        return self.seals.seal(to_json(event)), tuple(replace(page, voice=voice, history=history) for page in pages)

    def _is_past(self, page: Impression) -> bool:
        return self.clock() - page.time_s > MOST_SKEW_S
