"""Long work tells how far it is where nobody sees bars."""

import pytest

from ltrr.serving.terminal import load_progress


def test_a_line_is_written_now_and_then(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With the share that is done, or how many where nobody knows of how many."""
    monkeypatch.setattr(load_progress, "EVERY_S", 0.0)
    with load_progress.bars() as progress:
        progress.update(progress.add_task("reading", total=200), completed=50)
        progress.update(progress.add_task("reading", total=None), completed=7)
    assert capsys.readouterr().err == "reading: 25%\nreading: 7\n"


def test_short_work_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written before it has lasted a while."""
    with load_progress.bars() as progress:
        progress.update(progress.add_task("reading", total=2), completed=1)
    assert capsys.readouterr().err == ""
