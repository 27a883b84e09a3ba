"""Timestamps of events: what senders write, and seconds since the epoch."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_EARLIEST_S = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
_LATEST_S = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
_MILLISECONDS = 1000.0
_LONGEST = 100
_USUAL: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\.([0-9]+)Z")
_FRACTION = re.compile(r"(?:(?<=[T ][0-9]{2}:[0-9]{2}:[0-9]{2})|(?<=T[0-9]{6}))[.,]([0-9]+)")
_NUMBER = re.compile(r"[0-9]{9,13}(\.[0-9]*)?")
_ZONE_WORD = re.compile(r" ?(UTC|GMT|Z)$")
_ZONE_GAP = re.compile(r" (?=[+-][0-9]{2}:?[0-9]{2}$)")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_IN_WORDS = re.compile(
    r"[A-Z]{3},? (?:(?P<month>[A-Z]{3}) (?P<day>[0-9]{1,2})|(?P<first>[0-9]{1,2}) (?P<second>[A-Z]{3}))"
    r" (?P<year>[0-9]{4}) (?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2}) ?(?:GMT|UTC)?(?P<zone>[+-][0-9]{4})?(?: \(.*\))?"
)
_ADVICE = "send ISO 8601 with a zone, such as 2026-01-31T12:00:00.000Z"
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:?[0-9]{2}.*)?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_S: Final = datetime(1, 1, 3, tzinfo=UTC).timestamp()
_LAST_S: Final = datetime(9999, 12, 30, tzinfo=UTC).timestamp()
_DATE_ADVICE: Final = "is no date: send ISO 8601, such as 2019-06-14 or 2019-06-14T12:00:00Z"
_FROM_MILLISECONDS: Final = 1e11  # as seconds the year 5138, as milliseconds 1973


def read_timestamp(value: object) -> float:
    """Return seconds since the epoch, rounded once to the nearest double.

    Taken: every ISO 8601 form that Python reads, with any number of digits of a second, without a zone as UTC;
    the texts of JavaScript's dates; seconds or milliseconds since the epoch, as text too (their plausible ranges do not
    meet). Raises ValueError on anything else and on times before 2000 or from 2200 on.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, str):
        seconds = _read_text(value)
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
    return f"{_second(int(whole))}.{digits:0<3}Z"


def read_date(value: object) -> float:
    """Return seconds since the epoch of what a catalogue dates, of the years 1 to 9999.

    Taken: ISO 8601, a day alone too, without a zone as UTC; seconds or, from 1e11 up or down, milliseconds since the
    epoch, as numbers. Raises ValueError on anything else.
    """
    if isinstance(value, str) and is_date(value.strip()):
        return _date(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(_DATE_ADVICE)  # noqa: TRY004 pydantic takes only ValueError
    seconds = value / _MILLISECONDS if abs(value) >= _FROM_MILLISECONDS else float(value)
    if not _FIRST_S <= seconds <= _LAST_S:
        raise ValueError("is no time of the years 1 to 9999 in seconds or milliseconds since 1970")
    return seconds


def write_date(time_s: float) -> str:
    """Return ISO 8601 in UTC that `read_date` reads as the same time, to the microsecond; a midnight is a day alone."""
    moment = _EPOCH + timedelta(seconds=time_s)
    if moment.time() == _EPOCH.time():
        return moment.date().isoformat()
    return moment.isoformat().replace("+00:00", "Z")


def is_date(text: str) -> bool:
    """Tell whether a text begins as a whole ISO 8601 date and is one."""
    if not _DATE.fullmatch(text):
        return False
    try:
        return _FIRST_S <= _date(text) <= _LAST_S
    except ValueError:
        return False


def _date(text: str) -> float:
    moment = datetime.fromisoformat(_FRACTION.sub(_microseconds, text.upper(), count=1))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _microseconds(fraction: re.Match[str]) -> str:
    return f".{fraction[1][:6]:0<6}"


def _read_text(text: str) -> float:
    usual = _USUAL.fullmatch(text)
    if usual is not None and len(text) <= _LONGEST and (second := _whole(usual[1])) > 0:
        return float(f"{second}.{usual[2]}")
    if len(text) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST} characters: {_ADVICE}")
    text = _iso(text.strip().upper())
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


@lru_cache(maxsize=1_024)
def _second(time_s: int) -> str:
    """Return ISO 8601 of a whole second, without a zone."""
    return f"{datetime.fromtimestamp(time_s, UTC):%Y-%m-%dT%H:%M:%S}"


@lru_cache(maxsize=1_024)
def _whole(text: str) -> int:
    """Return the seconds since the epoch of a time in UTC that has no fraction; 0 where it is none."""
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return 0


def _iso(text: str) -> str:
    """Return a time in ISO 8601, where it is written in words or with a gap before its zone."""
    said = _IN_WORDS.fullmatch(text)
    month = said and (said["month"] or said["second"])
    if said is None or month not in _MONTHS:
        return _ZONE_GAP.sub("", _ZONE_WORD.sub("Z", text))
    day = int(said["day"] or said["first"])
    return f"{said['year']}-{_MONTHS.index(month) + 1:02}-{day:02}T{said['time']}{said['zone'] or 'Z'}"
