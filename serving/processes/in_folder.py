"""What searches in a process of its own where one process has the log of a data folder: a copy of its index."""

import errno
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ltrr.models.errors import StorageFailed
from ltrr.models.learning.fold import Fold
from ltrr.models.records.entity import Entity, Place
from ltrr.models.state.records import RecordKey
from ltrr.serving.decisions.in_folder import InFolder
from ltrr.serving.decisions.modes import States
from ltrr.serving.metrics import Metrics
from ltrr.serving.processes.folders import folder_of
from ltrr.serving.rankers.folder import RankerFolder
from ltrr.serving.retrieval.opening import hold_index, open_generator, open_index, open_recall, strategy_arms
from ltrr.serving.search.paging import Paging
from ltrr.serving.settings.settings import Settings
from ltrr.streams.files.room import Room, used_bytes

_PIECE: Final = 1 << 20


class FolderSearching:
    """Searches a copy of the index, and follows the learned state and the catalogue as the service tells of them.

    folder: the data folder; number: of this process.
    """

    def __init__(self, settings: Settings, folder: Path, number: int) -> None:
        self.metrics = Metrics()
        self._index = index = open_index(settings, folder_of(folder, number), open_generator(settings))
        learning = settings.learning(strategy_arms())
        self._fold = Fold(learning)  # learns nothing: it takes over what the service's own has learned
        states = States.over(self._fold.state, learning, settings, settings.version)
        self.paging = Paging(
            index,
            InFolder(states.alone(settings.active), RankerFolder(folder)),
            self.metrics,
            applications=settings.applications,
            placement=settings.placement,
            ours=lambda _: True,  # the service asks here for its own only
            recall=open_recall(index.predicted),
        )

    def start(self) -> None:
        """Open what reads queries; all else there is to know is told."""
        self._index.open()

    async def caught_up(self) -> None:
        """Return: what was told before is taken over."""

    def learned(self, records: Mapping[RecordKey, bytes | None]) -> None:
        """Take over records of the learned state."""
        for key, data in records.items():
            if data is None:
                self._fold.forget(key)
            else:
                self._fold.read(key, data)

    async def change(self, changes: Sequence[Entity | Place]) -> int:
        """Make changes of the catalogue, in the copy of the index."""
        return await self._index.change(changes)

    def trouble(self) -> str:
        """Say nothing: what cannot work here ends the process."""
        return ""

    async def stop(self) -> None:
        """Let go of the index."""
        await self._index.stop()
        self._index.close()


def copy_index(folder: Path, count: int, room: Room) -> None:
    """Copy the index of a data folder for so many processes, in place of the copies from before. Raises StorageFailed.

    As it is when nobody has it open: what a kill has left undone is mended in each copy as in the index itself.
    """
    try:
        remove_copies(folder)
        if not count:
            return
        with hold_index(folder):
            for number in range(count):
                room.need(used_bytes(folder / "index"))
                shutil.copytree(folder / "index", folder_of(folder, number) / "index", copy_function=_copy)
    except (OSError, shutil.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StorageFailed(
            f"cannot copy the index in {folder} for each worker: {reason}; free some space, or leave --workers out"
        ) from error


def remove_copies(folder: Path) -> None:
    """Remove the copies of the index of a data folder, once no process has one open."""
    shutil.rmtree(folder_of(folder), ignore_errors=True)


def _copy(source: str, target: str) -> None:
    """Copy a file but for its holes: those of vectors have room for many more than there are."""
    with Path(source).open("rb") as old, Path(target).open("wb") as new:
        reads, writes, at = old.fileno(), new.fileno(), 0
        size = os.fstat(reads).st_size
        while at < size:
            try:
                at = os.lseek(reads, at, os.SEEK_DATA)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
                break  # there are holes alone from here
            end = os.lseek(reads, at, os.SEEK_HOLE)
            while at < end and (data := os.pread(reads, min(_PIECE, end - at), at)):
                at += os.pwrite(writes, data, at)
            if at < end:
                raise OSError(errno.EIO, f"{source} became shorter")
        new.truncate(size)
    shutil.copystat(source, target)
