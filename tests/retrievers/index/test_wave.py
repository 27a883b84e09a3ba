"""One wave: shared calls once, one batch for each engine, failures that cost their arms only."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from ltrr.models.errors import EngineFailed, InvalidSettings, UnknownName
from ltrr.models.records.query import Query
from ltrr.retrievers import strategies
from ltrr.retrievers.index.wave import Wave
from ltrr.testing.fake_engine import FakeEngine

Ask = Callable[..., Query]


def wave(engines: Mapping[str, FakeEngine]) -> Wave:
    """Return a wave over all arms."""
    return Wave(
        [arm(lambda _, ids: [None] * len(ids)) for arm in strategies.discover()],
        engines,
        depth=10,
    )


def test_one_batch_for_each_engine(ask: Ask) -> None:
    """All arms together ask each engine once, and what hybrid shares once."""
    engines = {"text": FakeEngine(), "vector": FakeEngine()}
    arms = {arm.name: 5 for arm in strategies.discover()}
    retrieval = asyncio.run(wave(engines).retrieve(ask("taylor"), arms))
    assert [len(batch) for batch in engines["text"].batches] == [5]
    assert [len(batch) for batch in engines["vector"].batches] == [2]
    assert set(retrieval.lists) == set(arms)
    assert all(took_ms >= 0 for took_ms in retrieval.latencies_ms.values())


def test_an_engine_that_is_away_is_told_and_that_it_is_back(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    """One line for many searches that went without it, and one for the first that had it again."""
    engines = {"text": FakeEngine(EngineFailed("text", "down"))}
    failing, one = engines["text"], wave(engines)
    for _ in range(5):
        asyncio.run(one.retrieve(ask("taylor"), {"fulltext": 5}))
    engines["text"] = FakeEngine()
    for _ in range(2):
        asyncio.run(one.retrieve(ask("taylor"), {"fulltext": 5}))
    assert len(failing.batches) == 5
    assert [record.getMessage() for record in caplog.records] == [
        "text: down; searches go without it",
        "text answers again, after 0 s",
    ]


def test_failed_engine_costs_its_arms(ask: Ask) -> None:
    """Without the vector engine full text still answers; dense and hybrid are failures."""
    engines = {"text": FakeEngine(), "vector": FakeEngine(EngineFailed("vector", "down"))}
    retrieval = asyncio.run(wave(engines).retrieve(ask("taylor"), {"fulltext": 5, "dense": 5, "hybrid": 5}))
    assert set(retrieval.lists) == {"fulltext"}
    assert retrieval.failures == {"dense": "vector", "hybrid": "vector"}
    assert set(retrieval.latencies_ms) == {"text", "vector"}


def test_defects_are_not_hidden(ask: Ask) -> None:
    """An error that is no engine's failure is raised."""
    with pytest.raises(ZeroDivisionError):
        asyncio.run(wave({"text": FakeEngine(ZeroDivisionError())}).retrieve(ask("taylor"), {"fulltext": 5}))


def test_unknown_arm(ask: Ask) -> None:
    """An arm that does not exist is refused with the names of those that do."""
    with pytest.raises(UnknownName, match="fulltext"):
        asyncio.run(wave({}).retrieve(ask("taylor"), {"telepathy": 5}))


def test_depth_of_nothing() -> None:
    """A ladder whose largest budget is 0 is refused."""
    with pytest.raises(InvalidSettings, match="at least 1"):
        Wave([], {}, depth=0)
