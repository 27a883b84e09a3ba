"""Find ports of this machine."""

import errno
import secrets
import socket
from pathlib import Path
from typing import Final

from deploy.local.failure import Failed

HOST = "127.0.0.1"
LAST = 65535
_FIRST: Final = 10_000  # below are those of well-known servers
_EPHEMERAL: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_IANA_EPHEMERAL: Final = (49_152, LAST)


def choose(name: str, wanted: int, *, other_if_taken: bool, count: int = 1) -> int:
    """Return the first of some ports in a row that nothing listens on. wanted: 0 takes any."""
    if not wanted:
        return free(name, count)
    taken = next((port for port in range(wanted, wanted + count) if not _is_free(name, port)), None)
    if taken is None:
        return wanted
    if not other_if_taken:
        raise Failed(
            f"port {taken} is taken, {name} cannot listen on it; end what uses it, or give --{name}-port another one, "
            "or let --free-ports choose"
        )
    return free(name, count)


def free(name: str = "a server", count: int = 1) -> int:
    """Return the first of some free ports in a row, which no outgoing connection takes before they are used."""
    lasting = _lasting()
    while True:
        port = secrets.choice(lasting)
        if all(_is_free(name, one) for one in range(port, port + count)):
            return port


def _lasting() -> range:
    """Return the longest row of ports that the system gives to no outgoing connection, or all where it gives all."""
    try:
        first, last = map(int, _EPHEMERAL.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        first, last = _IANA_EPHEMERAL
    return max(range(_FIRST, first), range(last + 1, LAST + 1), key=len) or range(_FIRST, LAST + 1)


def _is_free(name: str, port: int) -> bool:
    if port > LAST:
        return False
    try:
        socket.create_server((HOST, port)).close()
    except PermissionError:
        raise Failed(f"port {port} may not be used by you; give --{name}-port one above 1023") from None
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise Failed(f"port {port} cannot be used: {error.strerror}") from None
        return False
    return True
