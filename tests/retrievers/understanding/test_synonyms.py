"""What people say for each other is found by either, and a rule that cannot be read is told with its line."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Order, Query
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from ltrr.retrievers.matching.features import match_features
from ltrr.retrievers.understanding.dictionary import Dictionary
from ltrr.retrievers.understanding.synonyms import WAYS, Synonyms

RULES = """# what visitors say
sci-fi, scifi, Science Fiction
tv, television
colour => color   # one way alone
"""
SHOP = (
    Entity("alien", "film", "Alien", {"genre": {"Science Fiction": 1.0}}, popularity=9.0),
    Entity("fan", "film", "The Scifi Fan"),
    Entity("set", "thing", "Television Stand"),
    Entity("tube", "thing", "TV Tube"),
    Entity("wheel", "thing", "Color Wheel"),
    Entity("british", "thing", "Colour Chart"),
    *(Entity(f"other{n}", "film", f"Film {n}", {"genre": {"Drama": 1.0}}) for n in range(40)),
)


@pytest.fixture(scope="module")
def synonyms(tmp_path_factory: pytest.TempPathFactory) -> Synonyms:
    """Return the rules, read from a file."""
    file = tmp_path_factory.mktemp("rules") / "synonyms.txt"
    file.write_text(RULES)
    return Synonyms.read(file)


@pytest.fixture(scope="module")
def shop(synonyms: Synonyms) -> Iterator[Index]:
    """Yield an index of a small shop that knows them."""
    index = open_index(deadlines_s={"text": 10.0, "vector": 10.0}, synonyms=synonyms)
    asyncio.run(index.index(SHOP))
    yield index
    index.close()


def asked(index: Index, text: str) -> Query:
    """Return a query, understood."""
    return Query(text, normalise(text), tokenise(text), 1_700_000_000.0, 1, understanding=index.understand(text))


def ways(synonyms: Synonyms, text: str) -> list[str]:
    """Return the ways to say a text."""
    return list(map(" ".join, synonyms.ways(tuple(normalise(text).split()))))


def test_what_says_nothing_does_no_harm(tmp_path: Path) -> None:
    """Terms that are one when they are read, commas without a term, and a comma within one."""
    file = tmp_path / "synonyms.txt"
    file.write_text("bed and breakfast, bed-and-breakfast\nsofa,, couch,\n1\\,5 inch, inch and a half\n")
    rules = Synonyms.read(file)
    assert ways(rules, "bed and breakfast") == ["bed and breakfast"]
    assert ways(rules, "sofa") == ["sofa", "couch"]
    assert ways(rules, "inch and a half") == ["inch and a half", "1 5 inch"]


def test_terms_are_known_in_other_forms(synonyms: Synonyms) -> None:
    """Inflected as typed; half typed at the end, or misspelt, where the catalogue does not know the word."""
    assert ways(synonyms, "televisions") == ["televisions", "tv"]
    assert ways(synonyms, "television") == ["television", "tv"]
    assert ways(synonyms, "telvision stand") == ["telvision stand", "television stand", "tv stand"]
    assert ways(synonyms, "old televi") == ["old televi", "old television", "old tv"]
    assert ways(synonyms, "science fic") == ["science fic", "science fiction", "sci fi", "scifi"]
    assert list(synonyms.ways(("televi",), lambda word: word == "televi")) == [("televi",)]
    assert ways(synonyms, "tel") == ["tel"]


def test_words_are_said_in_other_ways(synonyms: Synonyms) -> None:
    """Alone, as a part, of several words, and in one direction, where what is replaced does not stay."""
    assert ways(synonyms, "scifi") == ["scifi", "sci fi", "science fiction"]
    assert ways(synonyms, "old Sci-Fi films") == ["old sci fi films", "old scifi films", "old science fiction films"]
    assert ways(synonyms, "colour tv") == ["color tv", "color television"]
    assert ways(synonyms, "color") == ["color"]
    assert ways(synonyms, "drama") == ["drama"]
    assert ways(Synonyms(), "scifi") == ["scifi"]


def test_many_synonyms_are_bounded(synonyms: Synonyms) -> None:
    """However many there are, few ways are asked for, and the query itself is the first."""
    found = ways(synonyms, "tv scifi tv scifi tv")
    assert len(found) == WAYS
    assert found[0] == "tv scifi tv scifi tv"


@pytest.mark.parametrize(
    ("text", "either"),
    [("scifi", {"alien", "fan"}), ("television", {"set", "tube"}), ("tv", {"set", "tube"})],
)
@pytest.mark.parametrize("arm", ["fulltext", "fuzzy", "popular"])
def test_arms_find_what_has_either(shop: Index, arm: str, text: str, either: set[str]) -> None:
    """Each arm that reads words has both before all others, such as a film for a half-typed "fi"."""
    found = asyncio.run(shop.retrieve(asked(shop, text), {arm: 10})).lists[arm]
    assert {hit.object_id for hit in found[:2]} == either


@pytest.mark.parametrize(("text", "first"), [("tv", "tube"), ("television", "set")])
def test_what_was_typed_comes_first(shop: Index, text: str, first: str) -> None:
    """Of what fits as well, who has it as it was typed."""
    found = asyncio.run(shop.retrieve(asked(shop, text), {"fulltext": 10})).lists["fulltext"]
    assert found[0].object_id == first


def test_what_is_replaced_is_not_looked_for(shop: Index) -> None:
    """A rule with an arrow corrects."""
    found = asyncio.run(shop.retrieve(asked(shop, "colour"), {"fulltext": 10})).lists["fulltext"]
    assert [hit.object_id for hit in found] == ["wheel"]


def test_a_synonym_is_understood(shop: Index) -> None:
    """The way counts of which the catalogue has most: a genre, which `structured` asks for."""
    query = asked(shop, "scifi films")
    (first, *_) = query.understanding.interpretations
    assert ("genre", "science fiction") in {(slot.category, slot.value) for slot in first.slots}
    found = asyncio.run(shop.retrieve(query, {"structured": 10})).lists["structured"]
    assert found[0].object_id == "alien"


def test_the_ranker_sees_the_best_way(shop: Index) -> None:
    """Who has a synonym has much of the query, who has what was typed all of it."""
    cards = {one.object_id: one for one in SHOP}
    features = match_features(asked(shop, "scifi"), cards)["match.words"]
    assert features["fan"] == 1.0
    assert features["alien"] == pytest.approx(0.8)
    assert features["other1"] < 0.5  # it may be half typed


def test_words_for_each_other_are_as_common(shop: Index) -> None:
    """A rare one says no more than the common one that it stands for, whichever was typed."""
    for text in ("scifi film", "science fiction film"):
        understanding = shop.understand(text)
        assert understanding.frequencies["film"] >= 40
        assert understanding.rarities(["scifi"]) == understanding.rarities(["fiction"])
    assert shop.understand("tube stand").frequencies == {"tube": 1, "stand": 1}


def test_words_are_as_common_as_those_at_their_place() -> None:
    """What is typed with an article is as common as the word behind it, not as another one of the query."""
    dictionary = Dictionary()
    water = [Entity(f"water{n}", "thing", f"Eau {n}") for n in range(9)]
    dictionary.replace([None] * 10, [*water, Entity("town", "thing", "Aix")])
    understanding = dictionary.understand("l'eau d'aix", "default")
    assert understanding.ways == (("leau", "daix"), ("eau", "aix"))
    assert understanding.frequencies == {"eau": 9, "aix": 1}


def test_an_order_finds_either(shop: Index) -> None:
    """So does a search without arms."""
    found = asyncio.run(shop.browse(asked(shop, "scifi"), Order("popularity", falling=True), 10))
    assert [hit.object_id for hit in next(iter(found.lists.values()))] == ["alien", "fan"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("television", "no rule"),
        ("tv => television => telly", "no rule"),
        (",,", "a side without words"),
        ("tv =>", "a side without words"),
        ("=> tv", "a side without words"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(tmp_path: Path, rule: str, said: str) -> None:
    """With its file and line, and how one is written."""
    file = tmp_path / "synonyms.txt"
    file.write_text(f"a, b\n{rule}\n")
    with pytest.raises(InvalidSettings, match=f"synonyms.txt, line 2: {said}"):
        Synonyms.read(file)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """It is named."""
    (tmp_path / "synonyms.txt").write_bytes(b"tv, \xff\xfe")
    with pytest.raises(InvalidSettings, match="cannot read the synonyms in"):
        Synonyms.read(tmp_path / "synonyms.txt")
