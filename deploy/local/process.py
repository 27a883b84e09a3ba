"""Start and end processes that live on; one is known by its number and by its command line together."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.local.failure import Failed
from deploy.local.users import User

_POLL_S = 0.05
TERM_S = 30.0
KILL_S = 10.0


def start(
    command: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str], user: User | None = None
) -> int:
    """Start a process in a session of its own, so that Ctrl-C here does not end it; its log is begun anew.

    user: whom it runs as, in no other group than that user's main one; the caller where None.
    """
    with log.open("wb") as out:
        child = subprocess.Popen(  # noqa: S603  # our own command
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=None if user is None else user.uid,
            group=None if user is None else user.gid,
            extra_groups=None if user is None else (),
        )
    child.returncode = 0  # it outlives us: Popen need not warn of that, and `exit_code` asks for what it ended with
    return child.pid


def exit_code(pid: int) -> int | None:
    """Return what a child of ours ended with; None while it lives, and where it is no child."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return None
    return os.waitstatus_to_exitcode(status) if ended else None


def is_ours(pid: int, marker: str) -> bool:
    """Return whether a process lives and its command line has the marker: numbers are used again."""
    return marker in command_line(pid)


def command_line(pid: int) -> str:
    """Return the command line of a process; empty where it is gone, or ended and not collected yet."""
    if Path("/proc/self").exists():
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" "))
        except OSError:
            return ""
    asked = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603  # not Linux


def stop(pid: int, marker: str, *, term_s: float = TERM_S, kill_s: float = KILL_S) -> None:
    """End a process that we started: by asking, then by force; return when it is gone."""
    for number, wait_s in ((signal.SIGTERM, term_s), (signal.SIGKILL, kill_s)):
        if not is_ours(pid, marker):
            return
        try:
            if number is signal.SIGKILL and os.getpgid(pid) == pid:
                os.killpg(pid, number)  # its session, begun by `start`: a launcher goes with what it launched
            else:
                os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError:
            raise Failed(f"process {pid} belongs to another user; end it as that user") from None
        if wait_until(lambda: not is_ours(pid, marker), wait_s):
            exit_code(pid)  # where it is a child, it is collected
            return
    raise Failed(f"process {pid} does not end, not even by SIGKILL")


def remains(pid: int, marker: str) -> list[int]:
    """Return what a process that is gone has left in its session: it was killed, and what it launched was not."""
    numbers = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [number for number in numbers if _group(number) == pid and is_ours(number, marker)]


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def kill(pid: int) -> None:
    """End a child at once, with what it started."""
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def wait_until(true: Callable[[], bool], limit_s: float) -> bool:
    """Return whether something came true within a time."""
    end_s = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > end_s:
            return False
        time.sleep(_POLL_S)
    return True
