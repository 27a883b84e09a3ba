"""A process that searches: it makes pages for a service, and knows what that has learned."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from ltrr.models.errors import LtrrError
from ltrr.models.records.entity import Entity, Place
from ltrr.models.state.records import RecordKey
from ltrr.serving.logs import write_logs
from ltrr.serving.metrics import Laps, Metrics
from ltrr.serving.processes.garbage import collect_at_times, short_collections
from ltrr.serving.processes.link import Link
from ltrr.serving.processes.messages import Change, Learned, Look, Refusal, Reply, Report, Search
from ltrr.serving.search.paging import Paging

_REPORTED_S: Final = 1.0


class Searching(Protocol):
    """What searches in such a process. metrics: of it; paging: makes its pages."""

    metrics: Metrics
    paging: Paging

    def start(self) -> None:
        """Begin what goes on beside searches, in the running event loop."""
        ...

    async def caught_up(self) -> None:
        """Wait until what has to be read from elsewhere is."""
        ...

    def learned(self, records: Mapping[RecordKey, bytes | None]) -> None:
        """Take over records of the learned state."""
        ...

    async def change(self, changes: Sequence[Entity | Place]) -> int:
        """Make changes of the catalogue."""
        ...

    def trouble(self) -> str:
        """Say what cannot work; nothing where all can."""
        ...

    async def stop(self) -> None:
        """End what `start` began, and let go of everything."""
        ...


def run_searching(end: socket.socket, opened: Callable[[], Searching]) -> None:
    """Search until the other end of a pair of sockets is closed. opened: opens what searches, in this process.

    Signals that end a service reach all its processes: this one goes on until its service has ended, in whatever way.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    write_logs()
    try:
        asyncio.run(_search(end, opened))
    except LtrrError as error:
        sys.stderr.write(f"ltrr: a search process: {error}\n")
        sys.exit(1)


async def _search(end: socket.socket, opened: Callable[[], Searching]) -> None:
    link, searching = await Link.over(end), opened()
    with short_collections():
        searching.start()
        work = _Work(link, searching)
        beside = [asyncio.ensure_future(one) for one in (work.report(), collect_at_times())]
        try:
            while (message := await link.receive()) is not None:
                work.take(message)
        finally:
            for task in beside:
                task.cancel()
            await searching.stop()


class _Work:
    """Does what messages ask, several searches at a time, changes one after the other."""

    def __init__(self, link: Link, searching: Searching) -> None:
        self._link = link
        self._searching = searching
        self._doing: set[asyncio.Task[None]] = set()
        self._changing = asyncio.Lock()

    def take(self, message: object) -> None:
        """Begin what a message asks."""
        if isinstance(message, Learned):
            self._searching.learned(message.records)
        elif isinstance(message, Search | Change | Look):
            task = asyncio.ensure_future(self._answer(message))
            self._doing.add(task)
            task.add_done_callback(self._doing.discard)

    async def report(self) -> None:
        """Say at times what was counted, and how it is here."""
        while True:
            self._link.send(Report(list(self._searching.metrics.counted()), self._searching.trouble()))
            await asyncio.sleep(_REPORTED_S)

    async def _answer(self, message: Search | Change | Look) -> None:
        try:
            reply = Reply(message.number, await self._done(message))
        except LtrrError as error:
            reply = Reply(message.number, refusal=Refusal.of(error))
        self._link.send(reply)

    async def _done(self, message: Search | Change | Look) -> Any:  # noqa: ANN401  # what each asks for
        if isinstance(message, Search):
            laps = Laps(self._searching.metrics)
            return await self._searching.paging.page(message.request, message.now_s, message.drawn, laps)
        if isinstance(message, Change):
            async with self._changing:
                return await self._searching.change(message.changes)
        return await self._searching.caught_up()
