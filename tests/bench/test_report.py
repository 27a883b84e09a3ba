"""The report: its entries are benches, and its table is that of its results."""

import json
from pathlib import Path

import pytest

from ltrr.bench.report.__main__ import report
from ltrr.bench.report.entries import ENTRIES
from ltrr.bench.report.table import BEGIN, END, put, table
from ltrr.models.errors import InvalidInput, UnknownName
from ltrr.serving.commands.bench import benches

FOLDER = Path(__file__).parents[2] / "bench"
DOCUMENT = {
    "bench": "load",
    "date": "2026-01-02",
    "quick": False,
    "figures": {
        "rate": {"value": 1234.5, "unit": "searches/s", "low": 1000.0, "high": None},
        "p99 over bare": {"value": 2.345, "unit": "ratio", "low": 2.0, "high": 3.0},
        "p50": {"value": 0.12345, "unit": "ms", "low": 0.1, "high": 0.2},
        "quiet": {"value": 1.0, "unit": "ms", "low": 1.0, "high": 1.0},
    },
    "targets": [
        {"figure": "rate", "op": ">", "limit": 10000.0, "met": False},
        {"figure": "p50", "op": "<", "limit": 0.5, "met": True},
    ],
    "tabled": None,
    "machine": {"cores": 2, "python": "3.11.7", "system": "Linux"},
}


def test_entries_are_benches():
    """Each entry names a bench, and bench/README.md says what each measures."""
    assert {entry.bench for entry in ENTRIES} <= set(benches())
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [entry.name for entry in ENTRIES if f"| `{entry.name}` |" not in page] == []


def test_what_is_compared_or_wanted_is_tabled():
    """Ratios and figures with a target have a row, with what was seen; what failed says why."""
    said = table({"load": DOCUMENT, "stream": {"failed": "no Kafka: install Java", "quick": False}})
    rows = [line for line in said.splitlines() if line.startswith("| load")]
    assert rows == [
        "| load | rate | 1,234 searches/s | 1,000 to ? | > 10000 | **missed** |",
        "| load | p99 over bare | 2.35 | 2 to 3 |  |  |",
        "| load | p50 | 0.123 ms | 0.1 to 0.2 | < 0.5 | met |",
    ]
    assert "Met: 1 of 2 targets. Measured on 2 cores, Python 3.11.7, 2026-01-02." in said
    assert "Not measured: `stream`: no Kafka: install Java" in said


def test_the_table_takes_the_place_of_the_last_one(tmp_path: Path):
    """What stands before and behind the marks stays; a page without them is refused."""
    page = tmp_path / "README.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nbehind\n")
    put(page, {"load": DOCUMENT})
    put(page, {"load": DOCUMENT})
    text = page.read_text()
    assert text == f"before\n{BEGIN}\n\n{table({'load': DOCUMENT})}\n\n{END}\nbehind\n"
    page.write_text("nothing")
    with pytest.raises(InvalidInput, match="no place for results"):
        put(page, {})


def test_the_page_shows_what_was_measured():
    """The table of bench/README.md is that of bench/results.json."""
    results = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))
    assert table(results) in (FOLDER / "README.md").read_text(encoding="utf-8"), "say `make bench-report`"


@pytest.mark.whole
def test_one_entry_is_measured_and_others_stay(tmp_path: Path):
    """The document goes to results.json, beside what was there, and into the page."""
    (tmp_path / "README.md").write_text(f"{BEGIN}\n{END}\n")
    (tmp_path / "results.json").write_text(json.dumps({"load": DOCUMENT}))
    report(quick=True, only=["core"], folder=tmp_path)
    results = json.loads((tmp_path / "results.json").read_text())
    assert list(results) == ["core", "load"]
    assert results["load"] == DOCUMENT
    assert "action learned" in results["core"]["figures"]
    assert "| core | action learned |" in (tmp_path / "README.md").read_text()
    with pytest.raises(UnknownName, match="core"):
        report(only=["corr"], folder=tmp_path)
