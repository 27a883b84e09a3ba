"""Connections: who begins a request and does not go on is not waited for, and gives way where there are many."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_S: Final = 10.0
_PROBES: Final = (b"GET /healthz ", b"GET /readyz ")
_SPARE: Final = 100
"""Connections beyond the limit on which a probe may still be answered."""


class PatientProtocol(H11Protocol):
    """Closes a connection on which no request is under way, and none is complete within HEADER_S seconds.

    Where there are as many connections as the limit says, those go first that have sent nothing for longest; where so
    many requests are under way, only probes are answered. uvicorn has a deadline for idle connections alone, and drops
    it with the first byte; its limit is one of requests, and keeps connections without one.
    """

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  # as asyncio calls it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._limit = self.limit_concurrency
        self.heard_s = self.loop.time()
        self._waiting: asyncio.TimerHandle | None = None
        self._wait()
        self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take bytes, and wait on where they do not make a request."""
        self.heard_s = self.loop.time()
        many = self._limit is not None and len(self.tasks) >= self._limit
        self.limit_concurrency = self._limit if many and not data.startswith(_PROBES) else None
        super().data_received(data)
        if self.under_way():
            self._stop_waiting()
        elif self._waiting is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting, and leave nothing that only a garbage collection would find."""
        self._stop_waiting()
        super().connection_lost(exc)
        vars(self.transport).pop("_read_ready_cb", None)  # asyncio's transport refers to itself by it

    def under_way(self) -> bool:
        """Tell whether a request has come whose answer is not complete."""
        return self.cycle is not None and not self.cycle.response_complete

    def _make_room(self) -> None:
        """Close the tenth of the limit that is idle for longest where it is reached, else this one if none is idle."""
        most = self._limit
        if most is None or len(self.connections) < most:
            return
        others = [one for one in self.connections if isinstance(one, PatientProtocol) and one is not self]
        idle = [one for one in others if not one.under_way() and not one.transport.is_closing()]
        closing = sum(one.transport.is_closing() for one in others)
        if len(self.connections) - closing < most:
            return  # there is room as soon as they are gone
        for one in sorted(idle, key=lambda one: one.heard_s)[: max(1, most // 10)]:
            one.transport.close()
        if not idle and len(self.connections) >= most + _SPARE:
            self.transport.close()

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEADER_S, self._late)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _late(self) -> None:
        self._waiting = None
        if not self.under_way() and not self.transport.is_closing():
            self.transport.close()
