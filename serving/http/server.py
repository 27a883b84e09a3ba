"""Serve the HTTP interface until Ctrl-C."""

import asyncio
import resource
import socket
from typing import Final

import uvicorn
from fastapi import FastAPI

from ltrr.models.errors import InvalidSettings
from ltrr.serving.http.deadlines import PatientProtocol
from ltrr.serving.processes.garbage import collect_at_times, short_collections

CONNECTIONS: Final = 1_000
"""Connections at a time; beyond, idle ones are closed, and where none is, requests are answered with 503."""
FILES: Final = 4_096
"""Open files that a process asks for: many systems give 1,024, which connections alone would use up."""
BACKLOG: Final = 64
"""Connections that are taken at once, before any of others can be closed."""
QUEUE: Final = 2_048
"""Connections that wait to be taken: who finds no room tries again after a second, three and seven, a probe too."""
IDLE_S: Final = 5
"""Seconds for which a connection stays open between requests."""


def bind(host: str, port: int) -> socket.socket:
    """Take a port, 0 for any free one. Raises InvalidSettings where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=QUEUE)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        reason = reason.partition(" (while")[0]
        raise InvalidSettings(
            f"cannot listen on {host}:{port}: {reason}; choose another with --host or --port"
        ) from error
    # inherited by each connection; asyncio sets it only where a socket names its protocol, which these do not, and the
    # body of an answer would wait for the acknowledgement of its head, some 40 ms
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def address(bound: socket.socket) -> str:
    """Return the URL of a bound socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve(app: FastAPI, bound: socket.socket) -> None:
    """Serve until a signal asks to stop; requests under way are answered first."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        log_config=None,
        access_log=False,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=5,
        http=PatientProtocol,
        ws="none",
        limit_concurrency=min(CONNECTIONS, allowed_files() // 4),
        backlog=BACKLOG,
        server_header=False,
    )
    with short_collections():
        collecting = asyncio.ensure_future(collect_at_times())
        try:
            await _Server(config).serve(sockets=[bound])
        finally:
            collecting.cancel()


class _Server(uvicorn.Server):
    """Lets more connections wait than are taken at once, which asyncio has one number for."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        await super().startup(sockets)
        for one in sockets or ():
            one.listen(QUEUE)


def allowed_files() -> int:
    """Raise how many files this process may have open, as far as it may, and return how many these are."""
    may, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if may != resource.RLIM_INFINITY and may < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return FILES if may == resource.RLIM_INFINITY else max(may, wanted)
