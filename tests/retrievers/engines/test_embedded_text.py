"""tantivy behind the clauses."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ltrr.models.errors import EngineFailed, StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Order, Range
from ltrr.retrievers.engines.embedded_text import EmbeddedText, shares
from ltrr.retrievers.requests.requests import (
    Best,
    Clause,
    Every,
    Near,
    Scale,
    Sum,
    Term,
    TextRequest,
    Within,
    Words,
    weighted,
)
from tests.retrievers.engines import numbered

ENTITIES = (
    Entity("a", "song", "Blue River", {"genre": {"soul": 0.8}}, popularity=1.0),
    Entity("b", "song", "Blue", {"genre": {"soul": 0.3}}, popularity=1_000.0),
    Entity("c", "song", "River", {"genre": {"pop": 0.5}}),
    Entity("d", "song", "Blue River", application="other", popularity=1e9),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedText]:
    """Return an engine with four entities."""
    engine = EmbeddedText()
    engine.index(ENTITIES)
    yield engine
    engine.close()


def scores(engine: EmbeddedText, clause: Clause) -> dict[str, float]:
    """Return object id -> score."""
    [hits] = asyncio.run(engine.search([TextRequest(clause, "default", 10)]))
    return {hit.object_id: hit.score for hit in hits}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (Term("title", "2 blue river", 2.0), {"a": 2.0}),
        (weighted("genre", "Soul", 2.0), {"a": 1.6, "b": 0.6}),
        (Near("name", "rivre", 0.5, edits=1), {"a": 0.5, "c": 0.5}),
        (Near("name", "rivr", 0.5), {}),
        (Near("name", "riv", 0.5, prefix=True), {"a": 0.5, "c": 0.5}),
        (Best((Term("title", "1 blue", 1.0), Term("title", "1 blue", 3.0))), {"b": 3.0}),
        (Sum((Term("title", "1 blue", 1.0), Term("title", "1 river", 3.0))), {"b": 1.0, "c": 3.0}),
        (Sum((Term("title", "1 blue", 1.0),), (Term("title", "1 river", 3.0),)), {"b": 1.0}),
        (Sum((Term("title", "1 blue", 1.0),), (weighted("genre", "soul", 10.0),)), {"b": 4.0}),
        (Scale("popularity", 2.0), {"a": 2 / 21, "b": 2.0, "c": 0.0}),
        (Scale("popularity", 2.0, falling=True), {"a": 2 - 2 / 21, "b": 0.0, "c": 2.0}),
    ],
)
def test_clauses(engine: EmbeddedText, clause: Clause, expected: dict[str, float]) -> None:
    """Each clause scores what its docstring says."""
    assert scores(engine, clause) == pytest.approx(expected)


def test_words_weigh_fields_and_rarity(engine: EmbeddedText) -> None:
    """More words matched is more, a boosted field counts more, and only what matches is found."""
    both = scores(engine, Words(("blue", "river"), (("name", 1.0),)))
    assert max(both, key=both.__getitem__) == "a"
    plain, boosted = (scores(engine, Words(("soul",), (("attributes", boost),))) for boost in (1.0, 2.0))
    assert boosted == pytest.approx({key: 2 * score for key, score in plain.items()})
    assert set(plain) == {"a", "b"}


def test_a_field_that_few_entities_have_counts_like_one_that_all_have() -> None:
    """A word of one description says as much where others have none: it is as rare, and its length as usual."""

    def scored(one_in: int) -> float:
        described = {0: "gentle reverb for guitars"}
        entities = [
            Entity(f"e{n}", "package", f"name{n}", description=described.get(n, f"word{n} and some more"))
            if n % one_in == 0
            else Entity(f"e{n}", "package", f"name{n}")
            for n in range(400)
        ]
        engine = EmbeddedText()
        engine.index(entities)
        found = scores(engine, Words(("reverb",), (("description", 1.0),)))
        engine.close()
        return found["e0"]

    assert scored(200) == pytest.approx(scored(1), rel=0.5)


def test_shares_of_levels() -> None:
    """Levels lie evenly between the lowest and the highest; level 0 does not stretch the scale."""
    assert dict(shares([0, 60, 61, 63])) == {0: 0.0, 60: 0.25, 61: 0.5, 63: 1.0}
    assert dict(shares([7])) == {7: 1.0}
    assert dict(shares([])) == {}


def test_scales_follow_what_comes() -> None:
    """With a more popular entity than all others a scale ends there."""
    engine, scale = EmbeddedText(), Scale("popularity", 2.0)
    engine.index([ENTITIES[0], ENTITIES[2]])
    assert scores(engine, scale) == pytest.approx({"a": 2.0, "c": 0.0})
    engine.index([ENTITIES[1]])
    assert scores(engine, scale) == pytest.approx({"a": 2 / 21, "b": 2.0, "c": 0.0})
    engine.close()


def test_unknown_field_is_the_engines_failure(engine: EmbeddedText) -> None:
    """Own errors of tantivy are translated, with the engine's name."""
    with pytest.raises(EngineFailed, match=r"text: .*nowhere"):
        scores(engine, Term("nowhere", "x", 1.0))


def test_ties_at_the_end_are_broken_by_id() -> None:
    """Of more that tie than are asked for, the first ids are returned."""
    ids = [f"tied-{number:03}" for number in range(50)]
    tied = EmbeddedText()
    tied.index([Entity(object_id, "song", "Blue") for object_id in reversed(ids)])
    for limit in (1, 3, 25, 50, 60):
        [hits] = asyncio.run(tied.search([TextRequest(Term("title", "1 blue", 1.0), "default", limit)]))
        assert [hit.object_id for hit in hits] == ids[:limit]
    tied.close()


def test_folder_in_use(tmp_path: Path) -> None:
    """A folder that another engine writes is refused, and free when that is closed."""
    first = EmbeddedText(tmp_path)
    with pytest.raises(StorageFailed, match="Lock"):
        EmbeddedText(tmp_path)
    first.close()
    EmbeddedText(tmp_path).close()


def test_every_needs_all(engine: EmbeddedText) -> None:
    """All clauses have to match; scores add up."""
    clause = Every((Near("name", "blue", 1.0), Near("name", "river", 2.0)))
    assert scores(engine, clause) == {"a": 3.0}


@pytest.mark.parametrize("count", [2_000, pytest.param(50_000, marks=pytest.mark.whole)])
def test_ranges_and_orders_are_those_of_a_scan(count: int, tmp_path: Path) -> None:
    """Of many entities filters keep, and orders put first, what a look at each of them does; also once reopened."""
    entities = numbered.catalogue(count)
    engine = EmbeddedText(tmp_path)
    engine.index(entities)
    asked = numbered.requests()
    expected = numbered.scanned(entities, asked)
    for reopened in (False, True):
        if reopened:
            engine.close()
            engine = EmbeddedText(tmp_path)
        found = asyncio.run(engine.search(asked))
        assert [[hit.object_id for hit in hits] for hits in found] == expected
    engine.index([replace(entities[0], numbers={"price": (-1_000.0,)})])
    [hits] = asyncio.run(engine.search([TextRequest(None, "default", 1, (), Order("price"))]))
    assert hits[0].object_id == "e0"
    engine.close()


def test_numbers_beyond_those_that_are_kept_are_told(tmp_path: Path) -> None:
    """An engine that keeps no number of a name says so, rather than that nothing is found."""
    engine = EmbeddedText(tmp_path)
    engine.index([Entity("a", "t", "A", numbers={f"n{number}": (1.0,) for number in range(600)})])
    with pytest.raises(EngineFailed, match="'n599' is beyond the 512 numbers"):
        asyncio.run(engine.search([TextRequest(None, "default", 1, (Within("n599", Range(gte=0.0)),))]))
    engine.close()
