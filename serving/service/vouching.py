"""What this service vouches for: the pages that it logs, and those that callers who may tell it of."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from pydantic_core import from_json, to_json

from ltrr.models.records.impression import Impression
from ltrr.serving.decisions.voices import Voices
from ltrr.streams.events.codec import encode_impression, parse_impressions
from ltrr.streams.events.seals import Seals

_VOICE = "ltrr_voice"


@dataclass(frozen=True, slots=True)
class Vouching:
    """Gives pages of other searches the voices of their visitors, and all pages the seal of the installation.

    clock: seconds since the epoch.
    """

    seals: Seals
    voices: Voices
    clock: Callable[[], float]

    def logged(self, impression: Impression) -> bytes:
        """Return a page of this service as it is kept. Raises InvalidEvent where it is too large."""
        return self.seals.seal(encode_impression(impression))

    def told(self, raw: bytes, ordinal_base: int, address: str | None = None) -> tuple[bytes, tuple[Impression, ...]]:
        """Return an event about what another search has shown as it is kept, and its pages. address: of who tells it.

        Its voice is that of now: what an event says of its time is up to its sender.
        """
        pages = parse_impressions(raw, ordinal_base)
        voice = self._voice(pages[0], address, self.clock())
        return self._heard(raw, voice), tuple(replace(page, voice=voice) for page in pages)

    def imported(self, raw: bytes, ordinal_base: int) -> bytes:
        """Return a page of a file as it is kept: as it is with a plan of ltrr, else with a voice of its own time."""
        page = parse_impressions(raw, ordinal_base)[0]
        if page.decision is not None:
            return self.seals.seal(raw)
        return self._heard(raw, self._voice(page, None, page.time_s))

    def _voice(self, page: Impression, address: str | None, time_s: float) -> float:
        visitor, query = page.sender or address, page.normalised_query
        return self.voices.voice(page.application, visitor, query, page.query_id, time_s)

    def _heard(self, raw: bytes, voice: float) -> bytes:
        return self.seals.seal(to_json({**from_json(raw), _VOICE: voice}))
