"""Processes that a command has started, by their numbers."""

from pathlib import Path

_MARK = b"spawn_main"


def spawned(pid: int) -> list[int]:
    """Return the processes that one has started to share its work."""
    children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [one for one in children if _MARK in _command(one)]


def is_running(pid: int) -> bool:
    """Tell whether a process has not ended."""
    return bool(_command(pid))


def _command(pid: int) -> bytes:
    """Return how a process was started, nothing of one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
