"""Points in time as they are given on the command line."""

import math
from datetime import UTC, datetime

from ltrr.models.errors import InvalidInput


def parse_moment(text: str) -> float:
    """Return seconds since the epoch, of ISO 8601 with a zone or of such seconds. Raises InvalidInput."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = _iso(text)
    if not math.isfinite(seconds):
        raise _wrong(text)
    return seconds


def moment(time_s: float) -> str:
    """Return a time as people and `parse_moment` read it."""
    return datetime.fromtimestamp(time_s, UTC).isoformat()


def _iso(text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(text) from None
    if found.tzinfo is None:
        whole = found.isoformat()
        raise InvalidInput(f"{text!r} has no zone: write {whole}Z for UTC, or {whole}+01:00")
    return found.timestamp()


def _wrong(text: str) -> InvalidInput:
    return InvalidInput(f"{text!r} is no time: write 2026-01-31T12:00:00Z, or seconds since the epoch")
