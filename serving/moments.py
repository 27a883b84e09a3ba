"""Points in time as they are given on the command line."""

import math
from datetime import datetime

from models.errors import InvalidInput


def parse_moment(text: str) -> float:
    """Return seconds since the epoch, of ISO 8601 with a zone or of such seconds. Raises InvalidInput."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = _iso(text)
    if not math.isfinite(seconds):
        raise _wrong(text)
    return seconds


def _iso(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(text) from None
    if moment.tzinfo is None:
        raise InvalidInput(f"{text!r} has no zone: write {text}Z for UTC, or {text}+01:00")
    return moment.timestamp()


def _wrong(text: str) -> InvalidInput:
    return InvalidInput(f"{text!r} is no time: write 2026-01-31T12:00:00Z, or seconds since the epoch")
