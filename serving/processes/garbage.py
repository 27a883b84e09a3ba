"""When the garbage collector looks at what, in a process that answers others."""

import asyncio
import contextlib
import gc
from collections.abc import Iterator, Mapping
from typing import Final

WHOLE_S: Final = 6 * 3600.0
"""Seconds between two collections of all there is, which hold the loop for half a second with 100,000 entities."""


async def collect_at_times(every_s: float = WHOLE_S) -> None:
    """Look through all there is, some times a day, for what `short_collections` leaves."""
    while True:
        await asyncio.sleep(every_s)
        gc.unfreeze()
        gc.collect()


@contextlib.contextmanager
def short_collections() -> Iterator[None]:
    """Let the garbage collector look at what is new, and not at what has stayed.

    To look through the catalogue and all that was learned takes half a second, through some thousands of open pages a
    tenth. What nobody refers to goes at once, as always; only what refers to itself, and has stayed before it was let
    go, is not found then: requests and connections leave nothing of the kind.
    """

    def freeze(phase: str, info: Mapping[str, int]) -> None:
        if phase == "stop" and info["generation"] > 0:
            gc.freeze()

    gc.collect()
    gc.freeze()
    gc.callbacks.append(freeze)
    try:
        yield
    finally:
        gc.callbacks.remove(freeze)
