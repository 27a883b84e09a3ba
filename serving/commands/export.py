"""`ltrr export`: the events of a topic as JSON lines."""

import asyncio
import math
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic_core import from_json, to_json

from ltrr.models.errors import InvalidInput
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal.moments import parse_moment
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.kafka.admin import check
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import reading
from ltrr.streams.replay.event_stretch import embedded_stretch

_EVENTS: Final = {topic for topic in Topic if not topic.kind.compacted}
_KINDS: Final = {topic.short: topic for topic in (*_EVENTS, Topic.ENTITIES)}

_EMBEDDED: Final = {topic.short: topic for topic in (*EVENT_TOPICS, Topic.DEADLETTER)}


def export(
    topic: Annotated[str, typer.Argument(help="Name of a topic, with or without `ltrr.`.")],
    since: Annotated[str | None, typer.Option("--from", help="Time of the log from which on.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Time of the log before which; now where absent.")] = None,
) -> None:
    """Write the events of a topic to standard output as JSON lines, partition by partition; of entities the newest."""
    settings = load_settings()
    kinds = _EMBEDDED if settings.brokers is None else _KINDS
    kind = kinds.get(topic.removeprefix("ltrr."))
    if kind is None:
        raise InvalidInput(f"{topic!r} cannot be exported as JSON; can be: {', '.join(sorted(kinds))}")
    if kind is Topic.ENTITIES and (since or until):
        raise InvalidInput("entities are exported as they are now: leave --from and --to out")
    times = parse_moment(since) if since else 0.0, parse_moment(until) if until else None
    if settings.brokers is None:
        work = _export_embedded(settings.data_dir, kind, *times)
    else:
        check(settings.brokers, settings.partitions)
        work = _export(settings.brokers, kind, kind.kind.partitions(settings.partitions), *times)
    bad = asyncio.run(work)
    if bad:
        sys.stderr.write(f"ltrr: {bad} messages are no JSON and were left out\n")
        raise typer.Exit(1)


async def _export_embedded(folder: Path, topic: Topic, since_s: float, until_s: float | None) -> int:
    """Write the events of a topic of the log in a data folder; return how many messages could not be read."""
    messages = embedded_stretch(folder, since_s, {topic: math.inf if until_s is None else until_s})
    return sum([_write(value) async for _, value in messages])


async def _export(bootstrap: Brokers, topic: Topic, partitions: int, since_s: float, until_s: float | None) -> int:
    """Write the events of a topic; return how many messages could not be read."""
    bad = 0
    newest: dict[bytes, bytes] = {}
    async for key, value in _messages(bootstrap, topic, partitions, since_s, until_s):
        if topic is Topic.ENTITIES:
            newest.pop(key, None)
            if value is not None:
                newest[key] = value
        else:
            bad += _write(value)
    return bad + sum(map(_write, newest.values()))


async def _messages(
    bootstrap: Brokers, topic: Topic, partitions: int, since_s: float, until_s: float | None
) -> AsyncIterator[tuple[bytes, bytes | None]]:
    async with reading(bootstrap, "the export stopped") as reader:
        for partition in range(partitions):
            start = await reader.offset_at(topic, partition, since_s)
            end = None if until_s is None else await reader.offset_at(topic, partition, until_s)
            async for record in reader.read(topic, partition, start, end):
                yield record.key or b"", record.value


def _write(value: bytes | None) -> bool:
    """Write the events of a message; tell whether it could not be read."""
    try:
        found = from_json(value or b"", allow_inf_nan=False)
    except ValueError:
        return True
    for event in found if isinstance(found, list) else [found]:
        sys.stdout.buffer.write(to_json(event) + b"\n")
    return False
