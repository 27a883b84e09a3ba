"""The facade over one folder: index, delete, reopen, search while indexing."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query
from ltrr.models.retrieval import Indexer, Retriever
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers.documents.vectors import Encoders
from ltrr.retrievers.encoders import load_dense, load_sparse
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from ltrr.retrievers.understanding.synonyms import Synonyms

ARMS = {"fulltext": 10, "structured": 10, "dense": 10}


@pytest.fixture
def index() -> Iterator[Index]:
    """Return an empty index."""
    index = open_index(deadlines_s={"text": 10.0, "vector": 10.0})
    yield index
    index.close()


def found(index: Index, text: str) -> dict[str, list[str]]:
    """Return arm -> object ids."""
    query = Query(text, normalise(text), tokenise(text), 0.0, 0, understanding=index.understand(text))
    retrieval = asyncio.run(index.retrieve(query, ARMS))
    assert not retrieval.failures
    return {arm: [hit.object_id for hit in hits] for arm, hits in retrieval.lists.items()}


def everywhere(*object_ids: str) -> dict[str, list[str]]:
    """Return what is found when every arm finds the same."""
    return {arm: list(object_ids) for arm in ARMS}


def test_keeps_the_protocols(index: Index) -> None:
    """It is an Indexer and a Retriever."""
    indexer: Indexer = index
    retriever: Retriever = index
    assert asyncio.run(indexer.index([])) == 0
    assert retriever.entities("default", ["x"]) == [None]


def test_overview_has_the_words_of_the_catalogue(index: Index) -> None:
    """Values are shown as an entity has them, found by the folded form; of nothing there are none."""
    assert asyncio.run(index.overview("default")).examples == ()
    rooms = [Entity(f"r{n}", "lamp", f"Licht {n}", {"ort": {("Küche", "Keller")[n % 2]: 1.0}}) for n in range(4)]
    asyncio.run(index.index(rooms))
    found = asyncio.run(index.overview("default"))
    assert {"Küche", "Keller", "Licht 1"} <= set(found.examples)
    assert (found.counted, found.entities) == (("ort",), 4)


def test_updates_replace(index: Index) -> None:
    """A newer version replaces the older everywhere; an older one is left out everywhere."""
    old = Entity("x", "song", "Morning", version=1)
    assert asyncio.run(index.index([old])) == 1
    assert asyncio.run(index.index([replace(old, name="Evening", version=2)])) == 1
    assert asyncio.run(index.index([old])) == 0
    assert found(index, "evening") == everywhere("x")
    assert found(index, "morning")["fulltext"] == found(index, "morning")["structured"] == []
    assert len(index) == 1


def test_deletes_everywhere(index: Index) -> None:
    """A deleted entity is found by no arm; unknown ids and repeated ones do not count."""
    asyncio.run(index.index([Entity("x", "song", "Morning"), Entity("x", "song", "Morning", application="other")]))
    assert asyncio.run(index.delete("default", ["x", "x", "unknown"])) == 1
    assert found(index, "morning") == everywhere()
    assert index.entities("other", ["x"]) != [None]


def test_reopening_finds_everything(tmp_path: Path) -> None:
    """A folder holds engines, cards and dictionary; one process at a time may use it."""
    index = open_index(tmp_path)
    asyncio.run(index.index([Entity("x", "song", "Morning"), Entity("y", "song", "Evening")]))
    asyncio.run(index.delete("default", ["y"]))
    with pytest.raises(StorageFailed, match="text index"):
        open_index(tmp_path)
    index.close()
    index = open_index(tmp_path)
    assert found(index, "morning") == everywhere("x")
    assert len(index) == 1
    index.close()


def test_a_folder_of_another_layout_or_encoder_is_refused(tmp_path: Path) -> None:
    """What was made by an older ltrr or with other encoders is named, before any engine is opened."""
    open_index(tmp_path).close()
    sparse = copy(load_sparse("expansion"))  # a process has one
    sparse.name = "another"
    with pytest.raises(InvalidSettings, match="sparse_encoder=expansion, not another: set it so, or index into an"):
        open_index(tmp_path, encoders=Encoders(load_dense("wordllama"), sparse))
    with pytest.raises(InvalidSettings, match="stemmer=english, not german: set it so, or index into an"):
        open_index(tmp_path, synonyms=Synonyms({}, "german"))
    with sqlite3.connect(tmp_path / "cards.sqlite") as cards:
        cards.execute("update facts set value = '1' where name = 'layout'")
    cards.close()
    with pytest.raises(InvalidSettings, match="layout=1, not 11: index into an empty folder"):
        open_index(tmp_path)


def test_recovers_what_engines_were_not_told(tmp_path: Path) -> None:
    """A process that ended between card and engines leaves nothing behind after the next opening."""
    index = open_index(tmp_path)
    asyncio.run(index.index([Entity("x", "song", "Morning")]))
    index._cards.put([Entity("y", "song", "Evening")])
    index._cards.mark("default", ["x"])
    index.close()
    index = open_index(tmp_path)
    assert found(index, "evening") == everywhere("y")
    assert found(index, "morning")["fulltext"] == []
    assert index._cards.pending() == ([], [])
    index.close()


def test_searches_while_indexing(index: Index) -> None:
    """Searches in one thread beside an indexer in another neither fail nor lose what was there before."""
    asyncio.run(index.index([Entity("x", "song", "Morning")]))
    batches = ([Entity(f"e{n}-{m}", "song", f"Name {m}") for m in range(20)] for n in range(10))
    indexer = threading.Thread(target=lambda: [asyncio.run(index.index(batch)) for batch in batches])
    indexer.start()
    for _ in range(10):
        assert found(index, "morning")["fulltext"] == ["x"]
    indexer.join()
    assert len(index) == 201


def test_optimise_keeps_results(index: Index) -> None:
    """After optimising the same is found."""
    asyncio.run(index.index(Entity(f"e{n}", "song", f"Name {n}") for n in range(50)))
    before = found(index, "name 7")["dense"]
    asyncio.run(index.optimise())
    assert found(index, "name 7")["dense"] == before
