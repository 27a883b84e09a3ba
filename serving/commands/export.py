"""`ltrr export`: the events of a topic as JSON lines."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Annotated, Final

import typer
from pydantic_core import from_json, to_json

from ltrr.models.errors import InvalidInput, InvalidSettings
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal.moments import parse_moment
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.admin import check
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader

_EVENTS: Final = {topic for topic in Topic if not topic.kind.compacted}
_KINDS: Final = {topic.short: topic for topic in (*_EVENTS, Topic.ENTITIES)}


def export(
    topic: Annotated[str, typer.Argument(help="Name of a topic, with or without `ltrr.`.")],
    since: Annotated[str | None, typer.Option("--from", help="Time of the log from which on.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Time of the log before which; now where absent.")] = None,
) -> None:
    """Write the events of a topic to standard output as JSON lines, partition by partition; of entities the newest."""
    settings = load_settings()
    if settings.brokers is None:
        raise InvalidSettings("topics are on Kafka: set LTRR_KAFKA to its host:port")
    kind = _KINDS.get(topic.removeprefix("ltrr."))
    if kind is None:
        raise InvalidInput(f"{topic!r} cannot be exported as JSON; can be: {', '.join(sorted(_KINDS))}")
    if kind is Topic.ENTITIES and (since or until):
        raise InvalidInput("entities are exported as they are now: leave --from and --to out")
    check(settings.brokers, settings.partitions)
    times = parse_moment(since) if since else 0.0, parse_moment(until) if until else None
    bad = asyncio.run(_export(settings.brokers, kind, kind.kind.partitions(settings.partitions), *times))
    if bad:
        sys.stderr.write(f"ltrr: {bad} messages are no JSON and were left out\n")
        raise typer.Exit(1)


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
    async with KafkaReader(bootstrap) as reader:
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
