"""The room that a disk has left: files that are mapped into memory must never run out of it."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ltrr.models.errors import StorageFailed

Free = Callable[[Path], int]
"""Reads how many bytes the disk of a folder has left."""

_MOUNTS: Final = Path("/proc/self/mountinfo")
_OPENED_BYTES: Final = 8_000_000  # what opening an index again writes is less than a tenth of it


def free_bytes(folder: Path) -> int:
    """Return what the disk of a folder, or of one above it that exists, has left. Raises OSError."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


class Room:
    """Keeps some of a disk free: the kernel ends a process (SIGBUS) that writes to a mapped page without a block.

    folder: somewhere on the disk. reserve_mb: what stays free, in 10^6 bytes. free: reads what is free, in bytes.
    """

    def __init__(self, folder: Path, reserve_mb: int = 0, free: Free = free_bytes) -> None:
        self._folder = folder
        self._reserve_bytes = reserve_mb * 1_000_000
        self._free = free

    @property
    def free_bytes(self) -> float:
        """Return what the disk has left; NaN where that cannot be read."""
        try:
            return self._free(self._folder)
        except OSError:
            return math.nan

    @property
    def reserve_bytes(self) -> int:
        """Return what stays free."""
        return self._reserve_bytes

    def need(self, size: int = 0) -> None:
        """Make sure that so many bytes can be written beside the reserve. Raises StorageFailed."""
        self._need(size + self._reserve_bytes)

    def need_to_open(self, mapped: Path | None) -> None:
        """Make sure that a folder of mapped files, None for a new one, can be opened. Raises StorageFailed.

        One that is made now fills with what is written. Of one that is there hardly anything is, but for a disk in
        memory (tmpfs), where reading a hole fills it.
        """
        if mapped is None or not mapped.exists():
            self.need()
        else:
            self._need(_holes(mapped) if _in_memory(mapped) else min(_OPENED_BYTES, self._reserve_bytes))

    def _need(self, size: int) -> None:
        try:
            free = self._free(self._folder)
        except OSError as error:
            raise StorageFailed(f"cannot read {self._folder}: {error.strerror}; make it readable") from error
        if free < size:
            raise StorageFailed(
                f"the disk of {self._folder} has {free / 1e6:.0f} MB free and {size / 1e6:.0f} MB are needed "
                f"({self._reserve_bytes / 1e6:.0f} MB stay free: LTRR_DISK_RESERVE_MB): free some space on it"
            )


def used_bytes(folder: Path) -> int:
    """Return what the files of a folder take of the disk."""
    return sum(512 * path.stat().st_blocks for path in folder.rglob("*") if path.is_file())


def _holes(folder: Path) -> int:
    """Return by how many bytes the files of a folder may still grow without getting longer."""
    found = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum(max(0, one.st_size - 512 * one.st_blocks) for one in found)


def _in_memory(folder: Path) -> bool:
    device = folder.stat().st_dev
    place = f"{os.major(device)}:{os.minor(device)}"
    lines = _MOUNTS.read_text().splitlines() if _MOUNTS.exists() else []
    return any(line.split()[2] == place and " - tmpfs " in line for line in lines)
