"""Publish files of events."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue
from pydantic_core import from_json, to_json

from ltrr.models.errors import InvalidEvent
from ltrr.serving.events.lines import numbered_lines, opened
from ltrr.serving.events.sinks import Refusal, Sink, over_http, trusted
from ltrr.serving.settings.applications import refuse_unserved
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.codec import MAX_BYTES, parse_actions, parse_impressions
from ltrr.streams.events.refusals import not_json
from ltrr.streams.events.topics import Topic

_BATCH_EVENTS = 500
_BATCH_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class _Line:
    """An event of a file. planned: whether it has a plan of ours, or needs none."""

    topic: Topic
    query_id: str
    raw: bytes
    planned: bool = True


async def publish(path: str, settings: Settings, *, trust: bool = False) -> dict[str, Any]:
    """Send the events and queries of a file, in order; say which lines are bad and go on.

    Returns {read, accepted, bad, unplanned}. A line with `action_name` is an event, any other a query; either may be
    wrapped as OpenSearch exports it (`_source`). trust: keep the plans in queries, which the service itself takes from
    nobody; they go straight to the log. unplanned: queries without a plan of ltrr.
    """
    report = {"read": 0, "accepted": 0, "bad": 0, "unplanned": 0}
    with opened(path) as file:
        async with trusted(settings) if trust else over_http(settings) as sink:
            batch = _Batch(sink, report)
            for number, text in numbered_lines(file):
                report["read"] += 1
                try:
                    line = _validated(text, settings, trust=trust)
                except InvalidEvent as error:
                    _say(number, Refusal(0, error.reason, str(error)), report)
                    continue
                report["unplanned"] += not line.planned
                await batch.add(number, line)
            await batch.send()
    return report


def _validated(text: bytes, settings: Settings, *, trust: bool) -> _Line:
    """Return what a line holds. Raises InvalidEvent."""
    try:
        sent = b"[%s]" % text if len(text) <= MAX_BYTES else b"[null]"  # one bad line must not cost its batch
        event: JsonValue = from_json(sent, allow_inf_nan=False)[0]
    except ValueError as error:
        raise not_json(str(error)) from None
    raw = text
    if isinstance(event, dict) and isinstance(event.get("_source"), dict):
        event = event["_source"]
        raw = to_json(event)
    if isinstance(event, dict) and "action_name" not in event and "user_query" in event:
        [impression] = parse_impressions(raw)
        if trust:
            refuse_unserved(impression.application, settings.applications)
        return _Line(Topic.IMPRESSIONS, impression.query_id, raw, planned=trust and impression.decision is not None)
    return _Line(Topic.ACTIONS, parse_actions(raw, settings.ordinal_base)[0].query_id, raw)


class _Batch:
    """Lines on their way to one topic."""

    def __init__(self, sink: Sink, report: dict[str, int]) -> None:
        self._send: Callable[[Topic, list[tuple[str, bytes]]], Awaitable[list[Refusal]]] = sink.send
        self._report = report
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
        refused = await self._send(lines[0][1].topic, [(line.query_id, line.raw) for _, line in lines])
        self._report["accepted"] += len(lines) - len(refused)
        for refusal in refused:
            _say(lines[refusal.index][0], refusal, self._report)


def _say(number: int, refusal: Refusal, report: dict[str, int]) -> None:
    report["bad"] += 1
    sys.stderr.write(f"line {number}: {refusal.reason}: {refusal.message}\n")
