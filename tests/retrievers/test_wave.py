"""One wave: shared calls once, one batch for each engine, failures that cost their arms only."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import pytest

from models.entity import Entity
from models.errors import EngineFailed, InvalidSettings, UnknownName
from models.query import Hit, Query
from retrievers import strategies
from retrievers.wave import Wave

Ask = Callable[..., Query]


class Recorded:
    """An engine that answers one hit and writes down its batches; it fails where told to."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.batches: list[Sequence[object]] = []
        self.fails = fails

    async def search(self, requests: Sequence[object]) -> list[list[Hit]]:
        """Answer each request with one hit."""
        self.batches.append(requests)
        if self.fails:
            raise self.fails
        return [[Hit("one", 1.0)] for _ in requests]

    def index(self, entities: Sequence[Entity]) -> None:
        """Take nothing in."""

    def delete(self, application: str, object_ids: Iterable[str]) -> None:
        """Take nothing out."""

    def close(self) -> None:
        """Hold nothing."""


def wave(engines: Mapping[str, Recorded]) -> Wave:
    """Return a wave over all arms."""
    return Wave(
        [arm(lambda _, ids: [None] * len(ids)) for arm in strategies.discover()],
        engines,
        depth=10,
    )


def test_one_batch_for_each_engine(ask: Ask) -> None:
    """All arms together ask each engine once, and what hybrid shares once."""
    engines = {"text": Recorded(), "vector": Recorded()}
    arms = {arm.name: 5 for arm in strategies.discover()}
    retrieval = asyncio.run(wave(engines).retrieve(ask("taylor"), arms))
    assert [len(batch) for batch in engines["text"].batches] == [5]
    assert [len(batch) for batch in engines["vector"].batches] == [1]
    assert set(retrieval.lists) == set(arms)
    assert all(took_ms >= 0 for took_ms in retrieval.latencies_ms.values())


def test_failed_engine_costs_its_arms(ask: Ask) -> None:
    """Without the vector engine full text still answers; dense and hybrid are failures."""
    engines = {"text": Recorded(), "vector": Recorded(EngineFailed("vector", "down"))}
    retrieval = asyncio.run(wave(engines).retrieve(ask("taylor"), {"fulltext": 5, "dense": 5, "hybrid": 5}))
    assert set(retrieval.lists) == {"fulltext"}
    assert retrieval.failures == {"dense": "vector", "hybrid": "vector"}
    assert set(retrieval.latencies_ms) == {"text", "vector"}


def test_defects_are_not_hidden(ask: Ask) -> None:
    """An error that is no engine's failure is raised."""
    with pytest.raises(ZeroDivisionError):
        asyncio.run(wave({"text": Recorded(ZeroDivisionError())}).retrieve(ask("taylor"), {"fulltext": 5}))


def test_unknown_arm(ask: Ask) -> None:
    """An arm that does not exist is refused with the names of those that do."""
    with pytest.raises(UnknownName, match="fulltext"):
        asyncio.run(wave({}).retrieve(ask("taylor"), {"telepathy": 5}))


def test_depth_of_nothing() -> None:
    """A ladder whose largest budget is 0 is refused."""
    with pytest.raises(InvalidSettings, match="at least 1"):
        Wave([], {}, depth=0)
