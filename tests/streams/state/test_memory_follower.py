"""What the index of the memory tells of a server that is away."""

import asyncio
from typing import Any

import pytest

from ltrr.models.errors import EngineFailed
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.state import memory_follower
from ltrr.streams.state.memory_follower import MemoryFollower
from tests.models.logs import LEARNING


def test_what_waits_is_told_and_that_it_goes_on(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    """Once for all tries, and once when one succeeds."""
    monkeypatch.setattr(memory_follower, "_RETRY_S", 0.01)
    index: Any = None  # nothing is written to it
    follower = MemoryFollower(Brokers("127.0.0.1:9"), index, LEARNING, "v1", 2, lambda: 0.0)
    failures = [EngineFailed("text", "down"), EngineFailed("text", "down")]

    async def work() -> None:
        if failures:
            raise failures.pop()

    asyncio.run(follower._patiently(work))
    first, last = (record.getMessage() for record in caplog.records)
    assert first == "text: down; what has changed waits"
    assert last.startswith("the index of the memory answers again, after ")
