"""Timestamps of events: what senders write, and seconds since the epoch."""

import re
from datetime import UTC, datetime

_EARLIEST_S = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
_LATEST_S = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
_MILLISECONDS = 1000.0
_LONGEST = 64
_FRACTION = re.compile(r"(?:(?<=[T ][0-9]{2}:[0-9]{2}:[0-9]{2})|(?<=T[0-9]{6}))[.,]([0-9]+)")
_ADVICE = "send ISO 8601 with a zone, such as 2026-01-31T12:00:00.000Z"


def read_timestamp(value: object) -> float:
    """Return seconds since the epoch, rounded once to the nearest double.

    Taken: every ISO 8601 form that Python reads, with any number of digits of a second, without a zone as UTC;
    seconds or milliseconds since the epoch (their plausible ranges do not meet). Raises ValueError on anything
    else and on times before 2000 or from 2200 on.
    """
    if isinstance(value, str):
        seconds = _read_iso(value)
    elif isinstance(value, (int, float)):
        bounded = min(max(value, 0), _LATEST_S * _MILLISECONDS)  # an integer may be too large for a double
        seconds = float(bounded) if bounded < _LATEST_S else bounded / _MILLISECONDS
    else:
        raise ValueError(f"is neither text nor a number: {_ADVICE}")  # noqa: TRY004 pydantic takes only ValueError
    if not _EARLIEST_S <= seconds < _LATEST_S:
        raise ValueError(f"is before 2000 or after 2200: {_ADVICE}")
    return seconds


def write_timestamp(time_s: float) -> str:
    """Return ISO 8601 in UTC with as many digits as `read_timestamp` needs to return the same double."""
    whole, _, digits = repr(float(time_s)).partition(".")
    return f"{datetime.fromtimestamp(int(whole), UTC):%Y-%m-%dT%H:%M:%S}.{digits:0<3}Z"


def _read_iso(text: str) -> float:
    if len(text) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST} characters: {_ADVICE}")
    text = text.strip().upper()
    fraction = _FRACTION.search(text)
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", text, count=1))
    except ValueError:
        raise ValueError(f"is not a time: {_ADVICE}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole = moment.timestamp()
    # One rounding from decimal digits: adding the fraction as a double would round twice.
    return float(f"{int(whole)}.{fraction[1]}") if fraction and whole > 0 else whole
