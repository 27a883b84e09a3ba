"""Deadlines of connections: who begins a request and does not go on is not waited for."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_S: Final = 10.0


class PatientProtocol(H11Protocol):
    """Closes a connection on which no request is under way, and none is complete within HEADER_S seconds.

    uvicorn has a deadline for idle connections alone, and drops it with the first byte.
    """

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  # as asyncio calls it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._waiting: asyncio.TimerHandle | None = None
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take bytes, and wait on where they do not make a request."""
        super().data_received(data)
        if self._under_way():
            self._stop_waiting()
        elif self._waiting is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting, and leave nothing that only a garbage collection would find."""
        self._stop_waiting()
        super().connection_lost(exc)
        vars(self.transport).pop("_read_ready_cb", None)  # asyncio's transport refers to itself by it

    def _under_way(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEADER_S, self._late)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _late(self) -> None:
        self._waiting = None
        if not self._under_way() and not self.transport.is_closing():
            self.transport.close()
