"""`python -m ltrr.bench.report [--quick] [--only NAME]`: run the benches of speed one after the other, and write them.

Kafka and Elasticsearch are those that the settings name, which have to be empty, else some of its own, which it ends.
What is measured goes to bench/results.json and into the table of bench/README.md as soon as it is there: what was
measured before, and is not measured now, stays.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

import ltrr
from ltrr.bench.report.entries import ENTRIES, Entry
from ltrr.bench.report.table import put
from ltrr.bench.running.local import LocalServer
from ltrr.bench.running.processes import LTRR
from ltrr.models.errors import LtrrError, UnknownName

_FOLDER: Final = Path(ltrr.__file__).parent.parent / "bench"
_TERMINATED: Final = 128 + signal.SIGTERM


class _Servers:
    """Servers that are started when they are first needed, and ended by the stack."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._addresses: dict[str, str] = {}

    def environment(self, names: tuple[str, ...]) -> Mapping[str, str]:
        """Return the settings that name servers: those that are given, else those of its own. Raises LtrrError."""
        found = {}
        for name in names:
            setting = f"LTRR_{name.upper()}"
            found[setting] = os.environ.get(setting) or self._addresses.get(name) or self._start(name)
        return found

    def _start(self, name: str) -> str:
        server = self._stack.enter_context(LocalServer(name, self._folder))
        self._addresses[name] = server.address
        return server.address


def _measured(entry: Entry, servers: _Servers, *, quick: bool) -> dict[str, Any]:
    """Return the document of a bench, or why there is none."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LTRR_")}
    try:
        environment = {**kept, **servers.environment(entry.servers)}
    except LtrrError as error:
        return {"failed": str(error)}
    command = [*LTRR, "bench", entry.bench, "--json", *(entry.quick if quick else ())]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # our own
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        told = [line for line in lines if line.startswith("ltrr: ")]  # a library may have the last word
        return {"failed": (told or lines or ["it said nothing"])[-1]}
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def report(
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer rounds and smaller sizes, in some minutes.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="An entry to measure; all where absent.")] = None,
    folder: Annotated[Path, typer.Option(help="Where README.md is, and results.json goes.")] = _FOLDER,
) -> None:
    """Run the benches, and write what they say."""
    names = [entry.name for entry in ENTRIES]
    for name in only or ():
        if name not in names:
            raise UnknownName("entry of the report", name, names)
    path = folder / "results.json"
    results: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    failed = []
    with tempfile.TemporaryDirectory(prefix="ltrr-report-") as own, ExitStack() as stack:
        Path(own).chmod(0o755)  # Elasticsearch is another user where we are root
        servers = _Servers(stack, Path(own))
        for entry in ENTRIES:
            if only and entry.name not in only:
                continue
            began_s = time.monotonic()
            found = _measured(entry, servers, quick=quick)
            found |= {"quick": quick, "date": datetime.now(UTC).date().isoformat()}
            results[entry.name] = found
            results = {name: results[name] for name in names if name in results}
            path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
            put(folder / "README.md", results)
            took = f"{time.monotonic() - began_s:.0f} s"
            sys.stderr.write(f"{entry.name}: {found.get('failed', 'measured')} ({took})\n")
            failed += [entry.name] if "failed" in found else []
    if failed:
        raise typer.Exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # its servers end with it
    typer.run(report)
