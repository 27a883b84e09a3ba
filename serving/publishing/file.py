"""Publish files of events."""

import asyncio
import contextlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import JsonValue
from pydantic_core import from_json, to_json

from ltrr.models.errors import InvalidEvent, LtrrError
from ltrr.serving.access.audit import by_command
from ltrr.serving.events.lines import opened
from ltrr.serving.events.refusals import Refusals
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


@dataclass(frozen=True, slots=True)
class _Line:
    """An event of a file. planned: whether it has a plan of ours, or needs none."""

    topic: Topic
    query_id: str
    raw: bytes
    planned: bool = True


async def publish(path: str, settings: Settings, *, trust: bool = False) -> dict[str, Any]:
    """Send the events and queries of a file, in order; sum up by kind what is bad, and go on.

    The file is JSON in any form that a catalogue's may have (lines, an array, what search engines export), compressed
    or not. What has an `action_name` is an event, any other a query. trust: keep the plans in queries, which the
    service itself takes from nobody; they go straight to the log. Returns what Report says.
    """
    report, refusals = Report(), Refusals()
    noted = by_command(settings.audit_path, "publish with plans", file=path) if trust else contextlib.nullcontext()
    try:
        with opened(path) as file, json_of(file) as found, noted:
            async with trusted(settings) if trust else over_http(settings) as sink:
                await _send(found.rows, sink, settings, report, refusals)
    except (LtrrError, asyncio.CancelledError):
        if report.read:
            sys.stderr.write(f"ltrr: {_CUT_OFF.format(accepted=report.accepted, read=report.read)}\n")
        raise
    finally:
        sys.stderr.writelines(f"{line}\n" for line in refusals.lines())
    return report.document() | {"refused": refusals.report}


async def _send(
    rows: Iterable[Row],
    sink: Sink,
    settings: Settings,
    report: Report,
    refusals: Refusals,
) -> None:
    visitors = sink.visitors
    batch = _Batch(sink, report, refusals)
    for number, row in rows:
        report.read += 1
        try:
            if isinstance(row, InvalidEvent):
                raise row
            if visitors is not None:
                row = with_names(row, visitors)  # noqa: PLW2901  # the row with other ids
            line = _validated(row, settings, trust=visitors is not None)
        except InvalidEvent as error:
            report.bad += 1
            refusals.add(number, error)
            continue
        report.unplanned += not line.planned
        await batch.add(number, line)
    await batch.send()


def _validated(event: dict[str, JsonValue], settings: Settings, *, trust: bool) -> _Line:
    """Return what an event of a file is. Raises InvalidEvent: one bad event must not cost its batch."""
    name, raw = event.get("action_name"), to_json(event, inf_nan_mode="constants")
    try:
        from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise not_json(str(error)) from None
    if is_showing(name) or (name is None and any(field in event for field in _QUERY)):
        page = parse_impressions(raw, settings.ordinal_base)[0]
        if trust:
            refuse_unserved(page.application, settings.applications)
        return _Line(Topic.IMPRESSIONS, page.query_id, raw, planned=trust and page.decision is not None)
    if trust or event.get("query_id") not in (None, ""):
        return _Line(Topic.ACTIONS, parse_actions(raw, settings.ordinal_base)[0].query_id, raw)
    parse_actions(to_json({**event, "query_id": "-"}), settings.ordinal_base)
    return _Line(Topic.ACTIONS, "", raw)  # the service may know which it is


class _Batch:
    """Events on their way to one topic."""

    def __init__(self, sink: Sink, report: Report, refusals: Refusals) -> None:
        self._sink = sink
        self._report = report
        self._refusals = refusals
        self._lines: list[tuple[int, _Line]] = []
        self._size = 0

    async def add(self, number: int, line: _Line) -> None:
        full = len(self._lines) >= _BATCH_EVENTS or self._size + len(line.raw) > _BATCH_BYTES
        if full or (self._lines and line.topic is not self._lines[-1][1].topic):
            await self.send()
        self._lines.append((number, line))
        self._size += len(line.raw)

    async def send(self) -> None:
        lines, self._lines, self._size = self._lines, [], 0
        if not lines:
            return
        answer = await self._sink.send(lines[0][1].topic, [(line.query_id, line.raw) for _, line in lines])
        self._report.add(answer, len(lines))
        for refused in answer.get("rejected", ()):
            self._refusals.add(lines[refused["index"]][0], InvalidEvent(refused["reason"], refused["message"]))
