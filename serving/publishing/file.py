"""Publish files of events."""

import asyncio
import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pydantic import JsonValue
from pydantic_core import from_json, to_json

from ltrr.models.errors import InvalidEvent, LtrrError
from ltrr.models.records.impression import Impression, PageKind
from ltrr.models.records.visitors import Visitors
from ltrr.serving.access.audit import by_command
from ltrr.serving.events.lines import opened
from ltrr.serving.events.refusals import Refusals
from ltrr.serving.publishing.in_order import InOrder, Line
from ltrr.serving.publishing.report import Report
from ltrr.serving.publishing.sinks import Sink, over_http, trusted
from ltrr.serving.reading.formats import json_of
from ltrr.serving.reading.records import Row
from ltrr.serving.settings.applications import refuse_unserved
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.codec import parse_actions, parse_impressions
from ltrr.streams.events.impression_event import HIT_LISTS, is_showing
from ltrr.streams.events.refusals import not_json
from ltrr.streams.events.topics import Topic
from ltrr.streams.events.visitor_names import with_names

_BATCH_EVENTS: Final = 500
_BATCH_BYTES: Final = 512 * 1024
_CUT_OFF: Final = (
    "cut off: {accepted} events had been accepted, {read} were read; sending the whole file again is safe, as what "
    "is there already counts once"
)
_QUERY: Final = ("user_query", *HIT_LISTS)


async def publish(path: str, settings: Settings, *, trust: bool = False) -> dict[str, Any]:
    """Send the events and queries of a file, as they happened; sum up by kind what is bad, and go on.

    The file is JSON in any form that a catalogue's may have (lines, an array, what search engines export), compressed
    or not. What has an `action_name` is an event, any other a query. trust: keep the plans in queries, which the
    service itself takes from nobody; they go straight to the log. Returns what Report says.
    """
    report, refusals = Report(), Refusals()
    noted = by_command(settings.audit_path, "publish with plans", file=path) if trust else contextlib.nullcontext()
    try:
        with opened(path) as file, json_of(file) as found, noted:
            async with trusted(settings) if trust else over_http(settings) as sink:
                with InOrder() as lines:
                    _read(found.rows, lines, settings, report, refusals, sink.visitors)
                    await _send(_batches(lines, settings.join_window_s), sink, report, refusals)
    except (LtrrError, asyncio.CancelledError):
        if report.read:
            sys.stderr.write(f"ltrr: {_CUT_OFF.format(accepted=report.accepted, read=report.read)}\n")
        raise
    finally:
        sys.stderr.writelines(f"{line}\n" for line in refusals.lines())
    return report.document() | {"refused": refusals.report}


def _read(
    rows: Iterable[Row],
    lines: InOrder,
    settings: Settings,
    report: Report,
    refusals: Refusals,
    visitors: Visitors | None,
) -> None:
    """Put what a file says into order. visitors: who names those of its events, None where the service does."""
    for number, row in rows:
        report.read += 1
        try:
            if isinstance(row, InvalidEvent):
                raise row
            if visitors is not None:
                row = with_names(row, visitors)  # noqa: PLW2901  # the row with other ids
            line, page = _validated(number, row, settings, trust=visitors is not None)
        except InvalidEvent as error:
            report.bad += 1
            refusals.add(number, error)
            continue
        if page is not None:
            results = 0 if page.kind is PageKind.OBJECT else len(page.looks())
            report.unplanned += visitors is None or page.decision is None
            report.senders[page.sender] += page.page == 1
            report.queries += results > 0
            report.one_result += results == 1
        lines.add(line)


def _validated(
    number: int, event: dict[str, JsonValue], settings: Settings, *, trust: bool
) -> tuple[Line, Impression | None]:
    """Return what an event of a file is, and the page that it has shown, where it is of one.

    No result of an action, and of an object that is told of by itself. Raises InvalidEvent: one bad event must not
    cost its batch.
    """
    name, raw = event.get("action_name"), to_json(event, inf_nan_mode="constants")
    try:
        from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise not_json(str(error)) from None
    if is_showing(name) or (name is None and any(field in event for field in _QUERY)):
        page = parse_impressions(raw, settings.ordinal_base)[0]
        if trust:
            refuse_unserved(page.application, settings.applications)
        return Line(number, Topic.IMPRESSIONS, page.query_id, page.time_s, raw), page
    if trust or event.get("query_id") not in (None, ""):
        action = parse_actions(raw, settings.ordinal_base)[0]
        return Line(number, Topic.ACTIONS, action.query_id, action.time_s, raw), None
    action = parse_actions(to_json({**event, "query_id": "-"}), settings.ordinal_base)[0]
    return Line(number, Topic.ACTIONS, "", action.time_s, raw), None  # the service may know which it is


async def _send(batches: Iterable[Sequence[Line]], sink: Sink, report: Report, refusals: Refusals) -> None:
    """Send events in batches, of each what was shown before what was done with it."""
    for batch in batches:
        for topic in (Topic.IMPRESSIONS, Topic.ACTIONS):
            sent = [line for line in batch if line.topic is topic]
            if not sent:
                continue
            answer = await sink.send(topic, [(line.query_id, line.raw) for line in sent])
            report.add(answer, len(sent))
            for refused in answer.get("rejected", ()):
                refusals.add(sent[refused["index"]].number, InvalidEvent(refused["reason"], refused["message"]))


def _batches(lines: Iterable[Line], window_s: float) -> Iterator[list[Line]]:
    """Yield events in portions.

    window_s: that one spans at most where it has an action without a query id: the page of that is looked for among
    those of the last while, so that none is told that is much newer.
    """
    batch, size, is_unnamed = list[Line](), 0, False
    for line in lines:
        is_unnamed = is_unnamed or not line.query_id
        is_full = len(batch) >= _BATCH_EVENTS or size + len(line.raw) > _BATCH_BYTES
        if batch and (is_full or (is_unnamed and line.time_s - batch[0].time_s > window_s)):
            yield batch
            batch, size, is_unnamed = [], 0, not line.query_id
        batch.append(line)
        size += len(line.raw)
    if batch:
        yield batch
