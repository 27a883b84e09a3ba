"""Timestamps of every sender become the same seconds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltrr.streams.events.timestamps import read_timestamp, write_timestamp

NOON_S = 1769860800.0  # 2026-01-31T12:00:00Z


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-31T12:00:00Z", NOON_S),
        ("2026-01-31t12:00:00z", NOON_S),
        (" 2026-01-31T12:00:00+00:00 ", NOON_S),
        ("2026-01-31T12:00:00+0000", NOON_S),
        ("2026-01-31T12:00:00.000+0000", NOON_S),
        ("2026-01-31T13:30:00+01:30", NOON_S),
        ("2026-01-31T07:00:00-05", NOON_S),
        ("2026-01-31 12:00:00", NOON_S),
        ("2026-01-31T12:00", NOON_S),
        ("20260131T120000Z", NOON_S),
        ("20260131T120000.5Z", NOON_S + 0.5),
        ("2026-01-31", NOON_S - 43200),
        ("2026-01-31T12:00:00,25Z", NOON_S + 0.25),
        ("2026-01-31T12:00:00.123456789Z", 1769860800.123456789),
        (NOON_S, NOON_S),
        (1769860800, NOON_S),
        (1769860800500, NOON_S + 0.5),
        ("1769860800", NOON_S),
        ("1769860800.5", NOON_S + 0.5),
        (" 1769860800500 ", NOON_S + 0.5),
        ("2026-01-31 12:00:00 UTC", NOON_S),
        ("2026-01-31 13:00:00.5 +0100", NOON_S + 0.5),
        ("Sat Jan 31 2026 13:00:00 GMT+0100 (Central European Standard Time)", NOON_S),
        ("Sat, 31 Jan 2026 12:00:00 GMT", NOON_S),
    ],
)
def test_reads_every_form(text: object, seconds: float):
    """ISO 8601 in its variants, without a zone as UTC, and epoch seconds or milliseconds."""
    assert read_timestamp(text) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "1999-12-31T23:59:59.999Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59",
        "2026-02-30T12:00:00Z", "yesterday", "", "2026-01-31T12:00:00.Z" * 9, "12", 0, -1, 1e300, 10**400,
        math.nan, math.inf, True, None, [], {},
    ],
)  # fmt: skip
def test_refuses_what_is_no_plausible_time(value: object):
    """Absurd years, words, other types and numbers out of every range are ValueErrors, nothing else."""
    with pytest.raises(ValueError, match=r"send ISO 8601|longer"):
        read_timestamp(value)


@given(st.floats(946684800, 7258118400, exclude_max=True))
def test_round_trips_every_double(seconds: float):
    """What is written is read back to the last bit."""
    assert read_timestamp(write_timestamp(seconds)) == seconds
