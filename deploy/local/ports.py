"""Find ports of this machine."""

import errno
import socket

from deploy.local.failure import Failed

HOST = "127.0.0.1"
LAST = 65535


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
    """Return the first of some free ports in a row."""
    while True:
        with socket.create_server((HOST, 0)) as server:
            port: int = server.getsockname()[1]
            if all(_is_free(name, following) for following in range(port + 1, port + count)):
                return port


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
