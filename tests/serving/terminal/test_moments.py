"""Points in time on the command line."""

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.serving.terminal.moments import parse_moment


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("1767225600.5", 1767225600.5),
        ("2026-01-01T00:00:00Z", 1767225600.0),
        ("2026-01-01T01:00:00+01:00", 1767225600.0),
        ("20260101T000000Z", 1767225600.0),
    ],
)
def test_moments_are_read(text: str, seconds: float):
    """Seconds and ISO 8601 with a zone are taken."""
    assert parse_moment(text) == seconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("yesterday", "is no time"),
        ("nan", "is no time"),
        ("inf", "is no time"),
        ("2026-01-01T00:00:00", "has no zone"),
        ("2026-13-01T00:00:00Z", "is no time"),
    ],
)
def test_other_texts_are_refused(text: str, message: str):
    """What is no time, or could be one of many, says what to write."""
    with pytest.raises(InvalidInput, match=message):
        parse_moment(text)


@pytest.mark.parametrize("text", ["2026-01-01", "2026-01-01T00:00"])
def test_what_to_write_for_a_time_without_a_zone_is_read(text: str):
    """What is told to write is taken, of a date too."""
    with pytest.raises(InvalidInput) as raised:
        parse_moment(text)
    utc, _, berlin = str(raised.value).partition("write ")[2].partition(" for UTC, or ")
    assert (parse_moment(utc), parse_moment(berlin)) == (1767225600.0, 1767222000.0)
