"""How far long work is, where no terminal is."""

import pytest

from ltrr.serving.terminal import advance


def test_lines_say_how_far_it_is(capsys: pytest.CaptureFixture[str]):
    """A line comes every few seconds, with the time left from the rate since the first call."""
    times = iter([0.0, 1.0, 2.0, 11.0, 12.0])
    with advance.shown("work", lambda: next(times)) as show:
        show(20, 120, "begins")
        show(30, 120, "too soon")
        show(70, 120, "half")
        show(80, 120, "too soon again")
    assert capsys.readouterr().err == "work: 58%, half, 10 s left\n"
