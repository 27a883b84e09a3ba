"""`ltrr` commands as processes of their own."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

LTRR: Final = (sys.executable, "-c", "from ltrr.serving.commands.cli import main; main()")
STATM: Final = Path("/proc/self/statm")
_BUSY: Final = 3.0  # other work may go on beside it
_LINES: Final = 25


class Process:
    """An `ltrr` command as a process of its own; what it says goes to a file."""

    def __init__(self, log: Path, environment: Mapping[str, str], *command: str) -> None:
        self.log = log
        with log.open("ab") as out:
            self._popen = subprocess.Popen([*LTRR, *command], env=environment, stdout=out, stderr=out)  # noqa: S603  # our own

    @property
    def pid(self) -> int:
        """Return its number."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """Return what it ended with, None while it runs."""
        return self._popen.poll()

    def signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self._popen.poll() is None:
            self._popen.send_signal(number)

    def kill(self) -> None:
        """End it at once."""
        self.signal(signal.SIGKILL)
        self._popen.wait(20)

    def stop(self, limit_s: float = 30.0) -> int:
        """Ask it to end; return its exit code."""
        self.signal(signal.SIGTERM)
        try:
            return self._popen.wait(_BUSY * limit_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self.log} did not end in {_BUSY * limit_s:.0f} s after SIGTERM:\n{self.said()}"
            ) from None

    def said(self) -> str:
        """Return the end of its log."""
        return _end(self.log)


class Processes:
    """Starts `ltrr` processes with logs in a folder; a context that ends them all.

    settings: variable -> value; no other variable of ltrr is handed on.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LTRR_")}
        self.environment = {**kept, **settings}
        self._folder = folder
        self._started: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in self._started:
            process.kill()
        if error is not None:
            for log in sorted({process.log for process in self._started}):
                error.add_note(f"--- {log}\n{_end(log)}")

    def start(self, name: str, *command: str, **environment: str) -> Process:
        """Start a command; its log is NAME.log."""
        process = Process(self._folder / f"{name}.log", self.environment | environment, *command)
        self._started.append(process)
        return process

    def worker(self, name: str) -> Process:
        """Start a worker under a stable name."""
        return self.start(name, "worker", "--name", name)


def processor_clock(pid: int) -> int:
    """Return the clock of what a process has worked, in nanoseconds where /proc counts hundredths of a second.

    Source: Linux, clock_getcpuclockid(3); Python has that of threads only.
    """
    return (~pid << 3) | 2


def resident_bytes() -> int:
    """Return the memory of this process that is in use now. Source: Linux, proc(5)."""
    return int(STATM.read_text().split()[1]) * resource.getpagesize()


def _end(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LINES:])
