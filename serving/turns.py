"""Who has much to do takes turns: between two pieces of work the event loop goes round for all others."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, TypeVar

_Item = TypeVar("_Item")
_PIECE_S: Final = 0.004
_ROUNDS: Final = 3
"""Rounds of the event loop between two pieces, about as many as a small request takes."""


class Turns:
    """Lets pieces of work go on one after the other, first come first served, with some rounds of the loop between.

    However many searches and bodies are under way, whoever does not wait here waits for one piece, not for one of each.
    piece_s: processor time of a piece.
    """

    def __init__(self, piece_s: float = _PIECE_S) -> None:
        self.piece_s = piece_s
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None  # in which a turn is taken; None while nobody works

    async def take(self) -> Callable[[], bool]:
        """Return when the caller may do a piece of work, with what tells that it has been one: others come then."""
        await self._wait()
        until_s, worked_s = time.monotonic() + self.piece_s, time.thread_time() + self.piece_s
        # nobody works for longer than has gone by, and what has gone by is asked in a thirtieth of the time
        return lambda: time.monotonic() >= until_s and time.thread_time() >= worked_s

    async def through(self, items: Iterable[_Item], enough: Callable[[], bool] | None = None) -> AsyncIterator[_Item]:
        """Yield items to be worked on in pieces. enough: of a turn that was taken already, and goes on."""
        enough = enough or await self.take()
        for one in items:
            if enough():
                enough = await self.take()
            yield one

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            mine = loop.create_future()
            self._waiting.append(mine)
            await mine
            return
        self._waiting.clear()  # of a loop that has ended
        self._loop = loop
        loop.call_soon(self._pass_on, loop, _ROUNDS)

    def _pass_on(self, loop: asyncio.AbstractEventLoop, rounds: int) -> None:
        if rounds > 1:
            loop.call_soon(self._pass_on, loop, rounds - 1)
            return
        while self._waiting:
            following = self._waiting.popleft()
            if not following.done():  # it may have been cancelled
                following.set_result(None)
                loop.call_soon(self._pass_on, loop, _ROUNDS)
                return
        self._loop = None
