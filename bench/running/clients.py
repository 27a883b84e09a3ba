"""Clients that ask one after the other, some of them at a time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp

Search = Callable[[str], Awaitable[object]]


class Driven(NamedTuple):
    """What clients saw. seconds: of each search; elapsed_s: of all together."""

    seconds: Sequence[float]
    elapsed_s: float


async def drive(search: Search, texts: Sequence[str], clients: int) -> Driven:
    """Search for all texts, by so many clients, each of which asks again once it is answered."""
    waiting = iter(texts)
    seconds: list[float] = []

    async def work() -> None:
        for text in waiting:
            began_s = time.perf_counter()
            await search(text)
            seconds.append(time.perf_counter() - began_s)

    began_s = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(clients)))
    return Driven(seconds, time.perf_counter() - began_s)


@asynccontextmanager
async def session(url: str, **posted: Any) -> AsyncIterator[Callable[[str], Awaitable[dict[str, Any]]]]:  # noqa: ANN401  # JSON
    """Yield what posts a query to /v1/search and returns the answer's JSON; connections stay open.

    posted: other fields of the request. aiohttp takes less than half of the processor time that httpx takes, on the
    cores that the server has as well.
    """
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(url, connector=connector) as client:

        async def search(text: str) -> dict[str, Any]:
            async with client.post("/v1/search", json={"query": text, **posted}) as answer:
                answer.raise_for_status()
                found: dict[str, Any] = await answer.json()
                return found

        yield search
