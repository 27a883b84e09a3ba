"""What is special about each arm; the contract that all keep is in ltrr/testing/test_strategies.py."""

import asyncio
from collections.abc import Callable

import pytest

from ltrr.models.records.query import Query
from ltrr.retrievers import strategies
from ltrr.retrievers.index.index import Index

Draw = Callable[..., list[str]]
Ask = Callable[..., Query]


def test_discover_finds_every_module() -> None:
    """Each module of the package is an arm, in the order of names."""
    names = [
        "dense",
        "explore",
        "fulltext",
        "fuzzy",
        "hybrid",
        "memory",
        "personal",
        "popular",
        "related",
        "sparse",
        "structured",
    ]
    assert [arm.name for arm in strategies.discover()] == names


@pytest.mark.parametrize("arm", ["fulltext", "popular", "fuzzy", "structured"])
@pytest.mark.parametrize(
    ("text", "first"),
    [("Taylor Swift", "taylor"), ("endless", "ballad"), ("BEYONCE", "beyonce"), ("t-swift", "taylor")],
)
def test_exact_name_is_first(draw: Draw, arm: str, text: str, first: str) -> None:
    """Who is named in full, by name or alias, comes first."""
    assert draw(arm, text)[0] == first


@pytest.mark.parametrize(
    "text", ["tayler swift", "taylorswift", "taylor swft", "taylor sw", "blnak space", "tailor switf"]
)
def test_fuzzy_forgives_spelling(draw: Draw, text: str) -> None:
    """Misspelt, run together and half typed names are found."""
    assert draw("fuzzy", text)[0] == "taylor"


def test_fulltext_searches_descriptions(draw: Draw) -> None:
    """A word of a description finds the entity, and no one else."""
    assert draw("fulltext", "wedding") == ["vow"]


def test_popular_prefers_the_popular(draw: Draw) -> None:
    """Of what carries a tag the popular comes first, where plain full text does not care."""
    assert draw("popular", "pop")[0] == "taylor"


def test_structured_ranks_by_weight_and_popularity(draw: Draw) -> None:
    """Equal in popularity, the larger weight of the tag is first; equal in weight, the more popular."""
    found = draw("structured", "love")
    assert found.index("vow") < found.index("ballad")
    found = draw("structured", "pop")
    assert found == ["taylor", "abba", "story"]


def test_structured_reads_all_slots(draw: Draw) -> None:
    """Every reading of a vague query has its entities among the first."""
    found = draw("structured", "tayler love")
    assert set(found[:4]) == {"taylor", "story", "vow", "ballad"}


def test_structured_finds_relatives(draw: Draw) -> None:
    """An artist's name brings the artist's songs."""
    assert draw("structured", "taylor swift")[:2] == ["taylor", "story"]


def test_structured_without_understanding(draw: Draw) -> None:
    """Words that the catalogue does not know ask nothing."""
    assert draw("structured", "zzyzx") == []


def test_dense_finds_other_words(draw: Draw) -> None:
    """The meaning counts: marriage finds the wedding march."""
    assert "vow" in draw("dense", "marriage ceremony", 2)


def test_sparse_expands_words(draw: Draw) -> None:
    """Neighbours of a word find what does not have the word itself; what has it comes first."""
    assert draw("fulltext", "marriage") == []
    assert draw("sparse", "marriage") == ["vow"]
    assert draw("sparse", "disco")[0] == "disco"
    assert draw("sparse", "zzyzx") == []


def test_hybrid_fuses_both(index: Index, ask: Ask) -> None:
    """What both lists have is above what one has; its two calls are shared with the two arms."""
    query = ask("wedding")
    retrieval = asyncio.run(index.retrieve(query, {"fulltext": 5, "dense": 5, "hybrid": 5}))
    assert retrieval.lists["hybrid"][0].object_id == "vow"
    assert retrieval.lists["hybrid"][0].score == pytest.approx(1 / 61 + 1 / 61, rel=0.05)
    assert set(retrieval.latencies_ms) == {"text", "vector"}


def test_explore_follows_the_seed(draw: Draw) -> None:
    """Equal seeds draw alike, others differ."""
    assert draw("explore", "pop", seed=3) == draw("explore", "pop", seed=3)
    assert len({tuple(draw("explore", "pop", seed=seed)) for seed in range(5)}) > 1


def test_explore_prefers_the_rare(draw: Draw) -> None:
    """Over many seeds the rarest comes before the most popular more often than not."""
    before = 0
    for seed in range(60):
        found = draw("explore", "pop", seed=seed)
        before += found.index("story") < found.index("taylor")
    assert before > 40
