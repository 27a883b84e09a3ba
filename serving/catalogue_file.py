"""Load files of entities."""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models.entity import Entity
from models.errors import InvalidEvent
from serving.embedded import EmbeddedService
from serving.lines import STANDARD_INPUT, numbered_lines, opened
from serving.settings import Settings
from streams.codec import parse_entity

_LARGE: Final = 10_000


def load(path: str, settings: Settings) -> dict[str, int]:
    """Load the entities of a file into the data folder; say which lines are bad and go on.

    Returns {read, taken, bad}. An entity that is not newer than what is held is read but not taken.
    """
    report = {"read": 0, "taken": 0, "bad": 0}
    total = None if path == STANDARD_INPUT or not Path(path).is_file() else Path(path).stat().st_size
    with opened(path) as file:
        service = EmbeddedService(settings, time.time, settings.data_dir)
        columns = (TextColumn("indexing"), BarColumn(), MofNCompleteColumn(), TextColumn("bytes"), TimeElapsedColumn())
        try:
            with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
                task = progress.add_task("index", total=total)

                def entities() -> Iterator[Entity]:
                    for number, line in numbered_lines(file):
                        report["read"] += 1
                        progress.advance(task, len(line) + 1)
                        try:
                            yield parse_entity(line)
                        except InvalidEvent as error:
                            report["bad"] += 1
                            sys.stderr.write(f"line {number}: {error.reason}: {error}\n")

                report["taken"] = asyncio.run(service.index.index(entities()))
            if report["taken"] >= _LARGE:
                asyncio.run(service.index.optimise())
        finally:
            service.close()
    return report
