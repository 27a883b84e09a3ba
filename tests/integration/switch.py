"""A way to a server that can be cut off and opened again, as if the server had stopped."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from deploy.local import ports


class Switch:
    """Forwards connections to a server until it is cut off; then its port takes none."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (str(parts.hostname), parts.port or 80)
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._port = ports.free()
        self.url = f"http://{ports.HOST}:{self._port}"
        self.on()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.off()

    def on(self) -> None:
        """Take connections."""
        self._listener = socket.create_server((ports.HOST, self._port))
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def off(self) -> None:
        """Take no more, and cut those that are open."""
        ends, self._open = list(self._open), set()
        for end in (*ends, self._listener):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # it is closed when it is off
            while True:
                here, _ = listener.accept()
                there = socket.create_connection(self._server)
                self._open |= {here, there}
                for source, target in ((here, there), (there, here)):
                    threading.Thread(target=_forward, args=[source, target], daemon=True).start()


def _forward(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
