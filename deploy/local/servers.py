"""Bring all servers up, and down again."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from deploy.local import ports, process
from deploy.local.elasticsearch import Elasticsearch
from deploy.local.failure import Failed
from deploy.local.kafka import Kafka
from deploy.local.qdrant import Qdrant
from deploy.local.secured_kafka import SecuredKafka
from deploy.local.server import Place, Server
from deploy.local.software import Say

SERVERS: Final[tuple[Server, ...]] = (Kafka(), SecuredKafka(), Elasticsearch(), Qdrant())
WAIT_S: Final = 600.0
_LAST_LINES: Final = 15


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is told.

    folder: of data; software: of what is fetched; ports: server -> port; heap: of each server, its own where None;
    wait_s: for one server to answer.
    """

    folder: Path
    software: Path
    ports: Mapping[str, int]
    free_ports: bool = False
    heap: str | None = None
    wait_s: float = WAIT_S


class Running(NamedTuple):
    """A process that was started. port: it listens there."""

    pid: int
    port: int

    def __str__(self) -> str:
        return f"{ports.HOST}:{self.port} (pid {self.pid})"


def usual(folder: Path, environment: Mapping[str, str]) -> tuple[Server, ...]:
    """Return the servers that are meant where none is named: those to be had here, and those that run."""
    return tuple(
        server
        for server in SERVERS
        if (server.usual and server.source.offered(environment)) or find(folder, server) is not None
    )


def up(options: Options, say: Say, servers: tuple[Server, ...] = SERVERS) -> None:
    """Start what is not running, and wait until all answer."""
    with _alone(options.folder):
        for server in servers:
            began_s = time.monotonic()
            running = find(options.folder, server)
            if running is None:
                running = _start(options, server, say)
                say(f"{server.name} is up at {running} after {time.monotonic() - began_s:.1f} s")
            elif process.wait_until(lambda r=running, s=server: s.healthy(r.port), options.wait_s):  # type: ignore[misc]
                say(f"{server.name} was up already at {running}")
            else:
                log = _log(options.folder, server)
                raise Failed(f"{server.name} runs and does not answer at {running}; see {log}; `down` ends it")
            _publish(options.folder, servers)


def down(options: Options, say: Say, servers: tuple[Server, ...] = SERVERS) -> None:
    """End what `up` started, and wait until it is gone."""
    if not options.folder.is_dir():
        say(f"nothing was ever started in {options.folder}")
        return
    with _alone(options.folder):
        for server in reversed(servers):
            began_s = time.monotonic()
            running = find(options.folder, server)
            if running is not None:
                process.stop(running.pid, _marker(options.folder, server))
                say(f"{server.name} is down after {time.monotonic() - began_s:.1f} s")
            else:
                _clear(options.folder, server)
                say(f"{server.name} was down already")
            _file(options.folder, server).unlink(missing_ok=True)
            _publish(options.folder, servers)


def status(folder: Path, servers: tuple[Server, ...] = SERVERS) -> dict[str, dict[str, str | int]]:
    """Return for each server its state (`up`, `silent` when it runs and does not answer, `down`), address and pid."""
    states: dict[str, dict[str, str | int]] = {}
    for server in servers:
        running = find(folder, server)
        if running is None:
            states[server.name] = {"state": "down"}
        else:
            state = "up" if server.healthy(running.port) else "silent"
            states[server.name] = {"state": state, **_published(server, running)}
    return states


def find(folder: Path, server: Server) -> Running | None:
    """Return the server's process if it lives; a file that an ended one left behind counts for nothing."""
    last = _last(folder, server)
    return last if last is not None and process.is_ours(last.pid, _marker(folder, server)) else None


def _last(folder: Path, server: Server) -> Running | None:
    try:
        held = json.loads(_file(folder, server).read_text(encoding="utf-8"))
        return Running(int(held["pid"]), int(held["port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _clear(folder: Path, server: Server) -> None:
    """End what a killed process has left: it holds the port and the data."""
    last, marker = _last(folder, server), _marker(folder, server)
    for pid in process.remains(last.pid, marker) if last is not None else ():
        process.stop(pid, marker)


def _start(options: Options, server: Server, say: Say) -> Running:
    environment = dict(os.environ)
    _clear(options.folder, server)
    port = ports.choose(
        server.name, options.ports[server.name], other_if_taken=options.free_ports, count=server.port_count
    )
    software = server.source.get(options.software, environment, say)
    place = Place(options.folder / server.name, software.folder, software.program, port, options.heap or server.heap)
    log = _log(options.folder, server)
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        server.prepare(place)
        command, told = server.command(place), server.environment(place, environment)
        pid = process.start(command, place.folder, log, told, server.user())
    except OSError as error:
        where = error.filename or place.folder
        raise Failed(
            f"{server.name} cannot be started: {where}: {error.strerror}; mend that, or give --folder another one"
        ) from error
    running = Running(pid, port)
    try:
        _write(_file(options.folder, server), running._asdict())
        _await(server, running, options.wait_s, log)
    except BaseException:
        process.kill(pid)
        _file(options.folder, server).unlink(missing_ok=True)
        raise
    return running


def _await(server: Server, running: Running, wait_s: float, log: Path) -> None:
    """Return when the server answers. Raises Failed, with the end of its log, where it does not or has ended."""
    codes: list[int] = []

    def settled() -> bool:
        code = process.exit_code(running.pid)
        codes.extend([] if code is None else [code])
        return code is not None or server.healthy(running.port)

    answered = process.wait_until(settled, wait_s)
    if codes:
        raise Failed(f"{server.name} ended with code {codes[0]}; see {log}, which ends:\n{last_lines(log)}")
    if not answered:
        raise Failed(f"{server.name} did not answer within {wait_s:g} s; see {log}, which ends:\n{last_lines(log)}")


def last_lines(log: Path) -> str:
    """Return the end of a log, indented."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
    return "\n".join(f"  {line}" for line in lines) or "  (it is empty)"


def _publish(folder: Path, servers: tuple[Server, ...]) -> None:
    """Write servers.json, which tells others where the servers are: these, and others of the folder."""
    found = {server: find(folder, server) for server in {**dict.fromkeys(SERVERS), **dict.fromkeys(servers)}}
    _write(
        folder / "servers.json",
        {server.name: _published(server, one) for server, one in found.items() if one is not None},
    )


def _published(server: Server, running: Running) -> dict[str, str | int]:
    return {**server.address(running.port), "pid": running.pid}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder: of two that come at once, the second one finds what the first one did."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = folder.joinpath("lock").open("w", encoding="utf-8")
    except OSError as error:
        raise Failed(f"the folder {folder} cannot be written: {error.strerror}; give --folder another one") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(file: Path, document: Mapping[str, object]) -> None:
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_text(json.dumps(document) + "\n", encoding="utf-8")
    fresh.replace(file)


def _file(folder: Path, server: Server) -> Path:
    return folder / server.name / "process.json"


def _log(folder: Path, server: Server) -> Path:
    return folder / server.name / "server.log"


def _marker(folder: Path, server: Server) -> str:
    return f"{folder / server.name}/"
