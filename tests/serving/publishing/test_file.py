"""`ltrr publish`: what is said where it does not come to its end, or not all was learned."""

import asyncio
import json
from pathlib import Path

import pytest

from ltrr.models.errors import LtrrError
from ltrr.serving.publishing.file import publish
from ltrr.serving.publishing.report import said
from ltrr.serving.settings.settings import Settings
from tests.serving.shop import NOON_S


def test_a_file_that_is_cut_off_says_how_much_arrived(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """Whoever sends it again has to know that nothing counts twice."""
    page = {"query_id": "q", "user_query": "red", "timestamp": NOON_S}
    (tmp_path / "events.jsonl").write_text(json.dumps(page))
    settings = Settings(data_dir=tmp_path / "data", url="http://127.0.0.1:1")  # type: ignore[arg-type]  # a setting
    with pytest.raises(LtrrError, match="no answer"):
        asyncio.run(publish(str(tmp_path / "events.jsonl"), settings))
    assert "0 events had been accepted, 1 were read; sending the whole file again is safe" in capfd.readouterr().err


def test_actions_without_a_query_find_their_pages_however_old(tmp_path: Path):
    """Of a history in one file each action joins the page of its visitor, whatever was shown since."""
    events = []
    for day in range(20):
        time_s, who = NOON_S - 86_400.0 * (20 - day), {"client_id": "ann"}
        shown = {"query_id": f"q{day}", "user_query": "red", "query_response_hit_ids": ["song-1", "song-2"]}
        thing = {"object": {"object_id": "song-1"}}
        events.append({**shown, **who, "timestamp": time_s})
        events.append({"action_name": "click", **who, "timestamp": time_s + 20.0, "event_attributes": thing})
    (tmp_path / "events.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in events))
    report = asyncio.run(publish(str(tmp_path / "events.jsonl"), Settings(data_dir=tmp_path / "data")))
    assert (report["accepted"], report["joined"], report["bad"]) == (40, 20, 0)
    assert "; for 20 actions without a query theirs was found\n" in said(report).format(**report)


@pytest.mark.parametrize(("crawled", "told"), [(20, {"queries": 20, "share": 0.2}), (19, None), (0, None)])
def test_one_visitor_who_makes_much_of_a_file_is_told(tmp_path: Path, crawled: int, told: dict[str, float] | None):
    """A crawler's pages are taught like others' up to its voice: whoever sends them should know."""
    pages = [
        {
            "query_id": f"q{n}",
            "user_query": "red",
            "timestamp": NOON_S + n,
            "client_id": "bot" if n < crawled else f"c{n}",
        }
        for n in range(100)
    ]
    (tmp_path / "events.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in pages))
    report = asyncio.run(publish(str(tmp_path / "events.jsonl"), Settings(data_dir=tmp_path / "data")))
    assert report["heaviest"] == told
    assert ("one visitor made 20 of the queries, 20% of all" in said(report).format(**report)) is (told is not None)


def test_a_trusted_file_says_what_it_taught(tmp_path: Path):
    """Where this very process learns the events, it says of how many; where workers do, that they are to be asked."""
    page = {"query_id": "q", "user_query": "red", "query_response_hit_ids": ["song-1"], "timestamp": NOON_S}
    click = {"query_id": "q", "action_name": "click", "timestamp": NOON_S + 2.0}
    click["event_attributes"] = {"object": {"object_id": "song-1"}}
    (tmp_path / "events.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in (page, click, click)))
    settings = Settings(data_dir=tmp_path / "data")
    report = asyncio.run(publish(str(tmp_path / "events.jsonl"), settings, trust=True))
    assert (report["taught"], report["not_taught"]) == (2, {"duplicate": 1})
    assert "\n2 pages and actions taught" in said(report).format(**report)
    elsewhere = said(report | {"taught": None}).format(**report)
    assert "cannot be told here, as workers learn them: `ltrr policy list`" in elsewhere
