"""Kafka and Elasticsearch of one's own, by `python -m deploy.local`: started, killed, paused, ended."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import ltrr
from ltrr.models.errors import EngineFailed, InvalidSettings

_ROOT: Final = Path(ltrr.__file__).parent.parent


class LocalServer:
    """A server in a folder, on a free port that it keeps; a context that ends it.

    name: as deploy.local has it. Its data stay where it is killed and started again. Raises InvalidSettings where this
    is no copy of the repository, EngineFailed where the server does not start; both say what is missing.
    """

    def __init__(self, name: str, folder: Path) -> None:
        if not (_ROOT / "deploy" / "local").is_dir():
            raise InvalidSettings(f"{name} is started by deploy/local, which is not in {_ROOT}: run it in a git clone")
        self.name = name
        self.address = ""
        self._folder = folder
        self._pid = 0

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = ("up", f"--{self.name}-port", self.address.rpartition(":")[2] or "0", "--json")
        done = self._local(*command)
        if done.returncode and done.stdout:  # it was up, and silent a moment later, on a busy machine: wait for it
            done = self._local(*command)
        if done.returncode:
            raise EngineFailed(self.name, f"was not started: {done.stderr.strip()}")
        told = json.loads(done.stdout)[self.name]
        self.address, self._pid = str(told.get("bootstrap") or told.get("url")), int(told["pid"])

    def signal(self, number: int) -> None:
        """Send a signal to it, and to what it launched."""
        os.killpg(self._pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.signal(signal.SIGKILL)

    def end(self) -> None:
        """Ask it to end, and wait; one that is gone already is fine."""
        self._local("down")

    def _local(self, action: str, *options: str) -> "subprocess.CompletedProcess[str]":
        software = os.environ.get("SERVERS_SOFTWARE") or str(_ROOT / ".ltrr" / "servers" / "software")
        command = [sys.executable, "-m", "deploy.local", action, self.name, "--folder", str(self._folder)]
        return subprocess.run(  # noqa: S603  # our own
            [*command, "--software", software, *options],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=False,
            umask=0o022,  # a server that is another user than we are has to get at its files; our commands keep theirs
        )
