"""Find ports of this machine."""

import errno
import socket

from deploy.local.failure import Failed

HOST = "127.0.0.1"


def choose(name: str, wanted: int, *, other_if_taken: bool) -> int:
    """Return a port that nothing listens on. wanted: 0 takes any."""
    if wanted and _is_free(name, wanted):
        return wanted
    if wanted and not other_if_taken:
        raise Failed(
            f"port {wanted} is taken, {name} cannot listen on it; end what uses it, or give --{name}-port another one, "
            "or let --free-ports choose"
        )
    return free()


def free() -> int:
    """Return a free port."""
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _is_free(name: str, port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except PermissionError:
        raise Failed(f"port {port} may not be used by you; give --{name}-port one above 1023") from None
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise Failed(f"port {port} cannot be used: {error.strerror}") from None
        return False
    return True
