"""Qdrant Edge behind the vector requests."""

import asyncio
from pathlib import Path

import pytest

from models.entity import Entity
from models.errors import EngineFailed, StorageFailed
from retrievers import encoders
from retrievers.engines.embedded_vector import EmbeddedVector
from retrievers.requests import VectorRequest, facet

ENTITIES = (
    Entity("march", "song", "Wedding March"),
    Entity("engine", "tool", "Diesel Engine"),
    Entity("march", "song", "Wedding March", application="other"),
)


def test_batch_filters_and_reopening(tmp_path: Path) -> None:
    """One batch answers in the order asked, within application and filters; a folder keeps its points."""
    encoder = encoders.load("wordllama")
    engine = EmbeddedVector(tmp_path / "v", encoder)
    engine.index(ENTITIES)
    engine.close()
    engine = EmbeddedVector(tmp_path / "v", encoder)
    requests = [
        VectorRequest("marriage", "default", 5),
        VectorRequest("marriage", "default", 5, ((facet("type", "tool"),),)),
        VectorRequest("motor", "other", 1),
    ]
    answers = asyncio.run(engine.search(requests))
    assert [[hit.object_id for hit in hits] for hits in answers] == [["march", "engine"], ["engine"], ["march"]]
    engine.delete("default", ["march", "unknown"])
    [hits] = asyncio.run(engine.search(requests[:1]))
    assert [hit.object_id for hit in hits] == ["engine"]
    engine.close()


def test_closed_engine_fails(tmp_path: Path) -> None:
    """Edge's bare exceptions are translated, with the engine's name."""
    engine = EmbeddedVector(tmp_path / "v", encoders.load("wordllama"))
    engine.close()
    with pytest.raises(EngineFailed, match="vector"):
        asyncio.run(engine.search([VectorRequest("x", "default", 1)]))


def test_folder_in_use(tmp_path: Path) -> None:
    """A folder that another engine holds is refused."""
    encoder = encoders.load("wordllama")
    engine = EmbeddedVector(tmp_path / "v", encoder)
    with pytest.raises(StorageFailed, match="vector index"):
        EmbeddedVector(tmp_path / "v", encoder)
    engine.close()


def test_neighbours_of_a_given_vector(tmp_path: Path) -> None:
    """A vector that is given stands for the text it was made of, also mixed with another, beside texts."""
    encoder = encoders.load("wordllama")
    engine = EmbeddedVector(tmp_path / "v", encoder)
    engine.index(ENTITIES)
    march, diesel = encoder.encode(["marriage", "motor"])
    near = [tuple(march.tolist()), "marriage", tuple((0.2 * march + 0.8 * diesel).tolist())]
    given, text, mixed = asyncio.run(engine.search([VectorRequest(one, "default", 5) for one in near]))
    assert given == text
    assert [hit.object_id for hit in mixed] == ["engine", "march"]
    engine.close()
