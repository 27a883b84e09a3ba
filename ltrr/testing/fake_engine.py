"""A fake at the seam of engines."""

import asyncio
from collections.abc import Sequence

from ltrr.models.records.query import Hit


class FakeEngine:
    """Answers one hit and writes down its batches; fails where told to, after a while."""

    kind = "fake"

    def __init__(self, fails: Exception | None = None, wait_s: float = 0.0) -> None:
        self.batches: list[Sequence[object]] = []
        self.fails = fails
        self.wait_s = wait_s

    async def search(self, requests: Sequence[object], patience: float = 1.0) -> list[list[Hit]]:
        """Answer each request with one hit."""
        del patience
        self.batches.append(requests)
        await asyncio.sleep(self.wait_s)
        if self.fails:
            raise self.fails
        return [[Hit("one", 1.0)] for _ in requests]

    async def health(self) -> str:
        """Say what it fails with."""
        return str(self.fails or "ok")

    async def stop(self) -> None:
        """Hold nothing."""
