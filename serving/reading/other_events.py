"""Events in the forms of other systems: told from UBI by how a file begins, and named where that is plain."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import JsonValue

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.serving.reading.records import Record
from ltrr.streams.events.impression_event import HIT_LISTS
from ltrr.streams.events.refusals import Reason

LOOKED_AT: Final = 20
"""Records, or lines, by which a file is told."""

_UBI: Final = frozenset({"action_name", "query_id", "user_query", *HIT_LISTS})
_SYSTEMS: Final = (
    ("an export of GA4", ("event_name",)),
    ("an export of GA4", ("event_params",)),
    ("events of Algolia Insights", ("eventType", "eventName")),
    ("events of Algolia Insights", ("queryID",)),
    ("calls of Segment", ("type", "anonymousId")),
    ("calls of Segment", ("event", "properties")),
    ("events of Coveo", ("searchQueryUid",)),
    ("events of Coveo", ("actionCause",)),
    ("events of Typesense", ("doc_id",)),
    ("events of Typesense", ("event_type", "data")),
    ("visits of Matomo", ("idVisit",)),
    ("visits of Matomo", ("actionDetails",)),
)
_HOLDERS: Final = ("events", "batch", "data")
_ACCESS_LOG: Final = re.compile(r'^\S+ \S+ .*\[\d+/\w+/\d{4}:[^\]]+\] "')
_SVMLIGHT: Final = re.compile(r"-?[\d.]+( qid:\d+)?( \d+:[-+\d.eE]+)+( *#.*)?")
_SEPARATORS: Final = (("\t", "a table with tabs (TSV)"), (",", "a table (CSV)"), (";", "a table (CSV)"))
_READ: Final = (
    "no UBI events{looks}: what is read is UBI JSON, of a page query_id, timestamp, user_query and "
    "query_response_hit_ids, of an action action_name, query_id, timestamp and event_attributes.object.object_id; "
    "docs/history.md says how other events become that"
)


def refuse_other_text(head: bytes) -> None:
    """Refuse a file that begins as no JSON. head: its first bytes. Raises InvalidInput."""
    lines = [line for line in map(str.strip, head.decode(errors="replace").splitlines()[:LOOKED_AT]) if line]
    if lines and not any(line[0] in "{[" for line in lines):
        raise InvalidInput(_said(_text_form(lines)))


def refuse_other_records(rows: Iterable[Record | InvalidEvent]) -> None:
    """Refuse a file none of whose first records is an event of UBI. Raises InvalidInput."""
    found = list(rows)
    objects = [row for row in found if not isinstance(row, InvalidEvent)]
    damaged = sum(isinstance(row, InvalidEvent) and row.reason == Reason.NOT_JSON for row in found)
    if (objects or damaged) and not any(_UBI & row.keys() for row in objects):
        raise InvalidInput(_said(next(filter(None, map(_record_form, objects)), None)))


def _said(form: str | None) -> str:
    return _READ.format(looks="" if form is None else f", but what looks like {form}")


def _record_form(record: Mapping[str, JsonValue]) -> str | None:
    for form, fields in _SYSTEMS:
        if all(field in record for field in fields):
            return form
    inner_form: str | None
    for name in _HOLDERS:
        held = record.get(name)
        inner = held[0] if isinstance(held, list) and held else held
        if isinstance(inner, dict) and (inner_form := _record_form(inner)):
            return inner_form
        if name == "events" and isinstance(inner, dict) and {"name", "params"} <= inner.keys():
            return "hits of GA4"
    return None


def _text_form(lines: list[str]) -> str | None:
    if any(map(_ACCESS_LOG.match, lines)):
        return "an access log"
    if any(map(_SVMLIGHT.fullmatch, lines)):
        return "training data (svmlight)"
    for separator, form in _SEPARATORS:
        if all(separator in line for line in lines):
            return form
    return None
