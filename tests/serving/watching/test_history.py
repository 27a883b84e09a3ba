"""What happened in each step of time."""

import math

import pytest

from ltrr.serving.watching.history import SPANS, History, Ring

START_S = 1_767_268_800.0  # 2026-01-01 12:00 UTC


def history() -> History:
    """Return one of two arms that begins at noon."""
    return History(("dense", "fuzzy"), START_S)


def counts(one: dict[str, object], name: str) -> list[float]:
    """Return a column of counts."""
    columns = one["counts"]
    assert isinstance(columns, dict)
    return list(columns[name])


def test_ring_forgets_what_is_a_round_older():
    """Rows are blank until something is added, and again once time has gone round."""
    ring = Ring(10, 3, 1)
    for time_s, amount in ((0.0, 1), (10.0, 2), (39.0, 4)):
        row = ring.row(time_s)
        assert row is not None
        row += amount
    assert ring.last(39.0, 3)[:, 0].tolist() == [2.0, 0.0, 4.0]
    assert ring.row(9.0) is None
    assert ring.last(75.0, 3)[:, 0].tolist() == [0.0, 0.0, 0.0]


def test_ring_takes_what_comes_a_little_late():
    """What belongs to an earlier step that is kept is added there."""
    ring = Ring(10, 3, 1)
    for time_s in (25.0, 12.0, 12.0):
        row = ring.row(time_s)
        assert row is not None
        row += 1
    assert ring.last(25.0, 3)[:, 0].tolist() == [0.0, 2.0, 1.0]


def test_steps_begin_when_counting_did():
    """Steps before the start are not shown; those without events are zero, and the last one is that of now."""
    seen = history()
    seen.add(START_S + 3, {"searches": 1, "retrieval_ms": 2.5}, {"dense": 20, "unknown": 5})
    seen.add(START_S + 25, {"searches": 2, "empty": 1})
    steps = seen.steps("15m", START_S + 31)
    assert steps["starts_s"] == [START_S, START_S + 10, START_S + 20, START_S + 30]
    assert counts(steps, "searches") == [1, 0, 2, 0]
    assert counts(steps, "empty") == [0, 0, 1, 0]
    assert counts(steps, "retrieval_ms") == [2.5, 0, 0, 0]
    assert steps["arms"] == {
        "dense": {"on": [1, 0, 0, 0], "candidates": [20, 0, 0, 0]},
        "fuzzy": {"on": [0, 0, 0, 0], "candidates": [0, 0, 0, 0]},
    }


@pytest.mark.parametrize("span", SPANS)
def test_spans_show_the_same_events(span: str):
    """Every span sums all events of its time up, in at most 180 steps, however long the process runs."""
    seen = history()
    for second in range(0, 30 * 3600, 60):
        seen.add(START_S + second, {"searches": 1})
    now_s = START_S + 30 * 3600 - 60
    steps = seen.steps(span, now_s)
    expected = {"15m": 15, "3h": 180, "24h": 1440}[span]
    assert sum(counts(steps, "searches")) == expected
    assert len(counts(steps, "searches")) <= 180
    assert steps["step_s"] == {"15m": 10, "3h": 60, "24h": 600}[span]


def test_gauges_stand_as_they_were_last():
    """Of a step the last note stands; where none was, or there was no verdict, there is nothing."""
    seen = history()
    seen.note(START_S + 1, (5.0, math.nan, math.nan, math.nan))
    seen.note(START_S + 60, (6.0, 0.01, -0.02, 0.04))
    seen.note(START_S + 62, (7.0, 0.02, -0.01, 0.05))
    gauges = seen.steps("3h", START_S + 130)["gauges"]
    assert gauges == {
        "revision": [5, 7, None],
        "difference": [None, 0.02, None],
        "difference_low": [None, -0.01, None],
        "difference_high": [None, 0.05, None],
    }
    long = seen.steps("24h", START_S + 130)["gauges"]
    assert isinstance(long, dict)
    assert (long["revision"], long["difference"]) == ([7], [0.02])
