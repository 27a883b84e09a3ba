"""Folders that one process at a time writes to, and files that their owner alone reads."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ltrr.models.errors import StorageFailed


def hold(folder: Path, name: str) -> int:
    """Lock a folder until the descriptor that is returned is closed, or the process ends.

    name: what the folder is, for the message. Raises StorageFailed where another process has it, OSError where it
    cannot be written.
    """
    holder = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(holder)
        message = f"{name} is in use by another process: stop that one, or choose another folder"
        raise StorageFailed(message) from None
    except BaseException:
        os.close(holder)
        raise
    return holder


@contextmanager
def holding(folder: Path, name: str) -> Iterator[None]:
    """Lock a folder, which is made where it is missing, until the end.

    name: as in `hold`. Raises StorageFailed where another process has it, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        holder = hold(folder, name)
    except OSError as error:
        raise StorageFailed(f"cannot use {name}: {error.strerror}") from error
    try:
        yield
    finally:
        os.close(holder)


def private(path: str, flags: int) -> int:
    """Open a file, which its owner alone may read where it is made: an opener for `open`."""
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def flush_folder(folder: Path) -> None:
    """Make the names of new files durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
