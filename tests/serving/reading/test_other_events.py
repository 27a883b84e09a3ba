"""Files of events that are none of UBI."""

import io
import json

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.serving.reading.formats import json_of

FILES = {
    "time,user,query\n1,2,shoe\n": "a table (CSV)",
    "time\tuser\n1\t2\n": "a table with tabs (TSV)",
    '1.2.3.4 - - [29/Nov/2026:10:00:00 +0000] "GET /?q=x HTTP/1.1" 200 3\n': "an access log",
    "1 qid:3 1:0.2 2:0.3\n": "training data (svmlight)",
    json.dumps({"event_name": "select_item", "event_timestamp": "17"}): "an export of GA4",
    json.dumps({"client_id": "c", "events": [{"name": "purchase", "params": {}}]}): "hits of GA4",
    json.dumps(
        {"events": [{"eventType": "click", "eventName": "c", "objectIDs": ["1"]}]}
    ): "events of Algolia Insights",
    json.dumps({"type": "track", "event": "Product Clicked", "anonymousId": "a"}): "calls of Segment",
    json.dumps({"actionCause": "documentOpen", "searchQueryUid": "s"}): "events of Coveo",
    json.dumps({"event_type": "click", "name": "n", "data": {"doc_id": "1"}}): "events of Typesense",
    json.dumps([{"idVisit": 3, "actionDetails": []}], indent=1): "visits of Matomo",
}


@pytest.mark.parametrize("text", FILES, ids=FILES.values())
def test_other_systems_are_named(text: str):
    """One error says what the file looks like, what is read, and where it says how to convert it."""
    with pytest.raises(InvalidInput) as told, json_of(io.BytesIO(text.encode())):
        pass
    assert f"no UBI events, but what looks like {FILES[text]}: what is read is UBI JSON" in str(told.value)
    assert "docs/history.md" in str(told.value)


def test_what_is_unknown_is_told_too():
    """Objects of no system that is known are no UBI events either."""
    with pytest.raises(InvalidInput, match="no UBI events: what is read"), json_of(io.BytesIO(b'{"a": 1}')):
        pass


def test_bad_lines_cost_themselves_alone():
    """Where any of the first records is an event the file is read, and nothing of it is lost."""
    lines = b'no JSON\n{"a": 1}\n{"action_name": "click"}\n' + b"{}\n" * 30
    with json_of(io.BytesIO(lines)) as found:
        assert len(list(found.rows)) == 33
    with json_of(io.BytesIO(b"")) as found:
        assert list(found.rows) == []


def test_what_is_no_object_is_told_of_an_event():
    """A line that is a number is told as what the file should hold: events, not entities of a catalogue."""
    with json_of(io.BytesIO(b'{"action_name": "click"}\n42\n')) as found:
        rows = list(found.rows)
    assert [(number, str(row)) for number, row in rows[1:]] == [(2, "an event is one JSON object: send {...}")]
