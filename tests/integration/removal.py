"""What a test leaves of its own in a server that all tests share."""

from typing import Any

from ltrr.retrievers.engines.base import SharedEngine


async def remove(engine: SharedEngine[Any]) -> None:
    """Remove what an engine holds and what a rebuild has left, and let go of it."""
    await engine.drop()
    await engine.discard()
    await engine.stop()
