"""`ltrr index FILE`: load files of entities, into the data folder or on Kafka into the catalogue's topic."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import typer
from rich.progress import Progress, TaskID

from ltrr.models.errors import EngineFailed, InvalidEvent
from ltrr.models.records.entity import Entity, Place
from ltrr.serving.catalogue.lines import numbered_changes
from ltrr.serving.events.bookmark import Bookmark
from ltrr.serving.events.lines import STANDARD_INPUT, opened
from ltrr.serving.retrieval.opening import open_shared
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.settings import Settings
from ltrr.serving.terminal.load_progress import bars
from ltrr.streams.catalogue.writer import CatalogueWriter
from ltrr.streams.kafka.admin import check
from ltrr.streams.kafka.brokers import Brokers

_QUIET_S: Final = 60.0
_PORTION: Final = 1_000
_PORTION_ON_KAFKA: Final = 5_000
_LARGE: Final = 10_000
_INTERRUPTED: Final = 130
Report = dict[str, int]
Portions = Iterator[Sequence[Entity | Place]]


def load(path: str, settings: Settings, *, restart: bool = False) -> Report:
    """Load the changes of a file; say which lines are bad and go on.

    Returns {read, taken, bad}. On Kafka all that can be read is taken, and this returns when the servers' indexes have
    it; in the data folder an entity that is not newer than what is held is read but not taken. A file whose load was
    interrupted goes on where it stopped, unless `restart`. Raises typer.Exit when Ctrl-C is pressed.
    """
    report = {"read": 0, "taken": 0, "bad": 0}
    with opened(path):  # a file that cannot be read is named before anything else is looked at
        bookmark = _bookmark(path, settings, restart=restart)
    report |= bookmark.counts
    if bookmark.line:
        sys.stderr.write(f"going on after line {bookmark.line} of {path}; --restart begins anew\n")
    try:
        with bars() as progress:
            if settings.brokers is None:
                portions = _portions(path, _PORTION, bookmark, report, progress)
                asyncio.run(_load_here(portions, settings, report))
            else:
                portions = _portions(path, _PORTION_ON_KAFKA, bookmark, report, progress)
                _load_topic(portions, settings, settings.brokers, report, progress)
    except KeyboardInterrupt:
        again = "" if path == STANDARD_INPUT else "; the same command goes on there"
        sys.stderr.write(f"ltrr: stopped, all up to line {bookmark.line} is loaded{again}\n")
        raise typer.Exit(_INTERRUPTED) from None
    bookmark.remove()
    return report


def _bookmark(path: str, settings: Settings, *, restart: bool) -> Bookmark:
    if path == STANDARD_INPUT or not Path(path).is_file():
        return Bookmark.nowhere()
    return Bookmark.open(settings.data_dir, Path(path), settings.kafka or "data folder", restart=restart)


async def _load_here(portions: Portions, settings: Settings, report: Report) -> None:
    service = EmbeddedService(settings, time.time, settings.data_dir)
    try:
        for portion in portions:
            for gone, run in groupby(portion, lambda change: change.application if isinstance(change, Place) else None):
                if gone is None:
                    report["taken"] += await service.index.index(one for one in run if isinstance(one, Entity))
                else:
                    report["taken"] += await service.index.delete(gone, [one.object_id for one in run])
        if report["taken"] >= _LARGE:
            await service.index.optimise()
    finally:
        await service.stop()
        service.close()


def _load_topic(portions: Portions, settings: Settings, bootstrap: Brokers, report: Report, progress: Progress) -> None:
    check(bootstrap, settings.partitions)
    with CatalogueWriter(bootstrap, settings.applications) as writer:
        for portion in portions:
            for change in portion:
                writer.write(change)
            writer.flush()
            report["taken"] += len(portion)
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


def _portions(path: str, size: int, bookmark: Bookmark, report: Report, progress: Progress) -> Portions:
    """Yield the changes that are not loaded yet, some at a time; those of a portion are loaded when the next is asked.

    Counts what was read, and notes in the bookmark how far it is.
    """
    total = Path(path).stat().st_size if Path(path).is_file() and path != STANDARD_INPUT else None
    task = progress.add_task("reading", total=total)
    portion: list[Entity | Place] = []
    number = bookmark.line
    with opened(path) as file:
        for number, change in numbered_changes(file):
            if number <= bookmark.line:
                continue
            report["read"] += 1
            if isinstance(change, InvalidEvent):
                report["bad"] += 1
                sys.stderr.write(f"line {number}: {change.reason}: {change}\n")
                continue
            portion.append(change)
            if len(portion) == size:
                progress.update(task, completed=file.tell() if total else report["read"])
                yield portion
                bookmark.move(number, report)
                portion = []
    if portion:
        yield portion
    bookmark.move(number, report)
    progress.update(task, total=total or 1, completed=total or 1)


def _remaining(progress: Progress, task: TaskID, total: int) -> Callable[[int], None]:
    return lambda lag: progress.update(task, completed=max(0, total - lag))
