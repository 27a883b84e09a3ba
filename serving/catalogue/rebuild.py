"""`ltrr index rebuild`: build indexes anew while the old ones serve, from the catalogue on Kafka or in the folder."""

import asyncio
import sys
import time
from typing import Any, Final

import typer
from rich.progress import Progress
from rich.table import Table

from ltrr.models.errors import EngineFailed, InvalidInput
from ltrr.retrievers.engines.allocator import share_arena
from ltrr.retrievers.engines.base import SharedEngine
from ltrr.retrievers.index import rebuilding
from ltrr.serving.retrieval.opening import hold_index, need_no_servers, open_encoders, open_shared
from ltrr.serving.settings.settings import Settings
from ltrr.serving.terminal import tables
from ltrr.serving.terminal.load_progress import bars
from ltrr.streams.catalogue.changes import CatalogueCopy
from ltrr.streams.catalogue.index_agent import index_group
from ltrr.streams.events.topics import Topic
from ltrr.streams.files.room import Room
from ltrr.streams.kafka import admin, cluster
from ltrr.streams.kafka.brokers import Brokers

_UNDER_WAY_S: Final = 2.0  # of searches and writes that began before the switch
_FEW: Final = 1_000
_INTERRUPTED: Final = 130
Report = dict[str, Any]


def rebuild(settings: Settings) -> Report:
    """Rebuild the servers' indexes where servers are named, else the engines of the data folder.

    Returns {rebuilt: [{engine, name, entities, seconds}]}. Raises typer.Exit when Ctrl-C is pressed: until the switch
    nothing has changed then.
    """
    try:
        with bars() as progress:
            if settings.brokers is None:
                need_no_servers(settings)
            elif settings.elasticsearch or settings.qdrant:
                admin.check(settings.brokers, settings.partitions)
                return {"rebuilt": asyncio.run(_rebuild_shared(settings, settings.brokers, progress))}
            return {"rebuilt": [_rebuild_here(settings, progress)]}
    except KeyboardInterrupt:
        sys.stderr.write("ltrr: stopped; what was there serves on, and the next rebuild clears up\n")
        raise typer.Exit(_INTERRUPTED) from None


def table(report: tables.Answer) -> list[Table]:
    """Return what was rebuilt, for people."""
    shown = Table(title="rebuilt", title_justify="left")
    for column in ("engine", "name", "entities", "seconds"):
        shown.add_column(column)
    for one in report["rebuilt"]:
        shown.add_row(one["engine"], one["name"], f"{one['entities']:,}", f"{one['seconds']:.1f}")
    return [shown]


async def _rebuild_shared(settings: Settings, bootstrap: Brokers, progress: Progress) -> list[Report]:
    reports = []
    for engine in open_shared(settings).values():
        began_s = time.monotonic()
        try:
            name, entities = await _replace(engine, settings, bootstrap, progress)
        finally:
            await engine.stop()
        seconds = time.monotonic() - began_s
        reports.append({"engine": engine.kind, "name": name, "entities": entities, "seconds": seconds})
    return reports


async def _replace(
    engine: SharedEngine[Any], settings: Settings, bootstrap: Brokers, progress: Progress
) -> tuple[str, int]:
    """Fill a successor, switch to it, and remove what served before. Return its name and how many entities it holds.

    The successor's index agents are to go on where it is filled up to at the switch; what former ones wrote to the
    former place meanwhile is read once more.
    """
    successor = await engine.successor()
    try:
        made = await successor.inspect()
        copy = CatalogueCopy(bootstrap, successor, settings.applications)
        _, end = cluster.group_offsets(bootstrap, index_group(str(made.identity)), Topic.ENTITIES)
        task = progress.add_task(f"reading into {made.name}", total=end)

        def advance(_: int) -> None:
            progress.update(task, completed=copy.offset)

        while await copy.catch_up(advance) > _FEW:
            pass
        cluster.set_group_offset(bootstrap, index_group(str(made.identity)), Topic.ENTITIES, copy.offset)
        if (await successor.inspect()).identity != made.identity:
            raise EngineFailed(engine.kind, f"{made.name} was removed or made anew: does another rebuild run?")
        await engine.switch(successor)
        await copy.catch_up()
        await asyncio.sleep(_UNDER_WAY_S)
        await copy.catch_up()
        await engine.discard()
        return made.name, (await successor.inspect()).entities
    finally:
        await successor.stop()


def _rebuild_here(settings: Settings, progress: Progress) -> Report:
    folder, room = settings.data_dir / "index", Room(settings.data_dir, settings.disk_reserve_mb)
    if not folder.is_dir():
        raise InvalidInput(f"{settings.data_dir} holds no catalogue: load one with `ltrr index FILE`")
    began_s = time.monotonic()
    with hold_index(settings.data_dir):
        task = progress.add_task("rebuilding", total=None)

        def advance(count: int) -> None:
            room.need()
            progress.advance(task, count)

        share_arena()
        advance(0)
        entities = rebuilding.rebuild(folder, open_encoders(settings), advance, settings.stemmer)
    return {"engine": "data folder", "name": str(folder), "entities": entities, "seconds": time.monotonic() - began_s}
