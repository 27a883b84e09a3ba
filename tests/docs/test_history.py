"""What docs/history.md says of other systems, run, and the names of actions that docs/sites.md lists."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import JsonValue

from ltrr.models.records.action_names import ACTION_ALIASES
from ltrr.serving.publishing.file import publish
from ltrr.serving.publishing.report import said
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.timestamps import read_timestamp
from tests.docs.pages import PAGES, blocks, section

_GA4 = (
    {"event_name": "view_search_results", "event_params": [{"key": "search_term", "value": {"string_value": "lamp"}}]},
    {"event_name": "view_item_list", "items": [{"item_id": "a"}, {"item_id": "b"}]},
    {"event_name": "select_item", "items": [{"item_id": "b"}]},
    {"event_name": "scroll"},
)
_SEGMENT = (
    {"event": "Products Searched", "properties": {"query": "lamp"}},
    {"event": "Product List Viewed", "properties": {"products": [{"product_id": "a"}, {"product_id": "b"}]}},
    {"event": "Product Clicked", "properties": {"product_id": "b"}},
    {"type": "page", "properties": {}},
)
_CSV = "shown,a\nshown,b\nclick,b\n"
INPUTS = {
    "ga4": "\n".join(
        json.dumps({**one, "event_timestamp": 1_700_000_000_000_000 + n, "user_pseudo_id": "v"})
        for n, one in enumerate(_GA4)
    ),
    "segment": "\n".join(
        json.dumps({**one, "timestamp": f"2026-01-01T10:00:0{n}Z", "anonymousId": "v"})
        for n, one in enumerate(_SEGMENT)
    ),
    "csv": "time,visitor,query,action,item\n"
    + "".join(f"2026-01-01T10:00:00Z,v,lamp,{row}\n" for row in _CSV.splitlines()),
}


INPUTS["csv"] = "\n".join([(lines := INPUTS["csv"].splitlines())[0], "2026-01-03T10:00:00Z,v,,shown,c", *lines[1:]])
"""Not in the order of time, and what was seen two days later is of no search."""


def scripted(folder: Path, form: str, rows: str) -> subprocess.CompletedProcess[str]:
    """Return what the script of the page makes of a history."""
    (folder / "to_ubi.py").write_text(blocks(PAGES["docs/history.md"], "python")[0])
    command = [sys.executable, "to_ubi.py", form]
    return subprocess.run(command, input=rows, capture_output=True, text=True, encoding="utf-8", cwd=folder, check=True)


@pytest.mark.parametrize("form", INPUTS)
def test_the_script_makes_ubi_that_is_learned(tmp_path: Path, form: str):
    """One page with what was shown, in order, and the click on it: all is taken, and teaches."""
    ran = scripted(tmp_path, form, INPUTS[form])
    assert ran.stderr == f"0 rows have no visitor, 0 actions no item; {int(form == 'csv')} rows belong to no search\n"
    page, click = map(json.loads, ran.stdout.splitlines())
    assert (page["user_query"], page["query_response_hit_ids"]) == ("lamp", ["a", "b"])
    (tmp_path / "history.jsonl").write_text(ran.stdout)
    settings = Settings(data_dir=tmp_path / "data")
    report = asyncio.run(publish(str(tmp_path / "history.jsonl"), settings))
    assert (report["accepted"], report["taught"], click["event_attributes"]["object"]["object_id"]) == (2, 2, "b")


BAD = {
    "ga4": (['{"event_name": "sel', "[1]", '{"event_timestamp": "17"}'], ["Unterminated", "", "no 'event_name'"]),
    "segment": (
        ['{"event": "Prod', '{"event": "Product Clicked"}', '{"event": "Product Clicked", "timestamp": "soon"}'],
        ["Unterminated", "no 'timestamp'", "Invalid isoformat"],
    ),
    "csv": (["2026-01-01T10:00:09Z,v,lamp,cli", "soon,v,lamp,click,b"], ["cells are missing", "Invalid isoformat"]),
}


@pytest.mark.parametrize("form", BAD)
def test_lines_that_cannot_be_read_cost_themselves_alone(tmp_path: Path, form: str):
    """They are left out, counted and named by line and reason; what stands around them is made UBI all the same."""
    lines, reasons = BAD[form]
    ran = scripted(tmp_path, form, "\n".join([INPUTS[form], *lines]))
    assert len(ran.stdout.splitlines()) == 2
    first = len(INPUTS[form].splitlines()) + 1
    told = ran.stderr.splitlines()
    assert told[0] == f"{len(lines)} lines cannot be read:"
    for at, (one, reason) in enumerate(zip(told[1:], reasons, strict=False)):
        assert one.startswith(f"line {first + at}: {reason}")


def test_a_column_that_is_missing_is_named(tmp_path: Path):
    """No traceback: each line says which column it lacks."""
    ran = scripted(tmp_path, "csv", "time,user,query,action,item\n1767261600,v,lamp,shown,a\n")
    assert (ran.stdout, ran.stderr.splitlines()[1]) == ("", "line 2: no 'visitor'")


@pytest.mark.parametrize(
    "time", ["1767261600", "1767261600000", "1767261600.0", "2026-01-01T10:00:00", "2026-01-01 11:00:00+01:00"]
)
def test_times_are_read_as_publish_reads_them(tmp_path: Path, time: str):
    """Seconds and milliseconds since the epoch, and ISO 8601, without a zone as UTC; a mark of Excel is no column."""
    ran = scripted(tmp_path, "csv", f"\ufefftime,visitor,query,action,item\n{time},v,lamp,shown,a\n")
    assert json.loads(ran.stdout)["timestamp"] == read_timestamp(time) == 1767261600


@pytest.mark.parametrize("value", [{"string_value": "42"}, {"int_value": 42}, {"string_value": None, "int_value": 42}])
def test_numbers_that_are_searched_for_are_read(tmp_path: Path, value: dict[str, JsonValue]):
    """GA4 writes a query of digits as a number."""
    of = {"event_timestamp": 1_700_000_000_000_000, "user_pseudo_id": "v", "items": [{"item_id": "a"}]}
    event = {"event_name": "view_item_list", "event_params": [{"key": "search_term", "value": value}], **of}
    assert json.loads(scripted(tmp_path, "ga4", json.dumps(event)).stdout)["user_query"] == "42"


def test_a_file_of_clicks_alone_is_told(tmp_path: Path):
    """Where most queries have one result, `ltrr publish` says what that cannot teach."""
    rows = [f"2026-01-01T10:{n:02}:00Z,v{n},lamp,click,b" for n in range(20)]
    ran = scripted(tmp_path, "csv", "time,visitor,query,action,item\n" + "\n".join(rows))
    (tmp_path / "history.jsonl").write_text(ran.stdout)
    report = asyncio.run(publish(str(tmp_path / "history.jsonl"), Settings(data_dir=tmp_path / "data")))
    assert (report["taught"], report["queries"], report["one_result"]) == (40, 20, 20)
    assert "20 of 20 queries have one result" in said(report).format(**report)


def test_a_purchase_hours_after_the_click_teaches(tmp_path: Path):
    """It belongs to the page that had the item, whatever was searched since; under the name that its shop gives it."""
    rows = [
        *("10:00:00Z,v,lamp,shown,a", "10:00:00Z,v,lamp,shown,b", "10:00:09Z,v,,click,b"),
        *("12:00:00Z,v,desk,shown,c", "12:00:09Z,v,,order completed,b", "13:00:00Z,v,,order completed,unseen"),
    ]
    ran = scripted(tmp_path, "csv", "time,visitor,query,action,item\n" + "\n".join(f"2026-01-01T{row}" for row in rows))
    lamp, desk, click, order = map(json.loads, ran.stdout.splitlines())
    assert (lamp["query_response_hit_ids"], desk["query_response_hit_ids"]) == (["a", "b"], ["c"])
    assert click["query_id"] == order["query_id"] == lamp["query_id"]
    assert ran.stderr == "0 rows have no visitor, 0 actions no item; 1 rows belong to no search\n"
    (tmp_path / "history.jsonl").write_text(ran.stdout)
    report = asyncio.run(publish(str(tmp_path / "history.jsonl"), Settings(data_dir=tmp_path / "data")))
    assert (report["accepted"], report["taught"]) == (4, 4)


def pages_of(ran: subprocess.CompletedProcess[str]) -> dict[str, tuple[list[str], list[str]]]:
    """Return query -> what was shown, and what was acted on, of ids that are one page's each."""
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    pages = {row["query_id"]: row for row in rows if "user_query" in row}
    acted = {query_id: [] for query_id in pages}
    for row in rows[len(pages) :]:
        acted[row["query_id"]].append(row["event_attributes"]["object"]["object_id"])
    return {page["user_query"]: (page["query_response_hit_ids"], acted[one]) for one, page in pages.items()}


def test_pages_of_one_time_keep_their_own(tmp_path: Path):
    """As of a day, or of one batch of events: in the order of the file; a search stands before what was shown."""
    day = ("search,", "shown,a", "shown,b", "click,a"), ("search,", "shown,a", "shown,c", "click,a")
    rows = [f"2026-01-01,v,{query},{row}" for query, of in zip(("lamp", "desk"), day, strict=True) for row in of]
    rows += [f"2026-01-02,v,{row}" for row in (",click,d", ",shown,d", "sofa,search,")]
    rows += [f"2026-01-01,{visitor},wall,shown,z" for visitor in ("w", "")]
    ran = scripted(tmp_path, "csv", "time,visitor,query,action,item\n" + "\n".join(rows))
    assert pages_of(ran) == {
        "lamp": (["a", "b"], ["a"]),
        "desk": (["a", "c"], ["a"]),
        "wall": (["z"], []),
        "sofa": (["d"], ["d"]),
    }
    assert ran.stderr == "1 rows have no visitor, 0 actions no item; 0 rows belong to no search\n"


def test_events_of_a_batch_follow_their_place_in_it(tmp_path: Path):
    """GA4 gives them one time, and BigQuery has them in any order."""
    of = {"event_timestamp": 1_700_000_000_000_000, "user_pseudo_id": "v"}
    lamp, shown, select, _ = _GA4
    desk = lamp | {"event_params": [{"key": "search_term", "value": {"string_value": "desk"}}]}
    batch = [lamp, shown, select, desk, shown]
    lines = [json.dumps(one | of | {"batch_event_index": str(at)}) for at, one in enumerate(batch)]
    found = pages_of(
        scripted(tmp_path, "ga4", "\n".join([*lines[::-1], json.dumps(shown | of | {"user_pseudo_id": None})]))
    )
    assert found == {"lamp": (["a", "b"], ["b"]), "desk": (["a", "b"], [])}


def test_ids_of_queries_tell_nothing_of_visitors(tmp_path: Path):
    """They are made anew alike, and those of pages of one moment differ."""

    def ids(*visitors: str) -> list[str]:
        rows = [f"2026-01-01T10:00:00Z,{visitor},lamp,shown,a" for visitor in visitors]
        ran = scripted(tmp_path, "csv", "time,visitor,query,action,item\n" + "\n".join(rows))
        return [json.loads(line)["query_id"] for line in ran.stdout.splitlines()]

    assert ids("v", "w") == ids("x", "y")
    assert len(set(ids("v", "w"))) == 2


def test_names_of_actions_are_listed():
    """The table has each other name that is known, beside what it counts as."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section(PAGES["docs/sites.md"], "Names of actions"), re.MULTILINE)
    assert {other: name for name, others in rows for other in re.findall(r"`(\w+)`", others)} == ACTION_ALIASES


def test_the_same_search_in_another_case_is_one_page(tmp_path: Path):
    """And times may be of microseconds; an action without an item is none."""
    rows = [
        "1700000000000000,v,Red Lamp,shown,a",
        "1700000001000000,v,red  lamp,click,a",
        "1700000002000000,v,red lamp,click,",
    ]
    ran = scripted(tmp_path, "csv", "\n".join(["time,visitor,query,action,item", *rows]))
    page, action = map(json.loads, ran.stdout.splitlines())
    assert (page["user_query"], page["timestamp"]) == ("Red Lamp", 1_700_000_000)
    assert (action["query_id"], action["action_name"]) == (page["query_id"], "click")
    assert ran.stderr == "0 rows have no visitor, 1 actions no item; 0 rows belong to no search\n"


def test_a_call_of_segment_may_have_the_number_of_its_shop(tmp_path: Path):
    """Where it has no id of the product."""
    calls = [
        {"event": "Product List Viewed", "properties": {"query": "lamp", "products": [{"sku": "a"}]}},
        {"event": "Product Clicked", "properties": {"sku": "a", "product_id": "b"}},
    ]
    told = ({**one, "timestamp": f"2026-01-01T10:00:0{n}Z", "anonymousId": "v"} for n, one in enumerate(calls))
    page, action = map(json.loads, scripted(tmp_path, "segment", "\n".join(map(json.dumps, told))).stdout.splitlines())
    assert page["query_response_hit_ids"] == ["a", "b"]
    assert action["event_attributes"]["object"]["object_id"] == "b"
