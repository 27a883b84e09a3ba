"""Publish files of events."""

import sys
from typing import Any

import httpx
from pydantic_core import from_json

from models.errors import InvalidEvent
from serving.client import ask, connect
from serving.lines import numbered_lines, opened
from serving.settings import Settings
from streams.codec import MAX_BYTES, parse_action, parse_impression
from streams.refusals import not_json

_BATCH_EVENTS = 500
_BATCH_BYTES = 512 * 1024
_EVENTS, _QUERIES = "/v1/events", "/ubi_queries"


async def publish(path: str, settings: Settings) -> dict[str, Any]:
    """Send the events and queries of a file, in order; say which lines are bad and go on.

    Returns {read, accepted, bad}. A line with `action_name` is an event, any other a query.
    """
    report = {"read": 0, "accepted": 0, "bad": 0}
    with opened(path) as file:
        async with connect(settings) as client:
            batch = _Batch(client, report)
            for number, line in numbered_lines(file):
                report["read"] += 1
                try:
                    await batch.add(number, *_validated(line, settings.ordinal_base))
                except InvalidEvent as error:
                    _say(number, error.reason, str(error), report)
            await batch.send()
    return report


def _validated(line: bytes, ordinal_base: int) -> tuple[str, bytes]:
    """Return (endpoint, line). Raises InvalidEvent."""
    try:
        sent = b"[%s]" % line if len(line) <= MAX_BYTES else b"[null]"  # one bad line must not cost its batch
        event = from_json(sent, allow_inf_nan=False)[0]
    except ValueError as error:
        raise not_json(str(error)) from None
    if isinstance(event, dict) and "action_name" not in event and "user_query" in event:
        parse_impression(line)
        return _QUERIES, line
    parse_action(line, ordinal_base)
    return _EVENTS, line


class _Batch:
    """Lines on their way to one endpoint."""

    def __init__(self, client: httpx.AsyncClient, report: dict[str, int]) -> None:
        self._client = client
        self._report = report
        self._endpoint = _EVENTS
        self._lines: list[tuple[int, bytes]] = []
        self._size = 0

    async def add(self, number: int, endpoint: str, line: bytes) -> None:
        full = len(self._lines) >= _BATCH_EVENTS or self._size + len(line) > _BATCH_BYTES
        if full or endpoint != self._endpoint:
            await self.send()
        self._endpoint = endpoint
        self._lines.append((number, line))
        self._size += len(line)

    async def send(self) -> None:
        lines, self._lines, self._size = self._lines, [], 0
        if not lines:
            return
        body = b"[" + b",".join(line for _, line in lines) + b"]"
        answer = await ask(self._client, "POST", self._endpoint, content=body)
        self._report["accepted"] += answer["accepted"]
        for refused in answer["rejected"]:
            _say(lines[refused["index"]][0], refused["reason"], refused["message"], self._report)


def _say(number: int, reason: str, message: str, report: dict[str, int]) -> None:
    report["bad"] += 1
    sys.stderr.write(f"line {number}: {reason}: {message}\n")
