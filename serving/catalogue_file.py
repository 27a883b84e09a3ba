"""`ltrr index`: load files of entities, into the data folder or on Kafka into the catalogue's topic."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from models.entity import Entity, Place
from models.errors import EngineFailed, InvalidEvent
from serving.embedded import EmbeddedService
from serving.lines import STANDARD_INPUT, numbered_lines, opened
from serving.retrieval import open_shared
from serving.settings import Settings
from streams.admin import check
from streams.catalogue_writer import CatalogueWriter
from streams.codec import parse_change

_QUIET_S: Final = 60.0
_LARGE: Final = 10_000
Report = dict[str, int]


def load(path: str, settings: Settings) -> Report:
    """Load the changes of a file; say which lines are bad and go on.

    Returns {read, taken, bad}. On Kafka all that can be read is taken, and this returns when the servers' indexes have
    it; in the data folder an entity that is not newer than what is held is read but not taken.
    """
    report = {"read": 0, "taken": 0, "bad": 0}
    with _progress() as progress:
        changes = _changes(path, report, progress)
        if settings.kafka is None:
            asyncio.run(_load_here(changes, settings, report))
        else:
            _load_topic(changes, settings, settings.kafka, report, progress)
    return report


async def _load_here(changes: Iterator[Entity | Place], settings: Settings, report: Report) -> None:
    service = EmbeddedService(settings, time.time, settings.data_dir)
    try:
        for gone, run in groupby(changes, lambda change: change.application if isinstance(change, Place) else None):
            if gone is None:
                report["taken"] += await service.index.index(one for one in run if isinstance(one, Entity))
            else:
                report["taken"] += await service.index.delete(gone, [one.object_id for one in run])
        if report["taken"] >= _LARGE:
            await service.index.optimise()
    finally:
        await service.stop()
        service.close()


def _load_topic(
    changes: Iterable[Entity | Place], settings: Settings, bootstrap: str, report: Report, progress: Progress
) -> None:
    check(bootstrap, settings.partitions)
    with CatalogueWriter(bootstrap, settings.applications) as writer:
        for change in changes:
            writer.write(change)
            report["taken"] += 1
        writer.flush()
        for name in asyncio.run(_identities(settings)):
            task = progress.add_task(f"waiting for {name.partition('-')[0]}", total=report["taken"])
            writer.await_index(name, _QUIET_S, _remaining(progress, task, report["taken"]))


async def _identities(settings: Settings) -> list[str]:
    """Return the identities of the servers' indexes."""
    names = []
    for engine in open_shared(settings).values():
        try:
            names.append(await engine.prepare())
        except EngineFailed as error:
            sys.stderr.write(f"{error}; what was loaded waits on Kafka until it is back\n")
        await engine.stop()
    return names


def _changes(path: str, report: Report, progress: Progress) -> Iterator[Entity | Place]:
    total = None if path == STANDARD_INPUT or not Path(path).is_file() else Path(path).stat().st_size
    task = progress.add_task("reading", total=total)
    with opened(path) as file:
        for number, line in numbered_lines(file):
            report["read"] += 1
            progress.advance(task, len(line) + 1)
            try:
                yield parse_change(line)
            except InvalidEvent as error:
                report["bad"] += 1
                sys.stderr.write(f"line {number}: {error.reason}: {error}\n")
    progress.update(task, total=total or 1, completed=total or 1)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), disable=not sys.stderr.isatty())


def _remaining(progress: Progress, task: TaskID, total: int) -> Callable[[int], None]:
    return lambda lag: progress.update(task, completed=max(0, total - lag))
