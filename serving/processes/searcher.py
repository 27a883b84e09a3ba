"""One process that searches for a service, as the service sees it."""

import asyncio
import multiprocessing
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from multiprocessing.context import SpawnProcess
from typing import Any, Final, Self

from ltrr.serving.processes.link import Link
from ltrr.serving.processes.messages import Change, Look, Reply, Report, Search
from ltrr.serving.processes.searching import Searching, run_searching

_END_S: Final = 10.0


class Gone(Exception):
    """The process has ended."""


class Searcher:
    """A process that searches. ready: whether it may be asked; asked: when it was, of all; report: its newest."""

    def __init__(self, process: SpawnProcess, link: Link) -> None:
        self.ready = False
        self.asked = 0
        self.report: Report | None = None
        self._process = process
        self._link = link
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._heard_s = asyncio.get_running_loop().time()
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def started(cls, opened: Callable[[], Searching]) -> Self:
        """Start a process. opened: opens what searches there; can be pickled."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = multiprocessing.get_context("spawn").Process(
                target=run_searching, args=(theirs, opened), name="ltrr search", daemon=True
            )
            process.start()
        return cls(process, await Link.over(ours))

    @property
    def busy(self) -> int:
        """Return how much it has been asked and not answered."""
        return len(self._waiting)

    @property
    def runs(self) -> bool:
        """Tell whether it has not ended."""
        return not self._reading.done()

    @property
    def pid(self) -> int | None:
        """Return its number."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Return what it ended with, None while it runs."""
        return self._process.exitcode

    def tell(self, message: object) -> None:
        """Tell it something; what it is asked after that knows it."""
        self._link.send(message)

    async def told(self) -> None:
        """Wait until most of what it was told is on its way."""
        with suppress(OSError):
            await self._link.sent()

    async def ask(self, message: Search | Change | Look) -> Any:  # noqa: ANN401  # as the message has it
        """Return its answer. Raises Gone where it ends before, and what it refuses the message with."""
        if not self.runs:
            raise Gone
        answer = self._waiting[message.number] = asyncio.get_running_loop().create_future()
        try:
            self._link.send(message)
            return await answer
        finally:
            del self._waiting[message.number]

    async def unless_gone(self, work: Coroutine[Any, Any, Any], limit_s: float | None = None) -> None:
        """Wait for something, but no longer than until the process has ended, and than a limit."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait([task, self._reading], timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.cancel()

    def kill_still(self, after_s: float) -> None:
        """End the process at once where it has said nothing for so long: it reports every second."""
        if asyncio.get_running_loop().time() - self._heard_s > after_s:
            self._process.kill()

    async def end(self) -> None:
        """End it; in time by itself, once it sees that nobody asks any more."""
        self._link.close()
        await asyncio.to_thread(self._process.join, _END_S)
        if self._process.is_alive():
            self._process.kill()
            await asyncio.to_thread(self._process.join)
        self._reading.cancel()

    async def _read(self) -> None:
        while (message := await self._link.receive()) is not None:
            self._heard_s = asyncio.get_running_loop().time()
            if isinstance(message, Report):
                self.report = message
            elif isinstance(message, Reply):
                self._answer(message)
        self.ready = False
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Gone())

    def _answer(self, reply: Reply) -> None:
        answer = self._waiting.get(reply.number)
        if answer is None or answer.done():  # nobody waits any more
            return
        if reply.refusal is None:
            answer.set_result(reply.value)
        else:
            answer.set_exception(reply.refusal.error())
