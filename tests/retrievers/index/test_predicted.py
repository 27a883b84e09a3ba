"""The predicted queries of an index: they follow its entities, and come back after a restart."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ltrr.models.memory.prediction import PredictedQuery
from ltrr.models.records.entity import Entity
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from tests.retrievers.conftest import CATALOGUE


class Names:
    """A generator that predicts names, and writes down for whom."""

    def __init__(self, name: str = "names") -> None:
        self.name = name
        self.known: set[str] = set()
        self.asked: list[str] = []

    def follow(self, old: Sequence[Entity | None], new: Sequence[Entity | None]) -> None:
        """Keep the ids of what there is."""
        self.known -= {one.object_id for one in old if one}
        self.known |= {one.object_id for one in new if one}

    def predict(self, entities: Sequence[Entity]) -> list[tuple[PredictedQuery, ...]]:
        """Predict the name."""
        self.asked += [one.object_id for one in entities]
        return [(PredictedQuery(one.name.lower(), 0.5),) for one in entities]


def predicted(index: Index, query: str) -> dict[str, float]:
    """Return what an index predicts for a query."""
    assert index.predicted is not None
    return dict(index.predicted.of("default", query))


def test_predictions_follow_the_index():
    """Entities that come, change and go take their predictions with them."""
    index = open_index(generator=Names())
    asyncio.run(index.index(CATALOGUE))
    assert predicted(index, "disco") == {"disco": 0.5}
    asyncio.run(index.index([replace(CATALOGUE[6], name="Polka", version=1)]))
    assert (predicted(index, "disco"), predicted(index, "polka")) == ({}, {"disco": 0.5})
    asyncio.run(index.delete("default", ["disco", "unknown"]))
    assert predicted(index, "polka") == {}
    index.close()


def test_predictions_are_kept(tmp_path: Path):
    """After a restart nothing is predicted again, what is gone stays gone; a change tells the generator of all."""
    index = open_index(tmp_path, generator=Names())
    asyncio.run(index.index(CATALOGUE))
    asyncio.run(index.delete("default", ["abba"]))
    index.close()
    generator = Names()
    again = open_index(tmp_path, generator=generator)
    assert (generator.asked, generator.known) == ([], set())
    assert (predicted(again, "disco"), predicted(again, "abba")) == ({"disco": 0.5}, {})
    asyncio.run(again.index([replace(CATALOGUE[6], name="Polka", version=1)]))
    assert (generator.asked, generator.known) == (["disco"], {one.object_id for one in CATALOGUE} - {"abba"})
    assert (predicted(again, "disco"), predicted(again, "polka")) == ({}, {"disco": 0.5})
    again.close()


def test_what_changed_without_a_generator(tmp_path: Path):
    """Entities that came and went while nothing was predicted are noticed when something is again."""
    index = open_index(tmp_path, generator=Names())
    asyncio.run(index.index(CATALOGUE))
    index.close()
    without = open_index(tmp_path)
    asyncio.run(without.delete("default", ["disco"]))
    asyncio.run(without.index([replace(CATALOGUE[6], object_id="new", name="Polka")]))
    without.close()
    generator = Names()
    again = open_index(tmp_path, generator=generator)
    assert generator.asked == ["new"]
    assert (predicted(again, "disco"), predicted(again, "polka")) == ({}, {"new": 0.5})
    again.close()


def test_another_generator_predicts_again(tmp_path: Path):
    """What another one has predicted is not used."""
    index = open_index(tmp_path, generator=Names())
    asyncio.run(index.index(CATALOGUE))
    index.close()
    other = Names("others")
    open_index(tmp_path, generator=other).close()
    assert sorted(other.asked) == sorted(one.object_id for one in CATALOGUE)


def test_without_a_generator_nothing_is_predicted():
    """Where another process predicts, the index does not."""
    index = open_index()
    assert index.predicted is None
    index.close()
