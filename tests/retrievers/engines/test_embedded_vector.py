"""Qdrant Edge behind the vector requests."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import qdrant_edge as edge

from ltrr.models.errors import EngineFailed, StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit, Range
from ltrr.retrievers.documents import documents
from ltrr.retrievers.documents.vectors import Encoders, named
from ltrr.retrievers.encoders import SparseEncoder, SparseVector
from ltrr.retrievers.engines import embedded_vector
from ltrr.retrievers.engines.embedded_vector import EmbeddedVector
from ltrr.retrievers.requests.requests import VectorName, VectorRequest, Within, facet

ENCODERS = named("wordllama", "expansion")
ENTITIES = (
    Entity("march", "song", "Wedding March"),
    Entity("engine", "tool", "Diesel Engine"),
    Entity("march", "song", "Wedding March", application="other"),
)


SONGS = ((facet("type", "song"),),)
KINDS: tuple[VectorName, ...] = ("dense", "sparse")


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have 400 entities without codes suffice for `optimise`, in place of 10,000: what it does is the same."""
    few = edge.EdgeOptimizersConfig(default_segment_number=6, indexing_threshold=400)
    monkeypatch.setattr(embedded_vector, "_SEGMENTS", few)


def ids(hits: Sequence[Hit]) -> list[str]:
    """Return what was found, best first."""
    return [hit.object_id for hit in hits]


def has_codes(engine: EmbeddedVector) -> bool:
    """Tell whether `optimise` has made codes: what is as written counts its sparse vectors alone as indexed."""
    info = engine.shard.info()
    return info.indexed_vectors_count > info.points_count


def test_batch_filters_and_reopening(tmp_path: Path) -> None:
    """One batch answers in the order asked, within application and filters; a folder keeps its points."""
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    engine.index(ENTITIES)
    engine.close()
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
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
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    engine.close()
    with pytest.raises(EngineFailed, match="vector"):
        asyncio.run(engine.search([VectorRequest("x", "default", 1)]))


def test_folder_in_use(tmp_path: Path) -> None:
    """A folder that another engine holds is refused."""
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    with pytest.raises(StorageFailed, match="vector index"):
        EmbeddedVector(tmp_path / "v", ENCODERS)
    engine.close()


def test_neighbours_of_a_given_vector(tmp_path: Path) -> None:
    """A vector that is given stands for the text it was made of, also mixed with another, beside texts."""
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    engine.index(ENTITIES)
    march, diesel = ENCODERS.dense.encode(["marriage", "motor"])
    near = [tuple(march.tolist()), "marriage", tuple((0.2 * march + 0.8 * diesel).tolist())]
    given, text, mixed = asyncio.run(engine.search([VectorRequest(one, "default", 5) for one in near]))
    assert given == text
    assert [hit.object_id for hit in mixed] == ["engine", "march"]
    engine.close()


def test_both_vectors_in_one_batch(tmp_path: Path) -> None:
    """Dense has a distance to everything, sparse finds what shares a term, within application and filters."""
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    engine.index(ENTITIES)
    tools = ((facet("type", "tool"),),)
    asked = [
        VectorRequest("diesel song", "default", 5),
        VectorRequest("diesel song", "default", 5, using="sparse"),
        VectorRequest("wedding diesel", "default", 5, tools, "sparse"),
        VectorRequest("weddings", "other", 5, using="sparse"),
        VectorRequest("zzyzx", "default", 5, using="sparse"),
    ]
    answers = asyncio.run(engine.search(asked))
    found = [[hit.object_id for hit in hits] for hits in answers]
    assert found == [["engine", "march"], ["engine"], ["engine"], ["march"], []]
    engine.close()


def test_an_entity_without_terms(tmp_path: Path) -> None:
    """An entity whose text gives no terms is kept, and loses those that it had before."""
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    engine.index(ENTITIES)
    engine.index([Entity("engine", "tool", " ")])
    diesel = VectorRequest("diesel", "default", 5, using="sparse")
    [terms, dense] = asyncio.run(engine.search([diesel, VectorRequest("diesel", "default", 5)]))
    assert terms == []
    assert {hit.object_id for hit in dense} == {"march", "engine"}
    engine.close()


def test_rare_terms_weigh_more(tmp_path: Path) -> None:
    """What few entities share is worth more than what many do."""
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    engine.index([*(Entity(f"march-{n}", "song", f"march {n}") for n in range(5)), *ENTITIES])
    [hits] = asyncio.run(engine.search([VectorRequest("march diesel", "default", 9, using="sparse")]))
    assert hits[0].object_id == "engine"
    assert hits[0].score > 2 * hits[1].score
    engine.close()


@pytest.mark.parametrize("count", [450, pytest.param(10_500, marks=pytest.mark.whole)])
def test_codes_find_what_exact_search_finds(count: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Once optimised, the same entities with the same scores, with and without filters."""
    if count < 10_000:
        request.getfixturevalue("early")
    words = ["march", "diesel", "waltz", "night", "river", "stone", "love", "train", "blue", "king", "rain", "gold"]
    rng = np.random.default_rng(0)
    names = [" ".join(rng.choice(words, 3)) + f" {number % 97}" for number in range(count)]
    entities = [Entity(f"e{n}", "song" if n % 5 else "tool", name) for n, name in enumerate(names)]
    asked = [VectorRequest(name, "default", 20, filters) for name in names[:40] for filters in ((), SONGS)]
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    engine.index(entities)
    before = asyncio.run(engine.search(asked))
    assert not has_codes(engine)
    engine.optimise()
    assert has_codes(engine)
    after = asyncio.run(engine.search(asked))
    engine.close()
    found = [{hit.object_id for hit in hits} for hits in before]
    held = [{hit.object_id for hit in hits} for hits in after]
    assert np.mean([len(one & other) / len(one) for one, other in zip(found, held, strict=True)]) > 0.97
    assert [hits[0].score for hits in after] == pytest.approx([hits[0].score for hits in before], abs=1e-6)


@pytest.mark.usefixtures("early")
def test_a_load_in_stretches_finds_the_same(tmp_path: Path) -> None:
    """Compacted now and then, with changes and deletions of what was compacted, as one that was written at once."""
    words = ["march", "diesel", "waltz", "night", "river", "stone", "love", "train", "blue", "king", "rain", "gold"]
    rng = np.random.default_rng(1)
    names = [" ".join(rng.choice(words, 3)) + f" {number % 97}" for number in range(900)]
    loaded = [Entity(f"e{n}", "song" if n % 5 else "tool", name) for n, name in enumerate(names)]
    changed = [Entity(f"e{n}", "song", "king of changed rivers") for n in range(0, 500, 40)]
    gone = [f"e{n}" for n in range(1, 500, 20)]
    asked = [(text, filters) for text in (*names[:20], "changed rivers") for filters in ((), SONGS)]
    dense, sparse = ([VectorRequest(text, "default", 20, of, using=kind) for text, of in asked] for kind in KINDS)

    def answers(folder: Path, stretch: int) -> tuple[list[list[Hit]], list[list[Hit]]]:
        engine = EmbeddedVector(folder, ENCODERS)
        for start in range(0, len(loaded), stretch):
            engine.index(loaded[start : start + stretch])
            engine.optimise()
        assert has_codes(engine)
        engine.index(changed)
        engine.delete("default", gone)
        engine.optimise()
        found = asyncio.run(engine.search(dense)), asyncio.run(engine.search(sparse))
        engine.close()
        return found

    (coded, terms), (coded_at_once, terms_at_once) = answers(tmp_path / "a", 450), answers(tmp_path / "b", 900)
    both = [*zip(coded, coded_at_once, strict=True), *zip(terms, terms_at_once, strict=True)]
    assert np.mean([len({*ids(a)} & {*ids(b)}) / len(b) for a, b in both]) > 0.97
    scores = [hit.score for hits in terms_at_once for hit in hits]  # ties to rounding may change places
    assert [hit.score for hits in terms for hit in hits] == pytest.approx(scores, rel=1e-5)
    assert not {*gone} & {object_id for hits in (*coded, *terms) for object_id in ids(hits)}
    assert {*ids(coded[-1])} >= {one.object_id for one in changed}


@pytest.mark.parametrize("exact", [False, True], ids=("codes", "exact"))
def test_exact_is_a_switch(tmp_path: Path, exact: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """Of few both ways compare every vector."""
    engine = EmbeddedVector(tmp_path / "v", ENCODERS, exact=exact)
    engine.index([Entity(f"song-{n}", "song", f"march {n}") for n in range(50)])
    engine.optimise()
    vectors = ENCODERS.dense.encode([f"march {n}" for n in range(50)])
    [hits] = asyncio.run(engine.search([VectorRequest("march 7", "default", 5)]))
    scores = sorted((vectors @ ENCODERS.dense.encode(["march 7"])[0]).tolist(), reverse=True)
    assert [hit.score for hit in hits] == pytest.approx(scores[:5], abs=1e-5)
    engine.close()


@pytest.mark.usefixtures("early")
@pytest.mark.parametrize("count", [40, 500], ids=("as written", "optimised"))
def test_what_is_gone_weighs_nothing(tmp_path: Path, count: int) -> None:
    """Terms weigh by how rare they are among what is there, as in a fresh index: not less after a restart."""

    def diesel(engine: EmbeddedVector) -> float:
        [hits] = asyncio.run(engine.search([VectorRequest("diesel", "default", 1, using="sparse")]))
        return hits[0].score

    kept = [Entity(f"e{n}", "tool", "diesel" if n % 2 else "march") for n in range(20)]
    gone = [Entity(f"e{n}", "tool", "diesel" if n % 4 else "march") for n in range(20, count)]
    changed = [Entity(f"e{n}", "tool", "march") for n in range(1, 10, 2)]
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    engine.index([*kept, *gone])
    engine.optimise()
    assert has_codes(engine) == (count > 400)
    before = diesel(engine)
    engine.delete("default", [one.object_id for one in gone])
    engine.index(changed)
    after = diesel(engine)
    engine.close()
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    assert diesel(engine) == after
    engine.close()
    fresh = EmbeddedVector(tmp_path / "fresh", ENCODERS)
    fresh.index([*kept, *changed])
    assert after == pytest.approx(diesel(fresh), rel=1e-6)
    assert after > 1.5 * before
    fresh.close()


class Plain(SparseEncoder):
    """Weighs terms itself."""

    name = "plain"
    idf = False

    def encode(self, texts: Sequence[str]) -> list[SparseVector]:
        """Return one term for each text."""
        return [SparseVector([len(text)], [0.5]) for text in texts]


def test_weights_of_an_encoder_are_kept(tmp_path: Path) -> None:
    """Where the encoder weighs terms, the engine does not."""
    engine = EmbeddedVector(tmp_path / "v", Encoders(ENCODERS.dense, Plain()))
    engine.index([Entity("x", "song", "march"), Entity("y", "song", "waltzes")])
    [hits] = asyncio.run(engine.search([VectorRequest("diesl", "default", 5, using="sparse")]))
    assert [(hit.object_id, hit.score) for hit in hits] == [("x", 0.25)]
    engine.close()


def test_numbers_beyond_those_that_are_indexed_are_filtered_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of hundreds of numbers the most frequent are indexed, in a later process too; others are compared one by one."""
    monkeypatch.setattr(embedded_vector, "_INDEXED_NUMBERS", 4)
    numbers: dict[str, tuple[float, ...]] = {f"n{number}": (1.0,) for number in range(3)}
    entities = [Entity("a", "t", "March", numbers=numbers), Entity("b", "t", "March", numbers={"price": (5.0,)})]
    entities += [Entity(f"c{number}", "t", "March", numbers={"price": (7.0,)}) for number in range(3)]
    for _ in range(2):
        engine = EmbeddedVector(tmp_path / "v", ENCODERS)
        engine.index(entities)
        schema = engine.shard.info().payload_schema
        kept = {name for name in schema if name.startswith("numbers.")}
        assert len(kept) == 4
        assert schema[f"numbers.{documents.number_field('price')}"].points == 4
        asked = [("n0", 1.0, ["a"]), ("n2", 1.0, ["a"]), ("n2", 2.0, []), ("price", 5.5, ["c0", "c1", "c2"])]
        requests = [VectorRequest("march", "default", 5, (Within(name, Range(gte=least)),)) for name, least, _ in asked]
        assert [ids(hits) for hits in asyncio.run(engine.search(requests))] == [found for *_, found in asked]
        engine.close()


def test_a_batch_that_fails_is_refused_as_a_whole(tmp_path: Path) -> None:
    """Where Edge keeps some entities of a batch and raises for others, none of them stays, and the message says so."""
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    engine.index(ENTITIES)
    engine.shard.update(edge.UpdateOperation.delete_vector_name("sparse"))
    batch = [Entity(f"e{n}", "song", " " if n % 2 else "march") for n in range(40)]  # half of them without terms
    with pytest.raises(EngineFailed, match="none of these 40 entities is in it until they are sent again"):
        engine.index(batch)
    [hits] = asyncio.run(engine.search([VectorRequest("march", "default", 50)]))
    assert {hit.object_id for hit in hits} == {"march", "engine"}
    engine.close()


class Unflushable:
    """A shard whose flush fails; all else is the shard's."""

    def __init__(self, shard: edge.EdgeShard) -> None:
        self._shard = shard

    def flush(self) -> None:
        """Fail."""
        raise RuntimeError("Service runtime error: no such segment")

    def __getattr__(self, name: str) -> object:
        return getattr(self._shard, name)


def test_a_failed_flush_is_told_and_mended(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The folder is opened again and written then; nothing that was indexed is lost, and somebody is told."""
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    engine.index(ENTITIES)
    engine.shard = Unflushable(engine.shard)  # type: ignore[assignment]
    engine.close()
    assert f"{tmp_path / 'v'} could not be written, and is opened again: Service runtime error" in caplog.text
    engine = EmbeddedVector(tmp_path / "v", ENCODERS)
    [hits] = asyncio.run(engine.search([VectorRequest("marriage", "default", 5)]))
    assert [hit.object_id for hit in hits] == ["march", "engine"]
    engine.close()


def test_folder_of_other_vectors(tmp_path: Path) -> None:
    """A folder that lacks a vector is refused."""
    dense = edge.EdgeVectorParams(size=256, distance=edge.Distance.Dot)
    (tmp_path / "v").mkdir()
    edge.EdgeShard.create(str(tmp_path / "v"), edge.EdgeConfig(vectors=dense)).close()
    with pytest.raises(StorageFailed, match="cannot open the vector index"):
        EmbeddedVector(tmp_path / "v", ENCODERS)
