"""Engines on servers that all tests share: waiting for what they find, and what a test leaves there of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import pytest

from ltrr.retrievers.engines.base import SharedEngine

T = TypeVar("T")


async def until(found: Callable[[], Awaitable[T]], wanted: T) -> None:
    """Wait until a search finds just that; one that fails is made again."""
    for _ in range(600):
        with suppress(Exception):
            if await found() == wanted:
                return
        await asyncio.sleep(0.05)
    pytest.fail(f"found {await found()}, wanted {wanted}")


async def remove(engine: SharedEngine[Any]) -> None:
    """Remove what an engine holds and what a rebuild has left, and let go of it."""
    await engine.drop()
    await engine.discard()
    await engine.stop()
