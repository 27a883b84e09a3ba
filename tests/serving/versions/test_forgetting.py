"""What `ltrr policy forget` would announce, and what it refuses."""

import math

import pytest
from typer.testing import CliRunner

from ltrr.models.errors import InvalidInput
from ltrr.models.statistics.decay import Change, Decay
from ltrr.serving.commands.cli import app
from ltrr.serving.versions.forgetting import described, planned

EARLIEST_S = 1_767_225_600.0
LATER_S = EARLIEST_S + 1_000
DECAY = Decay(math.inf, (Change(EARLIEST_S - 50, 900.0), Change(LATER_S, 60.0)))


def test_the_former_half_life_comes_back():
    """With an end, what held at the beginning holds again from there on; times are milliseconds."""
    from_s = EARLIEST_S + 0.12345
    assert planned(DECAY, 5.0, from_s, EARLIEST_S + 9, EARLIEST_S) == (
        Change(EARLIEST_S + 0.123, 5.0),
        Change(EARLIEST_S + 9, 900.0),
    )
    assert planned(DECAY, 5.0, EARLIEST_S, None, EARLIEST_S) == (Change(EARLIEST_S, 5.0),)


def test_a_change_may_replace_another_and_end_where_one_begins():
    """One at the time of another goes before it; an end at the time of another leaves that as it is."""
    assert planned(DECAY, 5.0, LATER_S, LATER_S + 1, EARLIEST_S)[1] == Change(LATER_S + 1, 900.0)
    assert planned(DECAY, 5.0, EARLIEST_S, LATER_S, EARLIEST_S) == (Change(EARLIEST_S, 5.0),)


@pytest.mark.parametrize(
    ("from_s", "until_s", "message"),
    [
        (EARLIEST_S - 0.001, None, "is too near.*the earliest is 2026-01-01T00:00:00"),
        (EARLIEST_S, EARLIEST_S, "is not after"),
        (EARLIEST_S, LATER_S + 1, "there is a change at 2026-01-01T00:16:40"),
    ],
)
def test_what_cannot_be_is_refused(from_s: float, until_s: float | None, message: str):
    """A time that pages may have been learned of, an end before the beginning, and another change in between."""
    with pytest.raises(InvalidInput, match=message):
        planned(DECAY, 5.0, from_s, until_s, EARLIEST_S)


def test_never_is_null():
    """JSON knows no infinity."""
    assert described(Decay()) == {"half_life_s": None, "changes": []}
    assert described(DECAY)["changes"][0] == {"from": "2025-12-31T23:59:10+00:00", "half_life_s": 900.0}


def test_embedded_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    """Without Kafka there are no versions to change: the setting is named."""
    monkeypatch.delenv("LTRR_KAFKA", raising=False)
    result = CliRunner().invoke(app, ["policy", "forget", "--half-life", "60"])
    assert result.exit_code != 0
    assert "set LTRR_HALF_LIFE_S" in str(result.exception or result.output)
