"""What docs/history.md says of other systems, run, and the names of actions that docs/sites.md lists."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ltrr.models.records.action_names import ACTION_ALIASES
from ltrr.serving.publishing.file import publish
from ltrr.serving.settings.settings import Settings
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
    return subprocess.run(command, input=rows, capture_output=True, text=True, cwd=folder, check=True)


@pytest.mark.parametrize("form", INPUTS)
def test_the_script_makes_ubi_that_is_learned(tmp_path: Path, form: str):
    """One page with what was shown, in order, and the click on it: all is taken, and teaches."""
    ran = scripted(tmp_path, form, INPUTS[form])
    assert ran.stderr == f"{int(form == 'csv')} rows belong to no search\n"
    page, click = map(json.loads, ran.stdout.splitlines())
    assert (page["user_query"], page["query_response_hit_ids"]) == ("lamp", ["a", "b"])
    (tmp_path / "history.jsonl").write_text(ran.stdout)
    settings = Settings(data_dir=tmp_path / "data")
    report = asyncio.run(publish(str(tmp_path / "history.jsonl"), settings))
    assert (report["accepted"], report["taught"], click["event_attributes"]["object"]["object_id"]) == (2, 2, "b")


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
    assert ran.stderr == "1 rows belong to no search\n"
    (tmp_path / "history.jsonl").write_text(ran.stdout)
    report = asyncio.run(publish(str(tmp_path / "history.jsonl"), Settings(data_dir=tmp_path / "data")))
    assert (report["accepted"], report["taught"]) == (4, 4)


def test_names_of_actions_are_listed():
    """The table has each other name that is known, beside what it counts as."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section(PAGES["docs/sites.md"], "Names of actions"), re.MULTILINE)
    assert {other: name for name, others in rows for other in re.findall(r"`(\w+)`", others)} == ACTION_ALIASES
