"""`ltrr index FILE`: load files of entities, into the data folder or on Kafka into the catalogue's topic."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import typer
from rich.progress import Progress, TaskID

from ltrr.models.errors import EngineFailed, InvalidEvent, InvalidInput
from ltrr.models.records.entity import Entity, Place
from ltrr.models.wording import said
from ltrr.retrievers.documents.batches import STRETCH
from ltrr.retrievers.engines.allocator import share_arena
from ltrr.retrievers.understanding.language import stemmer_of
from ltrr.serving.catalogue.unlisted import Listed, to_remove, unlisted
from ltrr.serving.events.bookmark import Bookmark
from ltrr.serving.events.lines import STANDARD_INPUT, opened
from ltrr.serving.events.refusals import Refusals
from ltrr.serving.http.connection import ask, connect, server_url
from ltrr.serving.reading.changes import changes_of
from ltrr.serving.reading.mapping import Mapping
from ltrr.serving.reading.proposals.table import taken_line
from ltrr.serving.retrieval.opening import open_shared
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.settings import Settings
from ltrr.serving.terminal.load_progress import bars
from ltrr.streams.catalogue.writer import CatalogueWriter
from ltrr.streams.events.codec import encode_change
from ltrr.streams.events.timestamps import write_date
from ltrr.streams.kafka.admin import check
from ltrr.streams.kafka.brokers import Brokers

_QUIET_S: Final = 150.0  # an end is noticed after 10 s, and a member may wait 60 s for another
_PORTION: Final = 1_000
_PORTION_ON_KAFKA: Final = 5_000
_LARGE: Final = 10_000
_INTERRUPTED: Final = 130
_MOST_BODY: Final = 512 * 1024
_TIMEOUT_S: Final = 600.0
_JSON: Final = {"Content-Type": "application/json"}
Report = dict[str, Any]
Counts = dict[str, int]
Portions = Iterator[Sequence[Entity | Place]]


@dataclass(frozen=True, slots=True)
class How:
    """How a file is loaded.

    restart: from its beginning, though a load of it was interrupted. replace: what the catalogue holds of its
    applications and the file does not have is removed, once all is loaded; most: even if that is more than half.
    """

    restart: bool = False
    replace: bool = False
    most: bool = False


_AS_IT_IS: Final = How()


def load(path: str, settings: Settings, mapping: Mapping | None = None, how: How = _AS_IT_IS) -> Report:
    """Load the changes of a file; what cannot be read is left out, and said by kind at the end.

    mapping: of its columns; None where they have ltrr's names. Returns {read, taken, bad, repeated, removed, unlisted,
    refused: [{reason, count, first, message, places}]}; repeated: of which an earlier record had the id; unlisted:
    entities that are left and not in the file, None where that is not at hand; `refused` is of this run, other counts
    go on from one that was interrupted. On Kafka all that can be read is taken, and this returns when the servers'
    indexes have it; in the data folder an entity that is older than what is held, or the same, is read, not taken. A
    file whose load was interrupted goes on where it stopped. Raises typer.Exit when Ctrl-C is pressed, NeedsMapping,
    and InvalidInput before anything is changed where a file may not replace what is held.
    """
    counts = {"read": 0, "taken": 0, "bad": 0, "repeated": 0, "removed": 0}
    refusals, listed = Refusals(), Listed()
    with opened(path):  # a file that cannot be read is named before anything else is looked at
        bookmark = _bookmark(path, settings, mapping, restart=how.restart)
    counts |= bookmark.counts
    if bookmark.line:
        sys.stderr.write(f"going on after line {bookmark.line} of {path}; --restart begins anew\n")
    try:
        with bars() as progress:
            gone = to_remove(path, settings, mapping, most=how.most) if how.replace else []
            size = _PORTION if settings.brokers is None else _PORTION_ON_KAFKA
            changes = _portions(
                path, size, mapping, settings.applications, bookmark, counts, refusals, listed, progress
            )
            portions = chain(_dated(_advised(changes, settings), time.time()), _removals(gone, listed, size, counts))
            if settings.brokers is None:
                work = _load_here if server_url(settings) is None else _load_there
                asyncio.run(work(portions, settings, counts))
            else:
                _load_topic(portions, settings, settings.brokers, counts, progress)
    except KeyboardInterrupt:
        again = "" if path == STANDARD_INPUT else "; the same command goes on there"
        sys.stderr.write(f"ltrr: stopped, all up to line {bookmark.line} is loaded{again}\n")
        raise typer.Exit(_INTERRUPTED) from None
    finally:
        sys.stderr.writelines(f"{line}\n" for line in refusals.lines())
    bookmark.remove()
    left = 0 if how.replace else unlisted(listed, settings)
    return {**counts, "unlisted": left, "refused": refusals.report}


def _bookmark(path: str, settings: Settings, mapping: Mapping | None, *, restart: bool) -> Bookmark:
    if path == STANDARD_INPUT or not Path(path).is_file():
        return Bookmark.nowhere()
    target = settings.kafka or "data folder"
    if mapping is not None:
        target += f" by {mapping.model_dump_json()}"
    return Bookmark.open(settings.data_dir, Path(path), target, restart=restart)


async def _load_there(portions: Portions, settings: Settings, report: Counts) -> None:
    """Have a server that runs make the changes; searches go on there."""
    async with connect(settings) as client:
        for portion in portions:
            for body in _bodies(portion):
                answer = await ask(client, "PUT", "/v1/entities", content=body, headers=_JSON, timeout=_TIMEOUT_S)
                for refused in answer["rejected"]:
                    raise InvalidInput(refused["message"])
                report["taken"] += answer["taken"]


def _bodies(portion: Sequence[Entity | Place]) -> Iterator[bytes]:
    """Yield changes as lists that requests take."""
    held: list[bytes] = []
    for change in portion:
        raw = encode_change(change)
        if held and sum(map(len, held)) + len(raw) > _MOST_BODY:
            yield b"[" + b",".join(held) + b"]"
            held = []
        held.append(raw)
    yield b"[" + b",".join(held) + b"]"


async def _load_here(portions: Portions, settings: Settings, report: Counts) -> None:
    share_arena()
    service = EmbeddedService(settings, time.time, settings.data_dir)
    try:
        compacted = report["taken"]
        for portion in portions:
            report["taken"] += await service.change(portion)
            if report["taken"] - compacted >= STRETCH:
                compacted = report["taken"]
                await service.index.compact()
        if report["taken"] >= _LARGE:
            await service.index.optimise()
    finally:
        await service.stop()
        service.close()


def _load_topic(portions: Portions, settings: Settings, bootstrap: Brokers, report: Counts, progress: Progress) -> None:
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


def _portions(
    path: str,
    size: int,
    mapping: Mapping | None,
    served: Sequence[str],
    bookmark: Bookmark,
    counts: Counts,
    refusals: Refusals,
    listed: Listed,
    progress: Progress,
) -> Portions:
    """Yield the changes that are not loaded yet, some at a time; those of a portion are loaded when the next is asked.

    Counts what was read, and notes in the bookmark how far it is: never within a line of several entities.
    """
    total = Path(path).stat().st_size if Path(path).is_file() and path != STANDARD_INPUT else None
    portion: list[Entity | Place] = []
    last = done = bookmark.line
    loaded = 0
    with opened(path) as file, changes_of(file, mapping, served) as changes:
        refusals.unit = changes.unit
        if total and file.tell() >= total:  # it had to be read whole: nobody knows of how many
            total = None
        task = progress.add_task("loading", total=total)
        if mapping is not None and changes.columns is not None:
            sys.stderr.write(f"taken: {taken_line(changes.columns)}\n")
        sys.stderr.writelines(f"not sure: {one}\n" for one in changes.unsure)
        for number, change in changes.numbered:
            repeated = not isinstance(change, InvalidEvent) and listed.add(change)
            if number <= done:
                continue
            if len(portion) >= size and number > last:
                place = file.tell() if total else counts["read"]
                progress.update(task, completed=loaded, description=f"loading, {counts['taken']:,} entities so far")
                yield portion
                loaded = place
                bookmark.move(last, counts)
                portion = []
            last = number
            counts["read"] += 1
            if isinstance(change, InvalidEvent):
                counts["bad"] += 1
                refusals.add(number, change)
                continue
            portion.append(change)
            counts["repeated"] += repeated
    if portion:
        progress.update(task, completed=loaded, description=f"loading, {counts['taken']:,} entities so far")
        yield portion
    bookmark.move(last, counts)
    progress.update(task, total=total or 1, completed=total or 1)


def _advised(portions: Portions, settings: Settings) -> Portions:
    """Yield portions; before the first say which stemmer its texts need, where none was chosen."""
    for number, portion in enumerate(portions):
        if number == 0 and "stemmer" not in settings.model_fields_set:
            found = stemmer_of([said(f"{one.name} {one.description}") for one in portion if isinstance(one, Entity)])
            if found not in {None, settings.stemmer}:
                sys.stderr.write(
                    f"most texts are {found}: set LTRR_STEMMER={found} for every command, and run `ltrr index rebuild` "
                    "before anything more is loaded, so that words are found in other inflections\n"
                )
        yield portion


def _dated(portions: Portions, now_s: float) -> Portions:
    """Yield portions; behind the last say how many entities are made later than now, which orders by newest begin with.

    Dates with two digits for the year may be read so.
    """
    ahead, last, name = 0, now_s, ""
    for portion in portions:
        for one in portion:
            if isinstance(one, Entity) and one.created_s is not None and one.created_s > now_s:
                ahead += 1
                last, name = max((last, name), (one.created_s, one.name))
        yield portion
    if ahead:
        many = "an entity is" if ahead == 1 else f"{ahead:,} entities are"
        sys.stderr.write(
            f"{many} made after today, as late as {write_date(last)} ({name!r}): newest begins with them\n"
        )


def _removals(gone: Sequence[Place], listed: Listed, size: int, counts: Counts) -> Portions:
    """Yield what goes once all that the file has is loaded, some at a time, and count it apart from what was taken."""
    taken = counts["taken"]
    for start in range(0, len(gone), size):
        if some := [place for place in gone[start : start + size] if listed.lacks(place)]:
            yield some
    counts["removed"] += counts["taken"] - taken
    counts["taken"] = taken


def _remaining(progress: Progress, task: TaskID, total: int) -> Callable[[int], None]:
    return lambda lag: progress.update(task, completed=max(0, total - lag))
