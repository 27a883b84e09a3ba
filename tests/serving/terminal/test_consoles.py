"""What reads the output of a command finds ids in one piece."""

import pytest

from ltrr.serving.terminal.consoles import console
from ltrr.serving.terminal.tables import new_table

ID = "a-rather-long-object-id-of-a-shop-0123456789"


def written(capsys: pytest.CaptureFixture[str]) -> str:
    """Return a row of a search as it is written."""
    table = new_table("#", "name", "type", "id", "score", "brought by")
    table.add_row("1", "A Name of Some Words, as They Are", "product", ID, "1.2345", "fulltext:1 fuzzy:2")
    console().print(table)
    return capsys.readouterr().out


def test_without_a_terminal_ids_are_whole(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """There are no 80 columns to keep to, unless somebody says so."""
    monkeypatch.delenv("COLUMNS", raising=False)
    assert ID in written(capsys)
    monkeypatch.setenv("COLUMNS", "80")
    assert ID not in written(capsys)
